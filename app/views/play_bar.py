"""The strip under the picture: transport, where the playhead is, speed, and how live it is."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox, QToolButton, QWidget

from app.views.elided_label import ElidedLabel
from app.views.own_keys import keep_typing
from app.widgets.icons import icon
from app.widgets.yielding_bar import YieldingBar

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
_BUTTONS = (
    ("first", "first"),
    ("back", "back"),
    ("play", "play"),
    ("on", "forward"),
    ("last", "last"),
    ("loop", "loop"),
)


class _LiveLine(ElidedLabel):
    """Asks for the same room whatever it says, so that nothing beside it moves."""

    def sizeHint(self) -> QSize:
        """Room for its usual sentences."""
        return QSize(self.fontMetrics().horizontalAdvance("x" * 39), super().sizeHint().height())


class PlayBar(YieldingBar):
    """Shows where the playhead stands; buttons ask by the names of the window's actions."""

    asked = Signal(str)
    frame_typed = Signal(int)
    speed_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._buttons: dict[str, QToolButton] = {}
        self._time, self._live = QLabel("00:00.000", self), _LiveLine("", self)
        self._frame, self._speed = QSpinBox(self), QComboBox(self)
        self._count, self._reading = QLabel(self), QLabel(self)
        self._playing: bool | None = None
        self._looping = False
        self._build()
        self.set_reading("")
        self.set_video(0)
        self.set_playing(playing=False)

    def set_video(self, frame_count: int) -> None:
        """How many frames there are; 0 when nothing is open."""
        self._frame.setRange(0, max(0, frame_count - 1))
        self._count.setText(f"of {frame_count}" if frame_count else "")
        for widget in (*self._buttons.values(), self._frame, self._speed):
            widget.setEnabled(frame_count > 0)
        if not frame_count:
            self.set_position(0, 0.0)

    def set_reading(self, text: str) -> None:
        """Say how far a file is read of which no frame can be named yet; '' when that is over.

        Meanwhile play can be asked for.
        """
        self._reading.setText(text)
        self._reading.setVisible(bool(text))
        for widget in (self._time, self._frame, self._count):
            widget.setVisible(not text)
        if text:
            self._buttons["play"].setEnabled(True)

    def set_position(self, frame: int, seconds: float) -> None:
        """Where the playhead is."""
        minutes, rest = divmod(max(0.0, seconds), 60)
        hours, minutes = divmod(int(minutes), 60)
        text = f"{minutes:02d}:{rest:06.3f}"
        self._time.setText(f"{hours}:{text}" if hours else text)
        if not self._frame.hasFocus():
            self._frame.blockSignals(True)
            self._frame.setValue(frame)
            self._frame.blockSignals(False)

    def set_playing(self, *, playing: bool) -> None:
        """Show play or pause on the button."""
        if playing != self._playing:
            self._playing = playing
            self._buttons["play"].setIcon(icon("pause" if playing else "play"))

    def changeEvent(self, event: QEvent) -> None:
        """Icons follow the scheme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            for name, picture in _BUTTONS:
                if name in self._buttons:
                    shown = "pause" if name == "play" and self._playing else picture
                    self._buttons[name].setIcon(icon(shown))

    def set_speed(self, speed: float) -> None:
        """Show the speed; one that is not on the list, as the shuttle's, is shown too."""
        text = f"{speed:g}×"
        if self._speed.currentText() != text:
            self._speed.setEditText(text)

    def set_looping(self, *, looping: bool) -> None:
        """Show whether playing goes round."""
        self._looping = looping
        self._buttons["loop"].setChecked(looping)

    def set_live(self, text: str) -> None:
        """How often and how late the live model answers, or what it waits for."""
        self._live.setText(text)

    def set_hints(self, hint: Callable[[str], str]) -> None:
        """Tell on each button what it does and by which key, or why it cannot; by action."""
        for name, button in self._buttons.items():
            button.setToolTip(hint(name))
            button.setAccessibleName(hint(name))
        self._frame.setToolTip(hint("go_to"))

    def type_frame(self) -> None:
        """Put the cursor into the frame field."""
        self._frame.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._frame.selectAll()

    def _build(self) -> None:
        row = self.row
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(5)
        row.addStretch(1)
        for name, picture in _BUTTONS:
            row.addWidget(self._button(name, picture))
        self._buttons["loop"].setCheckable(True)
        wide = self._time.fontMetrics().horizontalAdvance("00:00:00.000 ")
        # of one size, else every step would lay the bar out anew
        self._time.setFixedSize(wide, self._time.sizeHint().height())
        self._frame.setPrefix("frame ")
        self._frame.setAccessibleName("Frame")
        self._frame.setKeyboardTracking(False)
        self._frame.editingFinished.connect(self._typed)
        keep_typing(self._frame)
        self._fill_speeds()
        row.addSpacing(12)
        for widget in (self._time, self._frame, self._count, self._reading, self._speed):
            row.addWidget(widget)
        row.addSpacing(12)
        self._live.setProperty("role", "muted")
        row.addWidget(self._live)
        row.addStretch(1)
        ends = (self._buttons["first"], self._buttons["last"])
        self.give_way((self._live, self._speed, *ends, self._count))

    def _fill_speeds(self) -> None:
        self._speed.setEditable(True)
        line = self._speed.lineEdit()
        if line is not None:
            line.setReadOnly(True)
        self._speed.addItems([f"{speed:g}×" for speed in SPEEDS])
        self._speed.setCurrentText("1×")
        self._speed.setAccessibleName("Speed")
        self._speed.activated.connect(lambda place: self.speed_chosen.emit(SPEEDS[place]))

    def _button(self, name: str, picture: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(picture))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(self._asks(name))
        self._buttons[name] = button
        return button

    def _asks(self, name: str) -> Callable[[], None]:
        return lambda: self._ask(name)

    def _ask(self, name: str) -> None:
        self._buttons["loop"].setChecked(self._looping)  # it shows what is, not what was clicked
        self.asked.emit(name)

    def _typed(self) -> None:
        if self._frame.hasFocus():
            self._frame.clearFocus()
            self.frame_typed.emit(self._frame.value())
