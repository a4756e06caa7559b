"""What a training says of its way: losses, speed, and how much is left."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from yowo_core.events import Event, Progress, TrainLoss
from yowo_core.train.config import TrainConfig
from yowo_core.train.run import TERMS, Run
from yowo_core.train.schedule import learning_rate

REPORT_EVERY = 5
"""Updates between two loss events."""
PROGRESS_SECONDS = 0.5
"""Seconds between two progress events."""

Say = Callable[[Event], None]


@dataclass
class Teller:
    """Tells of the updates of one epoch; made where it begins or is gone on with."""

    run: Run
    config: TrainConfig
    say: Say
    _began: float = field(default_factory=time.monotonic)
    _said: float = 0.0
    _made: int = 0

    def update_made(self) -> None:
        """Say what is due after an update."""
        self._made += 1
        last = self.run.step == self.config.updates_per_epoch
        if self.run.step % REPORT_EVERY == 0 or last:
            self.say(self._loss())
            self.run.sums, self.run.seen = torch.zeros(TERMS), 0
        now = time.monotonic()
        if last or now - self._said >= PROGRESS_SECONDS:
            self._said = now
            self.say(self._progress(now))

    def _loss(self) -> TrainLoss:
        run, config = self.run, self.config
        done = run.update(config)
        rate = learning_rate(done - 1, config.learning_rate, config.warmup, config.updates)
        total, box, cls, dfl = (float(v) for v in run.sums / run.seen)
        return TrainLoss(done, run.epoch + 1, config.epochs, total, box, cls, dfl, rate)

    def _progress(self, now: float) -> Progress:
        done = self.run.update(self.config)
        speed = self._made / max(now - self._began, 1e-6)
        left = (self.config.updates - done) / speed
        return Progress(done, self.config.updates, speed * self.config.batch, left, "training")


def counting(
    say: Say, stage: str, stop: Callable[[], bool] = lambda: False
) -> Callable[[int, int], bool]:
    """A function that tells done of total at a bearable pace and gives whether to go on."""
    began = time.monotonic()
    state = {"said": 0.0, "first": -1.0}

    def report(done: int, total: int) -> bool:
        now = time.monotonic()
        if state["first"] < 0:
            state["first"] = done
        if done == total or now - state["said"] >= PROGRESS_SECONDS:
            state["said"] = now
            speed = max(done - state["first"], 1) / max(now - began, 1e-6)
            say(Progress(done, total, speed, (total - done) / speed, stage))
        return not stop()

    return report
