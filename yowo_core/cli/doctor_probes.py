"""What each library says of itself; run in a process of its own, which a broken library may end.

python -m yowo_core.cli.doctor_probes NAME
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final


def _numpy() -> list[str]:
    import numpy as np  # noqa: PLC0415 each library only where it is looked at

    return [np.__version__]


def _av() -> list[str]:
    import av  # noqa: PLC0415

    libraries = getattr(av, "library_versions", {})
    codec = ".".join(map(str, libraries.get("libavcodec", ())))
    return [av.__version__, f"FFmpeg {getattr(av, 'ffmpeg_version_info', '')}, libavcodec {codec}"]


def _opencv() -> list[str]:
    import cv2  # noqa: PLC0415

    return [cv2.__version__]


def _onnxruntime() -> list[str]:
    import onnxruntime  # noqa: PLC0415

    names = (name.removesuffix("ExecutionProvider") for name in _providers(onnxruntime))
    return [onnxruntime.__version__, "runs on " + ", ".join(n for n in names if n != "Azure")]


def _providers(runtime: object) -> list[str]:
    return list(getattr(runtime, "get_available_providers", list)())


def _torch() -> list[str]:
    import torch  # noqa: PLC0415

    found = [str(torch.__version__)]
    for number in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(number)
        found.append(f"GPU {facts.name}, {facts.total_memory / 1e9:.0f} GB")
    if not torch.cuda.is_available():
        found.append("no GPU")
    return found


def _qt() -> list[str]:
    # by name: this library itself never needs Qt, the program beside it does
    core = import_module("PySide6.QtCore")
    for part in ("QtGui", "QtWidgets"):
        import_module(f"PySide6.{part}")
    return [f"PySide6 {import_module('PySide6').__version__}", f"Qt {core.qVersion()}"]


def _screen() -> list[str]:
    program = import_module("PySide6.QtGui").QGuiApplication(["doctor"])
    found = [f"through {program.platformName()}"]
    for screen in program.screens():
        size, scale = screen.size(), screen.devicePixelRatio()
        found.append(f"{size.width()} x {size.height()} at {100 * scale:.0f} %")
    return found


PROBES: Final[dict[str, Callable[[], list[str]]]] = {
    "numpy": _numpy,
    "PyAV": _av,
    "OpenCV": _opencv,
    "ONNX Runtime": _onnxruntime,
    "PyTorch": _torch,
    "Qt": _qt,
    "screen": _screen,
}


def main() -> int:
    """Print one library's facts as a JSON list."""
    sys.stdout.write(json.dumps(PROBES[sys.argv[1]]()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
