"""Nothing that the program says is markup, whatever names and paths are in it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget


def never_markup(widget: QWidget) -> None:
    """Let every label below a widget show its text letter by letter."""
    for label in widget.findChildren(QLabel):
        label.setTextFormat(Qt.TextFormat.PlainText)
