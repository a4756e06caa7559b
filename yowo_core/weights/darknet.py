"""Darknet's binary weights of YOLOv2 and YOLOv3: a header, then float32 and no names.

Names are `models.L.convN.weight`, `models.L.bnN.bias` and so on, with the layer L counted from 0
over all layers and the convolution N from 1, as the PyTorch version of darknet names them.
Source of both networks' layers: Redmon and Farhadi, YOLO9000 (2017) and YOLOv3 (2018).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yowo_core.errors import CheckpointError
from yowo_core.weights.stored import FileSpan, StoredTensor, contiguous

_HEADERS = (16, 20)  # bytes: the count of seen images has four or eight
_NEWEST = (0, 5)  # darknet's files are of versions 0.1 to 0.2


@dataclass(frozen=True)
class Convolution:
    """A convolution of a network: where it stands and how large it is."""

    layer: int
    inputs: int
    outputs: int
    kernel: int
    normalised: bool = True

    def floats(self) -> int:
        """Numbers in the file."""
        weights = self.outputs * self.inputs * self.kernel**2
        return weights + self.outputs * (4 if self.normalised else 1)


def _yolov2() -> Iterator[Convolution]:
    """Darknet-19 up to layer 22, then the detector's convolutions with the passthrough."""
    trunk = {0: 32, 2: 64, 4: 128, 5: 64, 6: 128, 8: 256, 9: 128, 10: 256, 12: 512, 13: 256}
    trunk |= {14: 512, 15: 256, 16: 512, 18: 1024, 19: 512, 20: 1024, 21: 512, 22: 1024}
    inputs, pointwise = 3, {5, 9, 13, 15, 19, 21}
    for layer, outputs in trunk.items():
        yield Convolution(layer, inputs, outputs, 1 if layer in pointwise else 3)
        inputs = outputs
    yield Convolution(23, 1024, 1024, 3)
    yield Convolution(24, 1024, 1024, 3)
    yield Convolution(26, 512, 64, 1)
    yield Convolution(29, 1280, 1024, 3)
    yield Convolution(30, 1024, 425, 1, normalised=False)


def _yolov3() -> Iterator[Convolution]:
    """Darknet-53, then three detectors, each fed by the one before and an earlier layer."""
    yield Convolution(0, 3, 32, 3)
    layer, width = 1, 32
    for repeats in (1, 2, 8, 8, 4):
        yield Convolution(layer, width, 2 * width, 3)
        for block in range(repeats):
            first = layer + 1 + 3 * block
            yield Convolution(first, 2 * width, width, 1)
            yield Convolution(first + 1, width, 2 * width, 3)
        layer, width = layer + 1 + 3 * repeats, 2 * width
    yield from _detector(75, 1024, 512)
    yield Convolution(84, 512, 256, 1)
    yield from _detector(87, 768, 256)
    yield Convolution(96, 256, 128, 1)
    yield from _detector(99, 384, 128)


def _detector(layer: int, inputs: int, width: int) -> Iterator[Convolution]:
    for step in range(6):
        if step % 2:
            yield Convolution(layer + step, width, 2 * width, 3)
        else:
            yield Convolution(layer + step, inputs if not step else 2 * width, width, 1)
    yield Convolution(layer + 6, 2 * width, 255, 1, normalised=False)


NETWORKS = {"yolov2": tuple(_yolov2()), "yolov3": tuple(_yolov3())}


def floats_of(network: str) -> int:
    """Numbers in a network's file, without the header."""
    return sum(block.floats() for block in NETWORKS[network])


def looks_like_darknet(path: Path, head: bytes, size: int) -> bool:
    """Whether a file may be one: by its name, or by its size to the byte."""
    fits = any(size == h + 4 * floats_of(n) for h in _HEADERS for n in NETWORKS)
    return (fits or path.suffix == ".weights") and _version(head) is not None


def _version(head: bytes) -> tuple[int, int] | None:
    major, minor = (int.from_bytes(head[i : i + 4], "little") for i in (0, 4))
    return (major, minor) if len(head) >= 16 and (major, minor) <= _NEWEST else None


def read_darknet(
    path: Path, head: bytes, size: int
) -> tuple[dict[str, StoredTensor], dict[str, str | int]]:
    """Tensors by name, and the network, version and count of seen images that the file states."""
    version = _version(head) or (0, 0)
    network, header = _fitting(path, version, size)
    facts: dict[str, str | int] = {
        "network": network,
        "version": f"{version[0]}.{version[1]}",
        "seen": int.from_bytes(head[12:header], "little"),
    }
    return dict(_tensors(path, NETWORKS[network], header)), facts


def _fitting(path: Path, version: tuple[int, int], size: int) -> tuple[str, int]:
    """The network and header that give exactly this size; the version's header goes first."""
    stated = 16 if 10 * version[0] + version[1] < 2 else 20
    for header in sorted(_HEADERS, key=lambda h: h != stated):
        for network in NETWORKS:
            if size == header + 4 * floats_of(network):
                return network, header
    known = " or ".join(f"{floats_of(n):,} ({n})" for n in NETWORKS)
    raise CheckpointError(
        f"{path} looks like darknet's weights, but holds {(size - stated) / 4:,.2f} numbers "
        f"instead of {known}. It is truncated or of another network: get it again, or choose "
        "yolov2.weights or yolov3.weights with COCO's 80 classes."
    )


def _tensors(
    path: Path, blocks: tuple[Convolution, ...], offset: int
) -> Iterator[tuple[str, StoredTensor]]:
    for number, block in enumerate(blocks, start=1):
        for name, shape in _arrays(block, number):
            floats = 1
            for n in shape:
                floats *= n
            span = FileSpan(path, offset, 4 * floats)
            yield name, StoredTensor(span, "float32", 0, shape, contiguous(shape))
            offset += 4 * floats


def _arrays(block: Convolution, number: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes in the order of the file: biases before everything else."""
    conv, norm = f"models.{block.layer}.conv{number}", f"models.{block.layer}.bn{number}"
    if block.normalised:
        for part in ("bias", "weight", "running_mean", "running_var"):
            yield f"{norm}.{part}", (block.outputs,)
    else:
        yield f"{conv}.bias", (block.outputs,)
    yield f"{conv}.weight", (block.outputs, block.inputs, block.kernel, block.kernel)
