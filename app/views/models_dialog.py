"""The models of a project: which there are, how good they are, which one plays."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.domain.model_files import FilePhase, ModelFileState
from app.domain.project import ModelRecord
from app.domain.wording import ARROW, DASH
from app.itemmodels.table_model import Cell
from app.views.dialog_frame import DialogFrame, plain_button
from app.views.figures import Figures
from app.views.model_report import ModelReport

_ADD_TIP = "A model of yours, or a weight file of another maker"
_BEFORE, _AFTER = "before_frame_map", "after_frame_map"


class ModelsDialog(DialogFrame):
    """Lists ModelRecord values; two signals carry the id of the chosen one."""

    make_live_asked = Signal(int)
    show_in_folder_asked = Signal(int)
    add_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Models", parent, width=560)
        self._models: tuple[ModelRecord, ...] = ()
        headings = ("model", "made", "classes", "frame-mAP", "")
        self._table = Figures(headings, self, numbers_from=2, most=10)
        self._empty = QLabel("The project has no model yet.", self)
        self._classes = QLabel(self)
        self._live = plain_button("Make live", self, "primary")
        self._folder = plain_button("Show in folder", self)
        self._add = plain_button("Add a model file\u2026", self)
        self._report = ModelReport(self)
        self._build()
        self.set_models(())

    def set_models(self, models: Sequence[ModelRecord]) -> None:
        """Show these models, the newest first; the choice stays, else it is the live one."""
        before = self._chosen()
        self._models = tuple(sorted(models, key=lambda m: (m.created_at, m.id), reverse=True))
        self._table.set_rows([_row(model) for model in self._models])
        self._table.setVisible(bool(models))
        self._empty.setVisible(not models)
        wanted = [m.id for m in self._models if before is not None and m.id == before.id]
        wanted += [m.id for m in self._models if m.live]
        self._choose(wanted[0] if wanted else 0)

    def set_adding(self, state: ModelFileState | None) -> None:
        """Show how adding a file stands; its model is chosen when it is there."""
        reading = state is not None and state.phase is FilePhase.READING
        self._add.setEnabled(not reading)
        self._add.setToolTip("A file is being added." if reading else _ADD_TIP)
        self._report.set_state(state)
        if state is not None and state.model is not None:
            self._choose(state.model.id)
        QTimer.singleShot(0, self, self.fit)  # rows that are new have no height before

    def _choose(self, model_id: int) -> None:
        places = [place for place, m in enumerate(self._models) if m.id == model_id]
        if self._models:
            self._table.selectRow(places[0] if places else 0)
        self._follow()

    def _build(self) -> None:
        self._table.setSelectionMode(Figures.SelectionMode.SingleSelection)
        self._table.setSelectionBehavior(Figures.SelectionBehavior.SelectRows)
        self._table.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._table.chosen_changed.connect(self._follow)
        self._table.doubleClicked.connect(self._ask_live)
        for label in (self._empty, self._classes):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
        self._live.clicked.connect(self._ask_live)
        self._folder.clicked.connect(self._ask_folder)
        self._add.clicked.connect(self.add_asked)
        self._add.setToolTip(_ADD_TIP)
        close = plain_button("Close", self)
        close.clicked.connect(self.reject)
        self.body.addWidget(self._empty)
        self.body.addWidget(self._table, 1)
        self.body.addWidget(self._classes)
        self.body.addWidget(self._report)
        self.add_buttons((self._add, self._folder), (close, self._live))

    def _chosen(self) -> ModelRecord | None:
        row = self._table.currentIndex().row()
        return self._models[row] if 0 <= row < len(self._models) else None

    def _follow(self) -> None:
        model = self._chosen()
        self._folder.setEnabled(model is not None)
        self._live.setEnabled(model is not None and not model.live)
        live = model is not None and model.live
        self._live.setToolTip("This model is live already." if live else "Play with this model")
        self._classes.setText(", ".join(model.labels) if model else "")

    def _ask_live(self) -> None:
        model = self._chosen()
        if model is not None and not model.live:
            self.make_live_asked.emit(model.id)

    def _ask_folder(self) -> None:
        model = self._chosen()
        if model is not None:
            self.show_in_folder_asked.emit(model.id)


def _row(model: ModelRecord) -> tuple[Cell, ...]:
    classes = ", ".join(model.labels)
    return (
        Cell(model.name, tip=f"{model.name}\n{model.path}"),
        Cell(_day(model.created_at), "muted", model.created_at),
        Cell(str(len(model.labels)), tip=classes),
        _figure(model),
        Cell("live" if model.live else "", "good"),
    )


def _figure(model: ModelRecord) -> Cell:
    before, after = model.metrics.get(_BEFORE), model.metrics.get(_AFTER)
    if after is None:
        return Cell(DASH, "muted", "not measured")
    if before is None:
        return Cell(f"{after:.1f}")
    tone = "good" if after > before else "warning" if after < before else ""
    return Cell(f"{before:.1f} {ARROW} {after:.1f}", tone, "percent on the held-out frames")


def _day(moment: str) -> str:
    """The date and time of an ISO 8601 moment on this machine's clock, or the text itself."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment
