"""What the panel says about tubes."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from app.domain.project import BoxAt, TubeSummary
from app.domain.wording import DASH, DOT, REVIEW_WORDS, TIMES, clock, counted

_NO_BOX = "no box in this frame"


def title(tubes: Sequence[TubeSummary]) -> str:
    """TUBE #17 and its state, or how many tubes there are."""
    if len(tubes) == 1:
        return f"TUBE #{tubes[0].number} {DOT} {REVIEW_WORDS[tubes[0].review].upper()}"
    return f"{len(tubes)} TUBES SELECTED" if tubes else "NO TUBE SELECTED"


def frames_line(tube: TubeSummary, fps: Fraction) -> str:
    """First and last frame, both inclusive, the time between them, the number of keyframes."""
    parts = [f"frames {tube.first} {DASH} {tube.last}"]
    if fps > 0:
        parts.append(duration(float((tube.last - tube.first + 1) / fps)))
    if len(tube.keyframes):
        parts.append(counted(len(tube.keyframes), "keyframe"))
    return f" {DOT} ".join(parts)


def duration(seconds: float) -> str:
    """5.8 s below a minute, else 02:19."""
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def box_line(at: BoxAt | None) -> str:
    """Left, top, width and height of the box in pixels of the video, and where it is from."""
    if at is None:
        return _NO_BOX
    x1, y1, x2, y2 = at.box
    kind = "keyframe" if at.keyframe else "interpolated" if at.interpolated else ""
    size = f"box {x1:.0f}, {y1:.0f}, {x2 - x1:.0f} {TIMES} {y2 - y1:.0f} px"
    return f"{size} {DOT} {kind}" if kind else size


def states_line(tubes: Sequence[TubeSummary]) -> str:
    """How many of the tubes stand in which state, the most frequent first."""
    found = Counter(tube.review for tube in tubes)
    return f" {DOT} ".join(f"{n} {REVIEW_WORDS[state]}" for state, n in found.most_common())
