"""The slow half of adding a model file, for a thread beside the window: hash, look, copy."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from app.domain.project import NewModel
from app.services.training_result import copy_whole
from yowo_core.errors import CheckpointError
from yowo_core.models.card import read_card
from yowo_core.video.naming import as_text

_DIGITS = 12
_UID_DIGITS = 32
_STEM_LETTERS = 60
SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Found:
    """A file that somebody chose. ours: it says of itself what a model of ours says.

    target: where the project will keep the model.
    """

    file: Path
    sha256: str
    ours: bool
    target: Path

    @property
    def uid(self) -> str:
        """The same in every project for the same bytes."""
        return f"file-{self.sha256[:_UID_DIGITS]}"


def looked_at(file: Path, folder: Path) -> Found:
    """Read a file once; folder is where models are kept. OSError when it cannot be."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(".*.partial"):  # of an import that ended with the window
        left.unlink(missing_ok=True)
    digest = _digest(file)
    target = folder / f"{as_text(file.stem)[:_STEM_LETTERS]}-{digest[:_DIGITS]}{SUFFIX}"
    return Found(file, digest, _is_ours(file), target)


def kept(found: Found, *, whole: bool) -> NewModel:
    """The model as the project will keep it.

    CheckpointError when the file is no whole model; OSError when it cannot be kept.
    """
    if not whole:
        found.target.unlink(missing_ok=True)
        raise CheckpointError(
            f"{found.file} is a backbone, a part of a network: it finds nobody by itself. "
            "Choose the file of a whole model."
        )
    if found.ours and not found.target.is_file():
        copy_whole(found.file, found.target)
    card = read_card(found.target)
    digest = _digest(found.target)
    return NewModel(found.uid, as_text(found.file.stem), found.target, digest, card.labels)


def _is_ours(file: Path) -> bool:
    try:
        read_card(file)
    except CheckpointError:
        return False
    return True


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
