"""The labels of a project for a list view: colour, name, digit key, how many tubes show them."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt, Signal

from app.domain.names import plain_tip
from app.domain.wording import counted, one_line
from app.itemmodels.media_model import Index
from yowo_core.annotations import Label

LABEL_ROLE = Qt.ItemDataRole.UserRole + 1
"""Gives the Label itself."""
KEY_ROLE = Qt.ItemDataRole.UserRole + 2
"""The key that toggles the label, "" for one that has none."""
COUNT_ROLE = Qt.ItemDataRole.UserRole + 3
"""How many tubes show the label, None where that is not told."""

_PARENT = QModelIndex()


class LabelsModel(QAbstractListModel):
    """Labels in the order of their keys; a typed name is asked for by renamed(id, name)."""

    renamed = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self._labels: list[Label] = []
        self._counts: dict[int, int] | None = None
        self._keys: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[Label, ...]:
        """What is listed, in order."""
        return tuple(self._labels)

    def set_labels(self, labels: Sequence[Label], counts: Mapping[int, int] | None = None) -> None:
        """Show these labels; counts: tubes by label id, 0 for one that is not in."""
        told = None if counts is None else dict(counts)
        same = [label.id for label in labels] == [label.id for label in self._labels]
        if same:
            self._labels, self._counts = list(labels), told
            if labels:
                self.dataChanged.emit(self.index(0), self.index(len(labels) - 1))
            return
        self.beginResetModel()
        self._labels, self._counts = list(labels), told
        self.endResetModel()

    def set_keys(self, keys: Sequence[str]) -> None:
        """The keys of the first labels, in order; "" for one that has none."""
        self._keys = tuple(keys)
        if self._labels:
            self.dataChanged.emit(self.index(0), self.index(len(self._labels) - 1))

    def named(self, name: str) -> Label | None:
        """The label of that name, whatever its case."""
        wanted = name.casefold()
        return next((label for label in self._labels if label.name.casefold() == wanted), None)

    def rowCount(self, parent: Index = _PARENT) -> int:
        """How many labels there are."""
        return 0 if parent.isValid() else len(self._labels)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every name can be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, tooltip, what a screen reader says, Label, key and count."""
        if not index.isValid():
            return None
        label = self._labels[index.row()]
        key = self._keys[index.row()] if index.row() < len(self._keys) else ""
        count = None if self._counts is None else self._counts.get(label.id, 0)
        facts = (label.name, "" if count is None else counted(count, "tube"), key and f"key {key}")
        told = ", ".join(fact for fact in facts if fact)
        values: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: label.name,
            Qt.ItemDataRole.EditRole: label.name,
            Qt.ItemDataRole.ToolTipRole: plain_tip(told),
            Qt.ItemDataRole.AccessibleTextRole: told,
            LABEL_ROLE: label,
            KEY_ROLE: key,
            COUNT_ROLE: count,
        }
        return values.get(role)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another name; the list shows it when the labels come anew."""
        label, name = self._labels[index.row()], one_line(str(value))
        if role != Qt.ItemDataRole.EditRole or not name or name == label.name:
            return False
        self.renamed.emit(label.id, name)
        return True
