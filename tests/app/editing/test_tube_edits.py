from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.domain.project import Change, RunKind, TubeRecord
from app.editing.boxes import MakeKeyframe, MoveBox, RemoveKeyframe, SetExtent
from app.editing.draft import Edit
from app.editing.history import NOTHING, commit, undo
from app.editing.ranges import MarkLabelled, UnmarkLabelled
from app.editing.tubes import AddTube, DeleteTubes, SetReview, TakeOver
from app.errors import EditError
from app.store.project import Project
from yowo_core.annotations import ActionSpan, FrameRange, Review, Source, Tube
from yowo_core.tubes.interpolate import box_at, dense

WALK, READ = 1, 2
BOX = (10.0, 20.0, 110.0, 220.0)


@pytest.fixture
def human(project: Project, video_id: int) -> int:
    """A person's tube with keyframes in 10 and 20 that walks."""
    boxes = np.array([[0.0, 0, 10, 10], [10, 20, 20, 30]])
    tube = Tube("x", np.array([10, 20]), boxes, spans=(ActionSpan(WALK, 10, 21),))
    (tube_id,) = commit(project, AddTube(video_id, tube)).tubes
    return tube_id


@pytest.fixture
def predicted(project: Project, video_id: int) -> int:
    """A dense prediction in frames 100 to 139 that goes one way and back."""
    x = np.concatenate([np.arange(20), np.arange(20, 0, -1)]) * 4.0
    boxes = x[:, None] + np.array([0.0, 0, 50, 100])
    tube = Tube("x", np.arange(100, 140), boxes, spans=(ActionSpan(READ, 100, 140, 0.6),))
    run = project.add_run(RunKind.DETECT, "Analyse", Path("runs/1"), video_id, "demo")
    (tube_id,) = project.import_predictions(video_id, run.id, [tube]).tubes
    return tube_id


def record(project: Project, tube_id: int) -> TubeRecord:
    found = project.tube(tube_id)
    assert found is not None
    return found


def ranges(project: Project) -> tuple[FrameRange, ...]:
    return project.videos()[0].ranges


def test_a_drawn_tube_is_named_counted_and_labels_its_frames(
    project: Project, video_id: int, human: int
) -> None:
    assert project.history().undo == "Add #1"
    assert ranges(project) == (FrameRange(10, 21),)
    undo(project)
    assert ranges(project) == ()
    assert project.tube(human) is None


def test_a_tube_that_is_not_confirmed_labels_nothing(project: Project, video_id: int) -> None:
    tube = Tube("x", np.array([3]), np.array([BOX]), review=Review.TO_REVIEW)
    change = commit(project, AddTube(video_id, tube))
    assert change.videos == {video_id}
    assert ranges(project) == ()


def odd_tube(**changes: object) -> Tube:
    tube = Tube("x", np.array([3, 4]), np.array([BOX, BOX]))
    return replace(tube, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tube", "sentence"),
    [
        (odd_tube(frames=np.array([3, 1000])), "lunch.mp4 has no frame 1000; it has 1000 frames"),
        (odd_tube(frames=np.array([-1, 3])), "lunch.mp4 has no frame -1"),
        (odd_tube(boxes=np.array([BOX, [5, 5, 5, 9]])), "has no area"),
        (odd_tube(boxes=np.array([BOX, [5, 5, np.nan, 9]])), "has no area"),
        (odd_tube(spans=(ActionSpan(9, 3, 5),)), "label with the id 9"),
        (odd_tube(spans=(ActionSpan(WALK, 3, 6),)), "from frame 3 to 5 does not fit"),
        (odd_tube(spans=(ActionSpan(WALK, 4, 4),)), "does not fit"),
    ],
)
def test_a_tube_that_cannot_be_is_refused(
    project: Project, video_id: int, tube: Tube, sentence: str
) -> None:
    before = project.history()
    with pytest.raises(EditError, match=sentence):
        commit(project, AddTube(video_id, tube))
    assert project.tubes(video_id) == []
    assert project.history() == before


def test_a_moved_box_is_a_keyframe(project: Project, video_id: int, human: int) -> None:
    change = commit(project, MoveBox(human, 15, BOX))
    assert change == Change(videos=frozenset([video_id]), tubes=frozenset([human]))
    tube = record(project, human).tube
    assert tube.frames.tolist() == [10, 15, 20]
    assert tube.boxes[1].tolist() == list(BOX)
    assert tube.review is Review.ACCEPTED
    assert project.history().undo == "Move box of #1"


