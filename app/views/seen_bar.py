"""The strip of what the model sees: branch, class, strength, and what the colours mean."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from app.domain.names import plain_tip, readable_name
from app.views.elided_label import ElidedLabel
from app.views.own_keys import keep_moving
from app.widgets.elided_combo import ElidedCombo
from app.widgets.icons import icon
from app.widgets.plain_texts import never_markup
from app.widgets.yielding_bar import YieldingBar
from yowo_core.infer.heat import STRENGTH, ramp

BRANCHES = (
    ("3d", "3D", "What speaks for the class in the motion"),
    ("2d", "2D", "What speaks for the class in the picture itself"),
    ("flow-3d", "Flow 3D", "What speaks for the class in the optical flow of the clip"),
    ("flow-2d", "Flow 2D", "What speaks for the class in the optical flow at this frame"),
)
USUAL = ("3d", "2d")
"""Branches that are shown where a network does not have them, too."""
BEST = "Best detection"
_ARROW = 48  # pixels of a choice beside its text


class Legend(QWidget):
    """The colours from little to much."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._colours = np.ascontiguousarray(ramp()[None])
        self.setFixedHeight(8)
        self.setMinimumWidth(60)
        self.setAccessibleName("Colours from little to much")

    def sizeHint(self) -> QSize:
        """A narrow bar."""
        return QSize(90, 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ramp over grey, which shows through where there is little."""
        painter = QPainter(self)
        layout = QImage.Format.Format_RGB888
        width = self._colours.shape[1]
        image = QImage(self._colours.data, width, 1, 3 * width, layout)
        painter.drawImage(QRectF(self.rect()), image)
        painter.setPen(QColor(128, 128, 128))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class SeenBar(YieldingBar):
    """Stands under the picture while a map may lie over it; asks through signals."""

    branch_chosen = Signal(str)
    action_chosen = Signal(str)  # '' is that of the best detection
    strength_moved = Signal(float)
    again_asked = Signal()
    close_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("What the model sees")
        self._text, self._close = ElidedLabel("", self), QToolButton(self)
        self._again, self._busy = QPushButton("Try again", self), QProgressBar(self)
        self._action, self._strength = ElidedCombo(self), QSlider(Qt.Orientation.Horizontal, self)
        self._buttons: dict[str, QPushButton] = {}
        self._labels: tuple[str, ...] | None = None
        self._build()
        self.set_labels(())
        self.set_branches(USUAL, USUAL[0])
        never_markup(self)
        self.hide()

    @property
    def says(self) -> str:
        """What stands in its first line."""
        return self._text.toolTip() or self._text.text()

    def set_labels(self, labels: Sequence[str]) -> None:
        """The classes of the model; the choice stays where it still is one."""
        if self._labels == tuple(labels):
            return
        chosen = self._action.currentData()
        self._labels = tuple(labels)
        self._action.blockSignals(True)
        self._action.clear()
        self._action.addItem(BEST, "")
        for name in labels:
            self._action.addItem(readable_name(name), name)
        self._action.setCurrentIndex(max(0, self._action.findData(chosen)))
        self._action.blockSignals(False)

    @property
    def action(self) -> str:
        """The class that is chosen, '' for that of the best detection."""
        return str(self._action.currentData() or "")

    def set_branches(self, there: Sequence[str], chosen: str) -> None:
        """Which branches the network has, and which one is shown."""
        for name, button in self._buttons.items():
            button.setEnabled(name in there)
            button.setVisible(name in (*USUAL, *there))
            button.setChecked(name == chosen)

    def say(self, text: str, *, busy: bool = False, failed: bool = False) -> None:
        """Tell what is shown, that it is being worked out, or why it cannot be."""
        self._text.setText(text)
        self._text.setToolTip(plain_tip(text))
        self._busy.setVisible(busy)
        self._again.setVisible(failed)

    def changeEvent(self, event: QEvent) -> None:
        """Icons follow the scheme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._close.setIcon(icon("close"))

    def _build(self) -> None:
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedSize(60, 4)
        self._again.clicked.connect(self.again_asked)
        self._close.setIcon(icon("close"))
        self._close.setProperty("role", "flat")
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.setToolTip("Show the picture alone again")
        self._close.setAccessibleName(self._close.toolTip())
        self._close.clicked.connect(self.close_asked)
        self._set_choices()
        row, legend = self.row, Legend(self)
        row.setContentsMargins(12, 6, 8, 0)
        row.setSpacing(6)
        ends = [self._muted(text) for text in ("little", "much")]
        row.addWidget(self._text, 1)
        for widget in (self._busy, self._again, *self._buttons.values(), self._action):
            row.addWidget(widget)
        for widget in (self._strength, ends[0], legend, ends[1], self._close):
            row.addWidget(widget)
        self.give_way((*ends, self._strength, legend))

    def _set_choices(self) -> None:
        group = QButtonGroup(self)
        for name, caption, tip in BRANCHES:
            button = QPushButton(caption, self)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setToolTip(tip)
            group.addButton(button)
            self._buttons[name] = button
        group.buttonClicked.connect(self._choose_branch)
        self._action.setMinimumWidth(self.fontMetrics().horizontalAdvance(BEST) + _ARROW)
        self._action.setMaximumWidth(200)
        self._action.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._action.setAccessibleName("Class")
        self._action.setToolTip("The class to look for")
        self._action.activated.connect(self._choose_action)
        keep_moving(self._action)
        self._strength.setRange(10, 100)
        self._strength.setValue(round(100 * STRENGTH))
        self._strength.setFixedWidth(70)
        self._strength.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._strength.setAccessibleName("Opacity")
        self._strength.setToolTip("How much of the picture the map covers")
        self._strength.valueChanged.connect(self._move_strength)

    def _muted(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("role", "muted")
        return label

    def _choose_branch(self, button: QPushButton) -> None:
        self.branch_chosen.emit(next(n for n, b in self._buttons.items() if b is button))

    def _choose_action(self, _place: int) -> None:
        self.action_chosen.emit(self.action)

    def _move_strength(self, value: int) -> None:
        self.strength_moved.emit(value / 100)
