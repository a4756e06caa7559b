"""Anchor boxes, and what else a network with them is set to for a data set; free of torch."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from yowo_core.errors import ConfigError, DataError
from yowo_core.input_spec import InputSpec
from yowo_core.models.configs.base import DetectorConfig

Anchors = tuple[tuple[float, float], ...]
"""Width and height of each anchor box in pixels of the network's input."""


@dataclass(frozen=True)
class DataSet:
    """What a family is set to for a public data set.

    classes of it exclude each other but for those behind the first `exclusive`, if not None.
    """

    classes: int
    anchors: Anchors
    input: InputSpec
    exclusive: int | None = None


class AnchorConfig(DetectorConfig):
    """Base of configurations whose network scales anchor boxes, each with a confidence.

    exclusive: of the classes the first so many exclude each other (softmax), the others stand
    for themselves (sigmoid); None stands for all. AVA's 14 poses exclude each other.
    """

    anchors: Anchors
    exclusive: int | None

    def __post_init__(self) -> None:
        """Refuse anchors that are no boxes."""
        super().__post_init__()
        if not self.anchors:
            raise ConfigError("A network with anchors needs at least one.")
        for sides in map(list, self.anchors):
            if len(sides) != 2 or not min(sides) > 0:
                raise ConfigError(f"An anchor is a width and a height above 0, not {sides}.")
        if self.exclusive is not None and self.exclusive < 0:
            raise ConfigError(f"{self.exclusive} classes cannot exclude each other.")


def with_anchors(config: DetectorConfig, anchors: Anchors) -> DetectorConfig:
    """The same network with other anchors; ConfigError for a family without anchor boxes."""
    if not isinstance(config, AnchorConfig):
        raise ConfigError(f"Networks of the family {config.family} have no anchor boxes.")
    changed: Any = config
    found: AnchorConfig = replace(changed, anchors=anchors)
    return found


def read_anchors(path: Path, size: int) -> Anchors:
    """The anchors that `yowo anchors --json` wrote, for an input of size pixels.

    Anchors of an input of another size are scaled. DataError when the file is none of these.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        scale = size / values["size"]
        found = tuple((float(w) * scale, float(h) * scale) for w, h in values["anchors"])
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise DataError(
            f"{path} holds no anchors ({error}). Make it: yowo anchors LABELS --json > {path.name}"
        ) from error
    return found


def data_set(known: dict[str, DataSet], name: str) -> DataSet:
    """Look a data set of a family up by name; ConfigError lists those that there are."""
    if name not in known:
        raise ConfigError(f"There are no anchors for {name!r}; there are: {', '.join(known)}.")
    return known[name]


def data_set_of(known: dict[str, DataSet], classes: int) -> DataSet:
    """The data set with that many classes, for published weights that do not say theirs.

    The first one stands for numbers of classes that none has.
    """
    found = (one for one in known.values() if one.classes == classes)
    return next(found, next(iter(known.values())))
