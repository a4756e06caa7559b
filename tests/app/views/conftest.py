"""The whole window on a short clip, without a model."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.application import Options, make_window
from app.services.inference import LiveInference
from app.views.main_window import MainWindow
from benchmarks.barcode_clip import ClipForm, write_clip

FORM = ClipForm(options={"g": "12", "preset": "ultrafast"})


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    return write_clip(folder / "clip.mp4", range(30), FORM, Fraction(1, 30))


@pytest.fixture
def window(
    qtbot: QtBot, tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """The window with a project of one video; no model is loaded."""
    monkeypatch.setenv("YOWO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("YOWO_SETTINGS", str(tmp_path / "settings.json"))
    monkeypatch.setattr(LiveInference, "start", lambda *_args: None)
    made = make_window(Options())
    qtbot.addWidget(made)
    project = made.services.project
    assert project.create(tmp_path / "a.yowo")
    made.media_desk.add([clip])
    qtbot.waitUntil(lambda: made.play_desk.frame_count == 30, timeout=20_000)
    yield made
    made.close()
