"""The strip at the top: project, live model and where it runs, threshold, export, fine-tune."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from app.domain.names import brief_name, plain_tip
from app.domain.project import ModelRecord
from app.views.elided_label import ElidedLabel
from app.widgets.elided_combo import ElidedCombo
from app.widgets.yielding_bar import YieldingBar

ENGINES: tuple[tuple[str, str, str], ...] = (
    ("ONNX Runtime · automatic", "onnx", "auto"),
    ("ONNX Runtime · CPU", "onnx", "cpu"),
    ("PyTorch · automatic", "torch", "auto"),
    ("PyTorch · CPU", "torch", "cpu"),
    ("PyTorch · CUDA", "torch", "cuda"),
)
BACKEND_NAMES = {"onnx": "ONNX Runtime", "torch": "PyTorch"}
_NAME_LETTERS = 38
_NARROWEST = 90  # pixels of a choice in a narrow window


class TopBar(YieldingBar):
    """Asks which model plays, on what, from which score on; shows how much is to review."""

    model_chosen = Signal(int)
    engine_chosen = Signal(str, str)  # backend, device
    live_switched = Signal(bool)
    score_moved = Signal(float)
    export_asked = Signal()
    fine_tune_asked = Signal()
    next_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = QLabel("YOWO Studio", self)
        self._name, self._score_text = ElidedLabel("", self), QLabel(self)
        self._model, self._engine = ElidedCombo(self), ElidedCombo(self)
        self._live = QCheckBox("Live overlay", self)
        self._score = QSlider(Qt.Orientation.Horizontal, self)
        self._review = QPushButton(self)
        self._export, self._learn = QPushButton("Export…", self), QPushButton("Fine-tune…", self)
        self._waiting, self._next_hint = 0, ""
        self._build()
        self._connect()
        self.set_project("")
        self.set_to_review(0)

    def set_project(self, name: str) -> None:
        """The open project's name, '' for none."""
        self._name.setText(brief_name(name, _NAME_LETTERS) if name else "no project")
        self._name.setToolTip(plain_tip(name))
        for widget in (self._model, self._engine, self._live, self._score):
            widget.setEnabled(bool(name))
        self._export.setEnabled(bool(name))
        self._learn.setEnabled(bool(name))

    def set_models(self, models: Sequence[ModelRecord]) -> None:
        """The models on offer; the live one is shown as chosen."""
        self._model.blockSignals(True)
        self._model.clear()
        for place, model in enumerate(models):
            self._model.addItem(brief_name(model.name, _NAME_LETTERS), model.id)
            self._model.setItemData(
                place, plain_tip(f"{model.name}\n{model.path}"), Qt.ItemDataRole.ToolTipRole
            )
            if model.live:
                self._model.setCurrentIndex(place)
        self._model.blockSignals(False)

    def set_engine(self, backend: str, device: str) -> None:
        """Show where the live model runs."""
        chosen = [(b, d) for _, b, d in ENGINES]
        if (backend, device) in chosen:
            self._engine.setCurrentIndex(chosen.index((backend, device)))

    def set_live(self, *, on: bool) -> None:
        """Show whether the overlay is on."""
        self._live.blockSignals(True)
        self._live.setChecked(on)
        self._live.blockSignals(False)

    def set_score(self, score: float) -> None:
        """Show the threshold, 0..1."""
        self._score.blockSignals(True)
        self._score.setValue(round(100 * score))
        self._score.blockSignals(False)
        self._score_text.setText(f"score ≥ {score:.2f}")

    def set_to_review(self, count: int) -> None:
        """How many predictions wait for a person."""
        self._review.setText(f"To review {count}")
        self._review.setEnabled(count > 0)
        self._waiting = count
        self._say_review()

    def set_hints(self, hint: Callable[[str, str], str]) -> None:
        """Tell on the buttons what they do and by which key, or why they cannot; by action."""
        self._next_hint = hint("next", "Go to the next one")
        self._export.setToolTip(hint("export", "Write the confirmed tubes to a file"))
        self._learn.setToolTip(hint("fine_tune", "Teach the model what was confirmed"))
        self._live.setToolTip(hint("live", "Detect actions in what is shown"))
        self._say_review()

    def _say_review(self) -> None:
        self._review.setToolTip(self._next_hint if self._waiting else "Nothing waits for review.")

    def _build(self) -> None:
        self._title.setProperty("role", "title")
        self._name.setProperty("role", "muted")
        for text, _, _ in ENGINES:
            self._engine.addItem(text)
        self._model.setAccessibleName("Live model")
        self._model.setToolTip("The model that plays live and analyses")
        for box in (self._model, self._engine):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMinimumWidth(_NARROWEST)
        self._engine.setAccessibleName("Engine and device")
        self._engine.setToolTip("What the live model runs on")
        self._score.setRange(5, 95)
        self._score.setFixedWidth(110)
        self._score.setAccessibleName("Score threshold")
        self._score.setToolTip("Live boxes and predictions below this score are hidden")
        self._score_text.setMinimumWidth(
            self._score_text.fontMetrics().horizontalAdvance("score ≥ 0.000")
        )
        self._learn.setProperty("role", "primary")
        row = self.row
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        for widget in (self._title, self._name, self._model, self._engine, self._live):
            row.addWidget(widget)
        row.addWidget(self._score)
        row.addWidget(self._score_text)
        row.addStretch(1)
        for button in (self._review, self._export, self._learn):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        self.give_way((self._title, self._name, self._score_text, self._engine))

    def _connect(self) -> None:
        self._model.activated.connect(
            lambda place: self.model_chosen.emit(self._model.itemData(place))
        )
        self._engine.activated.connect(lambda place: self.engine_chosen.emit(*ENGINES[place][1:]))
        self._live.toggled.connect(self.live_switched)
        self._score.valueChanged.connect(self._moved)
        self._review.clicked.connect(self.next_asked)
        self._export.clicked.connect(self.export_asked)
        self._learn.clicked.connect(self.fine_tune_asked)

    def _moved(self, value: int) -> None:
        self._score_text.setText(f"score ≥ {value / 100:.2f}")
        self.score_moved.emit(value / 100)
