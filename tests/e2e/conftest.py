"""One window for the whole story, a short clip of real people, and folders of its own."""

from collections.abc import Iterator
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import av
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.application import Options, make_window, open_paths
from tests.e2e.hands import Hands
from yowo_core.video import open_video

PARTS = (range(176, 200), range(222, 246))
"""Frames of the demo in which one person leaves and, after an empty stretch, another comes."""
LONG_TIMES = 5


@pytest.fixture(scope="session")
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Settings, data and cache of the program in a folder of the tests."""
    base = tmp_path_factory.mktemp("yowo-studio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YOWO_DATA", str(base / "data"))
        patch.setenv("YOWO_CACHE", str(base / "cache"))
        patch.setenv("YOWO_SETTINGS", str(base / "settings.json"))
        patch.setenv("HOME", str(base))
        # on a machine that is busy otherwise, threads that wait must not spin
        patch.setenv("OMP_WAIT_POLICY", "PASSIVE")
        yield base


def write_people(path: Path, times: int) -> Path:
    """48 frames of the demo at 10 a second, so many times over: two people, one after another."""
    source = Path(str(files("resources"))) / "demo" / "one-by-one-person-detection.mp4"
    options = {"preset": "ultrafast", "g": "20"}
    with open_video(source) as reader, av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(10), options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = reader.width, reader.height, "yuv420p"
        for number in [n for part in PARTS for n in part] * times:
            frame = av.VideoFrame.from_ndarray(reader.frame(number), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


class Story:
    """The window of the moment; reopen() closes it and starts the program again."""

    def __init__(self, bot: QtBot, folder: Path) -> None:
        self.bot, self.folder = bot, folder
        self.project = folder / "kitchen.yowo"
        self.clip = write_people(folder / "people.mp4", 1)
        self.long_clip = write_people(folder / "crowd.mp4", LONG_TIMES)
        self.hands = self._start(Options())

    def reopen(self) -> None:
        """Close the window and start again with what it remembers."""
        self.hands.window.close()
        self.hands = self._start(Options())

    def _start(self, options: Options) -> Hands:
        window = make_window(options)
        window.resize(1500, 950)
        window.show()
        hands = Hands(window, self.bot)
        self.bot.waitExposed(window)
        if self.project.is_file():
            open_paths(window, options)
        return hands


@pytest.fixture(scope="module")
def story(
    request: pytest.FixtureRequest,
    qapp: QApplication,
    own_folders: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    """The window with no project yet; chapter after chapter goes on in it."""
    made = Story(QtBot(request), tmp_path_factory.mktemp("project"))
    yield made
    made.hands.window.close()
