"""Somebody's model files: taken in, known again, or refused with nothing left behind."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

from app.domain.model_files import FilePhase, ModelFileState
from app.services.background import Background
from app.services.job_runner import JobRunner
from app.services.model_files import ModelFiles
from app.services.project_service import ProjectService
from tests.yowo_core.models.importing.described import entries, namespace, write_holes
from tests.yowo_core.weights.crafted import Call, Named, pickled, write_zip
from yowo_core.models.card import ModelCard, read_card
from yowo_core.models.variants import variant

WAIT = 60_000


class Place:
    """A project and what is told of the files that are added to it."""

    def __init__(self, bot: QtBot, folder: Path, runner: JobRunner, background: Background) -> None:
        self.bot, self.folder = bot, folder
        self.project = ProjectService("somebody")
        self.files = ModelFiles(runner, self.project, background)
        assert self.project.create(folder / "till.yowo")
        self.kept = folder / "till.runs" / "models"

    def add(self, file: Path) -> ModelFileState:
        assert self.files.add(file)
        assert self.files.busy
        assert not self.files.add(file)  # one at a time
        self.bot.waitUntil(lambda: not self.files.busy, timeout=WAIT)
        assert self.files.state is not None
        return self.files.state

    def refused(self, file: Path) -> str:
        """Why; nothing came of it."""
        state = self.add(file)
        assert (state.phase, state.model) == (FilePhase.FAILED, None)
        assert self.project.models() == []
        assert list(self.kept.iterdir()) == []
        return state.message


@pytest.fixture
def place(
    qtbot: QtBot, tmp_path: Path, runner: JobRunner, background: Background
) -> Iterator[Place]:
    made = Place(qtbot, tmp_path, runner, background)
    yield made
    made.project.close()


@pytest.mark.parametrize(
    ("which", "labels", "family"),
    [("tiny_model", ("walk", "read"), "yowov3"), ("nano_model", ("jump", "sit"), "yowov2")],
)
def test_a_model_of_ours_joins_the_project_with_its_own_classes(
    place: Place, request: pytest.FixtureRequest, which: str, labels: tuple[str, ...], family: str
) -> None:
    file: Path = request.getfixturevalue(which)
    state = place.add(file)
    assert state.phase is FilePhase.ADDED, state.message
    (model,) = place.project.models()
    assert state.model == model
    assert (model.name, model.labels, model.live) == (file.stem, labels, False)
    assert model.path.parent == place.kept
    assert model.path.read_bytes() == file.read_bytes()
    assert read_card(model.path).config.family == family
    assert place.project.labels() == []
    assert {"what", "licence"} <= {word for word, _ in state.rows}


def test_the_same_bytes_are_known_and_a_lost_file_comes_back(
    place: Place, tiny_model: Path, nano_model: Path, tmp_path: Path
) -> None:
    first = place.add(tiny_model).model
    assert first is not None
    other = shutil.copyfile(tiny_model, tmp_path / "other.safetensors")
    state = place.add(other)
    assert (state.phase, state.model) == (FilePhase.KNOWN, first)
    first.path.unlink()
    state = place.add(other)
    assert state.phase is FilePhase.ADDED
    (model,) = place.project.models()
    assert (model.id, model.name, model.sha256) == (first.id, first.name, first.sha256)
    assert model.path.is_file()
    namesake = tmp_path / "more" / "tiny.safetensors"
    namesake.parent.mkdir()
    shutil.copyfile(nano_model, namesake)
    second = place.add(namesake).model
    assert second is not None
    assert second.name == "tiny 2"


@pytest.mark.shared
def test_an_official_file_is_imported_with_its_words(
    place: Place, shared: Path, tmp_path: Path
) -> None:
    args = namespace(version="yowo_v2_nano", len_clip=16)
    path = write_holes(
        tmp_path / "yowo_v2_nano_ucf24.pth",
        entries(shared, "manifests/yowov2_nano_ucf24"),
        lambda state: {"model": state, "args": args},
    )
    state = place.add(path)
    assert state.phase is FilePhase.ADDED, state.message
    assert state.model is not None
    assert (state.model.name, state.model.labels[5]) == ("yowo_v2_nano_ucf24", "Diving")
    said = dict(state.rows)
    assert "yowov2-nano" in said["what"]
    assert "MIT" in said["licence"]
    card = read_card(state.model.path)
    assert card.facts["imported"]["file"] == path.name
    assert card.config.input.key == "last"
    assert place.add(path).phase is FilePhase.KNOWN


def test_what_is_no_whole_model_is_refused_and_leaves_nothing(
    place: Place, tiny_model: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(tiny_model.read_bytes()[:-1000])
    assert "ends in the middle" in place.refused(cut)
    half = tmp_path / "half.safetensors"
    card = ModelCard(variant("yowov2-nano").config(2), ("jump", "sit"), {})
    save_file(
        {"confidence.0.weight": np.zeros((1, 64, 1, 1), np.float32)}, half, card.as_metadata()
    )
    assert str(half) in place.refused(half)
    assert "gone.pth" in place.refused(tmp_path / "gone.pth")
    mark = tmp_path / "ran"
    runs = Call(Named("posix", "system"), (f"touch {mark}",))
    path = write_zip(tmp_path / "runs.pth", pickled({"state_dict": {"a": runs}}))
    assert "Nothing of it was run" in place.refused(path)
    assert not mark.exists()
