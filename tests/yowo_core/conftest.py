"""A small labelled clip that a network can be trained on in seconds."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from yowo_core.annotations import ActionSpan, AnnotationSet, FrameRange, Label, Tube, Video

SIZE = (96, 64)
FRAMES = 40


@pytest.fixture(scope="session")
def square_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A white square that moves right over grey, 40 frames at 10 a second."""
    path = tmp_path_factory.mktemp("clips") / "square.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(FRAMES):
            picture = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
            picture[20:50, number : number + 20] = 255
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@pytest.fixture
def square_labels(square_clip: Path) -> AnnotationSet:
    """The square as an actor: 'slide' all the time, 'late' from frame 20 on; frames 0..35 known."""
    frames = np.array([0, FRAMES - 1], np.int64)
    boxes = np.array([[0, 20, 20, 50], [39, 20, 59, 50]], np.float64)
    spans = (ActionSpan(1, 0, FRAMES), ActionSpan(2, 20, FRAMES))
    tube = Tube("a", frames, boxes, spans)
    labels = (Label(1, "slide"), Label(2, "late"))
    video = Video(
        square_clip.name,
        *SIZE,
        FRAMES,
        Fraction(10),
        ranges=(FrameRange(0, 36),),
        tubes=(tube,),
    )
    return AnnotationSet(labels, (video,))
