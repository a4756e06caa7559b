"""What the spans of a tube come to on the timeline, as numbers that are worked out once a tube."""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.project import TubeSummary
from app.views.timeline_lanes import stack_rows

NO_SPAN: Final = -1
NO_LABEL: Final = -1
ROW, START, STOP, SPAN, LABEL, SCORE = range(6)

_NO_FRAMES: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

Table = NDArray[np.float64]


@lru_cache(maxsize=1 << 16)
def ticks(tube: TubeSummary) -> NDArray[np.int64]:
    """(K,) the frames at which a tube is ticked: the keyframes of a confirmed one."""
    return tube.keyframes if tube.confirmed else _NO_FRAMES


@lru_cache(maxsize=1 << 16)  # by identity: an edit brings new values of the tubes it touches
def span_table(tube: TubeSummary) -> Table:
    """(max(S, 1), 6): the row inside the tube, start, stop, number, label and score of each span.

    A tube without spans has one line for itself, with NO_SPAN and NO_LABEL. A span without a
    score has NaN. Whole numbers are exact.
    """
    if not tube.spans:
        return np.array([[0, tube.first, tube.last + 1, NO_SPAN, NO_LABEL, np.nan]])
    rows = [0]
    if len(tube.spans) > 1:
        rows = stack_rows([(span.start, span.stop) for span in tube.spans])
    lines = [
        (row, s.start, s.stop, number, s.label, np.nan if s.score is None else s.score)
        for number, (row, s) in enumerate(zip(rows, tube.spans, strict=True))
    ]
    return np.array(lines, dtype=np.float64)
