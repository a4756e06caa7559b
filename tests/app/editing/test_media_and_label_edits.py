from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from app.domain.project import Change, NewVideo
from app.editing.actions import NameAction
from app.editing.draft import Edit
from app.editing.history import NOTHING, commit, undo
from app.editing.labels import AddLabel, DeleteLabel, MergeLabel, RecolorLabel, RenameLabel
from app.editing.media import AddVideos, RelocateVideo, RemoveVideo, ReplaceVideo
from app.editing.tubes import AddTube, DeleteTubes
from app.errors import EditError
from app.store.project import Project
from yowo_core.annotations import ActionSpan, Label, Tube


def file(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_videos_of_one_name_are_told_apart(project: Project, video_id: int) -> None:
    base = project.path.parent
    paths = [file(base, name) for name in ("cam-2/lunch.mp4", "b/cam-2/lunch.mp4", "dinner.mp4")]
    change = commit(project, AddVideos(tuple(NewVideo(path) for path in paths)))
    videos = project.videos()
    assert [v.name for v in videos] == [
        "lunch.mp4",
        "cam-2/lunch.mp4",
        "lunch (2).mp4",
        "dinner.mp4",
    ]
    assert [v.path for v in videos[1:]] == paths
    assert change == Change(videos=frozenset(v.id for v in videos[1:]), media=True)
    assert project.history().undo == "Add 3 videos"


def test_a_video_is_added_once(project: Project, video_id: int) -> None:
    base = project.path.parent
    same_content = NewVideo(file(base, "copy.mp4"), content_hash="hash-of-lunch")
    same_path = NewVideo(base / "lunch.mp4")
    with pytest.raises(EditError, match=r"copy\.mp4, .*not in the project already"):
        commit(project, AddVideos((same_content, same_path)))
    with pytest.raises(EditError, match="Nothing: there is nothing here"):
        commit(project, AddVideos(()))
    new = NewVideo(file(base, "new.mp4"), content_hash="other", problem="ends early")
    commit(project, AddVideos((same_content, new, new)))
    assert [v.name for v in project.videos()] == ["lunch.mp4", "new.mp4"]
    assert project.videos()[1].problem == "ends early"
    assert project.history().undo == "Add new.mp4"


def test_a_removed_video_comes_back_with_its_tubes(project: Project, video_id: int) -> None:
    tube = Tube("x", np.array([3]), np.array([[0.0, 0, 9, 9]]))
    (tube_id,) = commit(project, AddTube(video_id, tube)).tubes
    before = project.videos()
    assert commit(project, RemoveVideo(video_id)).media
    assert project.videos() == []
    assert project.tube(tube_id) is None
    with pytest.raises(EditError, match=f"video with the id {video_id} is not in the project"):
        commit(project, RemoveVideo(video_id))
    undo(project)
    assert project.videos() == before
    assert project.tube(tube_id) is not None


def test_a_moved_video_is_shown_where_it_is(project: Project, video_id: int) -> None:
    there = (project.path.parent / "lunch.mp4").rename(file(project.path.parent, "x/moved.mp4"))
    project.set_media_problem(video_id, "gone")
    assert "not there" in project.videos()[0].problem
    commit(project, RelocateVideo(video_id, there, "hash-of-lunch"))
    video = project.videos()[0]
    assert (video.path, video.problem, video.name) == (there, "", "lunch.mp4")
    assert commit(project, RelocateVideo(video_id, there)) == NOTHING


def test_a_video_is_not_looked_for_in_another_one(project: Project, video_id: int) -> None:
    other = file(project.path.parent, "dinner.mp4")
    with pytest.raises(EditError, match=r"dinner\.mp4 is another video than lunch\.mp4"):
        commit(project, RelocateVideo(video_id, other, "another hash"))
    with pytest.raises(EditError, match=r"nowhere\.mp4 is no file; choose where lunch\.mp4"):
        commit(project, RelocateVideo(video_id, Path("/nowhere.mp4")))


def test_a_label_gets_a_color_and_keeps_its_id(project: Project, video_id: int) -> None:
    assert commit(project, AddLabel("  run ", kind="pose")) == Change(labels=True)
    walk, read, run = project.labels()
    assert (walk.id, read.id, run.id) == (1, 2, 3)
    assert read.color == "#00ff00"
    assert run == Label(3, "run", run.color, "pose")
    assert len({walk.color, read.color, run.color}) == 3
    commit(project, RenameLabel(1, "stroll"))
    commit(project, RecolorLabel(1, "#ABCDEF"))
    assert project.labels()[0] == Label(1, "stroll", "#abcdef")
    assert project.history().undo == "Recolor stroll"
    undo(project)
    undo(project)
    assert project.labels()[0] == walk


def test_a_label_that_is_taken_back_leaves_its_id_unused(project: Project, video_id: int) -> None:
    commit(project, AddLabel("run"))
    undo(project)
    commit(project, AddLabel("jump"))
    assert [(x.id, x.name) for x in project.labels()] == [(1, "walk"), (2, "read"), (4, "jump")]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (AddLabel("Walk"), "There is a label 'walk' already"),
        (AddLabel("  "), "needs a name"),
        (AddLabel("x", "red"), "'red' is no color"),
        (RenameLabel(1, "read"), "There is a label 'read' already"),
        (RenameLabel(9, "x"), "label with the id 9"),
        (RecolorLabel(1, "#12345"), "'#12345' is no color"),
        (RecolorLabel(9, "#123456"), "label with the id 9"),
    ],
)
def test_what_cannot_be_a_label_is_refused(
    project: Project, video_id: int, edit: Edit, sentence: str
) -> None:
    before = project.labels()
    with pytest.raises(EditError, match=sentence):
        commit(project, edit)
    assert project.labels() == before


