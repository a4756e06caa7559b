"""Short messages over a corner of the window, with at most one thing to do about them."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from app.domain.names import breakable, plain_tip
from app.domain.wording import shortened
from app.widgets.icons import icon

_MARGIN = 14
_WIDEST = 460
_NARROWEST = 120
_MOST = 4
_LETTERS = 400


class Toast(QFrame):
    """One message; emits closed when it was closed, ran out or its action was taken."""

    closed = Signal()

    def __init__(self, text: str, parent: QWidget, problem: bool = False) -> None:
        super().__init__(parent)
        self._close = QToolButton(self)
        self.setProperty("role", "toast")
        self.setProperty("level", "problem" if problem else "info")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 8, 8, 8)
        self._row.setSpacing(10)
        self._whole = text
        self._text = QLabel(breakable(shortened(text, _LETTERS)), self)
        self._text.setToolTip(plain_tip(text) if len(text) > _LETTERS else "")
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._row.addWidget(self._text, 1)
        self._add_close_button()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.closed)

    @property
    def text(self) -> str:
        """The message."""
        return self._whole

    def offer(self, caption: str, action: Callable[[], None]) -> None:
        """Add the one button; pressing it runs the action and closes the toast."""
        button = QPushButton(caption, self)
        button.clicked.connect(action)
        button.clicked.connect(self.closed)
        self._row.insertWidget(1, button)

    def close_after(self, seconds: float) -> None:
        """Start the time it stays; 0 keeps it until somebody closes it."""
        if seconds > 0:
            self._timer.start(round(1000 * seconds))

    def fit_into(self, width: int) -> None:
        """Take the size that the text needs within that many pixels."""
        one_line = QFontMetricsF(self._text.font()).horizontalAdvance(self._text.text()) + 8
        beside = self._row.sizeHint().width() - self._text.sizeHint().width()
        across = min(_WIDEST, max(width - 2 * _MARGIN, _NARROWEST))
        self.setFixedWidth(round(min(max(one_line + beside, _NARROWEST), across)))
        self.setFixedHeight(self._row.totalHeightForWidth(self.width()))

    def changeEvent(self, event: QEvent) -> None:
        """The icon follows the scheme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._close.setIcon(icon("close"))

    def _add_close_button(self) -> None:
        close = self._close
        close.setProperty("role", "flat")
        close.setIcon(icon("close"))
        close.setToolTip("Close")
        close.clicked.connect(self.closed)
        self._row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)


class Toasts(QObject):
    """Stacks toasts over the lower right corner of a widget, the newest lowest.

    The host is the window or a plain widget, not a splitter: that would take them for its parts.
    """

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._shown: list[Toast] = []
        host.installEventFilter(self)

    @property
    def texts(self) -> tuple[str, ...]:
        """The messages on show, oldest first."""
        return tuple(toast.text for toast in self._shown)

    def inform(
        self, text: str, caption: str = "", action: Callable[[], None] | None = None
    ) -> Toast:
        """Say that something was done; goes by itself, later when there is something to press."""
        return self._add(Toast(text, self._host), caption, action, 5.0 if action is None else 9.0)

    def warn(self, text: str, caption: str = "", action: Callable[[], None] | None = None) -> Toast:
        """Say that something is wrong; stays until it is closed or its action taken."""
        return self._add(Toast(text, self._host, problem=True), caption, action, 0.0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the stack in the corner when the host's size changes."""
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _add(
        self, toast: Toast, caption: str, action: Callable[[], None] | None, seconds: float
    ) -> Toast:
        if action is not None:
            toast.offer(caption, action)
        toast.closed.connect(lambda: self._remove(toast))
        self._shown.append(toast)
        while len(self._shown) > _MOST:
            self._remove(self._shown[0])
        toast.show()
        toast.close_after(seconds)
        self._place()
        return toast

    def _remove(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            toast.hide()
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        bottom = self._host.height() - _MARGIN
        for toast in reversed(self._shown):
            toast.fit_into(self._host.width())
            bottom -= toast.height()
            toast.move(self._host.width() - toast.width() - _MARGIN, bottom)
            toast.raise_()
            bottom -= 8
