import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text

from app.domain.history import HistoryState
from app.domain.project import Change
from app.editing import history as history_module
from app.editing.draft import Draft
from app.editing.history import NOTHING, commit, going_to, redo, undo
from app.editing.labels import AddLabel, RenameLabel
from app.editing.media import RemoveVideo
from app.editing.patch import Patch, RowPatch, SetPatch, packed, unpacked
from app.errors import EditError
from app.store import connection as connection_module
from app.store.project import Project


def names(project: Project) -> list[str]:
    return [label.name for label in project.labels()]


def test_undo_and_redo_survive_a_restart(project: Project, video_id: int) -> None:
    commit(project, RenameLabel(1, "run"))
    undo(project)
    project.close()
    again = Project.open(project.path, "Ben")
    assert again.history().undo == "Add label read"
    assert again.history().redo == "Rename walk to run"
    assert redo(again) == Change(labels=True)
    assert names(again) == ["run", "read"]
    undo(again)
    undo(again)
    assert names(again) == ["walk"]
    assert again.history().undo == "Add label walk"
    assert again.history().redo == "Add label read"
    again.close()


def test_nothing_to_undo_or_redo_is_no_change(project: Project) -> None:
    assert undo(project) == NOTHING
    assert redo(project) == NOTHING
    assert project.history() == HistoryState()


def test_a_new_edit_forgets_what_was_undone(project: Project, video_id: int) -> None:
    undo(project)
    commit(project, AddLabel("run"))
    assert project.history().redo == ""
    assert redo(project) == NOTHING
    assert names(project) == ["walk", "run"]


def test_undo_says_what_to_read_again(project: Project, video_id: int) -> None:
    commit(project, RemoveVideo(video_id))
    expected = Change(videos=frozenset([video_id]), media=True)
    assert undo(project) == expected
    assert redo(project) == expected


def test_undo_is_marked_with_who_did_it_and_when(project: Project, video_id: int) -> None:
    before = project.history().saved_at
    project.close()
    second = Project.open(project.path, "Ben")
    undo(second)
    assert second.history().saved_at >= before
    with second.reading() as connection:
        assert connection.exec_driver_sql("SELECT name FROM authors").scalars().all() == [
            "Ada",
            "Ben",
        ]
    second.close()


class HalfDone:
    """Changes two labels and then fails."""

    def apply(self, draft: Draft) -> str:
        draft.set_row("labels", 1, {"name": "walk"}, {"name": "changed"})
        draft.set_row("labels", 2, {"name": "read"}, {"name": "changed too"})
        raise EditError("stop")


class Broken(HalfDone):
    """Breaks a rule of the tables, as a bug would."""

    def apply(self, draft: Draft) -> str:
        draft.connection.execute(text("UPDATE labels SET name = 'changed' WHERE id = 1"))
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("edit", "error"), [(HalfDone(), EditError), (Broken(), ZeroDivisionError)]
)
def test_an_edit_that_fails_half_way_was_never_made(
    project: Project, video_id: int, edit: HalfDone, error: type[Exception]
) -> None:
    before = project.history()
    with pytest.raises(error):
        commit(project, edit)
    assert names(project) == ["walk", "read"]
    assert project.history() == before
    commit(project, AddLabel("still works"))


def test_an_edit_that_changes_nothing_writes_nothing(project: Project, video_id: int) -> None:
    with closing(sqlite3.connect(project.path)) as driver:

        def version() -> object:
            return driver.execute("PRAGMA data_version").fetchone()

        before = version()
        project.author = "Somebody new"
        assert commit(project, RenameLabel(1, "walk")) == NOTHING
        assert version() == before
        commit(project, RenameLabel(1, "run"))
        assert version() != before


def test_a_redo_that_meets_another_label_of_its_name_is_refused(
    project: Project, video_id: int
) -> None:
    commit(project, RenameLabel(1, "run"))
    undo(project)
    project.ensure_labels(["run"])
    with pytest.raises(EditError, match="“Rename walk to run” cannot be taken back or repeated"):
        redo(project)
    assert names(project) == ["walk", "read", "run"]
    assert project.history().redo == "Rename walk to run"


