"""Anchor boxes, and what else a network with them is set to for a data set; free of torch."""

from dataclasses import dataclass

from yowo_core.errors import ConfigError
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
