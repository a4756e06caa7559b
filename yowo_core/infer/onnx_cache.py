"""Where ONNX graphs of models are kept once they were made; free of torch."""

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from yowo_core.folder_lock import locked
from yowo_core.machine import cache_folder, keep_within

Part = Literal["whole", "clip", "bank", "frame"]
"""A graph of the whole network, of its 3D part alone, or of all that comes behind that part.

"bank" is the 3D part for the short clips of a feature bank.
"""

GRAPH: Final = 2
"""Goes up when graphs are made in another way, so that kept ones are made anew."""
LIMIT: Final = 1024 * 1024 * 1024
"""Bytes of all graphs together, about 25 of the built-in network."""
EXPORT_SECONDS: Final = 300.0
"""How long another program may take to make a graph before it is given up."""


def ready_graph(
    model: Path, prepares: Callable[[], None] = lambda: None, part: Part = "whole"
) -> Path:
    """The ONNX file of a model, named by its content; made now if it is not kept yet.

    Making it loads torch and takes some seconds; prepares is called before. A kept one is there
    at once. Of several programs that want the same one makes it, the others wait.
    """
    digest = hashlib.sha256(model.read_bytes()).hexdigest()[:24]
    folder = cache_folder() / "onnx"
    path = folder / f"{digest}-{GRAPH}{'' if part == 'whole' else f'-{part}'}.onnx"
    if not path.is_file():
        prepares()
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder, EXPORT_SECONDS):
            _sweep(folder)
            if not path.is_file():
                from yowo_core.infer.onnx_export import export  # noqa: PLC0415 loads torch

                export(model, path, part)
            keep_within(folder, "*.onnx", LIMIT)
    with suppress(OSError):  # the longest unused goes first: this one is in use
        os.utime(path)
    return path


def _sweep(folder: Path) -> None:
    """Whoever holds the lock is alone here: other drafts were left by a program that was killed."""
    for left in folder.glob("tmp*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
