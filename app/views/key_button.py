"""A button that shows the key that does the same."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPaintEvent
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QStylePainter, QWidget

from app.widgets.theme import current_theme, mix, text_pixels

_PAD = 10.0
_FLAT_PAD = 4.0
_GAP = 6.0
_NARROW = 120
_CHIP_PAD = 5.0
_SMALL = 11
_SHORT = {"Return": "Enter", "Backspace": "\u232b", "Delete": "Del"}
_GROUNDS = {"accept": "accept", "reject": "reject", "primary": "accent"}


class KeyButton(QPushButton):
    """Caption and key chip; role as in the style sheet: accept, reject, primary, flat or "".

    spread puts the chip at the right end instead of beside the caption. It takes the focus by
    Tab only, so that a click leaves the keys of the window alone.
    """

    def __init__(
        self, text: str, key: str = "", role: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.spread = False
        self._key = key
        self.setProperty("role", role)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_key(self, key: str) -> None:
        """Show another key, "" for none."""
        self._key = _SHORT.get(key, key)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for caption and chip."""
        width = QFontMetricsF(self.font()).horizontalAdvance(self._plain()) + 2 * _PAD
        if self._key:
            width += _GAP + self._chip_width()
        return QSize(round(width) + 2, max(super().sizeHint().height(), 26))

    def minimumSizeHint(self) -> QSize:
        """Nothing is cut off, but of a spread one the end of the caption."""
        hint = self.sizeHint()
        return QSize(min(hint.width(), _NARROW), hint.height()) if self.spread else hint

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button of the style without its caption, then caption and chip."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QStylePainter(self)
        painter.setRenderHint(QStylePainter.RenderHint.Antialiasing)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        self._paint_content(painter)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Draw anew when it may be pressed or not."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self.update()

    def _paint_content(self, painter: QStylePainter) -> None:
        chip = _GAP + self._chip_width() if self._key else 0.0
        text = self._caption(self.width() - 2 * _PAD - chip)
        wide = QFontMetricsF(self.font()).horizontalAdvance(text)
        flat = self.property("role") == "flat"
        left = (self.width() - wide - chip) / 2
        right = left + wide + chip
        if self.spread:
            left, right = _FLAT_PAD if flat else _PAD, self.width() - (_FLAT_PAD if flat else _PAD)
        painter.setPen(QColor(self._text_color()))
        place = QRectF(left, 0, wide + 2, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
        if self._key:
            wide = self._chip_width()
            self._paint_chip(painter, QRectF(right - wide, (self.height() - 17) / 2, wide, 17))

    def _plain(self) -> str:
        """The caption as it is read: a doubled & is one letter and marks no key."""
        return self.text().replace("&&", "&")

    def _caption(self, room: float) -> str:
        metrics = QFontMetricsF(self.font())
        return metrics.elidedText(self._plain(), Qt.TextElideMode.ElideRight, room + 1)

    def _paint_chip(self, painter: QStylePainter, area: QRectF) -> None:
        theme, text = current_theme(), self._text_color()
        ground = getattr(theme, _GROUNDS.get(str(self.property("role")), "button"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(text, ground if self.isEnabled() else theme.button, 0.14)))
        painter.drawRoundedRect(area, 4, 4)
        painter.setPen(QColor(mix(text, ground, 0.85)))
        painter.setFont(self._chip_font())
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._key)

    def _text_color(self) -> str:
        theme, role = current_theme(), str(self.property("role"))
        if not self.isEnabled() or role == "flat":
            return theme.muted
        return str(getattr(theme, f"on_{_GROUNDS[role]}")) if role in _GROUNDS else theme.text

    def _chip_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(text_pixels(_SMALL))
        return font

    def _chip_width(self) -> float:
        text = QFontMetricsF(self._chip_font()).horizontalAdvance(self._key)
        return max(text + 2 * _CHIP_PAD, 18.0)
