"""Very many tubes come part by part, with what is edited meanwhile."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.domain.project import RunKind
from app.editing.tubes import AddTube, DeleteTubes
from app.views import play_desk, tube_loader
from app.views.main_window import MainWindow
from app.views.tube_loader import LoadedTubes, TubeLoader
from yowo_core.annotations import Review, Source, Tube

COUNT = 60


@pytest.fixture
def many(window: MainWindow, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A project with 60 predictions, where 20 are very many and 7 are read at a time."""
    monkeypatch.setattr(play_desk, "MANY", 20)
    monkeypatch.setattr(tube_loader, "_PART", 7)
    project, video = window.services.project, window.play_desk.video
    assert video is not None
    run = project.add_run(RunKind.DETECT, "made up", video.path.parent / "run", video.id)
    assert run is not None
    project.import_predictions(video.id, run.id, [_tube(n) for n in range(COUNT)])
    project.finish_work()
    return window


def _tube(start: int) -> Tube:
    frames = np.array([start % 20, start % 20 + 5])
    boxes = np.array([[1, 1, 20, 20], [1, 1, 20, 20]], np.float64)
    sources = (Source.MODEL,) * 2
    return Tube(f"t{start}", frames, boxes, sources=sources, review=Review.TO_REVIEW)


def _shown(window: MainWindow) -> set[int]:
    return {tube.id for tube in window.timeline.tubes}


def test_predictions_that_came_in_are_shown_when_all_were_read(
    many: MainWindow, qtbot: QtBot
) -> None:
    assert len(_shown(many)) < COUNT
    qtbot.waitUntil(lambda: len(_shown(many)) == COUNT, timeout=10_000)


def test_all_tubes_of_a_video_that_is_opened_are_shown(many: MainWindow, qtbot: QtBot) -> None:
    many.play_desk.open(many.play_desk.video)
    assert _shown(many) == set()
    qtbot.waitUntil(lambda: len(_shown(many)) == COUNT, timeout=10_000)


def test_what_is_edited_while_tubes_are_read_is_not_lost(many: MainWindow, qtbot: QtBot) -> None:
    project, video = many.services.project, many.play_desk.video
    assert video is not None
    ids = project.tube_ids(video.id)
    loader = TubeLoader(project, many)
    told: list[LoadedTubes] = []
    loader.loaded.connect(told.append)
    loader.start(video.id, ids, whole=True)
    for _ in range(5):
        loader._read_part()
    gone, changed = ids[0], ids[1]
    project.submit(DeleteTubes((gone,)))
    added = project.submit(AddTube(video.id, _tube(3)))
    assert added is not None
    before = loader._found[changed]
    loader.read_again({gone, changed, *added.tubes})
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)
    (loaded,) = told
    found = {tube.id: tube for tube in loaded.found}
    assert set(found) == set(ids) - {gone} | set(added.tubes)
    assert loaded.gone == {gone}
    assert loaded.whole
    assert found[changed] is not before


def test_another_video_ends_the_reading(many: MainWindow, qtbot: QtBot) -> None:
    many.play_desk.open(None)
    qtbot.wait(50)
    assert _shown(many) == set()
