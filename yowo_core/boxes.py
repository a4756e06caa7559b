"""Box maths on numpy arrays: boxes are float x1, y1, x2, y2, top-left origin, half-open."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def area(boxes: Floats) -> Floats:
    """Areas (N,) in square pixels of boxes (N, 4); a turned-over box has area 0."""
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2], 0)
    return np.asarray(sides[..., 0] * sides[..., 1])


def iou_matrix(first: Floats, second: Floats) -> Floats:
    """Intersection over union of every pair: (N, 4), (M, 4) -> (N, M) in 0..1."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.maximum(high - low, 0)
    inter = sides[..., 0] * sides[..., 1]
    union = area(first)[:, None] + area(second)[None, :] - inter
    return np.asarray(np.divide(inter, union, out=np.zeros_like(inter), where=union > 0))


def clip_to(boxes: Floats, width: int, height: int) -> Floats:
    """The parts of boxes (N, 4) that lie inside a picture of width x height pixels."""
    limit = np.array([width, height, width, height], dtype=boxes.dtype)
    return np.asarray(np.clip(boxes, 0, limit))


def suppress(boxes: Floats, scores: Floats, iou: float) -> NDArray[np.int64]:
    """Greedy non-maximum suppression: indices to keep, best score first.

    boxes (N, 4), scores (N,); a box goes when it overlaps a better kept one by more than iou.
    """
    order = np.argsort(-scores, kind="stable")
    overlap = iou_matrix(boxes[order], boxes[order]) > iou
    alive = np.ones(len(order), dtype=np.bool_)
    for place in range(len(order)):
        if alive[place]:
            alive[place + 1 :] &= ~overlap[place, place + 1 :]
    return np.asarray(order[alive], dtype=np.int64)
