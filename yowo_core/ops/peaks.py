"""Reading maps of features where something is: at the peaks of a heat map, at any point."""

import torch
from torch import Tensor
from torch.nn import functional


def peaks(heat: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """The highest cells of (B, H, W) that no neighbour exceeds (CenterNet, section 3).

    Returns values and places in row order, y * W + x, (B, K) each, the highest first. K is always
    min(most, H * W): where there are fewer peaks, the value is -inf for the rest.
    """
    highest = functional.max_pool2d(heat[:, None], 3, 1, 1)[:, 0]
    alone = torch.where(heat == highest, heat, -torch.inf).flatten(1)
    found = alone.topk(min(most, alone.shape[1]), dim=1)
    return found.values, found.indices


def at_places(maps: Tensor, places: Tensor) -> Tensor:
    """Features (B, C, H, W) in cells (B, K), numbered y * W + x -> (B, K, C)."""
    wanted = places[:, None].expand(-1, maps.shape[1], -1)
    return maps.flatten(2).gather(2, wanted).transpose(1, 2)


def at_points(maps: Tensor, points: Tensor) -> Tensor:
    """Features (B, C, H, W) at points (B, K, 2) x, y in cells -> (B, K, C).

    The middle of a cell, such as (0.5, 0.5), has the cell's own features; between middles they
    are mixed linearly, and beyond the outermost ones they stay the same.
    """
    size = points.new_tensor((maps.shape[3], maps.shape[2]))
    grid = (points / size * 2 - 1)[:, None]
    read = functional.grid_sample(maps, grid, padding_mode="border", align_corners=False)
    return read[:, :, 0].transpose(1, 2)
