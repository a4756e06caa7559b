"""Videos of any name are added, played, copied by a job, exported and read again."""

import os
import shutil
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.application import Options, export_project, make_window
from app.domain.media import CopyPhase
from app.editing.labels import AddLabel
from app.editing.tubes import AddTube
from app.itemmodels.media_model import MediaModel
from app.services.inference import LiveInference
from app.views.main_window import MainWindow
from app.views.media_list import MediaList
from benchmarks.barcode_clip import ClipForm, write_clip
from yowo_core.annotations import ActionSpan, Tube
from yowo_core.formats import yowo_csv
from yowo_core.video import open_video
from yowo_core.video.naming import video_name

FORM = ClipForm(options={"g": "12", "preset": "ultrafast"})
WAIT = 30_000
LONG_LABEL = "very long " * 30
NAMES = [
    "-x.mp4",
    "a, \"b\" 'c'; =1+1.mp4",
    "line\nbreak.mp4",
    "\u4eba \U0001f600 cafe\u0301.mp4",
    "y" * 251 + ".mp4",
    os.fsdecode(b"caf\xe9.mp4"),
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("videos") / "clip.mp4"
    return write_clip(path, range(30), FORM, Fraction(1, 30))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    for name in ("DATA", "CACHE"):
        monkeypatch.setenv(f"YOWO_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("YOWO_SETTINGS", str(tmp_path / "settings.json"))
    monkeypatch.setattr(LiveInference, "start", lambda *_args: None)
    made = make_window(Options())
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not have all these names")
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_video_of_any_name_goes_the_whole_way(
    name: str, window: MainWindow, clip: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / ("-" + name.removesuffix(".mp4")[:200])
    folder.mkdir()
    path, project = folder / name, window.services.project
    shutil.copy(clip, path)
    assert project.create(folder / "a.yowo")
    window.media_desk.add([path])
    qtbot.waitUntil(lambda: window.play_desk.frame_count == 30, timeout=WAIT)
    (video,) = project.videos()
    assert (video.path, video.name) == (path, video_name(path))
    _list_shows_one_line(window)
    assert project.submit(AddLabel(LONG_LABEL)) is not None
    (label,) = project.labels()
    tube = Tube(
        "",
        np.array([0, 9], np.int64),
        np.array([[1, 1, 20, 20], [5, 1, 24, 20]], np.float64),
        (ActionSpan(label.id, 0, 10),),
    )
    assert project.submit(AddTube(video.id, tube)) is not None
    proxies = window.services.proxies
    proxies.make(video)
    qtbot.waitUntil(lambda: proxies.state(video).phase is CopyPhase.READY, timeout=WAIT)
    copy = proxies.copy_of(video)
    assert copy is not None
    with open_video(copy) as reader:
        assert len(reader) == 30
    project.close()
    told = export_project(folder / "a.yowo", "csv", folder / "-out.csv", replace=False)
    assert not [line for line in told if "counted" in line]
    read = yowo_csv.read(folder / "-out.csv")
    assert read.problems == ()
    assert [v.name for v in read.annotations.videos] == [video.name]
    assert [item.name for item in read.annotations.labels] == [label.name]
    assert len(read.annotations.videos[0].tubes) == 1
    assert project.open(folder / "a.yowo")
    qtbot.waitUntil(lambda: window.play_desk.frame_count == 30, timeout=WAIT)


def _list_shows_one_line(window: MainWindow) -> None:
    model = window.media.findChildren(MediaList)[0].model()
    shown = str(model.index(0, 0).data())
    assert shown
    assert shown.isprintable()
    assert isinstance(window.media._model, MediaModel)
