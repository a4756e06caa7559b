"""Heat maps that points of boxes leave, and what a network of such maps is to give (CenterNet)."""

from dataclasses import dataclass

import torch
from torch import Tensor

POINTS = ("centre", "left", "top", "right", "bottom")
"""Key points of a box where nobody labelled a pose: its centre, the middles of its sides."""

MIN_IOU = 0.3
"""Overlap that a corner beside the true one must still give (CornerNet, section 3.2)."""


@dataclass(frozen=True)
class CentreTargets:
    """What the maps of one picture are to be, H x W cells.

    heat (5, H, W) in 0..1, a map for each of `POINTS`; offset (2, H, W), the way x, y from the
    corner of a centre's cell to the centre, and size (2, H, W), width and height of its box, both
    in cells; mask (H, W) is true in the cells of centres, elsewhere offset and size are 0.
    """

    heat: Tensor
    offset: Tensor
    size: Tensor
    mask: Tensor


def gaussian_radius(sizes: Tensor, min_iou: float = MIN_IOU) -> Tensor:
    """How far both corners may move, each along x and y, with an overlap of at least min_iou.

    sizes (..., 2), width and height -> (...) in the same unit. Overlap falls fastest when both
    corners move inwards: the radius r is the smaller root of (w - 2r)(h - 2r) = min_iou * w * h.
    The code published with CornerNet and CenterNet took other roots; this is what the papers say.
    """
    width, height = sizes.unbind(-1)
    total = width + height
    return (total - (total * total - 4 * (1 - min_iou) * width * height).sqrt()) / 4


def key_points(boxes: Tensor) -> Tensor:
    """Boxes (N, 4) x1, y1, x2, y2 -> their `POINTS` (N, 5, 2) x, y."""
    x1, y1, x2, y2 = boxes.unbind(-1)
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    pairs = ((x, y), (x1, y), (x, y1), (x2, y), (x, y2))
    return torch.stack([torch.stack(pair, -1) for pair in pairs], -2)


def heat_maps(points: Tensor, radii: Tensor, shape: tuple[int, int]) -> Tensor:
    """Points (N, P, 2) in cells and radii (N,) in cells -> (P, H, W), the largest of N Gaussians.

    Each is 1 in the cell of its point, and its standard deviation a third of the radius
    (CornerNet, section 3.2), at least a sixth of a cell.
    """
    height, width = shape
    cells = _cells(points, shape)
    xs = torch.arange(width, device=points.device) - cells[..., 0, None]
    ys = torch.arange(height, device=points.device) - cells[..., 1, None]
    spread = 2 * (radii / 3).clamp(min=1 / 6)[:, None, None].square()
    across, down = (-(xs * xs) / spread).exp(), (-(ys * ys) / spread).exp()
    drawn = down[..., :, None] * across[..., None, :]
    return torch.cat((drawn.new_zeros(1, *drawn.shape[1:]), drawn)).amax(0)


def centre_targets(boxes: Tensor, shape: tuple[int, int], stride: int) -> CentreTargets:
    """Boxes (N, 4) of one picture, in its pixels and inside it, with an area -> its targets.

    Where centres of several boxes fall into one cell, the smallest box has it.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    inside = boxes[areas.argsort(descending=True)] / stride
    sizes, points = inside[:, 2:] - inside[:, :2], key_points(inside)
    offset, size = torch.zeros(2, 2, *shape, device=boxes.device)
    mask = torch.zeros(shape, dtype=torch.bool, device=boxes.device)
    cells = _cells(points[:, 0], shape)
    for (x, y), centre, sides in zip(cells.tolist(), points[:, 0], sizes, strict=True):
        offset[:, y, x] = centre - torch.tensor((x, y), device=boxes.device)
        size[:, y, x] = sides
        mask[y, x] = True
    return CentreTargets(heat_maps(points, gaussian_radius(sizes), shape), offset, size, mask)


def _cells(points: Tensor, shape: tuple[int, int]) -> Tensor:
    """The cell x, y of each point; a point on the far edge belongs to the last cell."""
    last = torch.tensor((shape[1] - 1, shape[0] - 1), device=points.device)
    return points.floor().long().clamp(min=0).minimum(last)
