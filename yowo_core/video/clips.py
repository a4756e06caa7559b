"""Which frames make a clip, and how a frame becomes a model's input; free of torch.

The same functions feed training, analysis and the live model, so that they see the same pixels.
"""

import random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from yowo_core.annotations import FrameRange
from yowo_core.input_spec import InputSpec, Resize
from yowo_core.video.flow import flow_of

Picture = NDArray[np.uint8]


def resized(picture: Picture, size: int, how: Resize = "area") -> Picture:
    """RGB (H, W, 3) uint8 -> (size, size, 3) uint8; the aspect is lost, as the family expects.

    Each network gets the filter that it was trained with. Area averaging shrinks without
    aliasing and enlarges by linear interpolation.
    """
    if how == "bicubic":
        shrunk = Image.fromarray(picture).resize((size, size), Image.Resampling.BICUBIC)
        return np.array(shrunk, dtype=np.uint8)
    smaller = picture.shape[0] >= size and picture.shape[1] >= size
    method = cv2.INTER_AREA if how == "area" and smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (size, size), interpolation=method), dtype=np.uint8)


def normalised(clip: NDArray[np.uint8], spec: InputSpec) -> NDArray[np.float32]:
    """Clip (T, H, W, 3) uint8 RGB -> (3, T, H, W) float32, (value / 255 - mean) / std a channel.

    With spec.flow (6, T, H, W): the flow of each frame behind its colours.
    """
    scale = (1 / (255 * np.asarray(spec.std, np.float64))).astype(np.float32)
    shift = (np.asarray(spec.mean, np.float32) / np.asarray(spec.std, np.float32)).astype(
        np.float32
    )
    out = np.empty((spec.channels, *clip.shape[:3]), np.float32)
    for channel in range(3):
        np.multiply(clip[..., channel], scale[channel], out=out[channel])
        out[channel] -= shift[channel]
    if spec.flow:
        out[3:] = flow_of(clip)
    return out


def key_positions(key: int, bounds: FrameRange, spec: InputSpec) -> tuple[int, int]:
    """First and last place (0-based, inclusive) of the key frame in a clip that lies in bounds.

    Equations 1 to 3 of the improved YOWO paper (section 3.1), corrected: the clip lies inside.
    When the bounds are too short for a whole clip both are the last place that bounds allow. A
    network that wants the key frame last gets it there, whatever has to be repeated.
    """
    length, stride = spec.length, spec.stride
    if spec.key == "last":
        return length - 1, length - 1
    latest = min(length - 1, (key - bounds.start) // stride)
    earliest = max(0, length - 1 - (bounds.stop - 1 - key) // stride)
    return min(earliest, latest), latest


def clip_frames(key: int, place: int, bounds: FrameRange, spec: InputSpec) -> NDArray[np.int64]:
    """The clip's frames (length,), key frame at a place; outside bounds the edge repeats."""
    frames = key + (np.arange(spec.length) - place) * spec.stride
    return np.asarray(np.clip(frames, bounds.start, bounds.stop - 1), dtype=np.int64)


def causal_clip(key: int, bounds: FrameRange, spec: InputSpec) -> tuple[NDArray[np.int64], int]:
    """The clip while a video plays: the key frame as late as possible, and its place in the clip.

    A video's first frames look at later ones, so nothing is padded unless the video is shorter.
    """
    return _clip_near(key, spec.length - 1, bounds, spec)


def centred_clip(key: int, bounds: FrameRange, spec: InputSpec) -> tuple[NDArray[np.int64], int]:
    """The clip when the whole video is at hand: the key frame as near the middle as bounds allow.

    What comes after a frame tells as much of its action as what came before.
    """
    return _clip_near(key, spec.length // 2, bounds, spec)


def _clip_near(
    key: int, wanted: int, bounds: FrameRange, spec: InputSpec
) -> tuple[NDArray[np.int64], int]:
    first, last = key_positions(key, bounds, spec)
    place = min(max(wanted, first), last)
    return clip_frames(key, place, bounds, spec), place


def random_clip(
    key: int, bounds: FrameRange, spec: InputSpec, rng: random.Random
) -> tuple[NDArray[np.int64], int]:
    """A clip with the key frame at a random valid place (key frame random sampling)."""
    place = rng.randint(*key_positions(key, bounds, spec))
    return clip_frames(key, place, bounds, spec), place
