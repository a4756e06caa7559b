"""What comes of a training: the model file that the project keeps, and what is known of it."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.services.training_state import TrainingState
from yowo_core.models.card import ModelCard, read_card

BEST_FILE: Final = "best.safetensors"
"""The weights that a training leaves in its run folder."""
MODELS_FOLDER: Final = "models"
"""Beside the run folders: a run that is gone on with or discarded leaves kept models alone."""
_DIGITS = 12


@dataclass(frozen=True)
class TrainingResult:
    """A new model. labels are in the order of its outputs; sha256 is of the file.

    before and after are frame-mAP in percent on the held-out part, None where nothing was
    measured. stopped tells that the training was ended early, epoch which one the weights are of
    (0 for weights of an epoch that was not measured), update after how many they were kept.
    """

    run_dir: Path
    path: Path
    sha256: str
    labels: tuple[str, ...]
    before: float | None
    after: float | None
    stopped: bool
    epoch: int = 0
    update: int = 0

    @property
    def metrics(self) -> dict[str, float]:
        """What was measured, as a ModelRecord keeps it."""
        told = {"before_frame_map": self.before, "after_frame_map": self.after}
        return {name: value for name, value in told.items() if value is not None}


def keep_result(state: TrainingState, *, stopped: bool) -> TrainingResult:
    """Copy the best weights so far out of the run folder and tell what they are.

    CheckpointError or OSError when there are none, or no room for them.
    """
    best = state.run_dir / BEST_FILE
    card = read_card(best)
    with best.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    kept = state.run_dir.parent / MODELS_FOLDER / f"{state.run_dir.name}-{digest[:_DIGITS]}"
    path = kept.with_name(f"{kept.name}.safetensors")
    if not path.is_file():
        copy_whole(best, path)
    facts = _facts(card)
    return TrainingResult(
        state.run_dir, path, digest, card.labels, state.before, facts[0], stopped, *facts[1:]
    )


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file, so that target appears whole or not at all; OSError when it cannot be."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    try:
        shutil.copyfile(source, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _facts(card: ModelCard) -> tuple[float | None, int, int]:
    figure = card.facts.get("held_out_frame_map")
    measured = None if figure is None else float(figure)
    return measured, int(card.facts.get("epoch", 0)), int(card.facts.get("updates", 0))
