"""Augmentation of a clip, the same for all of its frames (models of the YOWO family, section 5)."""

import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_SIDE = 1.0
"""Boxes thinner than this many input pixels after cropping are dropped."""


@dataclass(frozen=True)
class AugmentConfig:
    """Each side of the crop moves by up to jitter of the picture; hue is in turns of the circle."""

    jitter: float = 0.2
    flip: bool = True
    hue: float = 0.1
    saturation: float = 1.5
    value: float = 1.5


@dataclass(frozen=True)
class Crop:
    """Part of the picture as fractions of its sides, and whether it is mirrored."""

    x1: float = 0.0
    y1: float = 0.0
    x2: float = 1.0
    y2: float = 1.0
    mirrored: bool = False


def random_crop(config: AugmentConfig, rng: random.Random) -> Crop:
    """A crop that may reach beyond the picture, where it is padded with black."""
    sides = [rng.uniform(-config.jitter, config.jitter) for _ in range(4)]
    mirrored = config.flip and rng.random() < 0.5
    return Crop(sides[0], sides[1], 1 + sides[2], 1 + sides[3], mirrored)


def cropped(clip: NDArray[np.uint8], crop: Crop, size: int) -> NDArray[np.uint8]:
    """Pictures (T, h, w, 3) -> (T, size, size, 3), crop, mirror and resize in one warp."""
    height, width = clip.shape[1:3]
    scale_x = size / (width * (crop.x2 - crop.x1))
    scale_y = size / (height * (crop.y2 - crop.y1))
    matrix = np.array(
        [
            [scale_x, 0, -crop.x1 * width * scale_x + 0.5 * scale_x - 0.5],
            [0, scale_y, -crop.y1 * height * scale_y + 0.5 * scale_y - 0.5],
        ]
    )
    if crop.mirrored:
        matrix[0] = -matrix[0]
        matrix[0, 2] += size - 1
    out = np.empty((len(clip), size, size, 3), np.uint8)
    for place, picture in enumerate(clip):
        cv2.warpAffine(picture, matrix, (size, size), dst=out[place], flags=cv2.INTER_LINEAR)
    return out


def cropped_boxes(
    boxes: NDArray[np.float64], crop: Crop, size: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Boxes (N, 4) as fractions of the picture -> input pixels, and which are still there."""
    low, span = np.array([crop.x1, crop.y1] * 2), [crop.x2 - crop.x1, crop.y2 - crop.y1]
    moved = (boxes - low) / np.array(span * 2)
    if crop.mirrored:
        moved = np.stack((1 - moved[:, 2], moved[:, 1], 1 - moved[:, 0], moved[:, 3]), 1)
    moved = np.clip(moved, 0, 1) * size
    kept = ((moved[:, 2:] - moved[:, :2]) >= MIN_SIDE).all(1)
    return moved[kept], kept


def recoloured(
    clip: NDArray[np.uint8], config: AugmentConfig, rng: random.Random
) -> NDArray[np.uint8]:
    """Shift hue and scale saturation and value of pictures (T, H, W, 3) RGB alike."""
    hue = round(rng.uniform(-config.hue, config.hue) * 180)
    gains = [_up_or_down(limit, rng) for limit in (config.saturation, config.value)]
    steps = np.arange(256)
    table = np.empty((256, 1, 3), np.uint8)
    table[:, 0, 0] = (steps + hue) % 180
    for channel, gain in enumerate(gains, start=1):
        table[:, 0, channel] = np.clip(steps * gain, 0, 255)
    frames, height, width, _ = clip.shape
    tall = cv2.cvtColor(clip.reshape(frames * height, width, 3), cv2.COLOR_RGB2HSV)
    tall = cv2.cvtColor(np.asarray(cv2.LUT(tall, table)), cv2.COLOR_HSV2RGB)
    return np.asarray(tall, dtype=np.uint8).reshape(clip.shape)


def _up_or_down(limit: float, rng: random.Random) -> float:
    gain = rng.uniform(1, limit)
    return gain if rng.random() < 0.5 else 1 / gain
