"""The kept order of a review is the one that would be read afresh, whatever was edited."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.domain.project import NewVideo, RunKind
from app.domain.review import EVERY_TUBE, ReviewFilter
from app.editing.boxes import SetExtent
from app.editing.labels import MergeLabel
from app.editing.media import AddVideos
from app.editing.tubes import DeleteTubes, SetReview
from app.services.project_service import ProjectService
from app.services.review_order import ReviewOrder
from app.store.project import Project
from yowo_core.annotations import ActionSpan, Review, Tube

TUBES, VIDEO = 30, 1


@pytest.fixture
def service(qtbot: QtBot, tmp_path: Path) -> ProjectService:
    """Thirty predictions of two labels, two of them with the same first frame each."""
    made = ProjectService("Ada")
    assert made.create(tmp_path / "a.yowo")
    made.submit(AddVideos((NewVideo(tmp_path / "lunch.mp4", frame_count=500),)))
    made.ensure_labels(["walk", "read"])
    run = made.add_run(RunKind.DETECT, "t", tmp_path / "run", VIDEO)
    assert run is not None
    made.import_predictions(VIDEO, run.id, [_predicted(place) for place in range(TUBES)])
    made.finish_work()
    return made


def _predicted(place: int) -> Tube:
    first = 7 * (place // 2)
    span = ActionSpan(place % 2 + 1, first, first + 6, 0.2 + place / TUBES / 2)
    boxes = np.tile([1.0, 2, 30, 40], (6, 1))
    return Tube(str(place), np.arange(first, first + 6), boxes, spans=(span,))


def _fresh(
    service: ProjectService, wanted: ReviewFilter, here: tuple[int, int], way: int
) -> object:
    """The neighbour as one finds it by looking at all that wait."""
    every = [place for place in service.in_review(VIDEO, wanted) if place != here]
    after, before = [p for p in every if p > here], [p for p in every if p < here]
    ring = after + before if way > 0 else before[::-1] + after[::-1]
    return ring[0][1] if ring else None


DECISIONS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "reject", "wait", "shorten", "delete", "undo", "redo", "many"]),
        st.integers(1, TUBES),
    ),
    max_size=12,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(DECISIONS, st.sampled_from([EVERY_TUBE, ReviewFilter(0.4), ReviewFilter(0.3, 2)]))
def test_after_any_edits_it_equals_a_fresh_one(
    service: ProjectService, steps: list[tuple[str, int]], wanted: ReviewFilter
) -> None:
    order = ReviewOrder(service, service)
    order.places(VIDEO, wanted)
    for what, tube in steps:
        _do(service, what, tube)
        assert order.places(VIDEO, wanted) == service.in_review(VIDEO, wanted)
        for here in ((35, tube), (0, 0), (900, 1)):
            for way in (1, -1):
                found = order.neighbour(VIDEO, wanted, here, way, ())
                assert found == _fresh(service, wanted, here, way)


def _do(service: ProjectService, what: str, tube: int) -> None:
    reviews = {"accept": Review.ACCEPTED, "reject": Review.REJECTED, "wait": Review.TO_REVIEW}
    if what in reviews:
        service.submit(SetReview((tube,), reviews[what]))
    elif what == "many":
        service.submit(SetReview(tuple(range(1, tube + 1)), Review.UNSURE))
    elif what == "undo":
        service.undo()
    elif what == "redo":
        service.redo()
    else:
        found = service.tube(tube)
        if found is not None:
            first = int(found.tube.frames[0])
            last = int(found.tube.frames[-1])
            shorter = SetExtent(tube, min(first + 1, last), last)
            service.submit(DeleteTubes((tube,)) if what == "delete" else shorter)


def test_a_decision_reads_only_the_tube_that_it_touched(
    service: ProjectService, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    real = Project.in_review

    def asking(project: Project, *given: object) -> object:
        asked.append(given[2])
        return real(project, *given)  # type: ignore[arg-type]

    order = ReviewOrder(service, service)
    monkeypatch.setattr(Project, "in_review", asking)
    for tube in (3, 4, 5):
        assert len(order.places(VIDEO, EVERY_TUBE)) == TUBES - tube + 3
        service.submit(SetReview((tube,), Review.ACCEPTED))
    assert asked == [None, {3}, {4}]


def test_other_labels_videos_and_projects_are_read_anew(
    service: ProjectService, tmp_path: Path
) -> None:
    order, reads = ReviewOrder(service, service), ReviewFilter(0.0, 2)
    assert len(order.places(VIDEO, reads)) == TUBES // 2
    assert len(order.places(VIDEO, EVERY_TUBE)) == TUBES
    assert order.places(VIDEO + 1, EVERY_TUBE) == []
    assert order.neighbour(VIDEO + 1, EVERY_TUBE, (0, 0), 1, ()) is None
    assert len(order.places(VIDEO, reads)) == TUBES // 2
    service.submit(MergeLabel(1, 2))
    assert len(order.places(VIDEO, reads)) == TUBES
    assert service.create(tmp_path / "b.yowo")
    assert order.places(VIDEO, EVERY_TUBE) == []


def test_those_passed_over_are_not_found_in_either_way(service: ProjectService) -> None:
    order = ReviewOrder(service, service)
    ids = [tube for _, tube in order.places(VIDEO, EVERY_TUBE)]
    here = order.places(VIDEO, EVERY_TUBE)[0]
    assert order.neighbour(VIDEO, EVERY_TUBE, here, 1, ids[:3]) == ids[3]
    assert order.neighbour(VIDEO, EVERY_TUBE, here, -1, [ids[0], ids[-1]]) == ids[-2]
    assert order.neighbour(VIDEO, EVERY_TUBE, here, 1, ids) is None
