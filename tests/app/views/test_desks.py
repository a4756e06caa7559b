"""What the window's desks make of odd input and of things that happen meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.domain.project import Change, RunKind, RunState
from app.editing.labels import AddLabel
from app.editing.tubes import AddTube
from app.services.analysis import AnalysisState
from app.views.main_window import MainWindow
from benchmarks.barcode_clip import ClipForm, write_clip
from yowo_core.annotations import Review, Source, Tube

FORM = ClipForm(options={"g": "12", "preset": "ultrafast"})


def _tube(review: Review = Review.ACCEPTED) -> Tube:
    boxes = np.array([[1, 1, 20, 20], [1, 1, 20, 20]], np.float64)
    made = () if review is Review.ACCEPTED else (Source.MODEL,) * 2
    frames = np.array([0, 9], np.int64)
    return Tube("", frames, boxes, sources=made, review=review)


def _drawn(window: MainWindow) -> int:
    video = window.play_desk.video
    assert video is not None
    change = window.services.project.submit(AddTube(video.id, _tube()))
    assert change is not None
    (tube,) = change.tubes
    return tube


def _begun(window: MainWindow, folder: Path) -> AnalysisState:
    project, video = window.services.project, window.play_desk.video
    assert video is not None
    run = project.add_run(RunKind.DETECT, folder.name, folder, video.id)
    assert run is not None
    return AnalysisState(run, video.name, "m")


def _predicted(window: MainWindow, run: int) -> int:
    """How many tubes of a run there are."""
    project, video = window.services.project, window.play_desk.video
    assert video is not None
    return sum(t.run_id == run for t in project.tubes(video.id))


def test_a_typed_label_is_the_known_one_in_any_writing(window: MainWindow) -> None:
    project = window.services.project
    project.submit(AddLabel("walk"))
    tube = _drawn(window)
    window.tube.action_typed.emit(tube, " Walk ")
    assert [label.name for label in project.labels()] == ["walk"]
    record = project.tube(tube)
    assert record is not None
    assert [span.label for span in record.tube.spans] == [project.labels()[0].id]


def test_a_label_without_letters_is_refused_in_a_sentence(window: MainWindow) -> None:
    said: list[str] = []
    window.services.project.failed.connect(said.append)
    window.tube.action_typed.emit(_drawn(window), "  ")
    assert said == ["A label needs a name."]


def test_a_selected_prediction_that_is_discarded_is_no_longer_selected(
    window: MainWindow, tmp_path: Path
) -> None:
    project, video = window.services.project, window.play_desk.video
    assert video is not None
    run = project.add_run(RunKind.DETECT, "t", tmp_path / "run", video.id)
    assert run is not None
    project.import_predictions(video.id, run.id, [_tube(Review.TO_REVIEW)])
    project.finish_work()
    mine = _drawn(window)
    (predicted,) = (t.id for t in project.tubes(video.id) if t.id != mine)
    window.tube_desk.select(predicted)
    project.delete_run_predictions(run.id)
    project.finish_work()
    assert window.tube_desk.selected == []
    window.actions_by_name["tube_down"].trigger()
    assert [t.id for t in window.tube_desk.selected] == [mine]


def test_videos_join_only_the_project_they_were_added_to(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[Callable[[], None]] = []

    def later(work: Callable[[], object], done: Callable[[object], None], _failed: object) -> None:
        waiting.append(lambda: done(work()))

    other = write_clip(tmp_path / "other.mp4", range(5), FORM, Fraction(1, 30))
    monkeypatch.setattr(window.services.background, "run", later)
    window.media_desk.add([other])
    assert window.services.project.create(tmp_path / "b.yowo")
    for look in waiting:
        look()
    assert window.services.project.videos() == []


def test_a_new_project_keeps_the_dots_of_its_name(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = (str(tmp_path / "take 1.5"), "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: chosen)
    assert window.media_desk.new_project()
    assert window.services.project.path == tmp_path / "take 1.5.yowo"


def test_a_video_that_was_mended_plays_again(window: MainWindow, qtbot: QtBot) -> None:
    project, desk = window.services.project, window.play_desk
    assert desk.video is not None
    project.set_media_problem(desk.video.id, "It was damaged.")
    (record,) = project.videos()
    desk.open(record)
    qtbot.waitUntil(lambda: desk.frame_count == 30, timeout=20_000)
    assert [v.problem for v in project.videos()] == [""]


def test_a_run_that_goes_on_is_not_taken_for_one_that_was_cut_off(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = window.services.project
    going = _begun(window, tmp_path / "on")
    _begun(window, tmp_path / "off")
    monkeypatch.setattr(window.services.analysis, "running", lambda: (going,))
    window.media_desk.take_up()
    qtbot.waitUntil(lambda: project.runs()[1].state is RunState.FAILED, timeout=20_000)
    assert project.runs()[0].state is RunState.RUNNING
    assert any("was cut off before its first frames" in text for text in window.toasts.texts)


@pytest.mark.parametrize(
    ("state", "elsewhere", "left"),
    [
        (RunState.FINISHED, False, 0),
        (RunState.STOPPED, False, 1),
        (RunState.STOPPED, True, 1),
        (RunState.FINISHED, True, 1),
    ],
)
def test_only_a_whole_analysis_of_this_project_replaces_older_predictions(
    window: MainWindow, tmp_path: Path, state: RunState, elsewhere: bool, left: int
) -> None:
    project = window.services.project
    older, newer = _begun(window, tmp_path / "older"), _begun(window, tmp_path / "newer")
    assert older.run.video_id is not None
    project.import_predictions(older.run.video_id, older.run.id, [_tube(Review.TO_REVIEW)])
    project.finish_work()
    if elsewhere:  # the same ids, as another project has them
        newer = replace(newer, run=replace(newer.run, folder=tmp_path / "another"))
    window.services.analysis.ended.emit(replace(newer, state=state))
    project.finish_work()
    assert _predicted(window, older.run.id) == left


def test_changes_of_other_videos_leave_the_selection(window: MainWindow) -> None:
    tube = _drawn(window)
    window.tube_desk.select(tube)
    window.tube_desk.take_in(Change(videos=frozenset({999})))
    assert [t.id for t in window.tube_desk.selected] == [tube]
