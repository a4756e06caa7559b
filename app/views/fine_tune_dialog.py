"""Asks how to fine-tune: few questions, safe answers, and what there is to learn from."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QWidget,
)

from app.domain.names import plain_tip
from app.domain.project import ModelRecord
from app.domain.training import FineTunePlan, LearningCount
from app.domain.wording import shortened
from app.views.dialog_frame import DialogFrame, plain_button
from app.views.figures import Figures
from app.views.fine_tune_settings import FineTuneSettings
from app.views.fine_tune_texts import (
    LENGTHS,
    count_rows,
    length_text,
    reason_not_to_start,
    warning,
)
from app.views.fold_out import FoldOut
from yowo_core.train.config import Device, TrainConfig

_HELD_OUT_PERCENT = 20
_NORMAL = 1
_NAME_LETTERS = 36
_WARMUP_SHARE = 5  # a warmup longer than a fifth of the run would leave little of it
_DEVICES: tuple[tuple[str, Device], ...] = (
    ("Automatic", "auto"),
    ("CPU", "cpu"),
    ("GPU (CUDA)", "cuda"),
)
_NO_CUDA = "No CUDA device was found on this machine."


class FineTuneDialog(DialogFrame):
    """Begins with the live model, seven epochs and a fifth held out; plan() is the answer.

    counts gives, for a held-out share in 0..1, what there is to learn each class from; it is
    asked again when the share changes. clips_per_second: the speed of training on this machine,
    0 when nobody measured it yet. refusal gives a sentence for a model that no fine-tune can
    start from, '' for others. cuda: whether a CUDA device is there.
    """

    def __init__(
        self,
        models: Sequence[ModelRecord],
        counts: Callable[[float], Sequence[LearningCount]],
        clips_per_second: float,
        *,
        refusal: Callable[[ModelRecord], str] = lambda _model: "",
        cuda: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Fine-tune", parent, width=460)
        self._models, self._counts, self._speed = tuple(models), counts, clips_per_second
        self._refusal = refusal
        self._base, self._length, self._device = QComboBox(self), QComboBox(self), QComboBox(self)
        self._held_out = QSpinBox(self)
        self._table = Figures(("class", "tubes", "boxes", "held-out frames"), self)
        self._warning, self._reason = QLabel(self), QLabel(self)
        self._settings = FineTuneSettings(self)
        self._start = plain_button("Start", self, "primary")
        self._fill(cuda=cuda)
        self._build()
        self._settings.changed.connect(self._say_lengths)
        self._held_out.valueChanged.connect(self._count)
        self._base.currentIndexChanged.connect(self._count_and_fit)
        self._count()

    def plan(self) -> FineTunePlan:
        """What was asked for; only when there is a model to start from."""
        settings = self._settings
        epochs = LENGTHS[self._length.currentIndex()][1]
        updates = epochs * (settings.clips // settings.batch)
        config = TrainConfig(
            epochs=epochs,
            clips_per_epoch=settings.clips,
            batch=settings.batch,
            learning_rate=settings.learning_rate,
            warmup=min(TrainConfig().warmup, updates // _WARMUP_SHARE),
            patience=settings.patience,
            device=_DEVICES[self._device.currentIndex()][1],
        )
        model = self._models[self._base.currentIndex()]
        return FineTunePlan(model.id, config, self._held_out.value() / 100)

    def _fill(self, *, cuda: bool) -> None:
        for model in self._models:
            name = shortened(model.name, _NAME_LETTERS)
            self._base.addItem(f"{name} (live)" if model.live else name)
            self._base.setItemData(
                self._base.count() - 1, plain_tip(model.name), Qt.ItemDataRole.ToolTipRole
            )
        live = next((place for place, model in enumerate(self._models) if model.live), 0)
        self._base.setCurrentIndex(live if self._models else -1)
        self._length.addItems([name for name, _ in LENGTHS])
        self._length.setCurrentIndex(_NORMAL)
        self._say_lengths()
        self._device.addItems([text for text, _ in _DEVICES])
        choices = self._device.model()
        if not cuda and isinstance(choices, QStandardItemModel):
            item = choices.item(len(_DEVICES) - 1)
            item.setEnabled(False)
            item.setToolTip(_NO_CUDA)
        self._held_out.setRange(0, 50)
        self._held_out.setSingleStep(5)
        self._held_out.setSuffix(" %")
        self._held_out.setValue(_HELD_OUT_PERCENT)

    def _build(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for text, field, tip in (
            ("Start from", self._base, "Classes it knows keep what it has learnt"),
            ("How long", self._length, "Longer learns more, up to a point"),
            ("Held out", self._held_out, "Share of the labels that only measures"),
            ("Device", self._device, "Automatic takes a GPU where there is one"),
        ):
            field.setToolTip(tip)
            field.setAccessibleName(text)
            form.addRow(text, field)
        self._base.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._base.setMinimumContentsLength(30)
        for label in (self._warning, self._reason):
            label.setProperty("role", "problem")
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        advanced = FoldOut("Advanced", self._settings, self)
        advanced.unfolded.connect(self.fit)
        self.body.addLayout(form)
        self.body.addWidget(self._table, 1)
        for widget in (self._warning, advanced, self._reason):
            self.body.addWidget(widget)
        cancel = plain_button("Cancel", self)
        cancel.clicked.connect(self.reject)
        self._start.clicked.connect(self.accept)
        self.add_buttons((), (cancel, self._start))

    def _say_lengths(self) -> None:
        for place, (name, epochs) in enumerate(LENGTHS):
            text = length_text(name, epochs, self._settings.clips, self._speed)
            self._length.setItemText(place, text)

    def _count(self) -> None:
        counts = self._counts(self._held_out.value() / 100)
        self._table.set_rows(count_rows(counts))
        self._table.setVisible(bool(counts))
        reason = self._refused_base() or reason_not_to_start(len(self._models), counts)
        told = "" if reason else warning(counts)
        for label, text in ((self._warning, told), (self._reason, reason)):
            label.setText(text)
            label.setVisible(bool(text))
        self._start.setEnabled(not reason)
        self._start.setToolTip(reason)

    def _count_and_fit(self) -> None:
        self._count()
        self.fit()

    def _refused_base(self) -> str:
        place = self._base.currentIndex()
        return self._refusal(self._models[place]) if 0 <= place < len(self._models) else ""
