"""How a tube's box or a live one looks on the canvas, worked out once before painting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.live import LiveAction, LiveBox
from app.domain.names import readable_name
from app.domain.project import BoxAt
from app.widgets.palettes import Theme
from app.widgets.theme import text_on
from yowo_core.annotations import ActionSpan, Label, Review

Box = tuple[float, float, float, float]

_LIVE_ROWS = 3
_UNSURE = "?"
_CONFIRMED = "✓"


@dataclass(frozen=True)
class BoxStyle:
    """A tube's box ready to be painted; dashed ones are not confirmed yet."""

    tube_id: int
    box: Box
    color: str
    text_color: str
    caption: str
    dashed: bool


@dataclass(frozen=True)
class LiveStyle:
    """A live box ready to be painted with at most three rows of actions."""

    found: LiveBox
    box: Box
    color: str
    rows: tuple[LiveAction, ...]


def style_boxes(
    boxes: Sequence[BoxAt], labels: Mapping[int, Label], theme: Theme
) -> tuple[BoxStyle, ...]:
    """Looks of all boxes that are shown; rejected tubes are left out."""
    shown = (box for box in boxes if box.review is not Review.REJECTED)
    return tuple(_style_box(box, labels, theme) for box in shown)


def style_live(detections: Sequence[LiveBox], theme: Theme) -> tuple[LiveStyle, ...]:
    """Looks of live detections, coloured by their strongest action."""
    return tuple(
        LiveStyle(
            found,
            found.box,
            found.actions[0].color if found.actions else theme.unlabelled,
            _rows(found),
        )
        for found in detections
    )


def _rows(found: LiveBox) -> tuple[LiveAction, ...]:
    """The strongest actions; the first names the actor when the linker knows who it is."""
    rows = tuple(a._replace(name=readable_name(a.name)) for a in found.actions[:_LIVE_ROWS])
    if found.track is None or not rows:
        return rows
    return (rows[0]._replace(name=f"T{found.track} {rows[0].name}"), *rows[1:])


def _style_box(box: BoxAt, labels: Mapping[int, Label], theme: Theme) -> BoxStyle:
    spans = sorted(box.spans, key=lambda span: -1.0 if span.score is None else -span.score)
    known = [span for span in spans if span.label in labels]
    color = labels[known[0].label].color if known else theme.unlabelled
    actions = " · ".join(_action(span, labels) for span in known)
    mark = _CONFIRMED if box.confirmed else _UNSURE if box.review is Review.UNSURE else ""
    caption = " ".join(part for part in (f"#{box.number}", actions, mark) if part)
    return BoxStyle(box.tube_id, box.box, color, text_on(color), caption, not box.confirmed)


def _action(span: ActionSpan, labels: Mapping[int, Label]) -> str:
    name = readable_name(labels[span.label].name)
    return name if span.score is None else f"{name} {span.score:.2f}"
