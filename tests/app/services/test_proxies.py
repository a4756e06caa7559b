"""Working copies made by the real command: found again, cancelled, failed, removed."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.media import CopyPhase, CopyState
from app.domain.project import VideoRecord
from app.services.job_runner import JobRunner
from app.services.media_files import look_at
from app.services.proxies import Proxies
from benchmarks.barcode_clip import ClipForm, read_number, write_clip
from yowo_core.video import open_video

LONG = ClipForm(options={"preset": "ultrafast", "g": "400"}, width=640, height=480)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def proxies(runner: JobRunner, tmp_path: Path) -> Proxies:
    return Proxies(runner, tmp_path / "copies")


def video(path: Path, number: int = 1) -> VideoRecord:
    facts = look_at(path)
    known = (facts.width, facts.height, facts.frame_count, facts.fps, facts.content_hash)
    made = VideoRecord(number, f"{number:032x}", path.name, path, *known)
    return replace(made, size=facts.size, needs_proxy="Its frames cannot be reached singly.")


def wait(qtbot: QtBot, proxies: Proxies, item: VideoRecord, *phases: CopyPhase) -> CopyState:
    qtbot.waitUntil(lambda: proxies.state(item).phase in phases, timeout=60_000)
    return proxies.state(item)


def left(tmp_path: Path) -> list[str]:
    folder = tmp_path / "copies"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_copy_is_made_and_known_by_the_content_afterwards(
    proxies: Proxies, runner: JobRunner, clip: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    item = video(clip)
    heard: list[str] = []
    proxies.changed.connect(heard.append)
    proxies.make_missing(item)
    assert proxies.state(item).phase is CopyPhase.MAKING
    wait(qtbot, proxies, item, CopyPhase.READY)
    path = proxies.copy_of(item)
    assert path is not None
    with open_video(path) as copy:
        assert [read_number(f) for f in copy.frames(0, len(copy))] == list(range(60))
    assert set(heard) == {item.content_hash}
    assert proxies.total_bytes() == path.stat().st_size
    renamed = replace(item, id=9, uid="9", name="other", path=tmp_path / "elsewhere.mp4")
    assert Proxies(runner, tmp_path / "copies").copy_of(renamed) == path
    proxies.remove_all()
    proxies.make_missing(item)
    assert proxies.state(item).phase is CopyPhase.CANCELLED
    assert left(tmp_path) == []


def test_a_cancelled_copy_leaves_nothing_and_is_not_begun_by_itself(
    proxies: Proxies, qtbot: QtBot, tmp_path: Path
) -> None:
    path = write_clip(tmp_path / "long.mp4", range(600), LONG, Fraction(1, 30))
    item, waiting = video(path), video(write_clip(tmp_path / "b.mp4", range(5), LONG), 2)
    proxies.make(item)
    proxies.make(waiting)
    assert proxies.state(waiting).phase is CopyPhase.WAITING
    proxies.cancel(waiting)
    assert proxies.state(waiting).phase is CopyPhase.CANCELLED
    qtbot.waitUntil(lambda: proxies.state(item).done > 0, timeout=60_000)
    share = proxies.state(item).share
    assert share is not None
    assert 0 < share < 1
    proxies.cancel(item)
    wait(qtbot, proxies, item, CopyPhase.CANCELLED)
    assert left(tmp_path) == []
    proxies.make_missing(item)
    assert proxies.state(item).phase is CopyPhase.CANCELLED
    proxies.make(waiting)
    wait(qtbot, proxies, waiting, CopyPhase.READY)


def test_a_copy_that_fails_says_why_and_the_next_goes_on(
    proxies: Proxies, clip: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    gone, good = replace(video(clip, 1), content_hash="sha256:0"), video(clip, 2)
    gone = replace(gone, path=tmp_path / "gone.mp4")
    said: list[str] = []
    proxies.failed.connect(said.append)
    proxies.make(gone)
    proxies.make(good)
    wait(qtbot, proxies, good, CopyPhase.READY)
    state = proxies.state(gone)
    assert state.phase is CopyPhase.FAILED
    assert "cannot be read" in state.message
    assert said == [f"No working copy of {gone.name} was made. {state.message}"]


def test_a_file_that_was_changed_is_not_copied_under_its_old_name(
    proxies: Proxies, clip: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    item = replace(video(clip), content_hash="sha256:0")
    proxies.make(item)
    wait(qtbot, proxies, item, CopyPhase.FAILED)
    assert "changed" in proxies.state(item).message
    assert left(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_told(
    runner: JobRunner, clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "copies").write_text("a file where the folder should be")
    proxies = Proxies(runner, tmp_path / "copies")
    item = video(clip)
    proxies.make(item)
    assert proxies.state(item).phase is CopyPhase.FAILED
    assert str(tmp_path / "copies") in proxies.state(item).message


def test_closing_down_ends_the_copy_and_begins_no_other(
    proxies: Proxies, runner: JobRunner, qtbot: QtBot, tmp_path: Path
) -> None:
    path = write_clip(tmp_path / "long.mp4", range(600), LONG, Fraction(1, 30))
    item, waiting = video(path), video(write_clip(tmp_path / "b.mp4", range(5), LONG), 2)
    proxies.make(item)
    proxies.make(waiting)
    qtbot.waitUntil(lambda: proxies.state(item).done > 0, timeout=60_000)
    proxies.shutdown()
    runner.shutdown()
    qtbot.wait(50)
    assert runner.running() == ()
    assert proxies.copy_of(item) is None
    assert left(tmp_path) == []
