"""What is done beside the work to keep a project safe."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.safekeeping import Refusal, Remedy
from app.editing.labels import AddLabel
from app.services.background import Background
from app.services.messages import Message, Messages
from app.services.project_service import ProjectService
from app.services.safekeeping import Safekeeping
from app.store import checkpoints, soundness
from app.store.project import Project
from tests.app.store.files import edit_and_die


class Desk:
    """The services with what they said."""

    def __init__(self, background: Background) -> None:
        self.project, self.messages = ProjectService("Ada"), Messages()
        self.keeping = Safekeeping(self.project, background, self.messages)
        self.said: list[str] = []
        self.refusals: list[Refusal] = []
        self.messages.posted.connect(self._hear)
        self.project.refused.connect(self.refusals.append)

    def _hear(self, message: Message) -> None:
        self.said.append(message.text)


@pytest.fixture
def desk(background: Background) -> Iterator[Desk]:
    made = Desk(background)
    yield made
    made.project.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    project = Project.create(tmp_path / "a.yowo", "Ada")
    project.ensure_labels(["walk"])
    project.close()
    return project.path


def test_a_project_that_is_due_gets_a_checkpoint_by_itself(
    desk: Desk, path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.project.open(path)
    assert desk.keeping.checkpoints() == []
    desk.project.close()
    monkeypatch.setattr(checkpoints, "is_due", lambda _path, _saved_at: True)
    with qtbot.waitSignal(desk.keeping.changed, timeout=20_000):
        assert desk.project.open(path)
    (found,) = desk.keeping.checkpoints()
    assert found.automatic
    assert desk.said == []
    desk.project.close()
    assert desk.project.open(path, to_read=True)
    assert desk.said == ["a.yowo is open here only to read."]


def test_damage_that_opening_had_no_time_to_find_is_told_soon_after(
    desk: Desk, path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, in_time = soundness.problem_of, [None]

    def slow(driver: sqlite3.Connection, seconds: float | None = None) -> str | None:
        return in_time.pop() if seconds else whole(driver)

    monkeypatch.setattr(soundness, "problem_of", slow)
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xff" * 4096
    path.write_bytes(content)
    assert desk.project.open(path)
    qtbot.waitUntil(lambda: bool(desk.refusals), timeout=20_000)
    assert desk.refusals[0].remedy is Remedy.RESCUE
    assert "a.yowo is damaged" in desk.refusals[0].text


def test_a_project_without_its_log_is_opened_without_it_when_asked(desk: Desk, path: Path) -> None:
    edit_and_die(path, "read")
    path.with_name("a.yowo-wal").unlink()
    assert not desk.project.open(path)
    assert [r.remedy for r in desk.refusals] == [Remedy.WITHOUT_LOG]
    assert desk.project.open(path, without_log=True)
    assert [label.name for label in desk.project.labels()] == ["walk"]


def test_what_every_picture_meets_is_said_once(
    desk: Desk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.project.open(path)
    project = desk.project.open_project()
    assert project is not None
    with project.writing() as connection:
        connection.exec_driver_sql("UPDATE labels SET name = CAST(x'ff' AS TEXT)")
    for _ in range(5):
        assert desk.project.labels() == []
    assert [r.remedy for r in desk.refusals] == [Remedy.RESCUE]


def test_a_restore_of_what_is_no_checkpoint_changes_nothing(
    desk: Desk, path: Path, qtbot: QtBot
) -> None:
    assert desk.project.open(path)
    with qtbot.waitSignal(desk.keeping.changed, timeout=20_000):
        desk.keeping.make("first")
    (found,) = desk.keeping.checkpoints()
    found.path.write_bytes(b"nothing")
    desk.keeping.restore(found)
    qtbot.waitUntil(lambda: any("Nothing was restored" in s for s in desk.said), timeout=20_000)
    assert [label.name for label in desk.project.labels()] == ["walk"]
    assert desk.project.submit(AddLabel("read")) is not None
