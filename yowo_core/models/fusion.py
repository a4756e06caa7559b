"""Channel fusion and attention (CFAM) of the YOWO family (YOWO, section 3.1.3)."""

import torch
from torch import Tensor, nn


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


def _block(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03),
        nn.SiLU(inplace=True),
    )


class CFAM(nn.Module):
    """Fuse a 2D and a 3D map of the same size into `outputs` channels."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.before = nn.Sequential(_block(inputs, outputs, 1), _block(outputs, outputs, 3))
        self.attention = ChannelAttention()
        self.after = _block(outputs, outputs, 3)
        self.out = nn.Sequential(nn.Dropout2d(0.1), nn.Conv2d(outputs, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        out: Tensor = self.out(self.after(self.attention(self.before(x))))
        return out
