"""Merging, splitting and swapping tubes in a project: one edit each, with one way back."""

from pathlib import Path

import numpy as np
import pytest

from app.domain.project import NewVideo, RunKind
from app.editing.boxes import MoveBox
from app.editing.history import commit, undo
from app.editing.joins import HoldBox, Interpolate, MergeTubes, SplitTube, SwapTubes
from app.editing.media import AddVideos
from app.editing.tubes import AddTube
from app.errors import EditError
from app.store.project import Project
from yowo_core.annotations import ActionSpan, FrameRange, Review, Source, Tube
from yowo_core.errors import DataError
from yowo_core.tubes.interpolate import box_at

WALK, READ = 1, 2


def _add(project: Project, video_id: int, first: int, last: int, label: int) -> int:
    boxes = np.array([[first, 0, first + 10, 10], [last, 0, last + 10, 10]], dtype=float)
    spans = (ActionSpan(label, first, last + 1),)
    tube = Tube("", np.array([first, last]), boxes, spans)
    (tube_id,) = commit(project, AddTube(video_id, tube)).tubes
    return tube_id


def _predict(project: Project, video_id: int, first: int, last: int) -> int:
    at = np.arange(first, last + 1)
    boxes = at[:, None] + np.array([0.0, 0, 50, 100])
    tube = Tube("x", at, boxes, (ActionSpan(READ, first, last + 1, 0.6),))
    run = project.add_run(RunKind.DETECT, "Analyse", Path("runs/1"), video_id, "demo")
    (tube_id,) = project.import_predictions(video_id, run.id, [tube]).tubes
    return tube_id


def _tube(project: Project, tube_id: int) -> Tube:
    found = project.tube(tube_id)
    assert found is not None
    return found.tube


def test_merged_tubes_are_one_until_undone(project: Project, video_id: int) -> None:
    first, second = _add(project, video_id, 10, 19, WALK), _add(project, video_id, 25, 40, WALK)
    change = commit(project, MergeTubes((first, second)))
    assert change.tubes == {first, second}
    assert project.history().undo == "Merge #2 into #1"
    assert [t.id for t in project.tubes(video_id)] == [first]
    whole = _tube(project, first)
    assert (whole.start, whole.stop) == (10, 41)
    assert [(s.label, s.start, s.stop) for s in whole.spans] == [(WALK, 10, 41)]
    undo(project)
    assert [t.id for t in project.tubes(video_id)] == [first, second]
    assert _tube(project, first).stop == 20


def test_a_long_gap_between_merged_tubes_stays_unknown(project: Project, video_id: int) -> None:
    first, second = _add(project, video_id, 10, 19, WALK), _add(project, video_id, 200, 220, WALK)
    commit(project, MergeTubes((first, second)))
    assert box_at(_tube(project, first), 100) is None
    assert project.videos()[0].ranges == (FrameRange(10, 20), FrameRange(200, 221))


def test_a_prediction_that_takes_others_in_is_corrected(project: Project, video_id: int) -> None:
    first, second = _predict(project, video_id, 10, 19), _add(project, video_id, 22, 30, READ)
    commit(project, MergeTubes((first, second)))
    whole = _tube(project, first)
    assert whole.review is Review.CORRECTED
    assert bool(whole.keyframe.all())
    assert len(whole.frames) < 6
    assert project.videos()[0].ranges == (FrameRange(10, 31),)


def test_one_tube_cannot_be_merged(project: Project, video_id: int) -> None:
    only = _add(project, video_id, 10, 19, WALK)
    with pytest.raises(EditError, match="Two tubes at least"):
        commit(project, MergeTubes((only, only)))


def test_tubes_of_two_videos_stay_apart(project: Project, video_id: int) -> None:
    file = project.path.parent / "dinner.mp4"
    file.write_bytes(b"not looked into")
    commit(project, AddVideos((NewVideo(file, 640, 480, 100, content_hash="h"),)))
    other = _add(project, project.videos()[1].id, 5, 9, WALK)
    mine = _add(project, video_id, 5, 9, WALK)
    for edit in (MergeTubes((mine, other)), SwapTubes(mine, other, 7)):
        with pytest.raises(EditError, match="#2 and #1 are of different videos"):
            commit(project, edit)


def test_a_split_gives_two_tubes_and_one_undo(project: Project, video_id: int) -> None:
    tube = _add(project, video_id, 10, 29, WALK)
    change = commit(project, SplitTube(tube, 20))
    (new,) = change.tubes - {tube}
    assert project.history().undo == "Split #2 from #1"
    assert [(t.first, t.last) for t in project.tubes(video_id)] == [(10, 19), (20, 29)]
    assert [(s.start, s.stop) for s in _tube(project, new).spans] == [(20, 30)]
    undo(project)
    assert [(t.first, t.last) for t in project.tubes(video_id)] == [(10, 29)]


def test_both_parts_of_a_split_prediction_are_corrected(project: Project, video_id: int) -> None:
    tube = _predict(project, video_id, 10, 29)
    commit(project, SplitTube(tube, 20))
    assert [t.review for t in project.tubes(video_id)] == [Review.CORRECTED] * 2
    assert project.videos()[0].ranges == (FrameRange(10, 30),)


def test_a_split_outside_is_refused_and_changes_nothing(project: Project, video_id: int) -> None:
    tube = _add(project, video_id, 10, 29, WALK)
    with pytest.raises((EditError, DataError), match="cannot be split at frame 10"):
        commit(project, SplitTube(tube, 10))
    assert project.history().undo == "Add #1"


def test_swapped_tubes_go_on_as_each_other(project: Project, video_id: int) -> None:
    first, second = _add(project, video_id, 0, 20, WALK), _add(project, video_id, 5, 30, READ)
    commit(project, SwapTubes(first, second, 15))
    assert project.history().undo == "Swap #1 and #2 from frame 15 on"
    assert (_tube(project, first).stop, _tube(project, second).stop) == (31, 21)
    assert [(s.label, s.start, s.stop) for s in _tube(project, first).spans] == [
        (WALK, 0, 15),
        (READ, 15, 31),
    ]
    undo(project)
    assert (_tube(project, first).stop, _tube(project, second).stop) == (21, 31)


def test_a_tube_is_not_swapped_with_itself(project: Project, video_id: int) -> None:
    tube = _add(project, video_id, 10, 29, WALK)
    with pytest.raises(EditError, match="#1 cannot be swapped with itself"):
        commit(project, SwapTubes(tube, tube, 20))


def test_a_straight_line_takes_the_place_of_a_stretch(project: Project, video_id: int) -> None:
    tube = _add(project, video_id, 10, 29, WALK)
    commit(project, MoveBox(tube, 16, (0.0, 0.0, 90.0, 90.0)))
    commit(project, Interpolate(tube, 15, (12, 20)))
    assert _tube(project, tube).frames.tolist() == [10, 12, 20, 29]
    with pytest.raises((EditError, DataError), match="straight line"):
        commit(project, Interpolate(tube, 15, (12, 20)))


def test_a_box_is_copied_on_within_the_video(project: Project, video_id: int) -> None:
    tube = _add(project, video_id, 10, 19, WALK)
    commit(project, HoldBox(tube, 15, 40))
    held = _tube(project, tube)
    found, later = box_at(held, 15), box_at(held, 40)
    assert found is not None
    assert later is not None
    assert later[0].tolist() == found[0].tolist()
    assert held.sources[-1] is Source.HUMAN
    with pytest.raises(EditError, match="has no frame 1000"):
        commit(project, HoldBox(tube, 15, 1000))
