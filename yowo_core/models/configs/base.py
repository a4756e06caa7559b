"""What every configuration has."""

from typing import ClassVar

from yowo_core.errors import ConfigError
from yowo_core.input_spec import InputSpec


class DetectorConfig:
    """Base of the families' configurations, each of them a frozen dataclass.

    A checkpoint carries it and rebuilds the network from it. family names the network in files.
    """

    family: ClassVar[str]
    num_classes: int
    input: InputSpec

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        if self.num_classes < 1:
            raise ConfigError(f"A detector needs at least one class, not {self.num_classes}.")
