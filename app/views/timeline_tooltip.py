"""What the timeline says about a bar under the mouse."""

from collections.abc import Mapping

from app.domain.project import TubeSummary
from app.views.timeline_axis import TimeAxis
from app.views.timeline_ticks import clock
from yowo_core.annotations import Label, Review

_STATES = {
    Review.TO_REVIEW: "to review",
    Review.ACCEPTED: "accepted",
    Review.CORRECTED: "corrected",
    Review.REJECTED: "rejected",
    Review.UNSURE: "unsure",
}


def describe(
    tube: TubeSummary, span: int | None, labels: Mapping[int, Label], axis: TimeAxis
) -> str:
    """Number, action with its score, frames and times, and what a person decided."""
    lines = [f"#{tube.number} · {_STATES[tube.review]}"]
    if span is None:
        start, last = tube.first, tube.last
    else:
        action = tube.spans[span]
        label = labels.get(action.label)
        name = "unknown action" if label is None else label.name
        lines.append(name if action.score is None else f"{name} {action.score:.2f}")
        start, last = action.start, action.stop - 1
    lines.append(f"frames {start} \N{EN DASH} {last}")
    lines.append(f"{clock(axis.seconds(start), 3)} \N{EN DASH} {clock(axis.seconds(last), 3)}")
    return "\n".join(lines)


def describe_frame(frame: int, axis: TimeAxis) -> str:
    """A frame's time and number."""
    return f"{clock(axis.seconds(frame), 3)} · {frame}"
