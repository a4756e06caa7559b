"""Runs that the program did not see the end of: what their folders tell at the next opening."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from app.domain.project import RunKind, RunRecord
from app.services.training import DISCARDED, read_training
from app.services.training_state import Phase, TrainingState
from yowo_core.errors import DataError
from yowo_core.event_log import replay
from yowo_core.events import Finished
from yowo_core.folder_lock import is_locked


class End(StrEnum):
    """How a run that was left stands."""

    ALIVE = "alive"  # another window runs it, or its process still saves
    ENDED = "ended"  # it came to its end with nobody there to see it
    CUT_OFF = "cut off"
    LOST = "lost"  # its folder is gone, or there is nothing in it to go on from


@dataclass(frozen=True)
class LeftRun:
    """A run with what its folder tells.

    training: how it stands, of a training. frames: how many an analysis has done.
    """

    run: RunRecord
    end: End
    training: TrainingState | None = None
    frames: int = 0


def look_at(runs: Iterable[RunRecord]) -> list[LeftRun]:
    """Read the folders of runs; takes as long as their files are large."""
    return [_training(run) if run.kind is RunKind.TRAIN else _analysis(run) for run in runs]


def sweep(runs_folder: Path) -> None:
    """Delete what is left of run folders whose deleting was cut off."""
    for left in runs_folder.glob(f"*{DISCARDED}"):
        shutil.rmtree(left, ignore_errors=True)


def _training(run: RunRecord) -> LeftRun:
    if is_locked(run.folder):
        return LeftRun(run, End.ALIVE)
    try:
        state = read_training(run.folder)
    except DataError:  # it ended before it said anything
        return LeftRun(run, End.LOST)
    if state.phase is Phase.FINISHED and state.has_weights:
        return LeftRun(run, End.ENDED, state)
    return LeftRun(run, End.CUT_OFF if state.can_go_on else End.LOST, state)


def _analysis(run: RunRecord) -> LeftRun:
    if is_locked(run.folder):
        return LeftRun(run, End.ALIVE)
    try:
        events = replay(run.folder)
    except DataError:
        events = []
    last = events[-1] if events else None
    if isinstance(last, Finished) and not last.stopped and Path(last.result).is_file():
        return LeftRun(run, End.ENDED)
    frames = _frames(run.folder)
    return LeftRun(run, End.CUT_OFF if frames else End.LOST, frames=frames)


def _frames(folder: Path) -> int:
    """Frames in the chunks of the folder's newest analysis; damaged files count for nothing."""
    counts: dict[Path, int] = {}
    for path in folder.glob("chunks/*/*.npz"):
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
                counts[path.parent] = counts.get(path.parent, 0) + len(parts["frames"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            continue
    return max(counts.values(), default=0)
