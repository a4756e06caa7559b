"""What the program's dialogs have in common: their margins, their buttons, their height."""

from collections.abc import Sequence

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.widgets.plain_texts import never_markup

_MARGIN = 20  # of the screen, above and below the highest dialog


class DialogFrame(QDialog):
    """Stacks widgets in body, takes the height that they need, and puts buttons below."""

    def __init__(self, title: str, parent: QWidget | None, *, width: int) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(width)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 16, 16, 16)
        self.body.setSpacing(12)

    def add_buttons(self, left: Sequence[QPushButton], right: Sequence[QPushButton]) -> None:
        """Close the stack with a line of buttons; the last one on the right is the default."""
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in left:
            row.addWidget(button)
        row.addStretch(1)
        for button in right:
            row.addWidget(button)
        for button in (*left, *right):
            button.setAutoDefault(False)
        right[-1].setDefault(True)
        self.body.addLayout(row)

    def fit(self) -> None:
        """Take the height that the texts need at this width, as far as the screen goes, on it."""
        self.body.activate()
        wraps = self.body.hasHeightForWidth()
        hint = self.body.totalSizeHint().height()
        needed = self.body.totalHeightForWidth(self.width()) if wraps else hint
        screen = self.screen().availableGeometry().adjusted(0, _MARGIN, 0, -_MARGIN)
        self.resize(self.width(), min(needed, screen.height()))
        lowest = screen.bottom() + 1 - self.height()
        if self.isVisible() and self.y() > lowest:
            self.move(self.x(), lowest)

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
