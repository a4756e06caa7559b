"""One face over every backend: prepared clips in, decoded boxes and scores out.

Free of torch until a torch engine is asked for.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import ConfigError
from yowo_core.infer.postprocess import PostprocessConfig, to_detections
from yowo_core.input_spec import InputSpec
from yowo_core.structures import Detections
from yowo_core.video.clips import normalised

Backend = Literal["onnx", "torch"]
BACKENDS: tuple[Backend, ...] = ("onnx", "torch")
DEVICES = ("auto", "cpu", "cuda")


class Engine(Protocol):
    """A network on some backend."""

    labels: tuple[str, ...]
    spec: InputSpec
    device: str

    def run(
        self, clip: NDArray[np.float32], key_frame: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Clip (3, T, S, S), key frame (3, S, S) -> boxes (A, 4) input px, scores (A, C).

        Of a network that sees flow both have 6 channels.
        """
        ...


def detect(
    engine: Engine,
    clip: NDArray[np.uint8],
    place: int,
    size: tuple[int, int],
    config: PostprocessConfig,
) -> Detections:
    """Detections in the key frame of a clip (T, S, S, 3) uint8 of a video of size (w, h)."""
    prepared = normalised(clip, engine.spec)
    boxes, scores = engine.run(prepared, np.ascontiguousarray(prepared[:, place]))
    return to_detections(boxes, scores, size, engine.spec.size, config)


def open_engine(
    model: Path,
    backend: str = "onnx",
    device: str = "auto",
    threads: int = 0,
    *,
    prepares: Callable[[], None] = lambda: None,
) -> Engine:
    """Load a model file for a backend; threads 0 takes every core.

    ConfigError for an unknown backend or device, and for 'cuda' where there is none.
    The first use of a model under ONNX Runtime exports it, which takes some seconds; prepares is
    called before. The result is kept in the user's cache.
    """
    if device not in DEVICES:
        raise ConfigError(f"No device is called {device!r}; there are: {', '.join(DEVICES)}.")
    if backend == "onnx":
        from yowo_core.infer.onnx_engine import OnnxEngine  # noqa: PLC0415 heavy, only when used

        return OnnxEngine(model, device, threads, prepares)
    if backend == "torch":
        from yowo_core.infer.torch_engine import TorchEngine  # noqa: PLC0415 heavy, only when used

        return TorchEngine(model, device, threads)
    raise ConfigError(f"No backend is called {backend!r}; known backends: {', '.join(BACKENDS)}.")
