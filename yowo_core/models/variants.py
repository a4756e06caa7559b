"""Torch-free table of every network that can be built by name."""

import difflib
from dataclasses import dataclass, replace
from typing import Any

from yowo_core.errors import ConfigError
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.yowov3 import YOWOv3Config


@dataclass(frozen=True)
class Variant:
    """One published network by name.

    plan is its configuration but for the number of classes. parameters (millions) and operations
    (10^9 multiply-adds a clip) are the paper's figures for 24 classes, None where it gives none.
    weights_licence says under which terms its authors' weights stand.
    """

    name: str
    title: str
    paper: str
    plan: DetectorConfig
    parameters: float | None = None
    operations: float | None = None
    weights_licence: str = "none stated"

    def config(self, num_classes: int) -> DetectorConfig:
        """The configuration of this variant for a number of classes."""
        changed: Any = self.plan
        config: DetectorConfig = replace(changed, num_classes=num_classes)
        return config


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "yowov3-tiny",
        "YOWOv3-Tiny",
        "YOWOv3, table 3",
        YOWOv3Config("n", "shufflenetv2", 2.0, 64, 24),
        10.15,
        2.79,
    ),
)


def variant(name: str) -> Variant:
    """Look a variant up by name; ConfigError lists the known names, the nearest first."""
    known = {v.name: v for v in VARIANTS}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=8, cutoff=0.0)
    raise ConfigError(f"No model is called {name!r}; the nearest names: {', '.join(near)}.")
