"""What a network is fed: the shape of a clip and how a frame becomes its numbers; free of torch."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from yowo_core.errors import ConfigError

Resize = Literal["area", "bicubic", "linear"]
KeyPlace = Literal["anywhere", "last"]


@dataclass(frozen=True)
class InputSpec:
    """Clips of length frames, stride apart, square pictures of size pixels, RGB.

    mean and std normalise values of 0..1, a channel each; a std of 1/255 leaves 0..255.
    resize: 'area' averages (ours), 'bicubic' is Pillow's with its antialiasing, 'linear' is
    OpenCV's without. key: where the network expects the key frame in its clip; with 'last' the
    clip ends there, and before a video's beginning its first frame is repeated.
    flow: behind each frame's colours come three channels of its optical flow.
    """

    length: int = 16
    stride: int = 1
    size: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    resize: Resize = "area"
    key: KeyPlace = "anywhere"
    flow: bool = False

    @property
    def channels(self) -> int:
        """Numbers that a network is fed for each pixel of a frame."""
        return 6 if self.flow else 3

    def __post_init__(self) -> None:
        """Refuse clips that no network of the family can see."""
        if self.length < 1 or self.stride < 1:
            raise ConfigError(f"A clip of {self.length} frames, {self.stride} apart, is none.")
        if self.size < 32 or self.size % 32:
            raise ConfigError(f"Input size {self.size} is no multiple of 32.")
        if self.resize not in ("area", "bicubic", "linear"):
            raise ConfigError(f"No way to resize is called {self.resize!r}.")
        if self.key not in ("anywhere", "last"):
            raise ConfigError(f"The key frame's place cannot be {self.key!r}.")


OUR_INPUT = InputSpec()
"""What networks are fed that we train ourselves, unless their configuration says otherwise."""


def spec_to_json(spec: InputSpec) -> dict[str, Any]:
    """Plain values that `spec_from_json` turns back into the same."""
    return {**asdict(spec), "mean": list(spec.mean), "std": list(spec.std)}


def spec_from_json(values: dict[str, Any]) -> InputSpec:
    """Rebuild an input; TypeError or KeyError for values that are none."""
    mean, std = (tuple(float(v) for v in values[name]) for name in ("mean", "std"))
    if len(mean) != 3 or len(std) != 3:
        raise ConfigError("An input has one mean and one std for each of three channels.")
    rest = {k: v for k, v in values.items() if k not in ("mean", "std")}
    return InputSpec(**rest, mean=(mean[0], mean[1], mean[2]), std=(std[0], std[1], std[2]))
