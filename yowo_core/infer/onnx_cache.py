"""Where ONNX graphs of models are kept once they were made; free of torch."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

GRAPH: Final = 1
"""Goes up when graphs are made in another way, so that kept ones are made anew."""


def cache_folder() -> Path:
    """Where exported graphs are kept: the platform's folder for things that can be made again."""
    if os.environ.get("YOWO_CACHE"):
        return Path(os.environ["YOWO_CACHE"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "yowo-studio"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/yowo-studio"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "yowo-studio"


def ready_graph(model: Path) -> Path:
    """The ONNX file of a model, named by its content; made now if it is not kept yet.

    Making it loads torch and takes some seconds; a kept one is there at once.
    """
    digest = hashlib.sha256(model.read_bytes()).hexdigest()[:24]
    path = cache_folder() / "onnx" / f"{digest}-{GRAPH}.onnx"
    if not path.is_file():
        from yowo_core.infer.onnx_export import export  # noqa: PLC0415 loads torch

        path.parent.mkdir(parents=True, exist_ok=True)
        export(model, path)
    return path
