"""yowo doctor: what is installed, what works, and what to do about the rest."""

import importlib.metadata
import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from yowo_core.errors import CoreError
from yowo_core.machine import cache_folder
from yowo_core.models.card import read_card
from yowo_core.models.shelf import built_in

PACKAGES = (
    "numpy",
    "av",
    "opencv-contrib-python-headless",
    "torch",
    "onnxruntime",
    "PySide6-Essentials",
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; advice is empty when all is well."""

    what: str
    state: str
    fine: bool
    advice: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check this machine; status 1 when something is missing."""
    findings = [*_packages(), _devices(), _cache(), *_models()]
    if as_json:
        sys.stdout.write(json.dumps([asdict(f) for f in findings]) + "\n")
    else:
        table = Table("what", "state", "advice")
        for item in findings:
            state = Text(item.state, "green" if item.fine else "red")
            table.add_row(item.what, state, item.advice)
        Console(markup=False, highlight=False).print(table)
    if not all(f.fine for f in findings):
        raise typer.Exit(1)


def _packages() -> list[Finding]:
    found = [Finding("python", f"{platform.python_version()} on {platform.platform()}", True)]
    for name in PACKAGES:
        try:
            found.append(Finding(name, importlib.metadata.version(name), True))
        except importlib.metadata.PackageNotFoundError:
            found.append(Finding(name, "missing", False, f"pip install {name}"))
    return found


def _devices() -> Finding:
    try:
        import torch  # noqa: PLC0415 slow to load
    except ImportError as error:
        return Finding("devices", f"torch does not load: {error}", False, "pip install torch")
    cores = f"{os.cpu_count()} CPU cores"
    if not torch.cuda.is_available():
        return Finding("devices", f"{cores}, no CUDA device", True)
    return Finding("devices", f"{cores}, {torch.cuda.get_device_name()}", True)


def _cache() -> Finding:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fine = os.access(folder, os.W_OK)
    except OSError:
        fine = False
    advice = "" if fine else "Set YOWO_CACHE to a folder that can be written."
    return Finding("cache", str(folder), fine, advice)


def _models() -> list[Finding]:
    found = []
    for model in built_in():
        try:
            card = read_card(model.path)
            found.append(Finding(f"model {model.name}", ", ".join(card.labels), True))
        except CoreError as error:
            found.append(Finding(f"model {model.name}", str(error), False, "Install again."))
    return found
