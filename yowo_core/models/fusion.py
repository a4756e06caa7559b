"""Channel fusion and attention (CFAM) of the YOWO family (YOWO, section 3.1.3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from yowo_core.backbones.layers import Act, silu


class ChannelAttention(nn.Module):
    """Mix channels by their Gram matrix; gamma starts at 0, so training begins without it.

    With F (C, HW) and G = F F^T, the weights are softmax(rowmax(G) - G): channels that are
    least alike weigh most.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        flat = x.flatten(2)
        gram = torch.bmm(flat, flat.transpose(1, 2))
        weights = (gram.amax(-1, keepdim=True) - gram).softmax(-1)
        return self.gamma * torch.bmm(weights, flat).view_as(x) + x


@dataclass(frozen=True)
class FusionStyle:
    """How a family writes its fusion: activation, normalisation, and what training drops.

    drop is nn.Dropout2d for whole channels or nn.Dropout for single values.
    """

    act: Act = silu
    eps: float = 1e-3
    momentum: float = 0.03
    drop: Callable[[float], nn.Module] = nn.Dropout2d


class CFAM(nn.Module):
    """Fuse a 2D and a 3D map of the same size into `outputs` channels."""

    def __init__(self, inputs: int, outputs: int, style: FusionStyle = FusionStyle()) -> None:
        super().__init__()
        self.before = nn.Sequential(
            _block(inputs, outputs, 1, style), _block(outputs, outputs, 3, style)
        )
        self.attention = ChannelAttention()
        self.after = _block(outputs, outputs, 3, style)
        self.out = nn.Sequential(style.drop(0.1), nn.Conv2d(outputs, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        out: Tensor = self.out(self.after(self.attention(self.before(x))))
        return out


def _block(inputs: int, outputs: int, kernel: int, style: FusionStyle) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs, eps=style.eps, momentum=style.momentum),
        style.act(),
    )


def fused(fusions: nn.ModuleList, maps: Sequence[Tensor], clip_map: Tensor) -> list[Tensor]:
    """Each level's 2D map with the 3D map, enlarged to its size."""
    found = []
    for fusion, part in zip(fusions, maps, strict=True):
        widened = functional.interpolate(clip_map, size=part.shape[-2:], mode="nearest")
        found.append(fusion(torch.cat((part, widened), 1)))
    return found
