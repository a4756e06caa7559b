"""How a run trains: a frozen, checked configuration that lives in the run folder; free of torch."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from yowo_core.errors import ConfigError, DataError
from yowo_core.formats.whole_file import replacing
from yowo_core.models.variants import variant

CONFIG = "config.json"
Device = Literal["auto", "cpu", "cuda"]
ClassLoss = Literal["bce", "enf"]
ClassWeight = Literal["inverse", "effective"]


@dataclass(frozen=True)
class TrainConfig:
    """Everything that a run needs beside its data set.

    base: path of the model to start from, '' starts from random weights. An epoch draws
    clips_per_epoch clips. learning_rate is the peak after warmup updates; it falls as a cosine
    to a hundredth. average is the decay of the moving average of weights that is evaluated and
    kept. patience: epochs without a better figure after which the run ends, 0 never does.
    save_seconds: how often the run is saved inside an epoch; a kill loses no more than that.
    class_loss: what a class score costs, binary cross entropy or, with enf, ENFLoss with its
    alpha, beta and class weight, counted from the frames that are learnt from.
    """

    model: str = "yowov3-tiny"
    base: str = ""
    epochs: int = 20
    clips_per_epoch: int = 512
    batch: int = 8
    learning_rate: float = 1e-3
    weight_decay: float = 5e-4
    warmup: int = 100
    average: float = 0.995
    empty_share: float = 0.15
    jitter: float = 0.2
    flip: bool = True
    hue: float = 0.1
    soft_labels: bool = False
    class_loss: ClassLoss = "bce"
    enf_alpha: float = 2.0
    enf_beta: float = 0.7
    enf_weight: ClassWeight = "inverse"
    patience: int = 0
    held_out_frames: int = 200
    save_seconds: float = 60.0
    device: Device = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse impossible values with the value in the sentence."""
        variant(self.model)
        checks = {
            "epochs": self.epochs >= 1,
            "clips_per_epoch": self.clips_per_epoch >= self.batch,
            "batch": self.batch >= 2,
            "learning_rate": 0 < self.learning_rate < 1,
            "weight_decay": self.weight_decay >= 0,
            "warmup": self.warmup >= 0,
            "average": 0 <= self.average < 1,
            "empty_share": 0 <= self.empty_share < 1,
            "jitter": 0 <= self.jitter < 0.5,
            "hue": 0 <= self.hue <= 0.5,
            "class_loss": self.class_loss in ("bce", "enf"),
            "enf_alpha": 0 <= self.enf_alpha < float("inf"),
            "enf_beta": 0 <= self.enf_beta < 1,
            "enf_weight": self.enf_weight in ("inverse", "effective"),
            "patience": self.patience >= 0,
            "held_out_frames": self.held_out_frames >= 1,
            "save_seconds": self.save_seconds >= 0,
            "device": self.device in ("auto", "cpu", "cuda"),
        }
        for name, fine in checks.items():
            if not fine:
                raise ConfigError(f"Training setting {name} cannot be {getattr(self, name)!r}.")

    @property
    def updates_per_epoch(self) -> int:
        """Optimiser steps an epoch."""
        return self.clips_per_epoch // self.batch

    @property
    def updates(self) -> int:
        """Optimiser steps of the whole run."""
        return self.epochs * self.updates_per_epoch


def write_config(run_dir: Path, config: TrainConfig) -> None:
    """Put the configuration into a run folder."""
    run_dir.mkdir(parents=True, exist_ok=True)
    with replacing(run_dir / CONFIG) as file:
        file.write(json.dumps(asdict(config), indent=1))


def read_config(run_dir: Path) -> TrainConfig:
    """The configuration of a run folder; unknown keys are errors."""
    path = run_dir / CONFIG
    if not path.is_file():
        raise DataError(f"{run_dir} is no run folder: it has no {CONFIG}. Make one: yowo prepare.")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{path} is no configuration ({error}).") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} is no configuration: it holds no settings by name.")
    known = {f.name: type(f.default) for f in fields(TrainConfig)}
    if unknown := sorted(set(values) - set(known)):
        raise ConfigError(f"{path} has unknown settings: {', '.join(unknown)}.")
    for name, value in values.items():
        kind = (float, int) if known[name] is float else (known[name],)
        if type(value) not in kind:
            raise ConfigError(f"{path}: {name} cannot be {value!r}; {kind[0].__name__} is needed.")
    return TrainConfig(**values)