def test_a_move_that_moves_nothing_writes_nothing(project: Project, human: int) -> None:
    before = project.history()
    assert commit(project, MoveBox(human, 15, (5, 10, 15, 20))) == NOTHING
    assert commit(project, MoveBox(human, 20, (10, 20, 20, 30))) == NOTHING
    assert project.history() == before
    assert record(project, human).tube.frames.tolist() == [10, 20]


def test_a_box_beyond_the_end_extends_the_tube_its_actions_and_the_labelled_range(
    project: Project, human: int
) -> None:
    commit(project, MoveBox(human, 30, BOX))
    tube = record(project, human).tube
    assert (tube.start, tube.stop) == (10, 31)
    assert tube.spans == (ActionSpan(WALK, 10, 31),)
    assert ranges(project) == (FrameRange(10, 31),)


def test_a_frame_that_the_video_lacks_is_refused(project: Project, human: int) -> None:
    with pytest.raises(EditError, match=r"lunch\.mp4 has no frame 1000"):
        commit(project, MoveBox(human, 1000, BOX))


def test_frames_that_a_person_unmarked_stay_so_until_the_tube_grows(
    project: Project, video_id: int, human: int
) -> None:
    commit(project, UnmarkLabelled(video_id, 12, 15))
    commit(project, MoveBox(human, 15, BOX))
    assert ranges(project) == (FrameRange(10, 12), FrameRange(15, 21))
    commit(project, SetExtent(human, 8, 24))
    assert ranges(project) == (FrameRange(8, 12), FrameRange(15, 25))


def test_a_corrected_prediction_is_thinned_and_counts_as_a_persons_word(
    project: Project, predicted: int
) -> None:
    model = record(project, predicted).tube
    commit(project, MoveBox(predicted, 110, BOX))
    tube = record(project, predicted).tube
    assert tube.frames.tolist() == [100, 110, 120, 139]
    assert tube.keyframe.all()
    assert tube.review is Review.CORRECTED
    assert tube.sources == (Source.MODEL, Source.HUMAN, Source.MODEL, Source.MODEL)
    assert np.abs(dense(tube, 120, 140).boxes - dense(model, 120, 140).boxes).max() <= 1.5
    assert ranges(project) == (FrameRange(100, 140),)
    undo(project)
    assert record(project, predicted).tube.equals(model)
    assert ranges(project) == ()


def test_an_accepted_prediction_labels_its_frames_and_stays_dense(
    project: Project, predicted: int
) -> None:
    commit(project, SetReview((predicted,), Review.ACCEPTED))
    assert ranges(project) == (FrameRange(100, 140),)
    assert len(record(project, predicted).tube.frames) == 40
    assert project.history().undo == "Accept #1"
    undo(project)
    assert ranges(project) == ()
    assert record(project, predicted).tube.review is Review.TO_REVIEW


def test_a_rejected_prediction_labels_nothing(project: Project, predicted: int) -> None:
    commit(project, SetReview((predicted,), Review.REJECTED))
    assert ranges(project) == ()


def test_review_of_several_tubes_is_one_edit(
    project: Project, video_id: int, human: int, predicted: int
) -> None:
    change = commit(project, SetReview((human, predicted), Review.ACCEPTED))
    assert change.tubes == {predicted}
    assert commit(project, SetReview((human, predicted), Review.ACCEPTED)) == NOTHING
    change = commit(project, SetReview((human, predicted), Review.UNSURE))
    assert change.tubes == {human, predicted}
    assert project.history().undo == "Mark as unsure 2 tubes"


def test_taking_over_leaves_few_keyframes_and_the_sources(project: Project, predicted: int) -> None:
    model = record(project, predicted).tube
    commit(project, TakeOver(predicted))
    found = record(project, predicted)
    assert found.tube.frames.tolist() == [100, 120, 139]
    assert found.tube.review is Review.CORRECTED
    assert set(found.tube.sources) == {Source.MODEL}
    assert found.tube.model == "demo"
    assert found.tube.id == model.id
    assert ranges(project) == (FrameRange(100, 140),)
    assert commit(project, TakeOver(predicted)) == NOTHING


def test_a_persons_tube_cannot_be_taken_over(project: Project, human: int) -> None:
    assert commit(project, TakeOver(human)) == NOTHING


