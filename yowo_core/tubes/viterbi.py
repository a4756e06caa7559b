"""YOWO's link: the best paths of one class through a whole video (YOWO, section 3.3).

Knows nothing of when an action begins or ends: every path goes through all frames. The link of
actors (`yowo_core/tubes/link.py`) does; this one is what published video-mAPs were measured with.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import ConfigError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CHUNK = 500_000  # pairs scored at a time, so that memory stays bounded


@dataclass(frozen=True)
class ViterbiConfig:
    """Equation 12: s = psi (s1 + s2 + product s1 s2 + overlap IoU) for boxes of two frames.

    With touching psi is 0 for two boxes that do not overlap, as the paper says; the official code
    leaves psi away. most paths are taken, each box once. inclusive: sides are one pixel longer
    than the difference of their coordinates, as in the official code.
    """

    product: float = 0.5
    overlap: float = 1.0
    touching: bool = False
    most: int = 3
    inclusive: bool = True

    def __post_init__(self) -> None:
        """Refuse weights that would reward what is worse."""
        if min(self.product, self.overlap) < 0 or self.most < 1:
            raise ConfigError(
                f"Linking: product {self.product} and overlap {self.overlap} cannot be negative, "
                f"and at least one path has to be taken, not {self.most}."
            )


@dataclass(frozen=True, eq=False)
class ClassBoxes:
    """Boxes of one video, a row for each class of each: frames (N,), boxes (N, 4), labels (N,)
    and scores (N,) of that class."""

    frames: Ints
    boxes: Floats
    labels: Ints
    scores: Floats


@dataclass(frozen=True, eq=False)
class ClassPath:
    """One path of a class: boxes (F, 4) and scores (F,) of every frame of the video."""

    label: int
    boxes: Floats
    scores: Floats

    @property
    def score(self) -> float:
        """How sure the path is, the mean of its boxes' scores."""
        return float(self.scores.mean())


def best_paths(found: ClassBoxes, count: int, config: ViterbiConfig) -> list[ClassPath]:
    """The best paths of each class through count frames, best first, no box in two of them.

    A frame without a box of a class gets those of the nearest one that has some, the earlier of
    two. A class has no path without a box, and none any more when a frame has run out of them.
    """
    rows = _rows(found, count)
    if not len(rows.source):
        return []
    pairs = _pairs(rows, found, config)
    fewest = np.full(rows.classes, np.iinfo(np.int64).max)
    np.minimum.at(fewest, rows.group % rows.classes, rows.size)
    left = np.ones(len(rows.source), np.bool_)
    paths: list[ClassPath] = []
    for number in range(config.most):
        labels = np.flatnonzero((fewest > number) & (fewest < np.iinfo(np.int64).max))
        if not len(labels):
            break
        taken = _best(rows, pairs, left, labels)
        left[taken] = False
        for place, label in enumerate(labels.tolist()):
            source = rows.source[taken[:, place]]
            paths.append(ClassPath(label, found.boxes[source], found.scores[source]))
    return sorted(paths, key=lambda path: path.label)


def link_scores(
    first: tuple[Floats, Floats], second: tuple[Floats, Floats], config: ViterbiConfig
) -> Floats:
    """Equation 12 for the boxes (N, 4) and scores (N,) in the same row of two lists -> (N,)."""
    iou = overlaps(first[0], second[0], inclusive=config.inclusive)
    one, two = first[1], second[1]
    score = one + two + config.product * one * two + config.overlap * iou
    return np.where(iou > 0, score, 0.0) if config.touching else np.asarray(score)


def overlaps(first: Floats, second: Floats, *, inclusive: bool) -> Floats:
    """IoU of the boxes in the same row, (N, 4) twice -> (N,); inclusive: up to the last pixel."""
    more = 1.0 if inclusive else 0.0
    low, high = np.maximum(first[:, :2], second[:, :2]), np.minimum(first[:, 2:], second[:, 2:])
    inter = np.maximum(high - low + more, 0).prod(1)
    areas = [np.maximum(b[:, 2:] - b[:, :2] + more, 0).prod(1) for b in (first, second)]
    union = areas[0] + areas[1] - inter
    return np.asarray(np.divide(inter, union, out=np.zeros_like(inter), where=union > 0))


@dataclass(frozen=True, eq=False)
class _Rows:
    """What stands in every frame, borrowed boxes too: R rows by frame, then by class.

    source (R,): the box. group (R,): frame * classes + class. first (G,), size (G,): where the
    rows of each group that has any begin and how many there are. starts (F + 1,): of each frame.
    """

    source: Ints
    group: Ints
    size: Ints
    starts: Ints
    classes: int


