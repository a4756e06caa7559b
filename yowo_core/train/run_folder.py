"""What a training leaves in its run folder: events, resumable state, the best weights."""

from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from yowo_core.errors import CheckpointError
from yowo_core.events import Event, to_line

EVENTS = "events.jsonl"
STATE = "state.pt"
BEST = "best.safetensors"


def recorder(run_dir: Path, echo: Callable[[str], None]) -> Callable[[Event], None]:
    """A function that appends each event to events.jsonl and hands the same line to echo."""
    path = run_dir / EVENTS

    def say(item: Event) -> None:
        line = to_line(item)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        echo(line)

    return say


def save_state(run_dir: Path, state: dict[str, Any]) -> None:
    """Write everything needed to go on, all or nothing: tensors and plain values only."""
    partial = run_dir / (STATE + ".partial")
    torch.save(state, partial)
    partial.replace(run_dir / STATE)


def load_state(run_dir: Path) -> dict[str, Any] | None:
    """The saved state, None when the run has not saved one yet."""
    path = run_dir / STATE
    if not path.is_file():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, ValueError, UnpicklingError) as error:
        raise CheckpointError(
            f"{path} is damaged ({error}). Delete it to begin this training anew."
        ) from error
    return dict(state)


def copied(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """An independent copy of a state dict."""
    return {k: v.detach().clone() for k, v in state.items()}
