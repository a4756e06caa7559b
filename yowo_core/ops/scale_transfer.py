"""Depth to space: a coarse map with many channels as a finer one with fewer, without parameters."""

from torch import Tensor
from torch.nn import functional

from yowo_core.errors import ConfigError


def depth_to_space(x: Tensor, factor: int) -> Tensor:
    """(B, C, H, W) -> (B, C / factor^2, H factor, W factor); ConfigError where C does not divide.

    The scale transfer module (improved YOWO, figure 4; Scale-Transferrable Object Detection, Zhou
    et al. 2018, equation 1): the channels c r^2 ... c r^2 + r^2 - 1 of a point become the r x r
    points of channel c, row by row.
    """
    if x.shape[1] % factor**2:
        raise ConfigError(
            f"A map of {x.shape[1]} channels cannot be made {factor} times as large by moving "
            f"channels into space: they are no multiple of {factor**2}."
        )
    return functional.pixel_shuffle(x, factor)
