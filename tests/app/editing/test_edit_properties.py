"""Any sequence of edits, undone, gives back the same project, and redone the last one."""

import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.project import NewVideo, RunKind
from app.editing.actions import SetSpan, ToggleAction, ToggleActionWhole
from app.editing.boxes import MakeKeyframe, MoveBox, RemoveKeyframe, SetExtent
from app.editing.draft import Edit
from app.editing.history import NOTHING, commit, redo, undo
from app.editing.joins import HoldBox, Interpolate, MergeTubes, SplitTube, SwapTubes
from app.editing.labels import AddLabel, RecolorLabel, RenameLabel
from app.editing.media import AddVideos, RelocateVideo, RemoveVideo
from app.editing.ranges import MarkLabelled, UnmarkLabelled
from app.editing.tubes import AddTube, DeleteTubes, SetReview, TakeOver
from app.errors import EditError
from app.store.project import Project
from yowo_core.annotations import ActionSpan, Review, Source, Tube

LAST = 39
GONE = 99
frames = st.integers(0, LAST)
corner = st.integers(0, 80).map(float)
boxes = st.tuples(corner, corner, corner, corner).map(
    lambda c: (c[0], c[1], c[0] + c[2] + 1, c[1] + c[3] + 1)
)


@st.composite
def tubes(draw: st.DrawFn) -> Tube:
    at = draw(st.lists(st.integers(0, LAST), min_size=1, max_size=5, unique=True).map(sorted))
    count = len(at)
    shape = np.array([draw(boxes) for _ in at])
    sources = tuple(draw(st.sampled_from(Source)) for _ in at)
    outside = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    spans = (ActionSpan(1, at[0], at[-1] + 1, 0.5),) if draw(st.booleans()) else ()
    review = draw(st.sampled_from(Review))
    return Tube("x", np.array(at), shape, spans, sources, outside=outside, review=review)


def edits(project: Project, folder: Path) -> st.SearchStrategy[Edit]:
    """Edits on what the project has now, and sometimes on what it has not."""
    videos = [video.id for video in project.videos()]
    summaries = [item for video_id in videos for item in project.tubes(video_id)]
    video = st.sampled_from([*videos, GONE])
    tube = st.sampled_from([*(item.id for item in summaries), GONE])
    label = st.sampled_from([*(item.id for item in project.labels()), GONE])
    some = st.lists(tube, max_size=3).map(tuple)
    names = st.sampled_from(["walk", "run", "jump", "sit"])
    files = st.sampled_from([folder / "one.mp4", folder / "two.mp4", folder / "x" / "one.mp4"])
    ends = st.tuples(frames, frames).map(sorted)
    ticks = [(item.id, f) for item in summaries for f in item.keyframes.tolist()]
    inside = [(item.id, f) for item in summaries for f in range(item.first, item.last + 1)]
    spans = [(item.id, i) for item in summaries for i in range(len(item.spans))]
    at_tick, at_frame, at_span = (st.sampled_from([*x, (GONE, 0)]) for x in (ticks, inside, spans))
    on_boxes = [
        st.builds(MoveBox, tube, frames, boxes),
        at_frame.flatmap(lambda x: st.builds(MoveBox, st.just(x[0]), st.just(x[1]), boxes)),
        at_frame.map(lambda x: MakeKeyframe(*x)),
        at_tick.map(lambda x: RemoveKeyframe(*x)),
        st.tuples(tube, ends).map(lambda x: SetExtent(x[0], *x[1])),
    ]
    on_actions = [
        st.tuples(at_frame, label).map(lambda x: ToggleAction(x[0][0], x[1], x[0][1])),
        st.builds(ToggleActionWhole, tube, label),
        st.tuples(at_span, ends).map(lambda x: SetSpan(*x[0], *x[1])),
    ]
    on_tubes = [
        st.builds(AddTube, video, tubes()),
        st.builds(SetReview, some, st.sampled_from(Review)),
        st.builds(DeleteTubes, some),
        st.builds(TakeOver, tube),
        st.builds(MergeTubes, some),
        at_frame.map(lambda x: SplitTube(*x)),
        st.builds(SwapTubes, tube, tube, frames),
        st.builds(Interpolate, tube, frames, st.none() | ends.map(tuple)),
        st.tuples(at_frame, frames).map(lambda x: HoldBox(x[0][0], x[0][1], x[1])),
    ]
    on_videos = [
        st.builds(AddVideos, st.lists(st.builds(NewVideo, files), max_size=2).map(tuple)),
        st.builds(RemoveVideo, video),
        st.builds(RelocateVideo, video, files),
        st.tuples(video, ends).map(lambda x: MarkLabelled(x[0], *x[1])),
        st.tuples(video, ends).map(lambda x: UnmarkLabelled(x[0], *x[1])),
    ]
    on_labels = [
        st.builds(AddLabel, names),
        st.builds(RenameLabel, label, names),
        st.builds(RecolorLabel, label, st.sampled_from(["#112233", "#445566"])),
    ]
    return st.one_of(*on_boxes, *on_actions, *on_tubes, *on_videos, *on_labels)


