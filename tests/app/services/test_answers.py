"""What is asked many times while one event is handled is read once, and never out of date."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.project import NewModel, NewVideo
from app.editing.labels import AddLabel
from app.editing.media import AddVideos
from app.errors import ProjectError
from app.services.project_service import ProjectService
from app.store.project import Project

MODEL = NewModel("one", "One", Path("one.safetensors"), "", ("walk",))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each list was read from the file."""
    counted: Counter[str] = Counter()
    for name in ("videos", "labels", "models"):
        real = getattr(Project, name)

        monkeypatch.setattr(Project, name, _counting(real, name, counted))
    return counted


def _counting(
    real: Callable[[Project], object], name: str, counted: Counter[str]
) -> Callable[[Project], object]:
    def asked(project: Project) -> object:
        counted[name] += 1
        return real(project)

    return asked


@pytest.fixture
def service(qtbot: QtBot, tmp_path: Path) -> ProjectService:
    made = ProjectService("Ada")
    assert made.create(tmp_path / "a.yowo")
    return made


def test_models_are_read_once_a_change(service: ProjectService, read: Counter[str]) -> None:
    for _ in range(5):
        assert service.models() == []
    assert read["models"] == 1
    service.add_model(MODEL)
    read.clear()
    for _ in range(5):
        assert [model.name for model in service.models()] == ["One"]
    assert read["models"] == 1
    service.set_live_model(service.models()[0].id)
    assert service.models()[0].live
    service.close()


def test_who_hears_of_a_change_reads_what_it_made(service: ProjectService) -> None:
    seen: list[list[str]] = []
    service.changed.connect(lambda _change: seen.append([x.name for x in service.labels()]))
    assert service.labels() == []
    service.submit(AddLabel("walk"))
    service.ensure_labels(["walk", "read"])
    service.undo()
    assert seen == [["walk"], ["walk", "read"], ["read"]]
    service.close()


def test_a_callers_list_is_its_own(service: ProjectService) -> None:
    service.submit(AddLabel("walk"))
    service.labels().clear()
    assert [label.name for label in service.labels()] == ["walk"]
    service.close()


def test_a_file_that_comes_back_is_seen_with_the_next_event(
    service: ProjectService, qtbot: QtBot, tmp_path: Path
) -> None:
    near, far = tmp_path / "sub" / "lunch.mp4", tmp_path / "moved" / "sub" / "lunch.mp4"
    for file in (near, far):
        file.parent.mkdir(parents=True)
        file.touch()
    service.submit(AddVideos((NewVideo(near, frame_count=10),)))
    service.close()
    moved = (tmp_path / "a.yowo").rename(tmp_path / "moved" / "a.yowo")
    far.rename(tmp_path / "away.mp4")
    assert service.open(moved)
    assert [video.path for video in service.videos()] == [near]
    (tmp_path / "away.mp4").rename(far)
    qtbot.waitUntil(lambda: [video.path for video in service.videos()] == [far], timeout=5000)
    service.close()


def test_another_project_has_other_answers(service: ProjectService, tmp_path: Path) -> None:
    service.submit(AddLabel("walk"))
    assert len(service.labels()) == 1
    assert service.create(tmp_path / "b.yowo")
    assert service.labels() == []
    service.close()
    assert service.labels() == []


def test_what_could_not_be_read_is_asked_again(
    service: ProjectService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.submit(AddLabel("walk"))
    real = Project.labels

    def failing(_project: Project) -> object:
        raise ProjectError("The disk is gone.")

    monkeypatch.setattr(Project, "labels", failing)
    assert service.labels() == []
    monkeypatch.setattr(Project, "labels", real)
    assert len(service.labels()) == 1
    service.close()
