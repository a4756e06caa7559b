"""The convolution block that YOLOv8-style networks are made of."""

from torch import Tensor, nn


class ConvNormAct(nn.Module):
    """2D convolution without bias, batch normalisation (eps 1e-3, momentum 0.03), SiLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        out: Tensor = self.act(self.norm(self.conv(x)))
        return out
