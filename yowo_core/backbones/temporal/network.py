"""What all 3D backbones have in common."""

from abc import ABC, abstractmethod

from torch import Tensor, nn


class TemporalNetwork(nn.Module, ABC):
    """Clip (B, 3, T, H, W) -> features (B, channels, H/32, W/32), averaged over what time is left.

    T is 8, 16, 32 or any other number of frames; H and W are multiples of 32.
    """

    channels: int

    @abstractmethod
    def features(self, clip: Tensor) -> Tensor:
        """(B, 3, T, H, W) -> (B, channels, t, H/32, W/32) with what is left of T: 1 or more."""

    def forward(self, clip: Tensor) -> Tensor:
        """(B, 3, T, H, W) -> (B, channels, H/32, W/32)."""
        return self.features(clip).mean(2)
