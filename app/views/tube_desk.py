"""Working on tubes: what is selected, and every gesture and key that edits it."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import Final
from uuid import uuid4

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.domain.live import LiveBox
from app.domain.project import Change, TubeSummary
from app.editing.actions import NameAction, SetSpan, ToggleAction, ToggleActionWhole
from app.editing.boxes import MakeKeyframe, MoveBox, RemoveKeyframe, SetExtent
from app.editing.draft import Edit
from app.editing.tubes import AddTube, DeleteTubes, TakeOver
from app.services.services import Services
from app.views.canvas import Box, CanvasView
from app.views.play_desk import PlayDesk
from app.views.timeline import TimelineView
from app.views.tube_panel import TubePanel
from app.views.window_actions import DIGITS, TOGGLE, TOGGLE_WHOLE
from app.widgets.theme import label_color
from yowo_core.annotations import Label, Tube

_FOR_A_TUBE: Final = (
    *("tube_start", "tube_end", "delete", "delete_here", "delete_on", "zoom_tube"),
    *("tube_first", "tube_last", "key_back", "key_on", "key_middle"),
)
NEW_TUBE_SECONDS = 1.0
"""How long a tube is that a drawn box begins; its end is dragged or set with O."""


class TubeDesk(QObject):
    """Turns gestures into edits and hands them to the project."""

    selection_changed = Signal()

    def __init__(
        self,
        services: Services,
        desk: PlayDesk,
        views: tuple[CanvasView, TimelineView, TubePanel],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._services, self._desk = services, desk
        self._canvas, self._timeline, self._panel = views
        self._selected: list[int] = []
        self.label_names: tuple[str, ...] = ()
        self._connect()

    @property
    def selected(self) -> list[TubeSummary]:
        """The selected tubes that are still there."""
        video = self._desk.video
        if video is None or not self._selected:
            return []
        found = {t.id: t for t in self._services.project.tubes(video.id, self._selected)}
        return [found[i] for i in self._selected if i in found]

    @property
    def selected_count(self) -> int:
        """How many tubes are selected, without asking the project."""
        return len(self._selected)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        made: dict[str, Callable[[], object]] = {
            "draw": self._canvas.start_drawing,
            "keyframe": self._keyframe,
            "tube_start": lambda: self._set_end(first=True),
            "tube_end": lambda: self._set_end(first=False),
            "find_action": self._panel.open_search,
            "delete": self._delete,
            "delete_here": self._drop_keyframe,
            "delete_on": self._delete_on,
            "cancel": self._cancel,
            "tube_first": lambda: self._go_end(last=False),
            "tube_last": lambda: self._go_end(last=True),
            "key_back": lambda: self._go_keyframe(-1),
            "key_on": lambda: self._go_keyframe(1),
            "key_middle": self._go_middle,
            "tube_up": lambda: self._go_tube(-1),
            "tube_down": lambda: self._go_tube(1),
            "more_up": lambda: self._add_tube_of_list(-1),
            "more_down": lambda: self._add_tube_of_list(1),
            "zoom_tube": self._zoom,
        }
        for place, digit in enumerate(DIGITS):
            made[TOGGLE + digit] = partial(self._toggle, place, whole=False)
            made[TOGGLE_WHOLE + digit] = partial(self._toggle, place, whole=True)
        return made

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why actions cannot be done now."""
        video, tube = self._desk.why_no_video, self._why_no_tube
        rules: dict[str, Callable[[], str]] = dict.fromkeys(_FOR_A_TUBE, tube)
        rules |= dict.fromkeys(("draw", "tube_up", "tube_down", "more_up", "more_down"), video)
        rules["find_action"] = self._why_not_one_tube
        for place, digit in enumerate(DIGITS):
            why = partial(self._why_no_action, place)
            rules |= {TOGGLE + digit: why, TOGGLE_WHOLE + digit: why}
        return rules

    def select(self, tube_id: int | None, *, extend: bool = False) -> None:
        """Select one tube or none; extend adds it, or takes it away."""
        if tube_id is None:
            self._selected = []
        elif not extend:
            self._selected = [tube_id]
        elif tube_id in self._selected:
            self._selected.remove(tube_id)
        else:
            self._selected.append(tube_id)
        self._show_selection()

    def choose(self, tube_ids: Sequence[int]) -> None:
        """Select just these tubes."""
        self._selected = list(tube_ids)
        self._show_selection()

    def take_in(self, change: Change) -> None:
        """Show the selection again when it, or a label, changed."""
        if change.labels:
            self._read_labels()
        video = self._desk.video
        # a change that names no tube, such as a discarded run's, may be of any
        any_tube = video is not None and video.id in change.videos and not change.tubes
        if change.labels or any_tube or change.tubes & set(self._selected):
            self._show_selection()

    def forget(self) -> None:
        """Select nothing: another video or project is shown."""
        self._read_labels()
        self.select(None)

    def show_frame(self) -> None:
        """Show where the selected tube is in the frame that is shown."""
        tubes, video = self._selected, self._desk.video
        box = None
        if len(tubes) == 1 and video is not None:
            here = self._services.project.boxes_at(video.id, self._desk.frame)
            box = next((b for b in here if b.tube_id == tubes[0]), None)
        self._panel.set_box(box)

    def toggle_label(self, label_id: int) -> None:
        """Switch an action of the selected tube from the playhead on."""
        for tube in self._need_selection():
            self._submit(ToggleAction(tube.id, label_id, self._desk.frame))

    def _connect(self) -> None:
        canvas, timeline, panel = self._canvas, self._timeline, self._panel
        canvas.tube_clicked.connect(self.select)
        canvas.tube_added.connect(lambda tube: self.select(tube, extend=True))
        canvas.box_edited.connect(
            lambda tube, box: self._submit(MoveBox(tube, self._desk.frame, box))
        )
        canvas.box_drawn.connect(self._drawn)
        canvas.tube_double_clicked.connect(lambda tube: self._submit(TakeOver(tube)))
        canvas.live_double_clicked.connect(self._take_live)
        timeline.tube_selected.connect(lambda tube, extend: self.select(tube, extend=extend))
        timeline.extent_edited.connect(lambda *values: self._submit(SetExtent(*values)))
        timeline.span_edited.connect(lambda *values: self._submit(SetSpan(*values)))
        panel.keyframe_asked.connect(self._switch_keyframe)
        panel.delete_asked.connect(self._delete)
        panel.span_moved.connect(lambda *values: self._submit(SetSpan(*values)))
        panel.span_removed.connect(self._remove_span)
        panel.action_added.connect(
            lambda tube, label: self._submit(ToggleAction(tube, label, self._desk.frame))
        )
        panel.action_typed.connect(self._type_action)

    def _read_labels(self) -> None:
        labels = self._services.project.labels()
        self.label_names = tuple(label.name for label in labels)
        self._panel.set_labels(labels)

    def _why_no_tube(self) -> str:
        nothing = "" if self._selected else "Select a tube first: click its box or its bar."
        return self._desk.why_no_video() or nothing

    def _why_not_one_tube(self) -> str:
        several = "Select one tube only." if len(self._selected) > 1 else ""
        return self._why_no_tube() or several

    def _why_no_action(self, place: int) -> str:
        if place < len(self.label_names):
            return self._why_no_tube()
        return f"There is no action {place + 1} yet. Add a label."

    def _submit(self, edit: Edit) -> Change | None:
        return self._services.project.submit(edit)

    def _show_selection(self) -> None:
        tubes = self.selected
        self._selected = [t.id for t in tubes]
        only = self._selected[0] if len(self._selected) == 1 else None
        self._canvas.select(only, self._selected)
        self._timeline.select(None)
        for place, tube_id in enumerate(self._selected):
            self._timeline.select(tube_id, extend=place > 0)
        video = self._desk.video
        self._panel.set_tubes(tubes, video.fps if video is not None else Fraction(0))
        self.show_frame()
        self.selection_changed.emit()

    def _need_selection(self) -> list[TubeSummary]:
        tubes = self.selected
        if not tubes:
            self._services.messages.info("Select a tube first: click its box or its bar.")
        return tubes

    def _drawn(self, box: Box) -> None:
        video, frame = self._desk.video, self._desk.frame
        if video is None:
            return
        new = self._add_tube(box, frame)
        if new is None:
            return
        labels = [label.name for label in self._services.project.labels()]
        drawn = self._services.project.history().position
        self._canvas.edit_label_near(box, labels, lambda name: self._name_drawn(new, name, drawn))

    def _add_tube(self, box: Box, frame: int) -> int | None:
        """A tube of one second that begins with this box, selected; None when refused."""
        video = self._desk.video
        if video is None:
            return None
        last = frame + max(1, round(self._desk.fps * NEW_TUBE_SECONDS)) - 1
        last = max(frame, min(last, self._desk.frame_count - 1))
        frames = np.unique(np.array([frame, last], np.int64))
        boxes = np.array([box] * len(frames), np.float64)
        change = self._submit(AddTube(video.id, Tube(uuid4().hex, frames, boxes)))
        if change is None or not change.tubes:
            return None
        (new,) = change.tubes
        self.select(new)
        return new

    def _name_drawn(self, tube: int, name: str | None, drawn: int) -> None:
        self._canvas.setFocus()
        if name and self._services.project.tube(tube) is not None:
            self._act_whole(tube, name, drawn)

    def _type_action(self, tube: int, name: str) -> None:
        self._submit(NameAction(tube, name, self._next_color(), self._desk.frame))

    def _act_whole(self, tube: int, name: str, drawn: int) -> None:
        """Name what was just drawn, by the edit of that number: one step to undo."""
        self._services.project.submit(NameAction(tube, name, self._next_color()), onto=drawn)

    def _next_color(self) -> str:
        return label_color(len(self._services.project.labels()))

    def _take_live(self, box: LiveBox) -> None:
        """A live detection becomes a person's tube with the action that it shows best."""
        new = self._add_tube(box.box, self._desk.frame)
        if new is not None and box.actions:
            drawn = self._services.project.history().position
            self._act_whole(new, box.actions[0].name, drawn)

    def _toggle(self, place: int, *, whole: bool) -> None:
        labels = self._services.project.labels()
        if place >= len(labels):
            self._services.messages.info(f"There is no action {place + 1} yet. Add a label.")
            return
        label: Label = labels[place]
        for tube in self._need_selection():
            if whole:
                self._submit(ToggleActionWhole(tube.id, label.id))
            else:
                self._submit(ToggleAction(tube.id, label.id, self._desk.frame))

    def _keyframe(self) -> None:
        """K pauses while playing; standing still it makes or removes a keyframe."""
        if self._services.playback.state.playing:
            self._services.playback.pause()
        else:
            self._switch_keyframe()

    def _switch_keyframe(self) -> None:
        frame = self._desk.frame
        for tube in self._need_selection():
            there = frame in tube.keyframes
            self._submit((RemoveKeyframe if there else MakeKeyframe)(tube.id, frame))

    def _drop_keyframe(self) -> None:
        for tube in self._need_selection():
            self._submit(RemoveKeyframe(tube.id, self._desk.frame))

    def _set_end(self, *, first: bool) -> None:
        frame = self._desk.frame
        for tube in self._need_selection():
            start, stop = (frame, tube.last) if first else (tube.first, frame)
            if start > stop:
                which = "start after its end" if first else "end before its start"
                self._services.messages.info(f"#{tube.number} cannot {which}.")
            else:
                self._submit(SetExtent(tube.id, start, stop))

    def _delete(self) -> None:
        tubes = self._need_selection()
        if not tubes:
            return
        self._submit(DeleteTubes(tuple(t.id for t in tubes)))
        names = ", ".join(f"#{t.number}" for t in tubes[:5]) + ("…" if len(tubes) > 5 else "")
        self._services.messages.info(f"Deleted {names}.", "Undo", self._undo)

    def _undo(self) -> None:
        self._services.project.undo()

    def _delete_on(self) -> None:
        for tube in self._need_selection():
            if self._desk.frame <= tube.first:
                self._submit(DeleteTubes((tube.id,)))
            else:
                self._submit(SetExtent(tube.id, tube.first, min(tube.last, self._desk.frame - 1)))

    def _remove_span(self, tube_id: int, place: int) -> None:
        record = self._services.project.tube(tube_id)
        if record is not None and place < len(record.tube.spans):
            span = record.tube.spans[place]
            self._submit(ToggleAction(tube_id, span.label, span.start))

    def _cancel(self) -> None:
        if self._canvas.cancel() or self._timeline.cancel():
            return
        self.select(None)

    def _go_tube(self, way: int) -> None:
        video = self._desk.video
        if video is None:
            return
        every = sorted(self._timeline.tubes, key=lambda t: (t.first, t.id))
        if not every:
            return
        ids = [t.id for t in every]
        chosen = next((i for i in self._selected if i in ids), None)
        place = 0 if chosen is None else ids.index(chosen) + way
        self._show_tube(every[place % len(every)])

    def _add_tube_of_list(self, way: int) -> None:
        """Select the tube after the one selected last, too."""
        every = sorted(self._timeline.tubes, key=lambda t: (t.first, t.id))
        ids = [t.id for t in every]
        if not self._selected or self._selected[-1] not in ids:
            self._go_tube(way)
            return
        place = ids.index(self._selected[-1]) + way
        if 0 <= place < len(ids):
            others = [tube for tube in self._selected if tube != ids[place]]
            self._selected = [*others, ids[place]]
            self._show_selection()

    def _show_tube(self, tube: TubeSummary) -> None:
        self.select(tube.id)
        if not tube.first <= self._desk.frame <= tube.last:
            self._desk.go_to(tube.first)

    def _go_end(self, *, last: bool) -> None:
        for tube in self._need_selection()[:1]:
            self._desk.go_to(tube.last if last else tube.first)

    def _keyframes_around(self) -> tuple[list[int], list[int]]:
        tubes = self._need_selection()[:1]
        frames = tubes[0].keyframes.tolist() if tubes else []
        here = self._desk.frame
        return [f for f in frames if f < here], [f for f in frames if f > here]

    def _go_keyframe(self, way: int) -> None:
        before, after = self._keyframes_around()
        wanted = after[:1] if way > 0 else before[-1:]
        for frame in wanted:
            self._desk.go_to(frame)

    def _go_middle(self) -> None:
        before, after = self._keyframes_around()
        if before and after:
            self._desk.go_to((before[-1] + after[0]) // 2)

    def _zoom(self) -> None:
        video = self._desk.video
        for tube in self._need_selection()[:1]:
            here = self._services.project.boxes_at(video.id, self._desk.frame) if video else []
            for box in here:
                if box.tube_id == tube.id:
                    self._canvas.zoom_to(box.box)
