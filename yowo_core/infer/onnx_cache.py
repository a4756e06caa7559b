"""Where ONNX graphs of models are kept once they were made; free of torch."""

import hashlib
from pathlib import Path
from typing import Final

from yowo_core.machine import cache_folder

GRAPH: Final = 1
"""Goes up when graphs are made in another way, so that kept ones are made anew."""


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