def predicted(start: int) -> Tube:
    at = np.arange(start, start + 12)
    shape = np.abs(at - start - 5.0)[:, None] * 3 + np.array([0.0, 0, 30, 60])
    scores = tuple((at / 100).tolist())
    return Tube("p", at, shape, spans=(ActionSpan(2, start, start + 12, 0.3, scores),))


@dataclass(frozen=True)
class Seen:
    """All that a project gives out, in a form that can be compared."""

    project: tuple[object, ...]

    @classmethod
    def of(cls, project: Project) -> "Seen":
        videos = project.videos()
        found: list[object] = [tuple(videos), tuple(project.labels()), project.review_counts()]
        for video in videos:
            for summary in project.tubes(video.id):
                record = project.tube(summary.id)
                assert record is not None
                arrays = (record.tube.frames, record.tube.boxes)
                flags = (record.tube.keyframe, record.tube.outside)
                plain = [array.tolist() for array in (*arrays, *flags)]
                values = replace(summary, keyframes=tuple(summary.keyframes.tolist()))  # type: ignore[arg-type]
                found.append((plain, record.tube.spans, record.tube.sources, vars(values)))
            found.append([project.boxes_at(video.id, frame, 0.4) for frame in range(0, LAST, 8)])
        found.append(project.training_counts())
        return cls(tuple(found))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a video, two labels and two predictions, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    for name in ("one.mp4", "two.mp4", "x/one.mp4"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    project = Project.create(folder / "t.yowo", "Ada")
    facts = NewVideo(folder / "one.mp4", 100, 100, LAST + 1, Fraction(25))
    for edit in (AddVideos((facts,)), AddLabel("walk"), AddLabel("read")):
        commit(project, edit)
    run = project.add_run(RunKind.DETECT, "Analyse", folder / "run", 1, "demo")
    project.import_predictions(1, run.id, [predicted(3), predicted(20)])
    project.close()
    return project.path


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_edits_undone_give_back_the_project_and_redone_the_last_state(
    template: Path, data: st.DataObject
) -> None:
    with TemporaryDirectory(dir=template.parent) as folder:
        path = Path(shutil.copy(template, Path(folder) / "copy.yowo"))
        states = edited(path, data)
        undone(path, states)
        redone(path, states)


def edited(path: Path, data: st.DataObject) -> list[Seen]:
    """What was seen before the first edit and after each that changed something."""
    with closing(Project.open(path, "Ada")) as project:
        states = [Seen.of(project)]
        for _step in range(data.draw(st.integers(1, 12))):
            try:
                change = commit(project, data.draw(edits(project, path.parents[1])))
            except EditError:
                change = NOTHING
            if change == NOTHING:
                assert Seen.of(project) == states[-1]
            else:
                states.append(Seen.of(project))
    return states


def undone(path: Path, states: list[Seen]) -> None:
    with closing(Project.open(path, "Ben")) as project:
        for expected in reversed(states[:-1]):
            assert undo(project) != NOTHING
            assert Seen.of(project) == expected
        assert project.history().undo == "Add label read"


def redone(path: Path, states: list[Seen]) -> None:
    with closing(Project.open(path, "Cem")) as project:
        for expected in states[1:]:
            assert redo(project) != NOTHING
            assert Seen.of(project) == expected
        assert redo(project) == NOTHING
