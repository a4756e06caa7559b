"""What a network is fed: the shape of a clip and how a frame becomes its numbers; free of torch."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from yowo_core.errors import ConfigError, DataError

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


def check_fed(clip: Sequence[int], key_frame: Sequence[int], spec: InputSpec) -> None:
    """Refuse what a network was not made for, by shapes (C, T, H, W) and (C, H, W).

    DataError says what came and what the network wants.
    """
    check_clip(clip, spec)
    check_key_frame(key_frame, spec)


def check_clip(clip: Sequence[int], spec: InputSpec, *, any_length: bool = False) -> None:
    """Refuse a clip of another shape (C, T, H, W), as `check_fed`; any_length lets T be free."""
    free = any_length and len(clip) == 4 and clip[1] > 0
    wanted = (spec.channels, clip[1] if free else spec.length, spec.size, spec.size)
    if tuple(clip) != wanted:
        raise DataError(f"The clip has {_clip(clip)}; this network wants {_clip(wanted)}.")


def check_key_frame(key_frame: Sequence[int], spec: InputSpec) -> None:
    """Refuse a key frame of another shape (C, H, W), as `check_fed`."""
    wanted = (spec.channels, spec.size, spec.size)
    if tuple(key_frame) != wanted:
        raise DataError(
            f"The key frame has {_picture(key_frame)}; this network wants {_picture(wanted)}."
        )


def check_pair(clip: Sequence[int], key_frame: Sequence[int]) -> None:
    """Refuse what no network with strides up to 32 can see: (B, C, T, H, W) and (B, C, H, W).

    DataError when a side is no multiple of 32, or clip and key frame are not of one size.
    """
    for what, shape in (("clip", clip), ("key frame", key_frame)):
        if len(shape) != len(clip) - (what != "clip") or any(n < 1 or n % 32 for n in shape[-2:]):
            raise DataError(
                f"A {what} of shape {_by(shape)} cannot be seen: both sides of its pictures have "
                "to be multiples of 32 pixels."
            )
    if tuple(clip[-2:]) != tuple(key_frame[-2:]):
        raise DataError(
            f"The clip's pictures have {_by(clip[-2:])} pixels, its key frame has "
            f"{_by(key_frame[-2:])}: both have to be of one size."
        )


def _clip(shape: Sequence[int]) -> str:
    if len(shape) != 4:
        return f"the shape {_by(shape)}"
    return f"{shape[1]} frames of {_picture((shape[0], *shape[2:]))}"


def _picture(shape: Sequence[int]) -> str:
    if len(shape) != 3:
        return f"the shape {_by(shape)}"
    return f"{_by(shape[:0:-1])} pixels in {shape[0]} channels"


def _by(sides: Sequence[int]) -> str:
    return "x".join(str(int(n)) for n in sides)


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
