"""Files on their way into a project: bad ones, many, moved and changed ones."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.project import NewVideo, VideoRecord
from app.services.frame_values import BlankVideo, VideoFacts
from app.services.media_files import (
    FileNews,
    MediaFacts,
    find_moved,
    is_as_it_was,
    learnt,
    look_at,
)
from app.services.media_intake import IntakeState, MediaIntake
from benchmarks.barcode_clip import ClipForm, write_clip
from yowo_core.video.fingerprint import content_hash

SMALL = ClipForm(options={"preset": "ultrafast"})


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def intake(qapp: object) -> Iterator[MediaIntake]:
    made = MediaIntake()
    yield made
    made.shutdown()


def record(number: int, facts: NewVideo) -> VideoRecord:
    known = (facts.width, facts.height, facts.frame_count, facts.fps, facts.content_hash)
    return VideoRecord(
        number,
        f"{number:032x}",
        facts.path.name,
        facts.path,
        *known,
        size=facts.size,
        modified_ns=facts.modified_ns,
    )


def clips(folder: Path, count: int) -> list[Path]:
    """So many videos of different lengths."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        write_clip(folder / f"{n}.mp4", range(3 + n), SMALL, Fraction(1, 30)) for n in range(count)
    ]


def test_a_bad_file_in_a_batch_never_stops_the_rest(
    intake: MediaIntake, qtbot: QtBot, tmp_path: Path
) -> None:
    good = clips(tmp_path / "some", 3)
    bad = good[0].with_name("1bad.mp4")
    bad.write_text("no video")
    (tmp_path / "some" / "empty.avi").touch()
    told: list[IntakeState | None] = []
    found: list[MediaFacts] = []
    intake.progress.connect(told.append)
    intake.add([tmp_path / "gone.mp4", tmp_path / "some"], found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=20_000)
    (facts,) = found
    assert [v.path for v in facts.videos] == good
    assert [v.frame_count for v in facts.videos] == [3, 4, 5]
    assert [p.split(" ")[0].split("/")[-1] for p in facts.problems] != []
    assert len(facts.problems) == 3
    assert not facts.stopped
    assert told[-1] is None
    assert {s.total for s in told if s is not None} == {0, 6}
    assert not intake.busy


def test_what_was_looked_at_before_a_stop_is_taken(
    intake: MediaIntake, qtbot: QtBot, tmp_path: Path
) -> None:
    clips(tmp_path / "some", 12)

    def stop_at_the_third(state: IntakeState | None) -> None:
        if state is not None and state.done == 2:
            intake.stop()

    found: list[MediaFacts] = []
    intake.progress.connect(stop_at_the_third)
    intake.add([tmp_path / "some"], found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=20_000)
    (facts,) = found
    assert facts.stopped
    assert facts.wanted == 12
    assert 2 <= len(facts.videos) < 12
    later: list[MediaFacts] = []
    intake.progress.disconnect(stop_at_the_third)
    intake.add([tmp_path / "some" / "11.mp4"], later.append)
    qtbot.waitUntil(lambda: bool(later), timeout=20_000)
    assert [v.frame_count for v in later[0].videos] == [14]


def test_facts_of_a_file_are_those_of_its_content(tmp_path: Path) -> None:
    form = replace(SMALL, aspect=Fraction(64, 51))
    path = write_clip(tmp_path / "wide.mp4", [0, 40, 80, 200], form)
    facts = look_at(path)
    assert (facts.frame_count, facts.sample_aspect, facts.uneven) == (4, Fraction(64, 51), True)
    assert facts.content_hash == content_hash(path)
    assert (facts.size, facts.modified_ns) == (path.stat().st_size, path.stat().st_mtime_ns)


def test_moved_videos_are_known_by_their_content_under_any_name(tmp_path: Path) -> None:
    paths = clips(tmp_path / "old", 3)
    lost = [record(n, look_at(path)) for n, path in enumerate(paths)]
    shutil.move(tmp_path / "old", tmp_path / "new")
    (tmp_path / "new" / "deeper").mkdir()
    (tmp_path / "new" / "1.mp4").rename(tmp_path / "new" / "deeper" / "renamed.bin")
    (tmp_path / "new" / "2.mp4").write_bytes(b"x" * lost[2].size)
    found = find_moved([tmp_path / "new"], lost, lambda: True)
    assert found == {
        0: tmp_path / "new" / "0.mp4",
        1: tmp_path / "new" / "deeper" / "renamed.bin",
    }
    assert find_moved([tmp_path / "new"], lost, lambda: False) == {}
    assert find_moved([tmp_path / "new"], lost, lambda: True, most=1) == {
        0: tmp_path / "new" / "0.mp4"
    }
    unknown = [replace(video, size=0) for video in lost]
    assert set(find_moved([tmp_path / "new"], unknown, lambda: True)) == {0}


def test_a_changed_file_is_told_from_one_that_was_only_touched(
    intake: MediaIntake, qtbot: QtBot, tmp_path: Path
) -> None:
    same, touched, other = (record(n, look_at(p)) for n, p in enumerate(clips(tmp_path, 3)))
    os.utime(touched.path, ns=(1, touched.modified_ns + 5_000_000_000))
    write_clip(other.path, range(9), SMALL, Fraction(1, 30))
    assert [is_as_it_was(v) for v in (same, touched, other)] == [True, False, False]
    news: list[list[FileNews]] = []
    intake.compare([same, touched, other], news.append)
    qtbot.waitUntil(lambda: bool(news), timeout=20_000)
    first, second = news[0]
    assert (first.video_id, first.facts.content_hash) == (touched.id, touched.content_hash)
    assert first.facts.modified_ns == touched.path.stat().st_mtime_ns
    assert (second.video_id, second.facts.frame_count) == (other.id, 9)
    assert second.facts.content_hash != other.content_hash


def test_what_opening_tells_is_learnt_of_the_same_video_only(tmp_path: Path) -> None:
    (path,) = clips(tmp_path, 1)
    video = replace(record(1, look_at(path)), modified_ns=0)
    blank = BlankVideo(path, video.width, video.height, video.frame_count, video.fps).facts(1)
    opened = replace(blank, blank=False, needs_proxy="Its frames cannot be reached.")
    facts = learnt(video, opened)
    assert facts is not None
    assert facts.needs_proxy == "Its frames cannot be reached."
    assert facts.modified_ns == path.stat().st_mtime_ns
    assert learnt(video, blank) is None
    assert learnt(video, _longer(opened)) is None


def _longer(opened: VideoFacts) -> VideoFacts:
    return replace(opened, frame_count=opened.frame_count + 1)
