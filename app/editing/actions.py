"""Edits of what an actor does and when."""

from dataclasses import dataclass

from app.editing import tube_draft
from app.editing.draft import Draft
from app.editing.labels import add_label
from app.store import labels as label_queries
from yowo_core.tubes.actions import toggled_action, toggled_action_whole, with_span


@dataclass(frozen=True)
class ToggleAction:
    """Switch an action of a tube from one frame on.

    If it runs there it ends there, or goes if it starts there; else it starts there and runs to
    the end of the tube or to the action's next span.
    """

    tube_id: int
    label_id: int
    frame: int

    def apply(self, draft: Draft) -> str:
        """Switch the action."""
        held = tube_draft.find(draft, self.tube_id)
        label = draft.label(self.label_id)
        running = any(s.label == label.id and self.frame in s for s in held.tube.spans)
        tube_draft.correct(draft, held, toggled_action(held.tube, label.id, self.frame))
        return f"{'End' if running else 'Start'} {label.name} in #{held.number}"


@dataclass(frozen=True)
class ToggleActionWhole:
    """Let an action run in all frames of a tube, or in none if it ran in all."""

    tube_id: int
    label_id: int

    def apply(self, draft: Draft) -> str:
        """Switch the action."""
        held = tube_draft.find(draft, self.tube_id)
        label = draft.label(self.label_id)
        tube_draft.correct(draft, held, toggled_action_whole(held.tube, label.id))
        return f"{label.name} in all of #{held.number}"


@dataclass(frozen=True)
class SetSpan:
    """Let the index-th action of a tube run from frame start to before stop."""

    tube_id: int
    index: int
    start: int
    stop: int

    def apply(self, draft: Draft) -> str:
        """Move the span's ends."""
        held = tube_draft.find(draft, self.tube_id)
        tube = with_span(held.tube, self.index, self.start, self.stop)
        label = draft.label(held.tube.spans[self.index].label)
        tube_draft.correct(draft, held, tube)
        return f"Move {label.name} in #{held.number}"


@dataclass(frozen=True)
class NameAction:
    """Let a tube do the action of that name, which becomes a label when none is called so.

    From frame on it is switched as by ToggleAction, or with no frame as by ToggleActionWhole.
    color (#rrggbb) is a new label's.
    """

    tube_id: int
    name: str
    color: str = ""
    frame: int | None = None

    def apply(self, draft: Draft) -> str:
        """Find or add the label and switch the action."""
        known = label_queries.records(draft.connection)
        wanted = self.name.strip().casefold()
        label_id = next((label.id for label in known if label.name.casefold() == wanted), None)
        if label_id is None:
            label_id = add_label(draft, self.name, self.color)
        if self.frame is None:
            return ToggleActionWhole(self.tube_id, label_id).apply(draft)
        return ToggleAction(self.tube_id, label_id, self.frame).apply(draft)
