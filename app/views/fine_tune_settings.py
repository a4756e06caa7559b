"""The settings of a fine-tune that most people leave alone."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QFormLayout, QSpinBox, QWidget

from yowo_core.train.config import TrainConfig

_SMALLEST_BATCH = 2
RATE = 3e-4
"""Gentler than from random weights: what the base model knows shall not be washed out."""


class FineTuneSettings(QWidget):
    """Learning rate, clips an epoch, batch and patience; begins with safe defaults."""

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        default = TrainConfig()
        self._rate = QDoubleSpinBox(self)
        self._rate.setDecimals(6)
        self._rate.setRange(1e-6, 0.1)
        self._rate.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self._rate.setValue(RATE)
        self._clips = _spin(self, default.clips_per_epoch, 16, 1_000_000, 64)
        self._batch = _spin(self, default.batch, _SMALLEST_BATCH, 256, 1)
        self._patience = _spin(self, default.patience, 0, 1000, 1)
        self._patience.setSpecialValueText("never")
        self._clips.valueChanged.connect(self._limit_batch)
        self._limit_batch(self._clips.value())
        self._build()

    @property
    def clips(self) -> int:
        """Clips that an epoch draws."""
        return self._clips.value()

    @property
    def batch(self) -> int:
        """Clips in one update."""
        return self._batch.value()

    @property
    def learning_rate(self) -> float:
        """The highest learning rate, after the warmup."""
        return self._rate.value()

    @property
    def patience(self) -> int:
        """Epochs without a better figure after which the run ends, 0 never."""
        return self._patience.value()

    def _build(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(20, 0, 0, 0)
        for text, field, tip in (
            ("Learning rate", self._rate, "The highest, after the first updates"),
            ("Clips per epoch", self._clips, "Drawn anew each epoch; after each it is measured"),
            ("Batch", self._batch, "Clips in one update; fewer need less memory"),
            ("Stop early after", self._patience, "Epochs without a better figure"),
        ):
            field.setToolTip(tip)
            field.setAccessibleName(text)
            field.valueChanged.connect(self.changed)
            form.addRow(text, field)
        self._patience.setSuffix(" epochs")

    def _limit_batch(self, clips: int) -> None:
        self._batch.setMaximum(min(256, clips))


def _spin(parent: QWidget, value: int, low: int, high: int, step: int) -> QSpinBox:
    field = QSpinBox(parent)
    field.setRange(low, high)
    field.setSingleStep(step)
    field.setValue(value)
    return field
