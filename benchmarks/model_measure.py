"""Times networks and their peak memory, each in a fresh process: python -m benchmarks.model_measure

Goes on where it was: `benchmarks/model_results.json` keeps what is known, and only networks that
are missing there are measured, or those that are named. Two threads, eager torch in float32, one
clip, the network without decoding. YOWOv3-Tiny takes turns with each, so that machine and hour
fall out of the ratio; the quickest of the turns counts.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch

from yowo_core.models.create import build
from yowo_core.models.detector import Detector
from yowo_core.models.variants import VARIANTS, variant

RESULTS = Path(__file__).with_name("model_results.json")
TINY = "yowov3-tiny"
ROUNDS = 3
GRID = (
    *("resnet18", "resnet34", "resnet50", "resnet101", "resnext101", "i3d"),
    *("shufflenet-2.0x", "shufflenetv2-1.0x", "mobilenet-2.0x", "mobilenetv2-1.0x"),
)
"""3D networks that stand for YOWOv3's grid, each beside the smallest YOLOv8."""
HEAVY = ("yowov3-x-resnet101", "yowov3-x-i3d")


def chosen() -> list[str]:
    """Networks that are measured: every one but YOWOv3's grid, and some of that."""
    grid = {*(f"yowov3-n-{name}" for name in GRID), *HEAVY}
    named = [v.name for v in VARIANTS if v.plan.family != "yowov3" or v.name.count("-") == 1]
    return [*named, f"{TINY}-coupled", *sorted(grid)]


def results() -> dict[str, Any]:
    """All that is kept, by subject and then by name."""
    if not RESULTS.is_file():
        return {}
    kept: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return kept


def keep(subject: str, found: dict[str, Any]) -> None:
    """Add to what is kept of a subject."""
    kept = results()
    kept[subject] = {**kept.get(subject, {}), **found}
    RESULTS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def measured(name: str, urgent: bool) -> dict[str, float]:
    """Seconds to build, milliseconds a clip, those of YOWOv3-Tiny, peak megabytes before that."""
    torch.set_num_threads(2)
    if urgent:  # before torch starts its threads, which inherit it
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    began = time.perf_counter()
    network = build(variant(name).plan).eval()
    built = time.perf_counter() - began
    with torch.inference_mode():
        first = _milliseconds(network)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # KiB on Linux
        tiny = build(variant(TINY).plan).eval()
        _milliseconds(tiny)
        turns = [(_milliseconds(network), _milliseconds(tiny)) for _ in range(ROUNDS)]
    own, reference = (min(times) for times in zip(*turns, strict=True))
    return {
        "build_s": round(built, 2),
        "ms": round(min(own, first), 1),
        "tiny_ms": round(reference, 1),
        "peak_mb": round(peak),
    }


def _milliseconds(network: Detector) -> float:
    spec = network.config.input
    clip = torch.zeros(1, spec.channels, spec.length, spec.size, spec.size)
    began = time.perf_counter()
    network(clip, clip[:, :, -1])
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Time networks and their peak memory.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="measure these, known or not")
    parser.add_argument("--urgent", action="store_true", help="before other work (Linux, root)")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measured(given.names[0], given.urgent)))
        return
    known = results().get("measured", {})
    for name in given.names or [name for name in chosen() if name not in known]:
        command = [sys.executable, "-m", "benchmarks.model_measure", "--child", name]
        command += ["--urgent"] * given.urgent
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        keep("measured", {name: found})
        print(name, found, flush=True)


if __name__ == "__main__":
    main()
