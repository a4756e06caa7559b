"""What the program's dialogs have in common: their margins, their buttons, their height."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.widgets.column_area import ColumnArea
from app.widgets.plain_texts import never_markup

_EDGE = 16
_MARGIN = 20  # of the screen, above and below the highest dialog


class DialogFrame(QDialog):
    """Stacks widgets in body, takes the height that they need, and puts buttons below.

    Where the screen is lower than that, the stack scrolls and the buttons stay.
    """

    def __init__(self, title: str, parent: QWidget | None, *, width: int) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(width)
        self._row: QHBoxLayout | None = None
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        self.body.setSpacing(12)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(0)
        self._area = ColumnArea(content)
        self._whole.addWidget(self._area, 1)

    def add_buttons(self, left: Sequence[QPushButton], right: Sequence[QPushButton]) -> None:
        """Close the stack with a line of buttons; the last one on the right is the default."""
        row = QHBoxLayout()
        row.setContentsMargins(_EDGE, 0, _EDGE, _EDGE)
        row.setSpacing(6)
        for button in left:
            row.addWidget(button)
        row.addStretch(1)
        for button in right:
            row.addWidget(button)
        for button in (*left, *right):
            button.setAutoDefault(False)
        right[-1].setDefault(True)
        self._whole.addLayout(row)
        self._row = row

    def fit(self) -> None:
        """Take the height that the texts need at this width, as far as the screen goes, on it."""
        self.body.activate()
        wraps = self.body.hasHeightForWidth()
        hint = self.body.totalSizeHint().height()
        needed = self.body.totalHeightForWidth(self.width()) if wraps else hint
        needed += self._row.sizeHint().height() if self._row is not None else 0
        screen = self.screen().availableGeometry().adjusted(0, _MARGIN, 0, -_MARGIN)
        # a bar that is there would wrap texts more often, and so never go away
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.resize(self.width(), min(needed, screen.height()))
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        lowest = screen.bottom() + 1 - self.height()
        if self.isVisible() and not screen.top() <= self.y() <= lowest:
            self.move(self.x(), max(min(self.y(), lowest), screen.top()))

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with nothing cut off."""
        super().showEvent(event)
        never_markup(self)
        self.fit()


def plain_button(text: str, parent: QWidget, role: str = "") -> QPushButton:
    """A button without an icon; role as in the style sheet."""
    button = QPushButton(text, parent)
    button.setProperty("role", role)
    return button
