"""The labels of a project and how much there is to learn from."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QColorDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from app.domain.names import readable_name
from app.domain.training import ENOUGH_TUBES
from app.domain.wording import DOT, counted, one_line, shortened
from app.itemmodels.labels_model import LABEL_ROLE, LabelsModel
from app.views.labels_list import LabelsList
from app.views.own_keys import keep_typing
from app.views.swatches import Swatches
from yowo_core.annotations import Label

_NO_LABELS = "No labels yet. Type the name of an action below."


class LabelsPanel(QWidget):
    """Lists labels with their keys and counts; asks to add, rename, recolour and toggle them.

    label_chosen carries the id of a label to be toggled in the selected tube. add_asked carries
    a name that no label has yet, rename_asked (id, name), recolour_asked (id, #rrggbb),
    merge_asked the ids of a label and of the one that takes its place.
    """

    label_chosen = Signal(int)
    add_asked = Signal(str)
    rename_asked = Signal(int, str)
    recolour_asked = Signal(int, str)
    delete_asked = Signal(int)
    merge_asked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = LabelsModel()
        self._title = QLabel(self)
        self._list = LabelsList(self)
        self._line = QLineEdit(self)
        self._problem, self._none = QLabel(self), QLabel(_NO_LABELS, self)
        self._set = QLabel(self)
        self._build()
        self.set_labels(())
        self.set_training_set(0, 0, 0)

    def set_labels(self, labels: Sequence[Label], counts: Mapping[int, int] | None = None) -> None:
        """Show the labels in the order of their keys; counts: tubes by label id."""
        self._model.set_labels(labels, counts or {})
        self._title.setText(f"LABELS {DOT} {len(labels)}" if labels else "LABELS")
        self._list.setVisible(bool(labels))
        self._none.setVisible(not labels)
        self._problem.hide()

    def set_keys(self, keys: Sequence[str]) -> None:
        """The keys that toggle the first labels, in order."""
        self._model.set_keys(keys)

    def set_training_set(self, tubes: int, boxes: int, classes_short: int) -> None:
        """Sum up what there is to learn from; classes_short: those with fewer than enough tubes."""
        if not tubes:
            self._set.setText("nothing yet: accept or draw a tube with an action")
            return
        parts = [counted(tubes, "tube"), counted(boxes, "box", "boxes")]
        if classes_short:
            short = counted(classes_short, "class", "classes")
            parts.append(f"{short} short of {ENOUGH_TUBES} tubes")
        self._set.setText(f" {DOT} ".join(parts))

    def _build(self) -> None:
        self._title.setProperty("role", "section")
        self._list.setModel(self._model)
        self._list.setAccessibleName("Labels")
        self._list.chosen.connect(self.label_chosen)
        self._list.customContextMenuRequested.connect(self._show_menu)
        self._model.renamed.connect(self._rename)
        self._build_line()
        self._none.setProperty("role", "muted")
        self._none.setWordWrap(True)
        heading = QLabel("TRAINING SET", self)
        heading.setProperty("role", "section")
        self._set.setProperty("role", "muted")
        self._set.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 12, 10, 12)
        layout.setSpacing(6)
        layout.addWidget(self._title)
        layout.addWidget(self._none)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._line)
        layout.addWidget(self._problem)
        layout.addSpacing(10)
        layout.addWidget(heading)
        layout.addWidget(self._set)
        layout.addStretch(0)

    def _build_line(self) -> None:
        self._line.setPlaceholderText("Add a label")
        self._line.setAccessibleName("Name of a new label")
        self._line.setMaxLength(200)
        self._line.returnPressed.connect(self._add)
        self._line.textEdited.connect(self._problem.hide)
        keep_typing(self._line)
        self._problem.setProperty("role", "problem")
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setWordWrap(True)
        self._problem.hide()

    def _add(self) -> None:
        name = one_line(self._line.text())
        if name and self._is_free(name):
            self._line.clear()
            self.add_asked.emit(name)

    def _rename(self, label_id: int, name: str) -> None:
        if self._is_free(name, but=label_id):
            self.rename_asked.emit(label_id, name)

    def _is_free(self, name: str, but: int | None = None) -> bool:
        taken = self._model.named(name)
        free = taken is None or taken.id == but
        if taken is not None and not free:
            self._problem.setText(
                f"There is a label \u201c{shortened(readable_name(taken.name), 60)}\u201d already."
            )
        self._problem.setVisible(not free)
        return free

    def _show_menu(self, position: QPoint) -> None:
        index = self._list.indexAt(position)
        if not index.isValid():
            return
        label: Label = index.data(LABEL_ROLE)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Toggle in the selected tube", lambda: self.label_chosen.emit(label.id))
        menu.addAction("Rename\u2026", lambda: self._list.edit(index))
        menu.addMenu(self._colour_menu(label, menu))
        menu.addMenu(self._merge_menu(label, menu))
        menu.addAction("Delete", lambda: self.delete_asked.emit(label.id))
        menu.popup(self._list.viewport().mapToGlobal(position))

    def _merge_menu(self, label: Label, parent: QMenu) -> QMenu:
        """The other labels, to one of which all that shows this one may go."""
        menu = QMenu("Merge into", parent)
        for other in self._model.labels:
            if other.id != label.id:
                name = other.name.replace("&", "&&")
                ask = partial(self.merge_asked.emit, label.id, other.id)
                menu.addAction(name, ask)
        menu.setEnabled(not menu.isEmpty())
        return menu

    def _colour_menu(self, label: Label, parent: QMenu) -> QMenu:
        menu = QMenu("Colour", parent)
        field = QWidgetAction(menu)
        swatches = Swatches(label.color, menu)
        swatches.picked.connect(lambda color: self.recolour_asked.emit(label.id, color))
        swatches.picked.connect(parent.close)
        field.setDefaultWidget(swatches)
        menu.addAction(field)
        menu.addAction("Another colour\u2026", lambda: self._ask_colour(label))
        return menu

    def _ask_colour(self, label: Label) -> None:
        chosen = QColorDialog.getColor(
            QColor(label.color), self, f"Colour of {shortened(readable_name(label.name), 60)}"
        )
        if chosen.isValid():
            self.recolour_asked.emit(label.id, chosen.name())
