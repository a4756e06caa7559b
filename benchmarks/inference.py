"""Times the demo model a clip on each backend, in turn: python -m benchmarks.inference [CLIPS]."""

import statistics
import sys
import time

import numpy as np
from numpy.typing import NDArray

from yowo_core.infer.engine import BACKENDS, Engine, open_engine
from yowo_core.models.shelf import find_model


def main(clips: int) -> None:
    """Print the median milliseconds of one clip and the ratio to torch."""
    model = find_model("demo")
    engines = {name: open_engine(model, name, "cpu") for name in BACKENDS}
    spec = next(iter(engines.values())).spec
    shape = (3, spec.length, spec.size, spec.size)
    clip = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    key = np.ascontiguousarray(clip[:, -1])
    times: dict[str, list[float]] = {name: [] for name in engines}
    for turn in range(clips + 2):
        for name, engine in engines.items():
            took = _time(engine, clip, key)
            if turn >= 2:  # the first turns warm up
                times[name].append(took)
    base = statistics.median(times["torch"])
    for backend, values in times.items():
        median = statistics.median(values)
        print(f"{backend:6} {median:7.1f} ms a clip, {median / base:.2f} of torch")


def _time(engine: Engine, clip: NDArray[np.float32], key: NDArray[np.float32]) -> float:
    began = time.perf_counter()
    engine.run(clip, key)
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
