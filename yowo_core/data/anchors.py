"""Anchor boxes from a data set's own boxes, by k-means (DIYAnchorBox, section 6.2); free of torch.

Anchors move to the mean of their boxes, as in the paper, and their number is chosen by inertia.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yowo_core.data.box_sizes import Sizes
from yowo_core.errors import DataError

Distance = Literal["iou", "euclidean"]
Floats = NDArray[np.float64]

MOST = 10
"""Up to so many anchors are compared when the number is to be chosen."""
DECIMALS = 2
"""Sizes that differ by less than this place of a pixel are the same."""
STARTS = 5
"""Fresh random starts for each number of anchors."""
GAIN = 1e-5
"""A round that lowers the inertia by a smaller share of it than this is the last but one."""


@dataclass(frozen=True)
class AnchorSet:
    """Anchors (width, height) in input pixels, the smallest area first, and how well they fit.

    inertia: squared distances of all boxes to their nearest anchor, summed. mean_iou: mean
    overlap of a box with the anchor that it overlaps most, both on one corner.
    """

    anchors: tuple[tuple[float, float], ...]
    inertia: float
    mean_iou: float


class AnchorFinder:
    """k-means over the sizes of boxes, repeatable by its seed.

    distance 'iou' is 1 - IoU of two boxes on one corner (YOLOv2, section 2), so that small and
    large boxes count alike; 'euclidean' is in pixels, as the paper's inertia is written.
    """

    def __init__(self, sizes: Sizes, distance: Distance = "iou", seed: int = 0) -> None:
        if not len(sizes):
            raise DataError("There is no box to make anchors from. Label some, or accept tubes.")
        # of interpolated boxes that look alike no two are quite the same
        rounded = np.round(sizes, DECIMALS)
        self.sizes, self._counts = np.unique(rounded, axis=0, return_counts=True)
        self._distance: Distance = distance
        self._random = np.random.default_rng(seed)

    def all_up_to(self, most: int) -> list[AnchorSet]:
        """The best sets of 1, 2, ..., most anchors; none has a higher inertia than the one before.

        DataError when there are fewer different boxes than anchors.
        """
        if most < 1:
            raise DataError(f"{most} anchors are too few; at least 1 is needed.")
        if most > len(self.sizes):
            raise DataError(
                f"The labels have boxes of only {len(self.sizes)} different sizes: {most} anchors "
                f"cannot all be different. Ask for {len(self.sizes)} or fewer."
            )
        found: list[Floats] = []
        for count in range(1, most + 1):
            starts = [self._spread(count) for _ in range(STARTS)]
            if found:
                starts.append(self._grown(found[-1]))
            found.append(min((self._settled(s) for s in starts), key=self._inertia))
        return [self._described(centres) for centres in found]

    def chosen(self) -> tuple[AnchorSet, list[AnchorSet]]:
        """The set at the elbow of inertia over the number of anchors, and all that were compared.

        The elbow is where the curve from 1 to MOST anchors is farthest below the straight line
        between its ends. With as many anchors as sizes inertia is 0, and stays there.
        """
        sets = self.all_up_to(min(MOST, len(self.sizes)))
        curve = np.zeros(MOST)
        curve[: len(sets)] = [s.inertia for s in sets]
        return sets[elbow(curve)], sets

    def _spread(self, count: int) -> Floats:
        """A start of k-means++: each further centre is likely to be far from those before."""
        first = self._random.choice(len(self.sizes), p=self._counts / self._counts.sum())
        centres = self.sizes[[first]]
        while len(centres) < count:
            pull = self._counts * self._squares(centres).min(1)
            further = self._random.choice(len(self.sizes), p=pull / pull.sum())
            centres = np.concatenate((centres, self.sizes[[further]]))
        return centres

    def _grown(self, centres: Floats) -> Floats:
        """One centre more, on the size that adds most to the inertia."""
        far = int((self._counts * self._squares(centres).min(1)).argmax())
        return np.concatenate((centres, self.sizes[[far]]))

    def _settled(self, centres: Floats) -> Floats:
        """Lloyd's rounds: each size goes to its nearest centre, each centre to its sizes' mean.

        They end when the inertia falls no more; with the distance 'iou' a mean may even raise it.
        """
        best, least, far = centres, np.inf, self._squares(centres)
        while (inertia := float(self._counts @ far.min(1))) < least * (1 - GAIN):
            best, least = centres, inertia
            centres = self._means(far.argmin(1), centres)
            far = self._squares(centres)
        return best

    def _means(self, owner: NDArray[np.intp], centres: Floats) -> Floats:
        weights = np.bincount(owner, self._counts, len(centres))
        sums = [np.bincount(owner, self._counts * side, len(centres)) for side in self.sizes.T]
        moved = centres.copy()  # a centre that owns nothing stays where it is
        moved[weights > 0] = np.stack(sums, 1)[weights > 0] / weights[weights > 0, None]
        return moved

    def _squares(self, centres: Floats) -> Floats:
        """Squared distances (sizes, centres)."""
        if self._distance == "iou":
            return np.asarray((1 - size_iou(self.sizes, centres)) ** 2)
        (width, height), (wide, high) = self.sizes.T[:, :, None], centres.T
        return np.asarray((width - wide) ** 2 + (height - high) ** 2)

    def _inertia(self, centres: Floats) -> float:
        return float(self._counts @ self._squares(centres).min(1))

    def _described(self, centres: Floats) -> AnchorSet:
        order = np.lexsort((centres[:, 0], centres.prod(1)))
        anchors = tuple((float(width), float(height)) for width, height in centres[order])
        overlap = size_iou(self.sizes, centres).max(1)
        mean = float(self._counts @ overlap / self._counts.sum())
        return AnchorSet(anchors, self._inertia(centres), mean)


def size_iou(first: Sizes, second: Sizes) -> Floats:
    """Overlap of every pair of boxes laid on one corner: (N, 2), (M, 2) -> (N, M) in 0..1."""
    (width, height), (wide, high) = first.T[:, :, None], second.T
    inter = np.minimum(width, wide) * np.minimum(height, high)
    return np.asarray(inter / (width * height + wide * high - inter))


def elbow(curve: Floats) -> int:
    """Where a falling curve is farthest below the line between its ends; the first such place."""
    if len(curve) < 2 or curve[0] <= curve[-1]:
        return 0
    along = np.linspace(0, 1, len(curve))
    fallen = (curve[0] - curve) / (curve[0] - curve[-1])
    return int((fallen - along).argmax())
