"""Torch-free tables of every model that can be built, and the shape of its input."""

import difflib
from dataclasses import asdict, dataclass
from typing import Any, Literal

from yowo_core.errors import ConfigError

SpatialSize = Literal["n", "s", "m", "l", "x"]


@dataclass(frozen=True)
class InputSpec:
    """What a model is fed: clips of length frames, stride apart, square pictures of size pixels.

    mean and std normalise RGB values of 0..1, a channel each.
    """

    length: int = 16
    stride: int = 1
    size: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class YOWOv3Config:
    """Everything that shapes a YOWOv3 network; a checkpoint carries it and rebuilds from it.

    width is the number of channels between the decoupled head and the detection head (the
    paper leaves it out). head_prior is the side in strides to which an untrained box decodes:
    7.5 is the mean of 16 equal bins, as in the official network, whose coarsest level then
    never wins a positive.
    """

    spatial: SpatialSize
    temporal: Literal["shufflenetv2"]
    temporal_width: float
    width: int
    num_classes: int
    input: InputSpec = InputSpec()
    head_prior: float = 2.5

    def __post_init__(self) -> None:
        """Refuse sizes that no network can have."""
        if self.num_classes < 1:
            raise ConfigError(f"A detector needs at least one class, not {self.num_classes}.")
        if self.input.size % 32:
            raise ConfigError(f"Input size {self.input.size} is no multiple of 32.")
        if not 0 < self.head_prior <= 7.5:
            raise ConfigError(f"head_prior {self.head_prior} is not in (0, 7.5] strides.")


@dataclass(frozen=True)
class Variant:
    """One published network by name."""

    name: str
    title: str
    paper: str
    spatial: SpatialSize
    temporal: Literal["shufflenetv2"]
    temporal_width: float
    width: int

    def config(self, num_classes: int) -> YOWOv3Config:
        """The configuration of this variant for a number of classes."""
        return YOWOv3Config(
            self.spatial, self.temporal, self.temporal_width, self.width, num_classes
        )


VARIANTS: tuple[Variant, ...] = (
    Variant("yowov3-tiny", "YOWOv3-Tiny", "YOWOv3, table 3", "n", "shufflenetv2", 2.0, 64),
)


def variant(name: str) -> Variant:
    """Look a variant up by name; ConfigError lists the known names, the nearest first."""
    known = {v.name: v for v in VARIANTS}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=len(known), cutoff=0.0)
    raise ConfigError(f"No model is called {name!r}; known models: {', '.join(near)}.")


def config_to_json(config: YOWOv3Config) -> dict[str, Any]:
    """Plain values that `config_from_json` turns back into the same configuration."""
    return {"family": "yowov3", **asdict(config)}


def config_from_json(values: dict[str, Any]) -> YOWOv3Config:
    """Rebuild a configuration; unknown families and keys are errors."""
    rest = dict(values)
    family = rest.pop("family", None)
    if family != "yowov3":
        raise ConfigError(f"Model family {family!r} is unknown; known families: yowov3.")
    try:
        shape = rest.pop("input")
        spec = InputSpec(**{**shape, "mean": tuple(shape["mean"]), "std": tuple(shape["std"])})
        return YOWOv3Config(**rest, input=spec)
    except (KeyError, TypeError) as error:
        raise ConfigError(f"The model's configuration is not complete: {error}.") from error
