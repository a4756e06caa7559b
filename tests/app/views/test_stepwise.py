"""A project comes up in steps, between which anything may happen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.editing.labels import AddLabel
from app.views.main_window import MainWindow
from app.views.media_list import MediaList
from app.views.stepwise import Stepwise


@pytest.fixture
def steps(qtbot: QtBot) -> Iterator[Stepwise]:
    parent = QObject()
    yield Stepwise(parent)
    parent.deleteLater()


def test_steps_are_done_one_after_the_other(steps: Stepwise, qtbot: QtBot) -> None:
    done: list[str] = []
    steps.begin([lambda: done.append("a"), lambda: done.append("b")])
    assert done == []
    qtbot.waitUntil(lambda: done == ["a", "b"], timeout=5000)
    steps.begin([lambda: done.append("c"), lambda: done.append("d")])
    steps.finish()
    assert done == ["a", "b", "c", "d"]
    assert not steps.left


def test_others_take_the_place_of_what_is_left(steps: Stepwise, qtbot: QtBot) -> None:
    done: list[str] = []
    steps.begin([lambda: done.append("never")])
    steps.begin([steps.finish, lambda: done.append("b")])  # a step that wants the rest at once
    qtbot.waitUntil(lambda: done == ["b"], timeout=5000)
    steps.begin([lambda: done.append("never")])
    steps.stop()
    qtbot.wait(20)
    assert done == ["b"]


def test_nothing_can_be_edited_before_the_project_is_shown(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    project, actions = window.services.project, window.actions_by_name
    project.submit(AddLabel("walk"))
    assert project.create(tmp_path / "b.yowo")
    assert project.open(tmp_path / "a.yowo")
    assert window.play_desk.video is None
    for name in ("undo", "draw", "delete", "accept", "next", "analyse"):
        assert not actions[name].isEnabled(), name
    qtbot.waitUntil(lambda: window.play_desk.frame_count == 30, timeout=20_000)
    assert actions["undo"].isEnabled()
    assert actions["draw"].isEnabled()


def test_an_edit_while_it_comes_up_finds_all_of_it(window: MainWindow, tmp_path: Path) -> None:
    project = window.services.project
    assert project.create(tmp_path / "b.yowo")
    assert project.open(tmp_path / "a.yowo")
    project.submit(AddLabel("walk"))
    assert window.play_desk.video is not None
    assert window.tube_desk.label_names == ("walk",)
    assert window.actions_by_name["undo"].isEnabled()


def test_closing_while_it_comes_up_leaves_nothing_behind(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    project = window.services.project
    assert project.create(tmp_path / "b.yowo")
    assert project.open(tmp_path / "a.yowo")
    project.close()
    qtbot.wait(100)
    assert window.play_desk.video is None
    (videos,) = window.media.findChildren(MediaList)
    assert videos.model().rowCount() == 0
    assert window.windowTitle() == "YOWO Studio"
    assert not window.services.source.opening


def test_another_project_opened_meanwhile_is_the_one_that_is_shown(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    project = window.services.project
    assert project.create(tmp_path / "b.yowo")
    project.submit(AddLabel("read"))
    for name in ("a.yowo", "b.yowo", "a.yowo", "b.yowo"):
        assert project.open(tmp_path / name)
    qtbot.wait(200)
    assert window.windowTitle() == "b – YOWO Studio"
    assert window.play_desk.video is None
    assert list(window.tube_desk.label_names) == ["read"]
    assert project.open(tmp_path / "a.yowo")
    qtbot.waitUntil(lambda: window.play_desk.frame_count == 30, timeout=20_000)
    assert list(window.tube_desk.label_names) == []


def test_the_window_may_be_closed_while_a_project_comes_up(
    window: MainWindow, tmp_path: Path
) -> None:
    project = window.services.project
    assert project.create(tmp_path / "b.yowo")
    assert project.open(tmp_path / "a.yowo")
    window.close()
    assert not project.is_open
    assert window.play_desk.video is None
