"""A row in the tables of networks that can be built by name."""

from dataclasses import dataclass, replace
from typing import Any

from yowo_core.models.configs.base import DetectorConfig


@dataclass(frozen=True)
class Variant:
    """One published network by name.

    plan is its configuration but for the number of classes. parameters (millions) and operations
    (10^9 multiply-adds a clip) are the paper's figures for the plan's classes, None where it
    gives none; temporal_operations are those of the 3D network alone. weights_licence says under
    which terms its authors' weights stand.
    """

    name: str
    title: str
    paper: str
    plan: DetectorConfig
    parameters: float | None = None
    operations: float | None = None
    weights_licence: str = "none stated"
    temporal_operations: float | None = None

    def config(self, num_classes: int) -> DetectorConfig:
        """The configuration of this variant for a number of classes."""
        changed: Any = self.plan
        config: DetectorConfig = replace(changed, num_classes=num_classes)
        return config
