"""Forms of a working copy compared: how large, how like its source, how quick to any frame.

Run: python -m benchmarks.proxy VIDEO [--frames 150]
"""

import argparse
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from yowo_core.video import open_video

Pictures = list[NDArray[np.uint8]]
RATE = Fraction(30)


@dataclass(frozen=True)
class Form:
    """An encoder with its options; every frame is a key frame."""

    name: str
    codec: str
    pixels: str
    options: dict[str, str] = field(default_factory=dict)


def mjpeg(quality: int, huffman: str) -> Form:
    """Motion JPEG at one quality throughout."""
    options = {"qmin": str(quality), "qmax": str(quality), "huffman": huffman}
    return Form(f"MJPEG q{quality}, {huffman} tables", "mjpeg", "yuvj420p", options)


def h264(factor: int, preset: str) -> Form:
    """H.264 of key frames alone; its sizes must be even."""
    options = {"g": "1", "crf": str(factor), "preset": preset}
    return Form(f"H.264 crf {factor}, {preset}", "libx264", "yuv420p", options)


FORMS = (
    *(mjpeg(quality, "default") for quality in (2, 3, 5)),
    mjpeg(3, "optimal"),
    *(h264(factor, "ultrafast") for factor in (14, 18)),
    h264(18, "veryfast"),
)


def write(path: Path, pictures: Pictures, form: Form) -> None:
    """Encode RGB pictures in that form."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(form.codec, rate=RATE, options=dict(form.options))
        if not isinstance(stream, av.VideoStream):
            raise TypeError(f"{form.codec} is no picture encoder")
        stream.height, stream.width = (side // 2 * 2 for side in pictures[0].shape[:2])
        stream.pix_fmt, stream.thread_type = form.pixels, "AUTO"
        make, full = VideoReformatter(), form.pixels.startswith("yuvj")
        for number, picture in enumerate(pictures):
            frame = make.reformat(
                av.VideoFrame.from_ndarray(picture, format="rgb24"),
                stream.width,
                stream.height,
                form.pixels,
                dst_colorspace=Colorspace.ITU601,
                dst_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            )
            frame.pts, frame.time_base = number, 1 / RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def likeness(found: NDArray[np.uint8], source: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB."""
    height, width = found.shape[:2]
    apart = found.astype(np.float32) - source[:height, :width]
    return float(10 * np.log10(255**2 / np.mean(apart**2)))


def compare(form: Form, pictures: Pictures, folder: Path) -> str:
    """One row of the table."""
    path = folder / "copy.mov"
    began = time.perf_counter()
    write(path, pictures, form)
    speed = len(pictures) / (time.perf_counter() - began)
    order = random.Random(1).sample(range(len(pictures)), min(60, len(pictures)))
    taken, alike = [], []
    with open_video(path, cache_bytes=0) as reader:
        for index in order:
            began = time.perf_counter()
            reader.bgra(index)
            taken.append(1000 * (time.perf_counter() - began))
        alike = [likeness(reader.frame(i), pictures[i]) for i in order[:15]]
    p95 = statistics.quantiles(taken, n=20)[-1]
    kilobytes = path.stat().st_size / len(pictures) / 1000
    return (
        f"{form.name:<26}{speed:>7.0f} fps made{kilobytes:>8.1f} kB a frame"
        f"{statistics.median(taken):>7.1f} / {p95:.1f} ms a frame at random"
        f"{statistics.mean(alike):>7.1f} dB"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", type=Path)
    parser.add_argument("--frames", type=int, default=150)
    given = parser.parse_args()
    with open_video(given.video) as reader:
        pictures = list(reader.frames(0, min(given.frames, len(reader))))
        print(f"{given.video.name}, {reader.width}x{reader.height}, {len(pictures)} frames")
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMS:
            print(compare(form, pictures, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