def _rows(found: ClassBoxes, count: int) -> _Rows:
    classes = int(found.labels.max()) + 1 if len(found.labels) else 0
    order = np.lexsort((np.arange(len(found.frames)), found.frames, found.labels))
    parts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for label in range(classes):
        mine = order[found.labels[order] == label]
        if len(mine):
            source, frames = _lent(mine, found.frames[mine], count)
            parts[0].append(source)
            parts[1].append(frames * classes + label)
    source, group = (np.concatenate(part) for part in parts)
    by_group = np.argsort(group, kind="stable")
    source, group = source[by_group], group[by_group]
    size = np.bincount(group, minlength=count * classes)[group] if len(group) else group
    starts = np.searchsorted(group, np.arange(count + 1) * max(classes, 1))
    return _Rows(source, group, size, starts, classes)


def _lent(mine: Ints, frames: Ints, count: int) -> tuple[Ints, Ints]:
    """Boxes of one class for every frame, those without any get the nearest one's."""
    full, begin, size = np.unique(frames, return_index=True, return_counts=True)
    after = np.minimum(np.searchsorted(full, np.arange(count)), len(full) - 1)
    before = np.maximum(after - 1, 0)
    every = np.arange(count)
    nearest = np.where(np.abs(full[before] - every) <= np.abs(full[after] - every), before, after)
    lengths = size[nearest]
    into = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return mine[np.repeat(begin[nearest], lengths) + into], np.repeat(every, lengths)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Every pair of rows of one class in frames that follow each other, by the earlier row.

    to (P,): the later row, score (P,): equation 12. begin (R,): where an earlier row's pairs
    begin; rows of the last frame have none.
    """

    to: Ints
    score: Floats
    begin: Ints


def _pairs(rows: _Rows, found: ClassBoxes, config: ViterbiConfig) -> _Pairs:
    earlier = np.arange(int(rows.starts[-2]))
    first = np.searchsorted(rows.group, rows.group[earlier] + rows.classes)
    lengths = rows.size[first] if len(earlier) else first
    begin = np.cumsum(lengths) - lengths
    total = int(lengths.sum())
    to = np.repeat(first, lengths) + np.arange(total) - np.repeat(begin, lengths)
    origin = np.repeat(earlier, lengths)
    score = np.empty(total)
    for low in range(0, total, _CHUNK):
        part = slice(low, low + _CHUNK)
        one, two = rows.source[origin[part]], rows.source[to[part]]
        score[part] = _row_scores(found, one, two, config)
    return _Pairs(to, score, begin)


def _row_scores(found: ClassBoxes, one: Ints, two: Ints, config: ViterbiConfig) -> Floats:
    boxes = found.boxes[one], found.boxes[two]
    return link_scores((boxes[0], found.scores[one]), (boxes[1], found.scores[two]), config)


def _best(rows: _Rows, pairs: _Pairs, left: NDArray[np.bool_], labels: Ints) -> Ints:
    """The rows of the best path of each class, (F, labels), among those that are left."""
    ahead = np.where(left, 0.0, -np.inf)
    starts = rows.starts.tolist()
    ends = [int(pairs.begin[s]) if s < len(pairs.begin) else len(pairs.to) for s in starts]
    for frame in range(len(starts) - 3, -1, -1):
        low, high = starts[frame], starts[frame + 1]
        part = slice(ends[frame], ends[frame + 1])
        total = pairs.score[part] + ahead[pairs.to[part]]
        ahead[low:high] += np.maximum.reduceat(total, pairs.begin[low:high] - ends[frame])
    choice = _choices(pairs, ahead)
    current = _first(rows, ahead, labels)
    path = [current]
    for _ in range(len(starts) - 2):
        current = choice[current]
        path.append(current)
    return np.array(path)


def _choices(pairs: _Pairs, ahead: Floats) -> Ints:
    """For each earlier row the later one that leads on best, the first of equals."""
    if not len(pairs.begin):
        return pairs.to
    total = pairs.score + ahead[pairs.to]
    lengths = np.diff(np.append(pairs.begin, len(pairs.to)))
    best = np.repeat(np.maximum.reduceat(total, pairs.begin), lengths)
    places = np.where(total == best, np.arange(len(total)), len(total))
    return np.asarray(pairs.to[np.minimum.reduceat(places, pairs.begin)])


def _first(rows: _Rows, ahead: Floats, labels: Ints) -> Ints:
    """Where each class's best path begins: its row of frame 0."""
    low, high = np.searchsorted(rows.group[: rows.starts[1]], (labels, labels + 1))
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    return np.array([a + int(ahead[a:b].argmax()) for a, b in pairs], np.int64)
