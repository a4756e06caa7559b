"""What the timeline says about a bar under the mouse."""

from collections.abc import Mapping, Sequence

from app.domain.names import readable_name
from app.domain.project import TubeSummary
from app.domain.wording import DASH, DOT, REVIEW_WORDS, counted
from app.views.timeline_axis import TimeAxis
from app.views.timeline_ticks import clock
from yowo_core.annotations import FrameRange, Label

LABELLED_MEANS = (
    "Completely labelled: everything that happens in these frames has its box. "
    "Frames here without a box count as \u2018nobody there\u2019 in training."
)
_UNMARKED = (
    "Not marked as completely labelled: frames without a box are left out of training. "
    "Shift+drag selects frames to mark."
)


def describe(
    tube: TubeSummary, span: int | None, labels: Mapping[int, Label], axis: TimeAxis
) -> str:
    """Number, action with its score, frames and times, and what a person decided."""
    lines = [f"#{tube.number} · {REVIEW_WORDS[tube.review]}"]
    if span is None:
        start, last = tube.first, tube.last
    else:
        action = tube.spans[span]
        label = labels.get(action.label)
        name = "unknown action" if label is None else readable_name(label.name)
        lines.append(name if action.score is None else f"{name} {action.score:.2f}")
        start, last = action.start, action.stop - 1
    lines.append(f"frames {start} \N{EN DASH} {last}")
    lines.append(f"{clock(axis.seconds(start), 3)} \N{EN DASH} {clock(axis.seconds(last), 3)}")
    return "\n".join(lines)


def describe_range(frames: FrameRange, axis: TimeAxis) -> str:
    """First and last frame of a range, how many they are, and their seconds."""
    count = frames.stop - frames.start
    parts = [f"frames {frames.start} {DASH} {frames.stop - 1}", counted(count, "frame")]
    if axis.fps > 0:
        parts.append(f"{axis.lasting(frames):.1f} s")
    return f" {DOT} ".join(parts)


def describe_strip(frame: int, ranges: Sequence[FrameRange], axis: TimeAxis) -> str:
    """Whether a frame is in a labelled range, which, and what that means."""
    known = next((r for r in ranges if r.start <= frame < r.stop), None)
    return _UNMARKED if known is None else f"{LABELLED_MEANS}\n{describe_range(known, axis)}"


def describe_frame(frame: int, axis: TimeAxis) -> str:
    """A frame's time and number."""
    return f"{clock(axis.seconds(frame), 3)} · {frame}"
