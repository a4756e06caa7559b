"""The history, checkpoints and what helps, in the real window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QFileDialog,
    QInputDialog,
    QListWidget,
    QPushButton,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.application import Options, make_window
from app.domain.project import NewVideo
from app.editing.labels import AddLabel
from app.editing.media import AddVideos
from app.itemmodels.history_model import HERE_ROLE, UNDONE_ROLE
from app.services.inference import LiveInference
from app.store.claim import Claim
from app.store.project import Project
from app.views.history_list import HistoryList
from app.views.history_panel import HistoryPanel
from app.views.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("YOWO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("YOWO_SETTINGS", str(tmp_path / "settings.json"))
    monkeypatch.setattr(LiveInference, "start", lambda *_args: None)
    made = make_window(Options())
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    assert made.services.project.create(tmp_path / "a.yowo")
    yield made
    made.close()


def history(window: MainWindow) -> tuple[HistoryPanel, HistoryList]:
    window.actions_by_name["history"].trigger()
    (panel,) = window.findChildren(HistoryPanel)
    (listing,) = panel.findChildren(HistoryList)
    return panel, listing


def names(window: MainWindow) -> list[str]:
    return [label.name for label in window.services.project.labels()]


def rows(listing: HistoryList) -> list[tuple[str, bool, bool]]:
    """Title, taken back, here: of every row."""
    model = listing.model()
    found = (model.index(row, 0, QModelIndex()) for row in range(model.rowCount()))
    return [(str(i.data()), bool(i.data(UNDONE_ROLE)), bool(i.data(HERE_ROLE))) for i in found]


def click(listing: HistoryList, row: int) -> None:
    index = listing.model().index(row, 0, QModelIndex())
    listing.scrollTo(index)
    QTest.mouseClick(listing.viewport(), LEFT, pos=listing.visualRect(index).center())


def test_a_click_in_the_history_goes_to_that_state(window: MainWindow, qtbot: QtBot) -> None:
    project = window.services.project
    for name in ("walk", "read", "run"):
        project.submit(AddLabel(name))
    _panel, listing = history(window)
    assert [title for title, _, _ in rows(listing)] == [
        "Beginning",
        "Add label walk",
        "Add label read",
        "Add label run",
    ]
    assert [here for _, _, here in rows(listing)] == [False, False, False, True]
    shown: list[list[str]] = []
    project.changed.connect(lambda _change: shown.append(names(window)))
    click(listing, 1)
    qtbot.waitUntil(lambda: names(window) == ["walk"])
    assert shown == [["walk"]]
    assert [undone for _, undone, _ in rows(listing)] == [False, False, True, True]
    click(listing, 3)
    qtbot.waitUntil(lambda: names(window) == ["walk", "read", "run"])
    click(listing, 0)
    qtbot.waitUntil(lambda: names(window) == [])
    project.submit(AddLabel("swim"))
    assert rows(listing) == [("Beginning", False, False), ("Add label swim", False, True)]


def test_edits_are_found_by_their_words(window: MainWindow, qtbot: QtBot) -> None:
    for name in ("walk", "read", "walk on"):
        window.services.project.submit(AddLabel(name))
    panel, listing = history(window)
    panel.search_asked.emit("WALK")
    qtbot.waitUntil(lambda: len(rows(listing)) == 2)
    assert [title for title, _, _ in rows(listing)] == ["Add label walk", "Add label walk on"]
    panel.search_asked.emit("")
    assert len(rows(listing)) == 4


def test_a_checkpoint_is_made_and_restored(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, safekeeping = window.services.project, window.services.safekeeping
    project.submit(AddLabel("walk"))
    odd = 'before/after: "100 %"\n✂ 中文'
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args: (odd, True))
    with qtbot.waitSignal(safekeeping.changed, timeout=20_000):
        window.actions_by_name["checkpoint"].trigger()
    (kept,) = safekeeping.checkpoints()
    assert kept.name == odd
    assert not kept.automatic
    project.submit(AddLabel("read"))
    with qtbot.waitSignal(safekeeping.changed, timeout=20_000):
        safekeeping.restore(kept)
        assert project.submit(AddLabel("too late")) is None
    assert names(window) == ["walk"]
    assert [c.name for c in safekeeping.checkpoints()] == [f"before restoring {odd}", odd]
    project.undo()
    assert names(window) == []
    with qtbot.waitSignal(safekeeping.changed, timeout=20_000):
        safekeeping.restore(safekeeping.checkpoints()[0])
    assert names(window) == ["walk", "read"]
    safekeeping.delete(kept)
    assert odd not in [c.name for c in safekeeping.checkpoints()]


def test_a_checkpoint_is_deleted_by_two_clicks(window: MainWindow, qtbot: QtBot) -> None:
    safekeeping = window.services.safekeeping
    with qtbot.waitSignal(safekeeping.changed, timeout=20_000):
        safekeeping.make("first")
    panel, _listing = history(window)
    panel.findChildren(QTabWidget)[0].setCurrentIndex(1)
    delete = button(panel, "Delete")
    assert not delete.isEnabled()
    panel.findChildren(QListWidget)[0].setCurrentRow(0)
    QTest.mouseClick(delete, LEFT)
    assert delete.text() == "Really delete?"
    assert len(safekeeping.checkpoints()) == 1
    QTest.mouseClick(delete, LEFT)
    assert safekeeping.checkpoints() == []
    assert panel.findChildren(QListWidget)[0].count() == 0


def button(within: QWidget, caption: str) -> QPushButton:
    (found,) = [b for b in within.findChildren(QPushButton) if b.text() == caption]
    return found


def test_a_project_that_is_open_elsewhere_is_offered_to_read(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    other = tmp_path / "other.yowo"
    Project.create(other).close()
    claim = Claim(other)
    before = window.services.project.path
    try:
        assert not window.services.project.open(other)
        assert window.services.project.path == before
        QTest.mouseClick(button(window, "Open to read"), LEFT)
        assert window.services.project.path == other
        assert window.services.project.read_only
        assert window.services.project.submit(AddLabel("walk")) is None
        assert any("only to read" in text for text in window.toasts.texts)
    finally:
        claim.release()


def test_a_reader_follows_the_writer(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    writer = Project.create(tmp_path / "other.yowo")
    assert window.services.project.open(writer.path, to_read=True)
    assert names(window) == []
    writer.ensure_labels(["walk"])
    qtbot.waitUntil(lambda: window.labels._model.rowCount() == 1, timeout=20_000)
    writer.close()


def test_a_damaged_project_is_offered_for_rescue(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged, out = tmp_path / "damaged.yowo", tmp_path / "rescued"
    project = Project.create(damaged)
    project.ensure_labels(["walk"])
    project.close()
    content = damaged.read_bytes()
    damaged.write_bytes(content[: len(content) - 4096])
    assert not window.services.project.open(damaged)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(out), ""))
    with qtbot.waitSignal(window.services.project.opened, timeout=20_000):
        QTest.mouseClick(button(window, "Rescue…"), LEFT)
    assert window.services.project.path == out.with_suffix(".yowo")
    assert names(window) == ["walk"]


def test_a_project_that_is_deleted_while_open_is_offered_to_be_saved(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = window.services.project
    project.submit(AddLabel("walk"))
    (tmp_path / "a.yowo").unlink()
    assert project.submit(AddLabel("read")) is None
    out = tmp_path / "kept.yowo"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(out), ""))
    with qtbot.waitSignal(project.opened, timeout=20_000):
        QTest.mouseClick(button(window, "Save a copy…"), LEFT)
    assert project.path == out
    assert names(window) == ["walk"]
    assert project.submit(AddLabel("read")) is not None


def test_a_box_with_a_new_label_is_one_step(window: MainWindow) -> None:
    project = window.services.project
    project.submit(AddVideos((NewVideo(Path("gone.mp4"), 100, 100, 50),)))
    window.media_desk.refresh()
    video = project.videos()[0]
    window.play_desk.video = video
    new = window.tube_desk._add_tube((1.0, 1.0, 20.0, 20.0), 0)
    assert new is not None
    window.tube_desk._name_drawn(new, "juggle", project.history().position)
    record = project.tube(new)
    assert record is not None
    assert [span.label for span in record.tube.spans] == [project.labels()[0].id]
    assert project.history().undo == "Add #1, juggle in all of #1"
    project.undo()
    assert project.labels() == []
    assert project.tube(new) is None
    project.redo()
    assert names(window) == ["juggle"]
    assert [len(t.spans) for t in project.tubes(video.id)] == [1]
