"""Edits of the project's labels."""

import re
from dataclasses import dataclass
from typing import Final

from app.domain.project import Change
from app.editing.draft import Draft
from app.errors import EditError
from app.store import labels as label_queries
from app.store.schema import labels
from yowo_core.annotations import Label

_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class AddLabel:
    """Add an action class; without a color (#rrggbb) one is chosen."""

    name: str
    color: str = ""
    kind: str = "action"

    def apply(self, draft: Draft) -> str:
        """Add the label."""
        name = _free_name(draft, self.name)
        color = _checked(self.color) if self.color else ""
        new = label_queries.add(draft.connection, Label(0, name, color, self.kind), draft.by)
        draft.added(labels, new)
        draft.touch(Change(labels=True))
        return f"Add label {name}"


@dataclass(frozen=True)
class RenameLabel:
    """Give a label another name; its id and what is labelled with it stay."""

    label_id: int
    name: str

    def apply(self, draft: Draft) -> str:
        """Rename the label."""
        label = draft.label(self.label_id)
        name = _free_name(draft, self.name, label)
        if draft.set_row("labels", label.id, {"name": label.name}, {"name": name}):
            draft.touch(Change(labels=True))
        return f"Rename {label.name} to {name}"


@dataclass(frozen=True)
class RecolorLabel:
    """Give a label another color, #rrggbb."""

    label_id: int
    color: str

    def apply(self, draft: Draft) -> str:
        """Recolor the label."""
        label = draft.label(self.label_id)
        new = {"color": _checked(self.color)}
        if draft.set_row("labels", label.id, {"color": label.color}, new):
            draft.touch(Change(labels=True))
        return f"Recolor {label.name}"


def _free_name(draft: Draft, name: str, own: Label | None = None) -> str:
    """The name without blanks around; EditError when it is empty or another label's."""
    plain = name.strip()
    if not plain:
        raise EditError("A label needs a name.")
    for label in label_queries.records(draft.connection):
        if label.name.casefold() == plain.casefold() and (own is None or label.id != own.id):
            raise EditError(f"There is a label {label.name!r} already; choose another name.")
    return plain


def _checked(color: str) -> str:
    if not _COLOR.fullmatch(color):
        raise EditError(f"{color!r} is no color; #rrggbb is needed, such as #38bdf8.")
    return color.lower()
