"""Anchor points of multi-level feature maps and the boxes they span."""

from collections.abc import Sequence

import torch
from torch import Tensor


def anchor_points(
    shapes: Sequence[tuple[int, int]], strides: Sequence[int], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Cell centres and strides of all levels, finest first, row by row.

    Returns points (A, 2) x, y in pixels of the network's input, and strides (A, 1).
    """
    points, sizes = [], []
    for (height, width), stride in zip(shapes, strides, strict=True):
        ys = (torch.arange(height, device=device) + 0.5) * stride
        xs = (torch.arange(width, device=device) + 0.5) * stride
        grid = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1).reshape(-1, 2)
        points.append(grid)
        sizes.append(torch.full((height * width, 1), float(stride), device=device))
    return torch.cat(points), torch.cat(sizes)


def distances_to_boxes(points: Tensor, distances: Tensor) -> Tensor:
    """Boxes from points (A, 2) and their distances left, top, right, bottom (..., A, 4)."""
    return torch.cat((points - distances[..., :2], points + distances[..., 2:]), -1)


def boxes_to_distances(points: Tensor, boxes: Tensor) -> Tensor:
    """The inverse of `distances_to_boxes`: (..., 4) left, top, right, bottom."""
    return torch.cat((points - boxes[..., :2], boxes[..., 2:] - points), -1)
