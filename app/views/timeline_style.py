"""Colours of the timeline's bars: by label, by what a person decided, and by score."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.domain.project import TubeSummary
from app.views.timeline_layout import Layout
from app.views.timeline_spans import NO_LABEL
from app.widgets.palettes import Theme
from app.widgets.theme import mix
from yowo_core.annotations import Label, Review

Looks = NDArray[np.int64]


class Look(IntEnum):
    """How a bar is drawn."""

    CONFIRMED = 0  # solid
    PREDICTED = 1  # dimmer, dashed outline
    FAINT = 2  # predicted, below the score that is asked for
    REJECTED = 3


_OPACITY = {Look.CONFIRMED: 1.0, Look.PREDICTED: 0.5, Look.FAINT: 0.16, Look.REJECTED: 0.25}
_LOOKS = {
    Review.TO_REVIEW: Look.PREDICTED,
    Review.ACCEPTED: Look.CONFIRMED,
    Review.CORRECTED: Look.CONFIRMED,
    Review.REJECTED: Look.REJECTED,
    Review.UNSURE: Look.PREDICTED,
}


@dataclass(frozen=True, eq=False)
class Style:
    """Everything about bars that does not depend on what is visible.

    look: (B,) int64 of Look. color: (B,) uint32 0xffrrggbb. covered: (T,) bool, the tube's only
    bar hides its ground. colors: the labels' own colours by id.
    """

    look: Looks
    color: NDArray[np.uint32]
    covered: NDArray[np.bool_]
    colors: Mapping[int, str]


def style_bars(
    layout: Layout, labels: Mapping[int, Label], theme: Theme, min_score: float
) -> Style:
    """The looks of all bars of a layout; unknown labels look like no label."""
    look = np.array([_look(tube) for tube in layout.tubes], dtype=np.int64)
    look[(look == Look.PREDICTED) & (layout.best < min_score)] = Look.FAINT
    colors = {NO_LABEL: theme.unlabelled} | {label.id: label.color for label in labels.values()}
    ids = np.array(sorted(colors), dtype=np.int64)
    table = np.array(
        [[_argb(_shade(colors[i], how, theme)) for i in ids.tolist()] for how in Look],
        dtype=np.uint32,
    )
    bars = layout.bars
    slot = np.minimum(np.searchsorted(ids, bars.label), len(ids) - 1)
    slot[ids[slot] != bars.label] = np.searchsorted(ids, NO_LABEL)
    of_bar = look[bars.tube] if len(bars) else np.zeros(0, dtype=np.int64)
    return Style(of_bar, table[of_bar, slot], _covered(layout), colors)


@lru_cache(maxsize=1 << 16)  # by identity: another decision is another value
def _look(tube: TubeSummary) -> int:
    return int(_LOOKS[tube.review])


def _shade(color: str, look: Look, theme: Theme) -> str:
    return mix(theme.unlabelled if look is Look.REJECTED else color, theme.timeline, _OPACITY[look])


def _argb(color: str) -> int:
    return 0xFF000000 | int(color[1:], 16)


def _covered(layout: Layout) -> NDArray[np.bool_]:
    bars, count = layout.bars, len(layout.tubes)
    single = np.bincount(bars.tube, minlength=count) == 1
    whole = (bars.start <= layout.start[bars.tube]) & (bars.stop >= layout.stop[bars.tube])
    covered = np.zeros(count, dtype=np.bool_)
    covered[bars.tube[whole]] = True
    return np.asarray(covered & single)
