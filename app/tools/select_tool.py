"""Select boxes by clicking, move them by dragging inside, resize them by their handles."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.tools.box_shapes import Handle, clip, moved, resized, resized_in_proportion
from app.tools.gestures import (
    Box,
    BoxMoved,
    Clicked,
    Cursor,
    Feedback,
    Nothing,
    Outcome,
    Pointer,
    Target,
)
from app.tools.hit_test import handle_at, targets_at


@dataclass(frozen=True)
class _Grip:
    """What the button went down on; handle None drags the whole box, target None nothing."""

    at: Pointer
    target: Target | None
    handle: Handle | None = None


class SelectTool:
    """The tool that is active unless another was asked for.

    A handle of the selected box comes first, then a drag inside the selected box, then the
    smallest box under the mouse; a repeated click at one place goes through all boxes there.
    """

    def __init__(self) -> None:
        self._targets: tuple[Target, ...] = ()
        self._selected: int | None = None
        self._picture = (0.0, 0.0)
        self._grip: _Grip | None = None
        self._ghost: Box | None = None
        self._last_click: tuple[Pointer, int | None] | None = None

    def set_scene(
        self, targets: Sequence[Target], selected: int | None, picture: tuple[float, float]
    ) -> None:
        """What is shown: boxes that can be hit, the selected tube, the picture's width, height."""
        self._targets = tuple(targets)
        self._selected = selected
        self._picture = picture

    @property
    def dragging(self) -> bool:
        """Whether the button is down and this tool follows it."""
        return self._grip is not None

    def hover(self, pointer: Pointer) -> Feedback:
        """The pointer that tells what a press here would take hold of."""
        grip = self._grip_at(pointer)
        if grip.handle is not None:
            return Feedback(grip.handle.cursor)
        return Feedback(Cursor.ARROW if grip.target is None else Cursor.MOVE)

    def press(self, pointer: Pointer) -> Feedback:
        """Take hold of what lies under the mouse; nothing moves yet."""
        self._grip = self._grip_at(pointer)
        self._ghost = None
        return self._feedback()

    def move(self, pointer: Pointer) -> Feedback:
        """Move the ghost once the mouse went further than a click would."""
        grip = self._grip
        if grip is None:
            return self.hover(pointer)
        if grip.target is not None and (self._ghost is not None or pointer.away_from(grip.at)):
            self._ghost = self._reshaped(grip.target.box, grip, pointer)
        return self._feedback()

    def release(self, pointer: Pointer) -> Outcome:
        """A moved box when the ghost differs from it, else a click."""
        self.move(pointer)
        grip, ghost = self._grip, self._ghost
        self._grip = self._ghost = None
        if grip is None:
            return Nothing()
        if grip.target is not None and ghost is not None:
            self._last_click = None
            same = _same(ghost, grip.target.box)
            return Nothing() if same else BoxMoved(grip.target.tube_id, ghost)
        if pointer.away_from(grip.at):
            return Nothing()
        if grip.handle is not None and grip.target is not None:
            return Clicked(grip.target.tube_id)
        return Clicked(self._clicked(pointer))

    def cancel(self) -> bool:
        """Let go of the box; the following release has no consequence."""
        held = self._grip is not None
        self._grip = self._ghost = None
        return held

    def _grip_at(self, pointer: Pointer) -> _Grip:
        selected = next((t for t in self._targets if t.tube_id == self._selected), None)
        if selected is not None:
            handle = handle_at(pointer, selected.box)
            if handle is not None:
                return _Grip(pointer, selected, handle)
        under = targets_at(pointer, self._targets)
        if selected in under:
            return _Grip(pointer, selected)
        return _Grip(pointer, under[0] if under else None)

    def _reshaped(self, box: Box, grip: _Grip, pointer: Pointer) -> Box:
        dx, dy = pointer.x - grip.at.x, pointer.y - grip.at.y
        if grip.handle is None:
            return moved(box, dx, dy, *self._picture)
        box = clip(box, *self._picture)
        x, y = grip.handle.position(box)
        reshape = resized_in_proportion if pointer.shift else resized
        return reshape(box, grip.handle, (x + dx, y + dy), self._picture)

    def _clicked(self, pointer: Pointer) -> int | None:
        ids = [target.tube_id for target in targets_at(pointer, self._targets)]
        chosen = ids[0] if ids else None
        if self._last_click is not None and not pointer.away_from(self._last_click[0]):
            before = self._last_click[1]
            if before in ids and before == self._selected:
                chosen = ids[(ids.index(before) + 1) % len(ids)]
        self._last_click = (pointer, chosen)
        return chosen

    def _feedback(self) -> Feedback:
        grip = self._grip
        if grip is None or grip.target is None:
            return Feedback()
        cursor = Cursor.MOVE if grip.handle is None else grip.handle.cursor
        return Feedback(cursor, self._ghost, grip.target.tube_id)


def _same(first: Box, second: Box) -> bool:
    """Whether two boxes differ by rounding only."""
    return max(abs(a - b) for a, b in zip(first, second, strict=True)) < 1e-6
