"""DropBlock (Ghiasi et al. 2018): training drops squares of a map instead of single points."""

import torch
from torch import Tensor
from torch.nn import functional


def drop_block(x: Tensor, probability: float, size: int) -> Tensor:
    """x (B, C, H, W) with squares of zeros, each channel its own; what is kept is scaled up.

    On average `probability` of the values is dropped. size: side of a square in points, at most
    the map's. What is kept is scaled so that the sum stays the same on average.
    """
    if probability == 0:
        return x
    height, width = x.shape[-2:]
    side = min(size, height, width)
    places = (height - side + 1, width - side + 1)
    rate = corner_rate(probability, side, (height, width))
    corners = torch.rand((*x.shape[:2], *places), device=x.device) < rate
    kept = kept_points(corners, side).to(x.dtype)
    return x * kept * (kept.numel() / kept.sum().clamp(min=1))


def corner_rate(probability: float, side: int, shape: tuple[int, int]) -> float:
    """How likely a square begins at a place for its upper left corner (equation 1).

    shape: H, W. Squares lie inside the map, so there are fewer places than points.
    """
    height, width = shape
    places = (height - side + 1) * (width - side + 1)
    return probability * height * width / (side**2 * places)


def kept_points(corners: Tensor, side: int) -> Tensor:
    """Upper left corners of squares (B, C, H - side + 1, W - side + 1) -> kept points (B, C, H, W).

    Both are true or false.
    """
    padded = functional.pad(corners.float(), (side - 1,) * 4)
    return functional.max_pool2d(padded, side, 1) == 0


def scheduled(final: float, progress: float) -> float:
    """The probability at a share 0..1 of the training: it grows evenly from 0 (section 3.2)."""
    return final * min(max(progress, 0.0), 1.0)
