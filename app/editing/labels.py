"""Edits of the project's labels."""

import re
from dataclasses import dataclass
from typing import Final

from app.domain.project import Change
from app.editing import tube_draft
from app.editing.draft import Draft
from app.errors import EditError
from app.store import labels as label_queries
from app.store.schema import labels
from yowo_core.annotations import Label
from yowo_core.tubes.actions import relabelled

_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class AddLabel:
    """Add an action class; without a color (#rrggbb) one is chosen."""

    name: str
    color: str = ""
    kind: str = "action"

    def apply(self, draft: Draft) -> str:
        """Add the label."""
        add_label(draft, self.name, self.color, self.kind)
        return f"Add label {self.name.strip()}"


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


@dataclass(frozen=True)
class DeleteLabel:
    """Take a label out of the project that no tube shows."""

    label_id: int

    def apply(self, draft: Draft) -> str:
        """Remove the label; EditError when tubes show it."""
        label = draft.label(self.label_id)
        shown = tube_draft.showing(draft, label.id)
        if shown:
            tubes = "one tube" if len(shown) == 1 else f"{len(shown)} tubes"
            raise EditError(
                f"{label.name} is an action of {tubes}. Merge it into another label, or take the "
                "action out of them first."
            )
        draft.remove_row("labels", label.id)
        draft.touch(Change(labels=True))
        return f"Delete label {label.name}"


@dataclass(frozen=True)
class MergeLabel:
    """Give everything that is labelled with one label another one, and delete the first."""

    label_id: int
    into_id: int

    def apply(self, draft: Draft) -> str:
        """Change the spans, join those that touch then, and remove the label."""
        label, into = draft.label(self.label_id), draft.label(self.into_id)
        if label.id == into.id:
            raise EditError(f"{label.name} cannot be merged into itself.")
        for tube_id in tube_draft.showing(draft, label.id):
            held = tube_draft.find(draft, tube_id)
            tube_draft.put(draft, held, relabelled(held.tube, label.id, into.id))
        draft.remove_row("labels", label.id)
        draft.touch(Change(labels=True))
        return f"Merge label {label.name} into {into.name}"


def add_label(draft: Draft, name: str, color: str = "", kind: str = "action") -> int:
    """Add a label and give its id; EditError for a name that is taken or empty."""
    plain = _free_name(draft, name)
    checked = _checked(color) if color else ""
    new = label_queries.add(draft.connection, Label(0, plain, checked, kind), draft.by)
    draft.added(labels, new)
    draft.touch(Change(labels=True))
    return new


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
