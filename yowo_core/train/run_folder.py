"""What a training leaves in its run folder: resumable state and the best weights."""

import os
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from yowo_core.errors import CheckpointError

STATE = "state.pt"
OLDER = "state.older.pt"
BEST = "best.safetensors"


def save_state(run_dir: Path, state: dict[str, Any], *, at_once: bool = False) -> None:
    """Write everything needed to go on, all or nothing: tensors and plain values only.

    at_once does not wait until the disk has it, which may take seconds; the state before is kept
    then, in case the power fails meanwhile. OSError when it cannot be written; what was saved
    before stays.
    """
    path, older = run_dir / STATE, run_dir / OLDER
    partial = run_dir / (STATE + ".partial")
    try:
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            if not at_once:
                os.fsync(file.fileno())  # else a power cut could leave an empty file of this name
    except (OSError, RuntimeError) as error:  # torch wraps what the disk says
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise
        raise OSError(f"{partial} could not be written ({_first_line(error)})") from error
    if at_once and path.is_file() and not older.is_file():
        path.replace(older)
    partial.replace(path)
    if not at_once:
        older.unlink(missing_ok=True)


def load_state(run_dir: Path) -> dict[str, Any] | None:
    """The saved state, None when the run has not saved one yet.

    CheckpointError when it is damaged and there is no older one that is whole.
    """
    found = [path for path in (run_dir / STATE, run_dir / OLDER) if path.is_file()]
    damage: CheckpointError | None = None
    for path in found:
        try:
            return dict(torch.load(path, map_location="cpu", weights_only=True))
        except (RuntimeError, OSError, ValueError, EOFError, UnpicklingError) as error:
            damage = damage or CheckpointError(
                f"{path} is damaged ({_first_line(error)}). Delete it to begin this training anew."
            )
    if damage is not None:
        raise damage
    return None


def has_state(run_dir: Path) -> bool:
    """Whether there is something to go on from."""
    return (run_dir / STATE).is_file() or (run_dir / OLDER).is_file()


def copied(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """An independent copy of a state dict."""
    return {k: v.detach().clone() for k, v in state.items()}


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
