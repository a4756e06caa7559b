import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.project import ClassCount, ReviewCounts
from app.editing.history import commit
from app.editing.media import RemoveVideo
from app.editing.ranges import MarkLabelled
from app.editing.tubes import AddTube, DeleteTubes, SetReview
from app.store.project import Project
from yowo_core.annotations import ActionSpan, FrameRange, Review, Source, Tube
from yowo_core.tubes.interpolate import box_at

WALK, READ = 1, 2


def tube_of(frames: list[int], *spans: ActionSpan, review: Review = Review.ACCEPTED) -> Tube:
    boxes = np.array([[f, f + 1.0, f + 20.5, f + 40.25] for f in frames])
    return Tube("x", np.array(frames), boxes, spans=spans, review=review)


def added(project: Project, video_id: int, tube: Tube) -> int:
    (tube_id,) = commit(project, AddTube(video_id, tube)).tubes
    return tube_id


def test_a_tube_comes_back_as_it_was(project: Project, video_id: int) -> None:
    scores = tuple(float(np.float32(x)) for x in np.linspace(0.1, 0.9, 11))
    tube = Tube(
        "b" * 32,
        np.array([3, 7, 13]),
        np.array([[0.1, 0.2, 1e3 / 3, 9], [1, 2, 3, 4], [5, 6, 7, 8.5]]),
        spans=(ActionSpan(WALK, 3, 14, 0.5, scores), ActionSpan(READ, 5, 6)),
        sources=(Source.MODEL, Source.TRACKER, Source.IMPORT),
        keyframe=np.array([True, False, True]),
        outside=np.array([False, True, False]),
        person="the cook",
        model="demo",
        review=Review.UNSURE,
    )
    record = project.tube(added(project, video_id, tube))
    assert record is not None
    assert record.tube.equals(tube)
    assert (record.number, record.video_id, record.run_id) == (1, video_id, None)


def test_a_copy_gets_its_own_uid_and_remembers_the_first(project: Project, video_id: int) -> None:
    first = project.tube(added(project, video_id, tube_of([1, 5])))
    assert first is not None
    copy = project.tube(added(project, video_id, first.tube))
    assert copy is not None
    assert copy.tube.id != first.tube.id
    assert copy.number == 2
    with project.reading() as connection:
        origin = connection.exec_driver_sql("SELECT origin_uid FROM tubes WHERE id = ?", (copy.id,))
        assert origin.scalar() == first.tube.id


def test_a_timeline_gets_everything_but_boxes(project: Project, video_id: int) -> None:
    walk = ActionSpan(WALK, 10, 21, 0.75, (0.75,) * 11)
    later = added(project, video_id, tube_of([30, 40], review=Review.UNSURE))
    tube_id = added(project, video_id, tube_of([10, 14, 20], walk, ActionSpan(READ, 12, 15)))
    other, summary = project.tubes(video_id)
    assert (other.id, other.number, other.confirmed) == (later, 1, False)
    assert (summary.id, summary.number, summary.first, summary.last) == (tube_id, 2, 10, 20)
    assert summary.keyframes.tolist() == [10, 14, 20]
    assert summary.spans == (ActionSpan(WALK, 10, 21, 0.75), ActionSpan(READ, 12, 15))
    assert (summary.review, summary.source) == (Review.ACCEPTED, Source.HUMAN)
    assert [item.id for item in project.tubes(video_id, [later, 999])] == [later]
    assert project.tubes(video_id + 1) == []


def test_what_is_gone_is_not_found(project: Project, video_id: int) -> None:
    tube_id = added(project, video_id, tube_of([10, 20]))
    commit(project, DeleteTubes((tube_id,)))
    assert project.tube(tube_id) is None
    assert project.tube(12345) is None
    assert project.tubes(video_id) == []
    assert project.boxes_at(video_id, 15) == []


def test_a_frames_boxes_are_stored_or_interpolated(project: Project, video_id: int) -> None:
    walk = ActionSpan(WALK, 10, 21, 0.5, (0.5,) * 11)
    tube_id = added(project, video_id, tube_of([10, 20], walk, ActionSpan(READ, 12, 15)))
    (box,) = project.boxes_at(video_id, 10)
    assert (box.tube_id, box.number, box.box) == (tube_id, 1, (10, 11, 30.5, 50.25))
    assert (box.keyframe, box.interpolated, box.source) == (True, False, Source.HUMAN)
    assert box.spans == (ActionSpan(WALK, 10, 21, 0.5),)
    (box,) = project.boxes_at(video_id, 14)
    assert box.box == pytest.approx((14, 15, 34.5, 54.25))
    assert (box.keyframe, box.interpolated, box.source) == (False, True, Source.INTERPOLATION)
    assert [span.label for span in box.spans] == [WALK, READ]
    assert [span.label for span in project.boxes_at(video_id, 15)[0].spans] == [WALK]
    assert project.boxes_at(video_id, 9) == project.boxes_at(video_id, 21) == []


