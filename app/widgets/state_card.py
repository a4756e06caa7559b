"""What a panel says while it has nothing to show: a sentence, how far it is, what can be done."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.domain.names import breakable
from app.domain.wording import shortened

StateAction = tuple[str, Callable[[], object]]
"""The caption of the one button, and what it does."""

_WIDEST = 460
_MARGIN = 16
_LETTERS = 600


class StateCard(QFrame):
    """Stands in the middle of its parent while there is something to say; else it is hidden.

    Clicks beside its button go to what lies below.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._host = parent
        self.setProperty("role", "state")
        self._title, self._text = QLabel(self), QLabel(self)
        self._bar = QProgressBar(self)
        self._button = QPushButton(self)
        self._stack = QVBoxLayout(self)
        self._run: Callable[[], object] | None = None
        self._build()
        self.hide()
        parent.installEventFilter(self)

    @property
    def says(self) -> str:
        """Title and text as they are shown, '' while hidden."""
        parts = [self._title.text(), self._text.text()]
        return "\n".join(part for part in parts if part) if not self.isHidden() else ""

    def say(
        self,
        title: str,
        text: str,
        progress: float | None = None,
        action: StateAction | None = None,
    ) -> None:
        """Show a title (may be ''), a sentence, a share 0..1 (below 0: unknown) and one button."""
        self._title.setText(breakable(title))
        self._title.setVisible(bool(title))
        self._text.setText(breakable(shortened(text, _LETTERS)))
        self._text.setVisible(bool(text))
        self._show_progress(progress)
        caption, self._run = action if action is not None else ("", None)
        self._button.setText(caption.replace("&", "&&"))
        self._button.setVisible(action is not None)
        self.setAccessibleName(title or text)
        self.setAccessibleDescription(text)
        self._place()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle of the parent."""
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _build(self) -> None:
        self._title.setProperty("role", "state-title")
        self._text.setProperty("role", "muted")
        for label in (self._title, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(240, 6)
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self._press)
        stack = self._stack
        stack.setContentsMargins(_MARGIN, 10, _MARGIN, 10)
        stack.setSpacing(8)
        stack.addWidget(self._title)
        stack.addWidget(self._text)
        stack.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        stack.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)

    def _show_progress(self, share: float | None) -> None:
        self._bar.setVisible(share is not None)
        if share is not None:
            self._bar.setRange(0, 0 if share < 0 else 1000)
            self._bar.setValue(round(1000 * min(max(share, 0.0), 1.0)))

    def _press(self) -> None:
        if self._run is not None:
            self._run()

    def _place(self) -> None:
        room = self._host.size()
        width = max(min(_WIDEST, room.width() - 2 * _MARGIN), 80)
        self.setFixedWidth(width)
        self._stack.activate()
        height = min(self._stack.totalHeightForWidth(width), room.height())
        self.setGeometry((room.width() - width) // 2, (room.height() - height) // 2, width, height)
