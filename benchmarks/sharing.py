"""Times a frame when one pass of the 3D network serves several: python -m benchmarks.sharing.

Arguments are names of variants (random weights) or 'demo'; --share, --rounds and --backend.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from yowo_core.infer.engine import ClipEngine, Engine, open_engine
from yowo_core.models.card import ModelCard
from yowo_core.models.create import build
from yowo_core.models.shelf import find_model
from yowo_core.models.variants import variant
from yowo_core.models.weights import save_model

CLASSES = 24


def main() -> None:
    """Print, for each model, milliseconds a frame alone and shared, in turn, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["demo"])
    parser.add_argument("--share", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--backend", default="onnx")
    given = parser.parse_args()
    for name in given.models:
        with tempfile.TemporaryDirectory() as folder:
            model = find_model("demo") if name == "demo" else _made(name, Path(folder))
            alone, shared = measured(model, given.backend, given.share, given.rounds)
        print(
            f"{name}, {given.backend}: {alone:.1f} ms a frame alone, {shared:.1f} with "
            f"{given.share} a clip: {alone / shared:.2f} times as fast"
        )


def _made(name: str, folder: Path) -> Path:
    config = variant(name).config(CLASSES)
    labels = tuple(f"class {number}" for number in range(CLASSES))
    path = folder / "model.safetensors"
    save_model(path, build(config).state_dict(), ModelCard(config, labels, {}))
    return path


def measured(model: Path, backend: str, share: int, rounds: int) -> tuple[float, float]:
    """Median milliseconds a frame with a clip each, and with a clip for `share` of them."""
    single = open_engine(model, backend, "cpu")
    sharing = open_engine(model, backend, "cpu", share=share)
    one, several = _single(single), _shared(sharing, share)
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        took = _time(one), _time(several) / share
        if turn:  # the first turn warms up
            for kept, value in zip(times, took, strict=True):
                kept.append(value)
    return statistics.median(times[0]), statistics.median(times[1])


def _single(engine: Engine) -> Callable[[], object]:
    clip = _clip(engine)
    key = np.ascontiguousarray(clip[:, 0])
    return lambda: engine.run(clip, key)


def _shared(engine: Engine, share: int) -> Callable[[], object]:
    assert isinstance(engine, ClipEngine)
    clip = _clip(engine)
    keys = [np.ascontiguousarray(clip[:, number]) for number in range(share)]

    def work() -> None:
        seen = engine.clip_map(clip)
        for key in keys:
            engine.run_on(seen, key)

    return work


def _clip(engine: Engine) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    shape = (3, engine.spec.length, engine.spec.size, engine.spec.size)
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
