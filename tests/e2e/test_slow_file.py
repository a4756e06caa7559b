"""A file whose frames take long to reach, from adding it to its export and analysis."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.application import Options, make_window
from app.domain.export import ExportFormat, ExportPlan
from app.domain.project import NewModel, RunState, TubeSummary, VideoRecord
from app.services.analysis import AnalysisState
from app.services.exporting import export
from app.services.frame_values import FrameReady
from app.services.inference import LiveInference
from app.views.label_entry import LabelEntry
from benchmarks.barcode_clip import BITS, ClipForm, irregular_times, read_number, write_clip
from tests.app.services.conftest import MAKE_MODEL, ROOT
from tests.e2e.hands import LONG, Hands
from yowo_core.annotations import Review
from yowo_core.models.card import read_card
from yowo_core.video import addressing, open_video

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
ONE_KEY = {"preset": "ultrafast", "g": "9999", "keyint_min": "9999", "sc_threshold": "0"}
START = 500
"""Milliseconds at which the file's first frame is shown."""
DRAWN = 30
LABEL = "walk"


def bars(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """The barcode alone, which is quick to paint and to encode."""
    picture = np.full((height, width, 3), 90, np.uint8)
    cell, band = width // BITS, height // 4
    for place in range(BITS):
        bit = 255 if number >> place & 1 else 0
        picture[:band, place * cell : (place + 1) * cell] = bit
        picture[band : 2 * band, place * cell : (place + 1) * cell] = 255 - bit
    return picture


@pytest.fixture(
    params=[
        pytest.param((320, 192, 60), id="small"),
        pytest.param((1280, 720, 2200), id="real", marks=pytest.mark.slow),
    ]
)
def slow_file(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """One key frame at its beginning, uneven times; for the small one the bound is lowered."""
    width, height, count = request.param
    if width < 1280:
        monkeypatch.setattr(addressing, "_LONGEST", width * height * (count - 1))
    form = ClipForm(options=ONE_KEY, width=width, height=height)
    times = [START + time for time in irregular_times(count)]
    return write_clip(tmp_path / "slow.mkv", times, form, painter=bars)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An untrained network that is sure of everything."""
    path = tmp_path / "tiny.safetensors"
    subprocess.run([sys.executable, "-c", MAKE_MODEL, str(path)], check=True, cwd=ROOT, timeout=120)
    return path


@pytest.fixture
def hands(
    qtbot: QtBot, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hands]:
    """The window with an empty project; its model only analyses."""
    for name in ("DATA", "CACHE"):
        monkeypatch.setenv(f"YOWO_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("YOWO_SETTINGS", str(tmp_path / "settings.json"))
    # on a machine that is busy otherwise, threads that wait must not spin
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(LiveInference, "start", lambda *_args: None)
    window = make_window(Options())
    qtbot.addWidget(window)
    window.resize(1500, 950)
    window.show()
    services = window.services
    services.settings.set(live_backend="torch", live_device="cpu")
    assert services.project.create(tmp_path / "a.yowo")
    new = NewModel("t", "tiny", model, "", tuple(read_card(model).labels))
    added = services.project.add_model(new)
    assert added is not None
    services.project.set_live_model(added.id)
    yield Hands(window, qtbot)
    window.close()


def test_it_is_copied_edited_exported_and_analysed(
    hands: Hands, slow_file: Path, tmp_path: Path
) -> None:
    video = _added(hands, slow_file)
    _told_and_copied(hands, video)
    for frame in (DRAWN, 3, video.frame_count - 1, DRAWN):
        assert _number_shown(hands, frame) == frame
    _draw(hands)
    _check_export(hands, slow_file, tmp_path)
    _analyse(hands, video)


def _added(hands: Hands, path: Path) -> VideoRecord:
    project = hands.window.services.project
    hands.window.media_desk.add([path])
    hands.until(lambda: bool(project.videos()), LONG)
    (video,) = project.videos()
    assert "can be decoded by themselves" in video.needs_proxy
    return video


def _told_and_copied(hands: Hands, video: VideoRecord) -> None:
    window = hands.window
    assert window.canvas.state_text.startswith("Making a working copy")
    assert video.needs_proxy in window.canvas.state_text
    hands.until(lambda: window.play_desk.frame_count == video.frame_count, 3 * LONG)
    facts = window.services.source.facts
    assert facts is not None
    assert facts.path == window.services.proxies.copy_of(video)


def _number_shown(hands: Hands, frame: int) -> int:
    """The number in the picture that comes when a frame is gone to."""
    window, seen = hands.window, dict[int, FrameReady]()
    window.services.playback.frame_shown.connect(lambda ready: seen.update({ready.frame: ready}))
    window.play_desk.go_to(frame)
    hands.until(lambda: frame in seen)
    return read_number(seen[frame].bgra[..., 2::-1])


def _draw(hands: Hands) -> None:
    """A box from one place to another, with an action, by hand."""
    window, project = hands.window, hands.window.services.project
    width, height = window.canvas.picture_size
    hands.key(Qt.Key.Key_N)
    hands.drag_picture((width * 0.25, height * 0.6), (width * 0.5, height * 0.9))
    (entry,) = window.canvas.findChildren(LabelEntry)
    hands.until(entry.hasFocus)
    hands.write(LABEL)
    hands.until(lambda: len(_tubes(hands)) == 1)
    (tube,) = _tubes(hands)
    assert tube.first == DRAWN
    (box,) = project.boxes_at(tube.video_id, DRAWN, 0.0)
    wanted = (width * 0.25, height * 0.6, width * 0.5, height * 0.9)
    assert box.box == pytest.approx(wanted, abs=width / 200)


def _tubes(hands: Hands) -> list[TubeSummary]:
    project = hands.window.services.project
    return list(project.tubes(project.videos()[0].id))


def _check_export(hands: Hands, path: Path, folder: Path) -> None:
    """Frames and times are those of the source."""
    project = hands.window.services.project
    annotations = project.annotation_set(confirmed_only=True)
    paths = {v.name: v.path for v in project.videos()}
    plan = ExportPlan(ExportFormat.CSV, folder / "out.csv")
    export(annotations, paths, plan)
    (tube,) = _tubes(hands)
    with open_video(path) as source:
        times = source.times[tube.first : tube.last + 1]
    with plan.path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["outside"] != "1"]
    assert [int(row["frame"]) for row in rows] == list(range(tube.first, tube.last + 1))
    assert {row["action"] for row in rows} == {LABEL}
    assert [float(row["time"]) for row in rows] == pytest.approx(times.tolist(), abs=1e-6)


def _analyse(hands: Hands, video: VideoRecord) -> None:
    ended: list[AnalysisState] = []
    hands.window.services.analysis.ended.connect(ended.append)
    hands.menu("Learn", "Analyse this video")
    hands.until(lambda: bool(ended), 3 * LONG)
    assert ended[0].state is RunState.FINISHED, ended[0].message
    found = [tube for tube in _tubes(hands) if tube.review is Review.TO_REVIEW]
    assert found
    assert max(tube.last for tube in found) == video.frame_count - 1
