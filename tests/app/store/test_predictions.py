from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.domain.project import Change, ReviewCounts, RunKind
from app.editing.history import commit, redo, undo
from app.editing.tubes import AddTube, DeleteTubes, SetReview
from app.errors import ProjectError
from app.store.predictions import CHUNK_ROWS
from app.store.project import Project
from yowo_core.annotations import ActionSpan, Review, Source, Tube

WALK = 1


def dense_tube(name: str, start: int = 0, count: int = 10, score: float = 0.5) -> Tube:
    frames = np.arange(start, start + count)
    boxes = np.stack([frames, frames, frames + 50, frames + 90], axis=1).astype(float)
    span = ActionSpan(WALK, start, start + count, score)
    return Tube(name, frames, boxes, spans=(span,))


@pytest.fixture
def run_id(project: Project, video_id: int) -> int:
    run = project.add_run(RunKind.DETECT, "Analyse lunch.mp4", Path("runs/1"), video_id, "demo")
    return run.id


def test_predictions_are_a_models_and_to_be_reviewed(
    project: Project, video_id: int, run_id: int
) -> None:
    change = project.import_predictions(video_id, run_id, [dense_tube("1"), dense_tube("2", 5)])
    first, second = project.tubes(video_id)
    assert change == Change(
        videos=frozenset([video_id]), tubes=frozenset([first.id, second.id]), history=False
    )
    assert (first.review, first.source, first.run_id) == (Review.TO_REVIEW, Source.MODEL, run_id)
    assert first.keyframes.tolist() == []
    record = project.tube(second.id)
    assert record is not None
    assert record.tube.model == "demo"
    assert set(record.tube.sources) == {Source.MODEL}
    assert np.array_equal(record.tube.boxes, dense_tube("2", 5).boxes)
    assert record.tube.spans == dense_tube("2", 5).spans
    assert project.history().undo == "Add label read"
    assert project.videos()[0].ranges == ()


def test_keyframes_that_a_prediction_brings_along_stay(
    project: Project, video_id: int, run_id: int
) -> None:
    tube = replace(dense_tube("1"), keyframe=np.arange(10) % 3 == 0)
    project.import_predictions(video_id, run_id, [tube])
    assert project.tubes(video_id)[0].keyframes.tolist() == [0, 3, 6, 9]


def test_predictions_are_seen_only_when_all_are_in(
    project: Project, video_id: int, run_id: int
) -> None:
    many = [dense_tube(str(i), count=300) for i in range(40)]
    steps = project.importing(video_id, run_id, many)
    seen: list[tuple[int, int]] = []
    changes: list[Change] = []
    for change in steps:
        changes += [change] if change else []
        seen.append((len(project.tubes(video_id)), len(project.boxes_at(video_id, 7))))
    assert len(seen) > 40 * 300 / CHUNK_ROWS
    assert set(seen[:-1]) == {(0, 0)}
    assert seen[-1] == (40, 40)
    assert len(changes) == 1
    assert len(changes[0].tubes) == 40


def test_one_long_tube_comes_in_parts(project: Project, video_id: int, run_id: int) -> None:
    project.import_predictions(video_id, run_id, [dense_tube("1", count=2 * CHUNK_ROWS + 1)])
    record = project.tube(project.tubes(video_id)[0].id)
    assert record is not None
    assert len(record.tube.frames) == 2 * CHUNK_ROWS + 1


def test_an_import_that_never_ended_leaves_nothing(
    project: Project, video_id: int, run_id: int
) -> None:
    broken = project.importing(video_id, run_id, [dense_tube("1"), dense_tube("2")])
    next(broken)
    del broken
    commit(project, AddTube(video_id, dense_tube("mine")))
    project.import_predictions(video_id, run_id, [dense_tube("1")])
    assert len(project.tubes(video_id)) == 2
    with project.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM tubes").scalar() == 2


def test_predictions_with_uids_come_in_once(project: Project, video_id: int, run_id: int) -> None:
    named = [dense_tube("a" * 32), dense_tube("b" * 32)]
    project.import_predictions(video_id, run_id, named[:1])
    change = project.import_predictions(video_id, run_id, named)
    assert len(change.tubes) == 1
    assert len(project.tubes(video_id)) == 2