def test_only_predictions_without_a_sure_action_are_left_out(
    project: Project, video_id: int
) -> None:
    weak, strong = ActionSpan(WALK, 0, 5, 0.2), ActionSpan(READ, 0, 5, 0.8)
    for spans, review in (
        ((weak,), Review.TO_REVIEW),
        ((weak, strong), Review.TO_REVIEW),
        ((weak,), Review.ACCEPTED),
        ((), Review.TO_REVIEW),
        ((ActionSpan(WALK, 0, 5),), Review.TO_REVIEW),
    ):
        added(project, video_id, tube_of([0, 4], *spans, review=review))
    assert [b.number for b in project.boxes_at(video_id, 2)] == [1, 2, 3, 4, 5]
    assert [b.number for b in project.boxes_at(video_id, 2, 0.2)] == [1, 2, 3, 4, 5]
    assert [b.number for b in project.boxes_at(video_id, 2, 0.5)] == [2, 3, 4, 5]
    assert [b.number for b in project.boxes_at(video_id, 2, 0.9)] == [3, 4, 5]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    frames=st.lists(st.integers(0, 40), min_size=1, max_size=8, unique=True).map(sorted),
    data=st.data(),
)
def test_a_frames_box_is_that_of_the_tube(
    project: Project, video_id: int, frames: list[int], data: st.DataObject
) -> None:
    outside = data.draw(st.lists(st.booleans(), min_size=len(frames), max_size=len(frames)))
    corners = np.array([[f * 3.7 % 11, f, 20 + f, 30 + f] for f in frames], dtype=float)
    tube = Tube("x", np.array(frames), corners, outside=np.array(outside))
    tube_id = added(project, video_id, tube)
    for frame in range(42):
        expected = box_at(tube, frame)
        shown = [b for b in project.boxes_at(video_id, frame) if b.tube_id == tube_id]
        assert len(shown) == (expected is not None)
        if expected is not None:
            assert shown[0].box == pytest.approx(tuple(expected[0]))
            assert shown[0].interpolated != expected[1]
    commit(project, DeleteTubes((tube_id,)))


def test_review_is_counted_in_videos_that_are_there(project: Project, video_id: int) -> None:
    states = (
        Review.ACCEPTED,
        Review.CORRECTED,
        Review.TO_REVIEW,
        Review.REJECTED,
        Review.REJECTED,
        Review.UNSURE,
    )
    for review in states:
        added(project, video_id, tube_of([0, 4], review=review))
    assert project.review_counts() == ReviewCounts(accepted=2, to_review=1, rejected=2)
    waiting = [t for t in project.tubes(1) if t.review is Review.TO_REVIEW]
    assert project.in_review(1) == [(t.first, t.id) for t in waiting]
    commit(project, RemoveVideo(video_id))
    assert project.review_counts() == ReviewCounts()


def test_there_is_as_much_to_learn_as_is_confirmed_and_seen(
    project: Project, video_id: int
) -> None:
    walk = ActionSpan(WALK, 10, 21)
    added(project, video_id, tube_of([10, 20], walk, ActionSpan(READ, 12, 15)))
    added(project, video_id, tube_of([10, 20], walk, review=Review.CORRECTED))
    added(project, video_id, tube_of([10, 20], walk, review=Review.REJECTED))
    hidden = np.array([False, True, False])
    boxes = np.tile([0.0, 0, 9, 9], (3, 1))
    outside = Tube("x", np.array([10, 14, 20]), boxes, spans=(walk,), outside=hidden)
    added(project, video_id, outside)
    assert project.training_counts() == [
        ClassCount(WALK, "walk", 3, 11 + 11 + 11 - 6),
        ClassCount(READ, "read", 1, 3),
    ]


def test_export_and_training_see_confirmed_tubes_and_ranges(
    project: Project, video_id: int
) -> None:
    accepted = tube_of([10, 20], ActionSpan(WALK, 10, 21))
    added(project, video_id, accepted)
    rejected = added(project, video_id, tube_of([50, 60]))
    commit(project, SetReview((rejected,), Review.REJECTED))
    commit(project, MarkLabelled(video_id, 0, 12))
    everything = project.annotation_set(confirmed_only=False)
    confirmed = project.annotation_set(confirmed_only=True)
    assert [label.name for label in confirmed.labels] == ["walk", "read"]
    video = confirmed.video("lunch.mp4")
    assert (video.width, video.height, video.frame_count) == (1280, 720, 1000)
    assert float(video.fps) == pytest.approx(29.97, abs=0.001)
    assert video.ranges == (FrameRange(0, 21), FrameRange(50, 61))
    (tube,) = video.tubes
    assert np.array_equal(tube.boxes, accepted.boxes)
    assert tube.spans == accepted.spans
    assert len(tube.id) == 32
    assert [t.review for t in everything.videos[0].tubes] == [Review.ACCEPTED, Review.REJECTED]
    commit(project, RemoveVideo(video_id))
    assert project.annotation_set(confirmed_only=False).videos == ()
