"""A video's first picture and its outlines, at once: no index is made."""

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from yowo_core.errors import VideoError
from yowo_core.video.container import open_container
from yowo_core.video.packets import data_packets
from yowo_core.video.picture import PixelMaker, Pixels

_TRIED = 1_000  # packets, before a video without a picture at its beginning is given up


@dataclass(frozen=True, eq=False)
class FirstLook:
    """What shows before a video is opened.

    picture: (height, width, 4) uint8 blue, green, red, 255, turned as the rotation tag asks.
    sample_aspect: width of a pixel over its height. fps: by the header, 0 when unknown. seconds:
    the length by the header or guessed from the file's size, 0 when unknown. frames: about how
    many, 0 when unknown; the true number comes with open_video.
    """

    picture: Pixels
    width: int
    height: int
    sample_aspect: Fraction
    fps: Fraction
    seconds: float
    frames: int


def first_look(path: str | Path) -> FirstLook:
    """Decode the first picture only: milliseconds, however long the video is.

    Raises VideoError for a file that is missing, is no video, or has no picture that decodes.
    """
    file = Path(path)
    container, stream = open_container(file)
    with container:
        picture = _first_picture(file, container, stream)
        maker = PixelMaker(picture)
        fps, seconds = stream.average_rate or Fraction(0), _seconds(container, stream)
        return FirstLook(
            maker.pixels(picture, "bgra"),
            *maker.size,
            maker.shown_aspect(stream.sample_aspect_ratio),
            fps,
            seconds,
            stream.frames or round(seconds * fps),
        )


def _first_picture(path: Path, container: InputContainer, stream: VideoStream) -> VideoFrame:
    """The first picture that decodes; damage before it is passed over."""
    packets = islice(data_packets(container, stream), _TRIED)
    for packet in chain(packets, [None]):
        with suppress(FFmpegError):
            for picture in stream.decode(packet):
                return picture
    raise VideoError(
        f"The beginning of {path} cannot be decoded ({stream.codec_context.name}). "
        "It is damaged; copy it again or convert it elsewhere."
    )


def _seconds(container: InputContainer, stream: VideoStream) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base
