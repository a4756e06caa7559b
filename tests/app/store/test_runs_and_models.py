from pathlib import Path

import pytest

from app.domain.project import Change, NewModel, RunKind, RunState
from app.errors import ProjectError
from app.store.project import Project


def test_a_run_is_remembered_with_its_folder_and_state(project: Project, video_id: int) -> None:
    folder = project.path.parent / "till.runs" / "1"
    folder.mkdir(parents=True)
    run = project.add_run(RunKind.TRAIN, "Fine-tune 1", folder, model_uid="demo")
    detect = project.add_run(RunKind.DETECT, "Analyse", folder, video_id)
    assert (run.kind, run.state, run.folder, run.video_id) == (
        RunKind.TRAIN,
        RunState.RUNNING,
        folder,
        None,
    )
    assert run.created_at.endswith("+00:00")
    assert run.uid != detect.uid
    change = project.set_run_state(run.id, RunState.FINISHED)
    assert change == Change(runs=True, history=False)
    assert [item.state for item in project.runs()] == [RunState.FINISHED, RunState.RUNNING]
    assert project.runs()[1] == detect


def test_what_a_run_needs_has_to_be_there(project: Project) -> None:
    with pytest.raises(ProjectError, match="no video with the id 4"):
        project.add_run(RunKind.DETECT, "x", Path("x"), video_id=4)
    with pytest.raises(ProjectError, match="no run with the id 4"):
        project.set_run_state(4, RunState.FAILED)


def new_model(project: Project, uid: str, **metrics: float) -> NewModel:
    path = project.path.parent / f"{uid}.safetensors"
    return NewModel(uid, uid.title(), path, "f" * 64, ("walk", "read"), metrics=metrics)


def test_one_model_is_live_at_a_time(project: Project) -> None:
    demo = project.add_model(new_model(project, "demo"))
    tuned = project.add_model(new_model(project, "tuned", before_map=0.417, after_map=0.583))
    assert [model.live for model in project.models()] == [False, False]
    for chosen in (tuned, demo):
        assert project.set_live_model(chosen.id) == Change(models=True, history=False)
        assert [m.id for m in project.models() if m.live] == [chosen.id]
    assert project.models()[1].metrics == {"before_map": 0.417, "after_map": 0.583}
    assert project.models()[1].labels == ("walk", "read")
    with pytest.raises(ProjectError, match="no model with the id 9"):
        project.set_live_model(9)
    assert [m.id for m in project.models() if m.live] == [demo.id]


def test_a_model_that_is_known_is_brought_up_to_date(project: Project) -> None:
    first = project.add_model(new_model(project, "demo"))
    project.set_live_model(first.id)
    again = project.add_model(new_model(project, "demo", map=0.7))
    assert again.id == first.id
    assert again.live
    assert len(project.models()) == 1
    assert again.metrics == {"map": 0.7}
