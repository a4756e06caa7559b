import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text

from app.domain.history import HistoryState
from app.domain.project import Change
from app.editing.draft import Draft
from app.editing.history import NOTHING, commit, redo, undo
from app.editing.labels import AddLabel, RenameLabel
from app.editing.media import RemoveVideo
from app.editing.patch import Patch, RowPatch, SetPatch, packed, unpacked
from app.errors import EditError
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