def test_a_label_may_change_the_case_of_its_own_name(project: Project, video_id: int) -> None:
    commit(project, RenameLabel(1, "WALK"))
    assert project.labels()[0].name == "WALK"
    assert commit(project, RenameLabel(1, "WALK")) == NOTHING
    assert commit(project, RecolorLabel(2, "#00FF00")) == NOTHING


def test_another_file_takes_a_videos_place_only_when_labels_can_stand_on_it(
    project: Project, video_id: int
) -> None:
    before = project.videos()[0]
    same = (before.width, before.height, before.frame_count, before.fps)
    path = file(project.path.parent, "new.mp4")
    shorter = NewVideo(path, 1280, 720, 999, before.fps, "other", 7)
    with pytest.raises(EditError, match="has 999 frames instead of 1000"):
        commit(project, ReplaceVideo(video_id, shorter))
    commit(project, ReplaceVideo(video_id, NewVideo(path, *same, "other", 7, modified_ns=5)))
    after = project.videos()[0]
    assert (after.path, after.content_hash, after.size, after.modified_ns) == (path, "other", 7, 5)
    assert (after.name, after.uid) == (before.name, before.uid)
    undo(project)
    assert project.videos()[0] == before


def test_facts_of_a_file_are_noted_without_an_edit(project: Project, video_id: int) -> None:
    told = project.history()
    path = project.path.parent / "lunch.mp4"
    facts = NewVideo(path, 1280, 720, 1000, Fraction(25), "hash-of-lunch", 15, "", 77)
    facts = replace(facts, sample_aspect=Fraction(64, 51), uneven=True, notice="N", needs_proxy="P")
    change = project.set_media_facts(video_id, facts)
    assert change == Change(videos=frozenset([video_id]), media=True, history=False)
    (video,) = project.videos()
    assert (video.modified_ns, video.sample_aspect, video.uneven) == (77, Fraction(64, 51), True)
    assert (video.notice, video.needs_proxy, video.fps) == ("N", "P", Fraction(25))
    assert project.history() == told


def labelled_tube(project: Project, *spans: tuple[int, int, int]) -> int:
    """A tube of frames 0 to 9 with actions (label, start, stop)."""
    found = tuple(ActionSpan(*span) for span in spans)
    boxes = np.tile([1.0, 2, 30, 40], (10, 1))
    (tube,) = commit(project, AddTube(1, Tube("", np.arange(10), boxes, found))).tubes
    return tube


def spans_of(project: Project, tube: int) -> list[tuple[int, int, int]]:
    record = project.tube(tube)
    assert record is not None
    return [(s.label, s.start, s.stop) for s in record.tube.spans]


def test_a_label_that_nothing_shows_is_deleted_and_comes_back(
    project: Project, video_id: int
) -> None:
    assert commit(project, DeleteLabel(2)).labels
    assert [label.name for label in project.labels()] == ["walk"]
    commit(project, AddLabel("read"))
    undo(project)
    undo(project)
    assert [label.name for label in project.labels()] == ["walk", "read"]


def test_a_label_that_tubes_show_is_not_deleted(project: Project, video_id: int) -> None:
    tube = labelled_tube(project, (1, 0, 5))
    with pytest.raises(EditError, match=r"walk is an action of one tube\. Merge it"):
        commit(project, DeleteLabel(1))
    commit(project, DeleteTubes((tube,)))
    commit(project, DeleteLabel(1))
    assert [label.name for label in project.labels()] == ["read"]


def test_a_merged_labels_spans_join_those_of_the_other(project: Project, video_id: int) -> None:
    both = labelled_tube(project, (1, 0, 5), (2, 3, 8))
    alone = labelled_tube(project, (1, 2, 4))
    neither = labelled_tube(project, (2, 0, 2))
    change = commit(project, MergeLabel(1, 2))
    assert change.tubes == {both, alone}
    assert change.labels
    assert project.history().undo == "Merge label walk into read"
    assert spans_of(project, both) == [(2, 0, 8)]
    assert spans_of(project, alone) == [(2, 2, 4)]
    assert spans_of(project, neither) == [(2, 0, 2)]
    assert [label.name for label in project.labels()] == ["read"]
    undo(project)
    assert spans_of(project, both) == [(1, 0, 5), (2, 3, 8)]
    assert spans_of(project, alone) == [(1, 2, 4)]
    with pytest.raises(EditError, match="cannot be merged into itself"):
        commit(project, MergeLabel(1, 1))


def test_an_action_is_named_in_one_step_with_a_new_label(project: Project, video_id: int) -> None:
    tube = labelled_tube(project)
    commit(project, NameAction(tube, " Walk ", frame=4))
    assert spans_of(project, tube) == [(1, 4, 10)]
    commit(project, NameAction(tube, "dive", "#123456"))
    assert spans_of(project, tube) == [(3, 0, 10), (1, 4, 10)]
    assert project.labels()[2].color == "#123456"
    undo(project)
    assert [label.name for label in project.labels()] == ["walk", "read"]
    with pytest.raises(EditError, match="A label needs a name"):
        commit(project, NameAction(tube, "  "))
