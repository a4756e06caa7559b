"""What a format could not hold of a tube: values, and words for them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from yowo_core.annotations import FrameRange


class Why(StrEnum):
    """Why something is not in the file; the value is what people read."""

    NOT_CONFIRMED = "not confirmed"
    VIDEO = "its video cannot stand in the file"
    NO_ACTION = "no action"
    NO_SECOND = "seen at no whole second"
    BETWEEN = "done at no whole second"
    BARE = "whole seconds without an action"
    OUTSIDE = "outside the picture at whole seconds"
    NO_BOX = "marked where the tube has no box"
    CUT = "cut to where the tube has boxes"


_COUNTED = {
    Why.NOT_CONFIRMED: ("tube is", "tubes are", "not confirmed"),
    Why.VIDEO: ("tube is", "tubes are", "of a video that cannot stand in the file"),
    Why.NO_ACTION: ("tube has", "tubes have", "no action"),
    Why.NO_SECOND: ("tube is", "tubes are", "seen at no whole second"),
    Why.BETWEEN: ("action is", "actions are", "done at no whole second"),
    Why.BARE: ("tube has", "tubes have", "whole seconds without an action"),
    Why.OUTSIDE: ("action is", "actions are", "outside the picture at whole seconds"),
    Why.NO_BOX: ("action is", "actions are", "marked where the tube has no box"),
    Why.CUT: ("action is", "actions are", "cut to where the tube has boxes"),
}


@dataclass(frozen=True)
class Loss:
    """Something of a tube that is not in the file.

    frames: what of the video it is about; start, stop: the same in seconds, NaN when unknown.
    action: the label's name where it is about one action. whole: nothing of the tube was written.
    """

    video: str
    tube: str
    why: Why
    frames: FrameRange
    start: float
    stop: float
    action: str = ""
    detail: str = ""
    whole: bool = False


def counts(losses: Iterable[Loss]) -> tuple[str, ...]:
    """One sentence for each reason, the number first, in the order of `Why`."""
    number = Counter(loss.why for loss in losses)
    return tuple(_sentence(why, number[why]) for why in Why if number[why])


def _sentence(why: Why, number: int) -> str:
    one, many, rest = _COUNTED[why]
    return f"{number:,} {one if number == 1 else many} {rest}."
