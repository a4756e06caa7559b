"""Raw maps of heads with anchor boxes: taken apart and turned into boxes and scores."""

import math
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from yowo_core.models.configs.anchors import Anchors

LARGEST = 1000.0
"""Times its anchor that a box can be; without a bound an untrained network's may be endless."""


class RawAnchors(NamedTuple):
    """What a head says of each of A anchors in each cell, before any activation.

    boxes (B, A, H, W, 4): x, y inside the cell, then width and height against the anchor;
    confidence (B, A, H, W); classes (B, A, H, W, C).
    """

    boxes: Tensor
    confidence: Tensor
    classes: Tensor


def by_anchor(raw: Tensor, anchors: int) -> RawAnchors:
    """Map (B, A(5 + C), H, W), anchor after anchor: x, y, w, h, confidence, classes (YOWO)."""
    batch, _, height, width = raw.shape
    rows = raw.view(batch, anchors, -1, height, width).permute(0, 1, 3, 4, 2)
    return RawAnchors(rows[..., :4], rows[..., 4], rows[..., 5:])


def anchor_rows(anchors: int, classes: int) -> Tensor:
    """(C, A): a class's channels in a map anchor after anchor, behind each one's first five."""
    starts = torch.arange(anchors) * (5 + classes) + 5
    return torch.arange(classes)[:, None] + starts


def by_type(raw: Tensor, anchors: int) -> RawAnchors:
    """Map (B, A(5 + C), H, W): A confidences, then A times C classes, then A boxes (YOWO-Plus)."""
    batch, channels, height, width = raw.shape
    classes = channels // anchors - 5
    ends = (0, anchors, anchors * (1 + classes), channels)
    confidence, label, box = (
        raw[:, start:end].reshape(batch, anchors, -1, height, width).permute(0, 1, 3, 4, 2)
        for start, end in pairwise(ends)
    )
    return RawAnchors(box, confidence[..., 0], label)


def decode(
    raw: RawAnchors, anchors: Anchors, stride: int, exclusive: int | None
) -> tuple[Tensor, Tensor]:
    """Boxes (B, A*H*W, 4) x1, y1, x2, y2 in input pixels, scores (B, A*H*W, C) in 0..1.

    A score is confidence times class score. stride is the side of a cell in pixels; for
    exclusive see `AnchorConfig`.
    """
    boxes = anchor_boxes(raw.boxes, anchors, stride)
    scores = raw.confidence.sigmoid()[..., None] * class_scores(raw.classes, exclusive)
    return boxes.flatten(1, 3), scores.flatten(1, 3)


def anchor_boxes(raw: Tensor, anchors: Anchors, stride: int) -> Tensor:
    """Raw (B, A, H, W, 4) -> x1, y1, x2, y2 in input pixels, the same shape (YOLOv2, section 2).

    The centre is the sigmoid of x, y from the cell's upper left corner in cells, the size
    exp(w), exp(h) times the anchor's, at most LARGEST times, which no picture holds.
    """
    height, width = raw.shape[2:4]
    ys = torch.arange(height, device=raw.device, dtype=raw.dtype)
    xs = torch.arange(width, device=raw.device, dtype=raw.dtype)
    cells = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1)
    sizes = torch.tensor(anchors, device=raw.device, dtype=raw.dtype)[:, None, None]
    centre = (raw[..., :2].sigmoid() + cells) * stride
    half = raw[..., 2:].clamp(max=math.log(LARGEST)).exp() * sizes / 2
    return torch.cat((centre - half, centre + half), -1)


def class_scores(logits: Tensor, exclusive: int | None) -> Tensor:
    """Logits (..., C) -> 0..1: softmax over the first `exclusive` (None: all), sigmoid behind."""
    classes = logits.shape[-1]
    first = classes if exclusive is None else min(exclusive, classes)
    parts = [logits[..., :first].softmax(-1), logits[..., first:].sigmoid()]
    return torch.cat([part for part in parts if part.shape[-1]], -1)
