"""One face over every backend: prepared clips in, decoded boxes and scores out.

Free of torch until a torch engine is asked for.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import ConfigError
from yowo_core.infer.postprocess import PostprocessConfig, to_detections
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import read_card
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

        Of a network that sees flow both have 6 channels. DataError when either has another size
        or length than the network wants.
        """
        ...


@runtime_checkable
class ClipEngine(Engine, Protocol):
    """An engine that gives out what its 3D network makes of a clip."""

    def clip_map(self, clip: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clip (3, T, S, S) -> features (C, S/32, S/32); ConfigError where no 3D network is.

        DataError for pictures, or where the length is fixed a clip, of another size.
        """
        ...

    def run_on(
        self, clip_map: NDArray[np.float32], key_frame: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Features and key frame (3, S, S) -> boxes (A, 4) in input px, scores (A, C).

        DataError for a key frame of another size.
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


def detect_shared(
    engine: Engine,
    clip: NDArray[np.uint8],
    places: Sequence[int],
    size: tuple[int, int],
    config: PostprocessConfig,
) -> list[Detections]:
    """Detections in several frames of one clip; see `detect`.

    ConfigError when the engine's 3D network must see the clip anew for each.
    """
    if len(places) == 1:
        return [detect(engine, clip, places[0], size, config)]
    if not isinstance(engine, ClipEngine):
        raise ConfigError("The engine was not opened to share its 3D network's passes.")
    prepared = normalised(clip, engine.spec)
    seen = engine.clip_map(prepared)
    found = (engine.run_on(seen, np.ascontiguousarray(prepared[:, p])) for p in places)
    return [to_detections(*one, size, engine.spec.size, config) for one in found]


def open_engine(
    model: Path,
    backend: str = "onnx",
    device: str = "auto",
    threads: int = 0,
    *,
    share: int = 1,
    bank: bool = False,
    prepares: Callable[[], None] = lambda: None,
) -> Engine:
    """Load a model file for a backend; threads 0 takes every core.

    ConfigError for an unknown backend or device, for 'cuda' where there is none, and for a model
    one of whose clips cannot serve `share` key frames. With bank the engine is a ClipEngine for
    the clips of a feature bank, with share for the model's own.
    The first use of a model under ONNX Runtime exports it, which takes some seconds; prepares is
    called before. The result is kept in the user's cache.
    """
    if device not in DEVICES:
        raise ConfigError(f"No device is called {device!r}; there are: {', '.join(DEVICES)}.")
    if share > 1:
        _check_sharing(model, share)
    if backend == "onnx" and (share > 1 or bank):
        from yowo_core.infer.onnx_pair import OnnxPair  # noqa: PLC0415 heavy, only when used

        return OnnxPair(model, device, threads, prepares, "bank" if bank else "clip")
    if backend == "onnx":
        from yowo_core.infer.onnx_engine import OnnxEngine  # noqa: PLC0415 heavy, only when used

        return OnnxEngine(model, device, threads, prepares)
    if backend == "torch":
        from yowo_core.infer.torch_engine import TorchEngine  # noqa: PLC0415 heavy, only when used

        return TorchEngine(model, device, threads)
    raise ConfigError(f"No backend is called {backend!r}; known backends: {', '.join(BACKENDS)}.")


def _check_sharing(model: Path, share: int) -> None:
    """ConfigError where one clip serves fewer key frames."""
    spec = read_card(model).config.input
    if spec.key != "anywhere":
        raise ConfigError(
            f"{model} was trained with the key frame last in its clip, so a clip serves one. "
            "Leave out --share, or choose a model whose key frame may be anywhere."
        )
    if share > spec.length:
        raise ConfigError(
            f"{model} sees clips of {spec.length} frames, which cannot serve {share} key frames. "
            f"Choose --share {spec.length} or less."
        )
