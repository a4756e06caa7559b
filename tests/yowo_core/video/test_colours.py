"""Colours come out as they went in, whatever range and matrix the file says it uses."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

from yowo_core.video import first_look, open_video

COLOURS = [
    *((255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)),
    *((128, 128, 128), (200, 30, 90), (16, 16, 16), (240, 240, 240)),
]
PATCH = 32
MATRIX = {"BT.709": 1, "BT.601": 6, "BT.2020": 9}  # as ITU-T H.273 numbers them


def patches() -> NDArray[np.uint8]:
    row = np.repeat(np.array(COLOURS, np.uint8), PATCH, axis=0)
    return np.repeat(row[None], PATCH, axis=0)


def write(path: Path, pixels: str, matrix: int, range_: ColorRange) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1"})
        picture = patches()
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = pixels
        stream.codec_context.color_range, stream.codec_context.colorspace = int(range_), matrix
        drawn = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame = VideoReformatter().reformat(
            drawn, format=pixels, dst_colorspace=matrix, dst_color_range=range_
        )
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("range_", [ColorRange.MPEG, ColorRange.JPEG])
@pytest.mark.parametrize("matrix", MATRIX)
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv420p10le", "yuv422p", "yuv444p"])
def test_colours_are_those_that_were_drawn(
    pixels: str, matrix: str, range_: ColorRange, tmp_path: Path
) -> None:
    path = write(tmp_path / "it.mp4", pixels, MATRIX[matrix], range_)
    with open_video(path) as video:
        rgb, bgra = video.frame(0), video.bgra(0)
    for seen in (rgb, bgra[..., 2::-1], first_look(path).picture[..., 2::-1]):
        centres = seen[PATCH // 2, PATCH // 2 :: PATCH].astype(int)
        np.testing.assert_allclose(centres, COLOURS, atol=4)
