"""A working copy of a video whose frames cannot be reached one by one: the same frames, all key.

Frame i of the copy is frame i of the source's plain decode, as it is seen: rotation applied,
same width and height, same pixel aspect. The copy is Motion JPEG in QuickTime: benchmarks/proxy.py
compares it with other forms.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from yowo_core.errors import VideoError
from yowo_core.video.picture import Pixels
from yowo_core.video.reader import VideoReader, open_video

SUFFIX: Final = ".mov"
QUALITY: Final = 3
"""MJPEG's quantiser: 1 keeps everything, 31 is worst. 3 is not told from the source by eye."""
PARTIAL: Final = ".partial"
"""Ending of a copy that is being made; what has it and is not being written is litter."""

_FINE: Final = 90_000  # ticks a second where no simple rate fits: MPEG's own clock
_COARSE: Final = 1_000
_LONGEST_GAP: Final = 2**31 - 1  # ticks between two frames, by the file format
_TOLERANCE: Final = 1e-4  # seconds by which a frame's time may differ in the copy
_LOOK_AT_SPACE: Final = 64  # frames after which the size of the whole can be told
_SPARE: Final = 64 * 1024 * 1024  # bytes that are left free on the disk
_GREY: Final = 128

Progress = Callable[[int], bool]


def write_proxy(reader: VideoReader, out: Path, progress: Progress) -> bool:
    """Write a reader's frames to out; False, and nothing written, when progress says to stop.

    progress gets the number of frames done and says whether to go on. A frame that is damaged is
    grey. out appears only when it is whole and was read again. VideoError when it cannot be
    written or the disk is too small; then nothing is left either.
    """
    with _partial_file(out) as partial, _writing(out):
        if not _encode(reader, partial, progress):
            return False
        _verify(reader, partial)
        partial.replace(out)
    return True


def proxy_name(content_hash: str) -> str:
    """The file name of the working copy of a video with that content hash."""
    return f"{hashlib.sha256(content_hash.encode()).hexdigest()[:32]}{SUFFIX}"


def sweep(folder: Path) -> None:
    """Delete unfinished copies in a folder that no process is writing any more."""
    for partial in folder.glob(f"*{PARTIAL}"):
        number = partial.name.split(".")[0]
        if not (number.isdigit() and _alive(int(number))):
            try:
                partial.unlink(missing_ok=True)
            except OSError:  # Windows: it is open, so it is being written after all
                continue


def _alive(process: int) -> bool:
    if os.name == "nt":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _partial_file(out: Path) -> Iterator[Path]:
    """The file to write first, named after this process; gone at the end."""
    mark = hashlib.sha256(os.fsencode(out.name)).hexdigest()[:16]
    partial = out.with_name(f"{os.getpid()}.{mark}{PARTIAL}")
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    """What the system says of a disk becomes a sentence."""
    try:
        yield
    except (FFmpegError, OSError) as error:
        what = error.strerror or str(error)
        raise VideoError(
            f"The working copy {out} cannot be written: {what}. Make room on the disk or choose "
            "another folder; nothing was kept."
        ) from error


def _encode(reader: VideoReader, partial: Path, progress: Progress) -> bool:
    base = _time_base(reader)
    options = {"movie_timescale": str(base.denominator)}
    with av.open(f"file:{partial}", "w", format="mov", options=options) as container:
        stream = _stream(container, reader, base)
        make = VideoReformatter()
        for number, pixels in enumerate(_pictures(reader)):
            picture = make.reformat(
                av.VideoFrame.from_ndarray(pixels, format="rgb24"),
                format="yuvj420p",
                dst_colorspace=Colorspace.ITU601,
                dst_color_range=ColorRange.JPEG,
            )
            picture.pts, picture.time_base = _ticks(reader, number, base), base
            container.mux(stream.encode(picture))
            if number == _LOOK_AT_SPACE:
                _check_room(partial, (number + 1) / len(reader))
            if not progress(number + 1):
                return False
        container.mux(stream.encode(None))
    return True


def _stream(container: OutputContainer, reader: VideoReader, base: Fraction) -> VideoStream:
    quality = str(QUALITY)
    options = {"qmin": quality, "qmax": quality, "huffman": "default"}
    rate = reader.fps if reader.fps > 0 else Fraction(25)
    stream = container.add_stream("mjpeg", rate=rate, options=options)
    stream.width, stream.height, stream.pix_fmt = reader.width, reader.height, "yuvj420p"
    stream.codec_context.sample_aspect_ratio = reader.sample_aspect
    stream.time_base = stream.codec_context.time_base = base
    stream.thread_type = "AUTO"
    return stream


def _pictures(reader: VideoReader) -> Iterator[Pixels]:
    """Every frame in order; grey where it is damaged, so that the others keep their numbers."""
    grey = np.full((reader.height, reader.width, 3), _GREY, np.uint8)
    for number in range(len(reader)):
        try:
            yield reader.frame(number)
        except VideoError:
            yield grey


def _time_base(reader: VideoReader) -> Fraction:
    """A unit of time in which every frame's time is a whole number, or nearly."""
    times = _from_zero(reader.times)
    rate = reader.fps.numerator
    if rate and bool(np.abs(times * rate - np.round(times * rate)).max() < 1e-3):
        return Fraction(1, rate)
    longest = float(np.diff(times).max()) if len(times) > 1 else 0.0
    return Fraction(1, _FINE if longest * _FINE < _LONGEST_GAP else _COARSE)


def _from_zero(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The times as the copy can hold them: from 0 on when they begin before it."""
    return np.asarray(times - min(float(times[0]), 0.0))


def _ticks(reader: VideoReader, number: int, base: Fraction) -> int:
    return round((float(reader.times[number]) - min(float(reader.times[0]), 0.0)) / float(base))


def _check_room(partial: Path, share: float) -> None:
    """Stop early where the whole copy would not fit on the disk."""
    needed = round(partial.stat().st_size * (1 / share - 1))
    free = shutil.disk_usage(partial.parent).free
    if needed + _SPARE > free:
        raise VideoError(
            f"The working copy needs about {needed / 1e9:.1f} GB in {partial.parent}, "
            f"{free / 1e9:.1f} GB are free. Make room on the disk; nothing was kept."
        )


def _verify(reader: VideoReader, partial: Path) -> None:
    """VideoError unless the copy holds as many frames as the source, at its times."""
    with open_video(partial) as copy:
        same = len(copy) == len(reader) and (copy.width, copy.height) == (
            reader.width,
            reader.height,
        )
        if same and np.abs(copy.times - _from_zero(reader.times)).max() < _TOLERANCE:
            return
        raise VideoError(
            f"The working copy of {reader.path} has {len(copy)} frames instead of {len(reader)}; "
            "it was deleted. Convert the video elsewhere, to H.264 in MP4 for example."
        )