def test_a_patch_keeps_every_number_and_byte() -> None:
    patch: Patch = [
        RowPatch("tubes", 3, {"ticks": bytes(range(256)), "best_score": 0.1, "person": "ß"}),
        SetPatch("boxes", 3, [7, 8], [(3, 7, 1 / 3, 0.0, -2.5, 1e300, 1, 0, 1)]),
        SetPatch("spans", 3, ["a"], [(3, "a", 1, 0, 9, None, "human", None)]),
    ]
    assert unpacked(packed(patch)) == patch
    assert isinstance(unpacked(packed(patch))[1], SetPatch)


def test_what_json_cannot_say_is_a_bug_not_a_loss() -> None:
    with pytest.raises(TypeError, match="complex"):
        packed([RowPatch("tubes", 1, {"first": 1j})])


def test_an_edit_joins_the_newest_one_when_it_is_asked_to(project: Project, video_id: int) -> None:
    drawn = project.history().position
    commit(project, AddLabel("run"), onto=drawn)
    assert project.history().undo == "Add label read, add label run"
    undo(project)
    assert names(project) == ["walk"]
    assert redo(project) == Change(labels=True)
    assert names(project) == ["walk", "read", "run"]
    commit(project, AddLabel("swim"))
    commit(project, AddLabel("dive"), onto=drawn)
    assert project.history().undo == "Add label dive"
    undo(project)
    commit(project, AddLabel("sail"), onto=project.history().position)
    assert project.history().undo == "Add label sail"
    assert project.history().redo == ""


def test_the_way_to_any_state_goes_in_slices(
    project: Project, video_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "SLICE_S", 0.0)
    for number in range(9):
        commit(project, RenameLabel(1, f"walk {number}"))
    now = project.history()
    assert (now.first, now.last, now.position) == (1, 12, 12)
    assert list(going_to(project, 5)) == [Change(labels=True)] * 7
    assert names(project)[0] == "walk 1"
    assert list(going_to(project, 5)) == []
    steps = going_to(project, 12)
    next(steps)
    commit(project, AddLabel("meanwhile"))
    assert list(steps) == []
    assert project.history().undo == "Add label meanwhile"
    assert list(going_to(project, 99)) == []
    monkeypatch.setattr(history_module, "SLICE_S", 60.0)
    change = Change(frozenset({video_id}), labels=True, media=True)
    assert list(going_to(project, 0)) == [change]
    assert names(project) == []
    assert project.videos() == []


def test_thousands_of_edits_are_undone_and_redone_after_a_restart(
    project: Project, video_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "DURABLE", "OFF")  # the disk is tried elsewhere
    for number in range(2000):
        commit(project, RenameLabel(1, f"walk {number}"))
    project.close()
    again = Project.open(project.path, "Ben")
    assert [edit.title for edit in again.edits(2002, 2003)] == [
        "Rename walk 1997 to walk 1998",
        "Rename walk 1998 to walk 1999",
    ]
    assert [edit.author for edit in again.edits(2003, 2010)] == ["Ada"]
    assert len(again.edits(1, 3000, "TO WALK 19")) == 111
    assert again.edits(1, 3000, "walk_1") == []
    for change in going_to(again, 3):
        assert change == Change(labels=True)
    assert names(again) == ["walk", "read"]
    again.close()
    third = Project.open(project.path, "Cem")
    for _change in going_to(third, 2003):
        pass
    assert names(third) == ["walk 1999", "read"]
    undo(third)
    assert names(third) == ["walk 1998", "read"]
    third.close()


def test_the_undone_edits_are_found_by_their_index(project: Project, video_id: int) -> None:
    undo(project)
    with project.reading() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT min(id) FROM history WHERE history.undone = 1"
        ).all()
    assert "ix_history_undone" in str(plan)


def test_what_is_damaged_in_the_history_is_told_and_nothing_changes(
    project: Project, video_id: int
) -> None:
    with project.writing() as connection:
        connection.exec_driver_sql("UPDATE history SET before = x'00' WHERE id = 3")
    with pytest.raises(EditError, match="What the history says of this edit is damaged"):
        undo(project)
    assert names(project) == ["walk", "read"]
    commit(project, AddLabel("goes on"))
