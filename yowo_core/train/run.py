"""What changes while a training goes on, to be saved and taken up again at any update."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from yowo_core.events import Evaluated
from yowo_core.models.card import read_card
from yowo_core.models.detector import Detector
from yowo_core.train.config import TrainConfig
from yowo_core.train.run_folder import BEST, copied, load_state, save_state
from yowo_core.train.schedule import parameter_groups

TERMS = 4
"""Losses that are told: total, box, cls, dfl."""


@dataclass
class Run:
    """A training as it stands after an update.

    epoch counts those that are measured, step the updates of the one under way. sums and seen are
    the losses that were not told yet; figure the event of the last epoch that was measured. Random
    numbers follow from seed, epoch and step, so there is none to be kept.
    """

    model: Detector
    average: dict[str, Tensor]
    optimiser: torch.optim.Optimizer
    epoch: int = 0
    step: int = 0
    best: float = -1.0
    best_epoch: int = 0
    sums: Tensor = field(default_factory=lambda: torch.zeros(TERMS))
    seen: int = 0
    figure: Evaluated | None = None

    def update(self, config: TrainConfig) -> int:
        """Updates that were made."""
        return self.epoch * config.updates_per_epoch + self.step

    def over(self, config: TrainConfig) -> bool:
        """Whether nothing is left to be done: all epochs, or none was better for too long."""
        waited = self.epoch - self.best_epoch
        return self.epoch >= config.epochs or 0 < config.patience <= waited


def fresh_run(model: Detector, config: TrainConfig) -> Run:
    """A training before its first update; the model is where it is to stay."""
    groups = parameter_groups(model, config.weight_decay)
    return Run(model, copied(model.state_dict()), torch.optim.AdamW(groups, config.learning_rate))


def save(run: Run, run_dir: Path, *, at_once: bool = False) -> None:
    """Keep everything that going on needs, as save_state does; OSError when there is no room."""
    plain = {name: getattr(run, name) for name in ("epoch", "step", "best", "best_epoch", "seen")}
    tensors = {"model": run.model.state_dict(), "average": run.average, "sums": run.sums}
    figure = None if run.figure is None else asdict(run.figure)
    state = {**plain, **tensors, "optimiser": run.optimiser.state_dict(), "figure": figure}
    save_state(run_dir, state, at_once=at_once)


def take_up(run: Run, run_dir: Path) -> bool:
    """Bring a fresh run to where the folder's saved state stands; False when it has none.

    CheckpointError when the state is damaged.
    """
    state = load_state(run_dir)
    if state is None:
        return False
    run.model.load_state_dict(state["model"])
    run.average = {k: v.to(run.average[k].device) for k, v in state["average"].items()}
    run.optimiser.load_state_dict(state["optimiser"])
    run.epoch, run.step = state["epoch"], state.get("step", 0)
    run.best, run.best_epoch = state["best"], state["best_epoch"]
    run.sums, run.seen = state.get("sums", run.sums), state.get("seen", 0)
    run.figure = _figure(state.get("figure"))
    _match_best(run, run_dir)
    return True


def _figure(values: dict[str, Any] | None) -> Evaluated | None:
    return None if values is None else Evaluated(**values)


def _match_best(run: Run, run_dir: Path) -> None:
    """The kept weights may be newer than the state, which is saved after them."""
    if (run_dir / BEST).is_file():
        facts = read_card(run_dir / BEST).facts
        if float(facts.get("held_out_frame_map", -1.0)) > run.best:
            run.best, run.best_epoch = float(facts["held_out_frame_map"]), int(facts["epoch"])
