"""What every network of the family offers, whatever is inside."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from yowo_core.errors import ConfigError
from yowo_core.input_spec import check_pair
from yowo_core.models.configs.base import DetectorConfig


class Detector(nn.Module, ABC):
    """Clip and key frame in, raw maps out; decode turns raw maps into boxes and scores."""

    config: DetectorConfig

    @abstractmethod
    def forward(self, clip: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """clip (B, 3, T, S, S) and its key frame (B, 3, S, S) -> raw maps of the network."""

    @abstractmethod
    def decode(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """Raw maps -> boxes (B, A, 4) x1, y1, x2, y2 in input pixels, scores (B, A, C) in 0..1."""

    @abstractmethod
    def class_rows(self) -> dict[str, Tensor]:
        """Names of the tensors with rows of single classes -> those rows, (C, rows a class).

        Rows count along axis 0; what is in no row belongs to all classes together. A model for
        other classes takes over the rows of the classes that it shares.
        """

    @abstractmethod
    def branches(self) -> dict[str, nn.Module]:
        """The parts whose output is a map of features, by name: '2d', '3d', where they exist.

        Of a tuple of maps the last is the deepest.
        """


class TwoBranch(Detector):
    """A 2D network sees the key frame, a 3D network the clip; what both see is fused.

    The clip's map can be made once and used for several key frames of the clip, which is exact
    for networks whose key frame may be anywhere (improved YOWO, section 3.1).
    """

    spatial: nn.Module
    temporal: nn.Module

    def clip_map(self, clip: Tensor) -> Tensor:
        """(B, 3, T, S, S) -> features of the clip (B, C, S/32, S/32)."""
        out: Tensor = self.temporal(clip)
        return out

    @abstractmethod
    def detect_on(self, clip_map: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """Features of clips and key frames (B, 3, S, S) of them -> raw maps."""

    def forward(self, clip: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """See `Detector.forward`; DataError for sides that are no multiples of 32."""
        check_pair(clip.shape, key_frame.shape)
        return self.detect_on(self.clip_map(clip), key_frame)

    def branches(self) -> dict[str, nn.Module]:
        """See `Detector.branches`."""
        return {"2d": self.spatial, "3d": self.temporal}


def two_branches(network: Detector) -> TwoBranch:
    """The network, if its 3D part sees the clip on its own; otherwise a ConfigError."""
    if isinstance(network, TwoBranch) and any(name.endswith("3d") for name in network.branches()):
        return network
    raise ConfigError(
        f"This {network.config.family} network has no part that sees the clip on its own. "
        "Leave out --share and --feature-bank."
    )
