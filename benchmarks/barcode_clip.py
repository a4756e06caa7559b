"""Clips whose frames carry their number as a barcode, so that any reader can be checked."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

BITS = 12
MILLISECONDS = Fraction(1, 1000)
Painter = Callable[[int, int, int], NDArray[np.uint8]]


@dataclass(frozen=True)
class ClipForm:
    """How a clip is written: encoder and options, picture size in pixels, tags for the player."""

    codec: str = "libx264"
    options: Mapping[str, str] = field(default_factory=dict)
    width: int = 320
    height: int = 192
    pixels: str = "yuv420p"
    rotation: int = 0
    aspect: Fraction = Fraction(1)
    container_options: Mapping[str, str] = field(default_factory=dict)


LONG_GOP = ClipForm(options={"g": "250", "keyint_min": "250", "bf": "3", "sc_threshold": "0"})


def irregular_times(count: int, seed: int = 7) -> list[int]:
    """Ascending times in milliseconds with gaps of 8 to 90 ms, the same for the same seed."""
    chance = random.Random(seed)  # a clip for tests needs no secret numbers
    times = [0]
    for _ in range(count - 1):
        times.append(times[-1] + chance.randint(8, 90))
    return times


def draw(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3) uint8: a moving pattern, a row of bits and under it their opposites."""
    rows, columns = np.mgrid[0:height, 0:width]
    moving = (rows * 2 + columns + number * 5) % 256
    picture = np.stack([moving, moving[::-1], 255 - moving], axis=-1).astype(np.uint8)
    cell, band = width // BITS, height // 4
    for place in range(BITS):
        bit = 255 if number >> place & 1 else 0
        picture[:band, place * cell : (place + 1) * cell] = bit
        picture[band : 2 * band, place * cell : (place + 1) * cell] = 255 - bit
    return picture


def read_number(picture: NDArray[np.uint8]) -> int:
    """The number drawn into an RGB picture, -1 when it cannot be read without doubt."""
    height, width = picture.shape[:2]
    cell, band = width // BITS, height // 4
    centres = (np.arange(BITS) * cell + cell // 2).astype(int)
    grey = picture.mean(axis=2)
    bits, opposites = grey[band // 2, centres], grey[band + band // 2, centres]
    if not bool(np.all(np.abs(bits - opposites) > 128)):
        return -1
    return int(sum(1 << place for place in range(BITS) if bits[place] > 128))


def write_clip(
    path: Path,
    times: Sequence[int],
    form: ClipForm = LONG_GOP,
    time_base: Fraction = MILLISECONDS,
    painter: Painter = draw,
) -> Path:
    """Write frames 0, 1, 2, ... shown at those times (in units of time_base); gives the path.

    painter: number, width, height -> the RGB picture that shows the number.
    """
    with av.open(str(path), "w", options=dict(form.container_options)) as container:
        stream = container.add_stream(form.codec, rate=Fraction(30), options=dict(form.options))
        if not isinstance(stream, av.VideoStream):
            raise TypeError(f"{form.codec} is no picture encoder")
        stream.width, stream.height, stream.pix_fmt = form.width, form.height, form.pixels
        stream.codec_context.sample_aspect_ratio = form.aspect
        stream.time_base = stream.codec_context.time_base = time_base
        if form.rotation:
            stream.set_display_rotation(form.rotation)
        for number, time in enumerate(times):
            picture = painter(number, form.width, form.height)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = time, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
