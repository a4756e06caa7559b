"""What the program is, its version and its licence."""

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QLabel, QWidget

from app.views.dialog_frame import DialogFrame, plain_button

_TEXT = (
    "Finds who does what, when and where in videos, lets you correct it, and learns from you. "
    "Everything stays on this computer."
)


class AboutDialog(DialogFrame):
    """Name, version, licence, and what it runs on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("About YOWO Studio", parent, width=420)
        heading = QLabel(f"YOWO Studio {_version()}", self)
        heading.setProperty("role", "title")
        told = (
            "Licence: Apache-2.0",
            f"Python {platform.python_version()} · Qt {qVersion()}",
            platform.platform(terse=True),
            "The command yowo doctor tells more.",
        )
        facts = QLabel("\n".join(told), self)
        facts.setProperty("role", "muted")
        facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = plain_button("Close", self)
        close.clicked.connect(self.accept)
        for widget in (heading, _wrapped(_TEXT, self), facts):
            self.body.addWidget(widget)
        self.add_buttons((), (close,))


def _version() -> str:
    try:
        return version("yowo-studio")
    except PackageNotFoundError:
        return ""


def _wrapped(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setWordWrap(True)
    return label
