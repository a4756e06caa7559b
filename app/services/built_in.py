"""What comes with the program: the demo project and the models on its shelf."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from app.domain.project import NewModel, NewVideo
from app.editing.draft import Together
from app.editing.labels import AddLabel
from app.editing.media import AddVideos, RelocateVideo
from app.editing.ranges import MarkLabelled
from app.editing.tubes import AddTube
from app.services.data_folders import data_folder
from app.services.project_service import ProjectService
from yowo_core.annotations import AnnotationSet, Tube, Video
from yowo_core.errors import CoreError
from yowo_core.formats import yowo_csv
from yowo_core.models.card import read_card
from yowo_core.models.shelf import built_in
from yowo_core.tubes.edit import thinned

TOLERANCE: Final = 3.0
"""Pixels by which the demo's keyframed tubes may differ from its frame-by-frame labels."""


def demo_path() -> Path:
    """The demo's project file, in the person's own data folder: they may change it."""
    return data_folder() / "demo" / "Demo.yowo"


def open_demo(project: ProjectService) -> bool:
    """Open the demo project, made anew when it is not there yet; failed tells why it cannot."""
    path = demo_path()
    resources = Path(str(files("resources"))) / "demo"
    if path.is_file():
        return project.open(path) and _found(project, resources)
    path.parent.mkdir(parents=True, exist_ok=True)
    return project.create(path) and _fill(project, resources)


def hash_models() -> None:
    """Work the built-in models' hashes out, so that opening a project need not wait for it."""
    for model in built_in():
        with suppress(OSError):  # told by register_models
            _digest_of(model.path)


def register_models(project: ProjectService) -> list[str]:
    """Put the built-in models into the open project; one is live if none was. Gives problems."""
    problems = []
    for model in built_in():
        try:
            card = read_card(model.path)
        except CoreError as error:
            problems.append(str(error))
            continue
        digest = _digest_of(model.path)
        uid = f"built-in-{model.name}"
        new = NewModel(uid, model.title, model.path, digest, card.labels)
        known = next((m for m in project.models() if m.uid == uid), None)
        if known is None or (known.sha256, known.path) != (digest, model.path):
            project.add_model(new)
    models = project.models()
    if models and not any(m.live for m in models):
        project.set_live_model(models[0].id)
    return problems


def _digest_of(path: Path) -> str:
    facts = path.stat()
    return _digest(path, facts.st_size, facts.st_mtime_ns)


@cache
def _digest(path: Path, _size: int, _changed_ns: int) -> str:
    """The sha256 of a file, worked out once for as long as it stays what it is."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _found(project: ProjectService, resources: Path) -> bool:
    """The program may have moved since: show the project where its clip is now."""
    for video in project.videos():
        here = resources / video.name
        if not video.path.is_file() and here.is_file():
            project.submit(RelocateVideo(video.id, here))
    return True


def _fill(project: ProjectService, resources: Path) -> bool:
    """Few transactions: each waits for the disk, and somebody waits for the first picture."""
    annotations = yowo_csv.read(resources / "labels.csv").annotations
    labels = tuple(AddLabel(label.name, label.color) for label in annotations.labels)
    videos = AddVideos(tuple(_new_video(resources / v.name, v) for v in annotations.videos))
    project.submit(Together("Add the demo", (*labels, videos)))
    ids = {label.name: label.id for label in project.labels()}
    records = {record.name: record.id for record in project.videos()}
    tubes = [
        AddTube(records[video.name], _own(tube, annotations, ids))
        for video in annotations.videos
        for tube in video.tubes
    ]
    ranges = [
        MarkLabelled(records[video.name], part.start, part.stop)
        for video in annotations.videos
        for part in video.ranges
    ]
    project.submit(Together("Label the demo", (*tubes, *ranges)))
    project.forget_history()
    return True


def _new_video(path: Path, video: Video) -> NewVideo:
    facts = (video.width, video.height, video.frame_count, video.fps, video.content_hash)
    return NewVideo(path, *facts, size=path.stat().st_size)


def _own(tube: Tube, annotations: AnnotationSet, ids: dict[str, int]) -> Tube:
    """The tube with the project's label ids and an id of its own."""
    names = {label.id: label.name for label in annotations.labels}
    spans = tuple(replace(s, label=ids[names[s.label]]) for s in tube.spans)
    return replace(thinned(tube, TOLERANCE), id=f"demo-{tube.id}", spans=spans)