def test_scores_and_frames_may_be_numpy_scalars(
    project: Project, video_id: int, run_id: int
) -> None:
    span = ActionSpan(WALK, np.int64(0), np.int64(10), np.float32(0.25))  # type: ignore[arg-type]
    project.import_predictions(video_id, run_id, [replace(dense_tube("1"), spans=(span,))])
    assert project.tubes(video_id)[0].spans == (ActionSpan(WALK, 0, 10, 0.25),)


def test_what_an_import_needs_has_to_be_there(project: Project, video_id: int, run_id: int) -> None:
    with pytest.raises(ProjectError, match="no run with the id 77"):
        project.import_predictions(video_id, 77, [dense_tube("1")])
    with pytest.raises(ProjectError, match="no video with the id 77"):
        project.import_predictions(77, run_id, [dense_tube("1")])
    odd = replace(dense_tube("1"), spans=(ActionSpan(9, 0, 5),))
    with pytest.raises(ProjectError, match="no label with the id 9; add it first"):
        project.import_predictions(video_id, run_id, [odd])
    assert project.tubes(video_id) == []


def test_labels_of_a_model_are_added_once(project: Project, video_id: int) -> None:
    assert project.ensure_labels(["read", "run", "walk", "run"]) == {"read": 2, "run": 3, "walk": 1}
    assert project.ensure_labels(["run"]) == {"run": 3}
    assert [label.name for label in project.labels()] == ["walk", "read", "run"]
    assert project.labels()[2].color.startswith("#")


def test_a_label_that_was_undone_comes_back_for_a_model(project: Project, video_id: int) -> None:
    undo(project)
    assert [label.name for label in project.labels()] == ["walk"]
    assert project.ensure_labels(["read"]) == {"read": 2}
    redo(project)
    assert [label.name for label in project.labels()] == ["walk", "read"]


def test_discarding_a_run_keeps_what_a_person_decided_on(
    project: Project, video_id: int, run_id: int
) -> None:
    project.import_predictions(video_id, run_id, [dense_tube(str(i)) for i in range(50)])
    ids = [item.id for item in project.tubes(video_id)]
    commit(project, SetReview((ids[0],), Review.ACCEPTED))
    commit(project, SetReview((ids[1],), Review.REJECTED))
    commit(project, SetReview((ids[2],), Review.ACCEPTED))
    undo(project)
    change = project.delete_run_predictions(run_id)
    assert change.tubes == frozenset(ids[2:])
    assert not change.history
    assert [item.id for item in project.tubes(video_id)] == ids[:2]
    with project.reading() as connection:
        # the third is named by the history, so its row stays for redo
        left = connection.exec_driver_sql("SELECT id FROM tubes ORDER BY id").scalars().all()
        boxes = connection.exec_driver_sql("SELECT count(*) FROM boxes").scalar()
    assert left == ids[:3]
    assert boxes == 30
    redo(project)
    assert project.review_counts() == ReviewCounts(accepted=1, rejected=1)


def test_a_discarded_tubes_id_never_means_another(
    project: Project, video_id: int, run_id: int
) -> None:
    project.import_predictions(video_id, run_id, [dense_tube("1"), dense_tube("2")])
    before = {item.id for item in project.tubes(video_id)}
    project.delete_run_predictions(run_id)
    project.import_predictions(video_id, run_id, [dense_tube("3")])
    (change,) = [commit(project, AddTube(video_id, dense_tube("mine")))]
    after = {item.id for item in project.tubes(video_id)}
    assert change.tubes < after
    assert not before & after


def test_deleted_predictions_are_not_discarded_for_good(
    project: Project, video_id: int, run_id: int
) -> None:
    project.import_predictions(video_id, run_id, [dense_tube("1")])
    (tube,) = project.tubes(video_id)
    commit(project, DeleteTubes((tube.id,)))
    project.delete_run_predictions(run_id)
    undo(project)
    assert [item.id for item in project.tubes(video_id)] == [tube.id]


def test_a_run_that_is_not_there_cannot_be_discarded(project: Project) -> None:
    with pytest.raises(ProjectError, match="no run with the id 5"):
        project.delete_run_predictions(5)
