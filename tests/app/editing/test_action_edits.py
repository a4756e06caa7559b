import numpy as np
import pytest

from app.editing.actions import SetSpan, ToggleAction, ToggleActionWhole
from app.editing.history import NOTHING, commit, undo
from app.editing.tubes import AddTube
from app.errors import EditError
from app.store.project import Project
from yowo_core.annotations import ActionSpan, Review, Source, Tube

WALK, READ = 1, 2


def spans_of(project: Project, tube_id: int) -> tuple[ActionSpan, ...]:
    found = project.tube(tube_id)
    assert found is not None
    return found.tube.spans


@pytest.fixture
def tube_id(project: Project, video_id: int) -> int:
    """A prediction in frames 10 to 20 that walks for sure."""
    scores = tuple(np.linspace(0.5, 1.0, 11).tolist())
    tube = Tube(
        "x",
        np.arange(10, 21),
        np.tile([0.0, 0, 9, 9], (11, 1)),
        spans=(ActionSpan(WALK, 10, 21, 0.75, scores),),
        sources=(Source.MODEL,) * 11,
        keyframe=np.zeros(11, dtype=bool),
        review=Review.TO_REVIEW,
    )
    (added,) = commit(project, AddTube(video_id, tube)).tubes
    return added


def uids(project: Project) -> dict[int, tuple[str, str]]:
    with project.reading() as connection:
        rows = connection.exec_driver_sql("SELECT label_id, uid, source FROM spans")
        return {label: (uid, source) for label, uid, source in rows}


def test_a_digit_starts_and_ends_an_action(project: Project, tube_id: int) -> None:
    walk = spans_of(project, tube_id)[0]
    commit(project, ToggleAction(tube_id, READ, 15))
    assert spans_of(project, tube_id) == (walk, ActionSpan(READ, 15, 21))
    assert project.history().undo == "Start read in #1"
    commit(project, ToggleAction(tube_id, READ, 18))
    assert spans_of(project, tube_id) == (walk, ActionSpan(READ, 15, 18))
    assert project.history().undo == "End read in #1"
    commit(project, ToggleAction(tube_id, READ, 15))
    assert spans_of(project, tube_id) == (walk,)


def test_another_action_corrects_a_prediction_without_touching_its_boxes(
    project: Project, tube_id: int
) -> None:
    commit(project, ToggleAction(tube_id, READ, 15))
    found = project.tube(tube_id)
    assert found is not None
    assert found.tube.review is Review.CORRECTED
    assert len(found.tube.frames) == 11
    assert project.videos()[0].ranges[0].start == 10


def test_a_shortened_action_keeps_its_uid_and_is_a_persons_now(
    project: Project, tube_id: int
) -> None:
    (before, source) = uids(project)[WALK]
    assert source == "model"
    commit(project, SetSpan(tube_id, 0, 12, 16))
    (span,) = spans_of(project, tube_id)
    assert (span.start, span.stop, len(span.scores)) == (12, 16, 4)
    assert span.score == pytest.approx(sum(span.scores) / 4)
    assert uids(project)[WALK] == (before, "human")
    undo(project)
    assert spans_of(project, tube_id)[0].stop == 21
    assert uids(project)[WALK] == (before, "model")


def test_shift_and_a_digit_fill_the_tube_or_clear_it(project: Project, tube_id: int) -> None:
    commit(project, ToggleActionWhole(tube_id, READ))
    assert ActionSpan(READ, 10, 21) in spans_of(project, tube_id)
    commit(project, ToggleActionWhole(tube_id, READ))
    commit(project, ToggleActionWhole(tube_id, WALK))
    assert spans_of(project, tube_id) == ()
    assert project.history().undo == "walk in all of #1"


def test_a_span_that_stays_is_no_edit(project: Project, tube_id: int) -> None:
    assert commit(project, SetSpan(tube_id, 0, 10, 21)) == NOTHING
    assert commit(project, SetSpan(tube_id, 0, 0, 500)) == NOTHING


def test_what_is_not_there_cannot_be_switched(project: Project, tube_id: int) -> None:
    with pytest.raises(EditError, match="label with the id 9 is not in the project"):
        commit(project, ToggleAction(tube_id, 9, 12))
    with pytest.raises(EditError, match="tube with the id 99"):
        commit(project, ToggleActionWhole(99, WALK))
    with pytest.raises(EditError, match="Frame 21 is outside the tube"):
        commit(project, ToggleAction(tube_id, WALK, 21))
    with pytest.raises(EditError, match="no action number 4"):
        commit(project, SetSpan(tube_id, 4, 10, 12))


def test_the_timeline_shows_the_best_score_that_is_left(
    project: Project, video_id: int, tube_id: int
) -> None:
    assert len(project.boxes_at(video_id, 12, 0.76)) == 0
    commit(project, SetSpan(tube_id, 0, 18, 21))
    commit(project, SetSpan(tube_id, 0, 18, 20))
    with project.reading() as connection:
        score = connection.exec_driver_sql("SELECT best_score FROM tubes").scalar()
    assert score == pytest.approx(0.925)
