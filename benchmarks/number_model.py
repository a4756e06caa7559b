"""A stand-in network whose box says which frame it saw, and clips whose frames say their number.

The picture of frame n shows n as a barcode in its lowest quarter (`draw_low`). The network reads
the barcode of its key frame out of the pixels it is given and answers with one box whose corner
says the number modulo 1,024; the score of its second action says whether the whole clip held the
right frames in the right order. It runs on the real engine: a graph in the cache under the hash
of a model file, where the engine looks for it.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from benchmarks.barcode_clip import BITS, draw, read_number
from yowo_core.infer.onnx_cache import GRAPH
from yowo_core.input_spec import InputSpec, spec_to_json
from yowo_core.machine import cache_folder

SIZE: Final = 224
LENGTH: Final = 16
LABELS: Final = ("seen", "clip")
NUMBERS: Final = 1024
"""A box tells the number modulo this."""
SIDE, START, STEP = 32, (8.0, 44.0), (4.0, 2.0)
"""Corner of the box in input pixels: START + STEP * (number % SIDE, number // SIDE)."""
BOX: Final = (64.0, 48.0)
PRIME: Final = 4093
"""Clips are told apart by a sum modulo this."""
LOWEST: Final = 0.1
MEAN, STD = (0.45, 0.45, 0.45), (0.225, 0.225, 0.225)

Floats = NDArray[np.float64]


def draw_low(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3) uint8, grey: a moving pattern, the number's barcode below it."""
    whole = draw(number, width, height)
    pattern = np.repeat(whole[:, :, :1] // 2, 3, axis=2)
    bars = draw(number, width, height // 2)[: height // 4]
    pattern[-len(bars) :] = bars
    return pattern


def read_low(picture: NDArray[np.uint8]) -> int:
    """The number that `draw_low` drew into an RGB picture of any size, -1 when in doubt."""
    bars = picture[len(picture) * 3 // 4 :]
    return read_number(np.concatenate([bars, bars]))


def box_corner(number: int) -> tuple[float, float]:
    """Left and top of the box that says a number, in input pixels."""
    low, high = number % SIDE, number % NUMBERS // SIDE
    return START[0] + STEP[0] * low, START[1] + STEP[1] * high


def box_number(left: float, top: float) -> int:
    """What a box with that corner, in input pixels, says; -1 when it says nothing."""
    low, high = round((left - START[0]) / STEP[0]), round((top - START[1]) / STEP[1])
    return high * SIDE + low if 0 <= low < SIDE and 0 <= high < SIDE else -1


def clip_score(numbers: Sequence[int]) -> float:
    """The second action's score for a clip of frames with those numbers."""
    total = sum((place + 1) * number for place, number in enumerate(numbers))
    return LOWEST + (total % PRIME) / 5000


def write_model(folder: Path, work: int = 0) -> Path:
    """A model file, and the graph for it in the cache; gives the file.

    work: channels of a 3D convolution whose outcome counts for nothing, so that answers take
    their time as a real network's do.
    """
    path = folder / "numbers.safetensors"
    path.write_bytes(f"stand-in that reads numbers, {work}".encode())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:24]
    graph = cache_folder() / "onnx" / f"{digest}-{GRAPH}.onnx"
    graph.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(_graph(work), str(graph))
    return path


class _Nodes:
    """Nodes and constants of a graph, named as they come."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def rename_last(self, name: str) -> None:
        self.nodes[-1].output[0] = name


def _graph(work: int) -> onnx.ModelProto:
    nodes = _Nodes()
    key = _numbers(nodes, "key_frame", 1)
    _boxes(nodes, key, _nothing(nodes, work) if work else "")
    _scores(nodes, _numbers(nodes, "clip", LENGTH))
    made = helper.make_graph(
        nodes.nodes,
        "numbers",
        [_value("clip", [1, 3, LENGTH, SIZE, SIZE]), _value("key_frame", [1, 3, SIZE, SIZE])],
        [_value("boxes", [1, 1, 4]), _value("scores", [1, 1, len(LABELS)])],
        nodes.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    spec = InputSpec(length=LENGTH, size=SIZE, mean=MEAN, std=STD)
    facts = {"labels": LABELS, "input": spec_to_json(spec)}
    helper.set_model_props(model, {name: json.dumps(fact) for name, fact in facts.items()})
    onnx.checker.check_model(model)
    return model


def _value(name: str, shape: list[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _numbers(nodes: _Nodes, source: str, pictures: int) -> str:
    """The number in each picture: (pictures, 1) float, from the green channel."""
    green = nodes.add("Gather", source, nodes.constant(np.array([1])), axis=1)
    rows = nodes.add("Reshape", green, nodes.constant(np.array([pictures, SIZE * SIZE])))
    columns = ((np.arange(BITS) + 0.5) * SIZE / BITS).astype(np.int64)
    upper, lower = (round(share * SIZE) * SIZE + columns for share in (0.8125, 0.9375))
    bits = nodes.add("Gather", rows, nodes.constant(upper), axis=1)
    opposites = nodes.add("Gather", rows, nodes.constant(lower), axis=1)
    set_bits = nodes.add("Cast", nodes.add("Greater", bits, opposites), to=TensorProto.FLOAT)
    weights = (2.0 ** np.arange(BITS)).astype(np.float32)[:, None]
    return nodes.add("MatMul", set_bits, nodes.constant(weights))


def _boxes(nodes: _Nodes, number: str, nothing: str) -> None:
    def single(value: float) -> str:
        return nodes.constant(np.array([[value]], np.float32))

    known = nodes.add("Mod", number, single(NUMBERS), fmod=1)
    low = nodes.add("Mod", known, single(SIDE), fmod=1)
    high = nodes.add("Floor", nodes.add("Div", known, single(SIDE)))
    left = nodes.add("Add", nodes.add("Mul", low, single(STEP[0])), single(START[0]))
    if nothing:
        left = nodes.add("Add", left, nothing)
    top = nodes.add("Add", nodes.add("Mul", high, single(STEP[1])), single(START[1]))
    right, bottom = nodes.add("Add", left, single(BOX[0])), nodes.add("Add", top, single(BOX[1]))
    corners = nodes.add("Concat", left, top, right, bottom, axis=1)
    nodes.add("Reshape", corners, nodes.constant(np.array([1, 1, 4])))
    nodes.rename_last("boxes")


def _nothing(nodes: _Nodes, work: int) -> str:
    """(1, 1) float, zero but for rounding: a convolution over the whole clip."""
    kernel = np.full((work, 3, 3, 3, 3), 1e-3, np.float32)
    heavy = nodes.add("Conv", "clip", nodes.constant(kernel), pads=[1] * 6)
    mean = nodes.add("ReduceMean", heavy, keepdims=0)
    none = nodes.add("Mul", mean, nodes.constant(np.array(1e-9, np.float32)))
    return nodes.add("Reshape", none, nodes.constant(np.array([1, 1])))


def _scores(nodes: _Nodes, numbers: str) -> None:
    places = np.arange(1, LENGTH + 1, dtype=np.float32)[None]
    total = nodes.add("MatMul", nodes.constant(places), numbers)
    rest = nodes.add("Mod", total, nodes.constant(np.array([[PRIME]], np.float32)), fmod=1)
    share = nodes.add("Div", rest, nodes.constant(np.array([[5000]], np.float32)))
    clip = nodes.add("Add", share, nodes.constant(np.array([[LOWEST]], np.float32)))
    sure = nodes.constant(np.array([[0.95]], np.float32))
    both = nodes.add("Concat", sure, clip, axis=1)
    nodes.add("Reshape", both, nodes.constant(np.array([1, 1, len(LABELS)])))
    nodes.rename_last("scores")