def test_a_keyframe_is_made_and_removed(project: Project, human: int) -> None:
    original = record(project, human).tube
    commit(project, MakeKeyframe(human, 13))
    assert project.tubes(record(project, human).video_id)[0].keyframes.tolist() == [10, 13, 20]
    assert commit(project, MakeKeyframe(human, 13)) == NOTHING
    commit(project, RemoveKeyframe(human, 13))
    assert record(project, human).tube.equals(original)
    with pytest.raises(EditError, match="#1 has no keyframe in frame 13"):
        commit(project, RemoveKeyframe(human, 13))
    with pytest.raises(EditError, match="no box to keep in frame 40"):
        commit(project, MakeKeyframe(human, 40))


def test_a_keyframe_in_a_dense_prediction_pins_its_very_box(
    project: Project, predicted: int
) -> None:
    before = box_at(record(project, predicted).tube, 107)
    commit(project, MakeKeyframe(predicted, 107))
    tube = record(project, predicted).tube
    after = box_at(tube, 107)
    assert before is not None
    assert after is not None
    assert np.array_equal(before[0], after[0])
    assert tube.frames.tolist() == [100, 107, 120, 139]
    with pytest.raises(EditError, match="no keyframe in frame 108"):
        commit(project, RemoveKeyframe(predicted, 108))


def test_an_extent_is_cut_to_the_video(project: Project, human: int) -> None:
    commit(project, SetExtent(human, -5, 5000))
    tube = record(project, human).tube
    assert (tube.start, tube.stop) == (0, 1000)
    assert project.history().undo == "Extend #1"
    commit(project, SetExtent(human, 12, 18))
    assert project.history().undo == "Trim #1"
    assert ranges(project) == (FrameRange(0, 1000),)
    with pytest.raises(EditError, match="share none"):
        commit(project, SetExtent(human, 500, 600))


def test_trimming_a_prediction_keeps_its_boxes(project: Project, predicted: int) -> None:
    commit(project, SetExtent(predicted, 105, 134))
    tube = record(project, predicted).tube
    assert tube.frames.tolist() == list(range(105, 135))
    assert tube.review is Review.CORRECTED
    assert tube.spans == (ActionSpan(READ, 105, 135, 0.6),)


def test_deleted_tubes_come_back_with_all_they_had(
    project: Project, video_id: int, human: int, predicted: int
) -> None:
    before = [record(project, tube_id).tube for tube_id in (human, predicted)]
    commit(project, DeleteTubes((human, predicted)))
    assert project.tubes(video_id) == []
    assert ranges(project) == (FrameRange(10, 21),)
    assert project.history().undo == "Delete 2 tubes"
    undo(project)
    after = [record(project, tube_id).tube for tube_id in (human, predicted)]
    assert all(a.equals(b) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize(
    "edit",
    [
        MoveBox(1, 15, BOX),
        MakeKeyframe(1, 15),
        RemoveKeyframe(1, 10),
        SetExtent(1, 12, 18),
        SetReview((1,), Review.REJECTED),
        DeleteTubes((1,)),
        TakeOver(1),
    ],
)
def test_what_is_gone_cannot_be_edited(project: Project, human: int, edit: Edit) -> None:
    assert human == 1
    commit(project, DeleteTubes((1,)))
    before = project.history()
    with pytest.raises(EditError, match="tube with the id 1 is not in the project any more"):
        commit(project, edit)
    assert project.history() == before


def test_every_edit_knows_its_author_and_time(project: Project, video_id: int, human: int) -> None:
    with project.reading() as connection:
        row = connection.exec_driver_sql(
            "SELECT a.name, h.at, t.changed_at FROM history h JOIN authors a ON a.id = h.author_id "
            "JOIN tubes t ON t.id = ? ORDER BY h.id DESC LIMIT 1",
            (human,),
        ).one()
    assert row.name == "Ada"
    assert row.at.endswith("+00:00")
    assert row.at == row.changed_at == project.history().saved_at


def test_marking_is_merged_and_unmarking_splits(project: Project, video_id: int) -> None:
    commit(project, MarkLabelled(video_id, 100, 200))
    commit(project, MarkLabelled(video_id, 200, 5000))
    assert ranges(project) == (FrameRange(100, 1000),)
    assert commit(project, MarkLabelled(video_id, 150, 160)) == NOTHING
    commit(project, UnmarkLabelled(video_id, 300, 400))
    assert ranges(project) == (FrameRange(100, 300), FrameRange(400, 1000))
    commit(project, UnmarkLabelled(video_id, 0, 1000))
    assert ranges(project) == ()
    with pytest.raises(EditError, match=r"Frames 1000 to 1009 hold none of lunch\.mp4"):
        commit(project, MarkLabelled(video_id, 1000, 1010))
    with pytest.raises(EditError, match="video with the id 8"):
        commit(project, MarkLabelled(8, 0, 10))
