"""yowo doctor: what is installed, what works, and the command that brings the rest.

Needs nothing but Python and the two libraries that print: whatever else is missing or broken is
what it is there to tell.
"""

import importlib.metadata
import json
import os
import platform
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from yowo_core.cli.doctor_packages import (
    PACKAGES,
    installed_versions,
    look,
    other_packages,
    package_finding,
    requirements,
    version_troubles,
)
from yowo_core.cli.doctor_system import (
    bring_libraries,
    folder_findings,
    memory_finding,
    nvidia_gpus,
    processor_finding,
    qt_libraries,
    screen_finding,
    sqlite_finding,
    this_memory,
    this_release,
)
from yowo_core.cli.finding import Finding
from yowo_core.errors import CoreError


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
) -> None:
    """Check this machine; status 1 when something is missing."""
    findings = examine()
    if as_json:
        sys.stdout.write(json.dumps([asdict(f) for f in findings]) + "\n")
    else:
        _print(findings)
    if not all(f.fine for f in findings):
        raise typer.Exit(1)


def examine() -> list[Finding]:
    """Everything that was looked at: versions, devices, what the system lacks, folders, models."""
    nvidia, needs = nvidia_gpus(), requirements()
    libraries = qt_libraries()
    probes = look([*PACKAGES, "screen"])
    found = [_program(), _python(), sqlite_finding()]
    for name in PACKAGES:
        probe = probes[name]
        system = bring_libraries([probe.library], this_release()) if probe.library else ""
        found.append(package_finding(name, probe, needs, nvidia=nvidia, system=system))
    found += other_packages(needs)
    found += version_troubles(sys.version_info[:2], installed_versions())
    found += [libraries] if libraries else []
    found.append(screen_finding(probes["screen"], os.environ))
    found += [processor_finding(nvidia), memory_finding(this_memory()), *folder_findings()]
    return [*found, *_models()]


def _print(findings: list[Finding]) -> None:
    """A table, and below it the commands alone, whole, so that they can be copied."""
    console = Console(markup=False, highlight=False, soft_wrap=True)
    table = Table("what", "state", box=None, padding=(0, 2, 0, 0))
    for item in findings:
        color = "red" if not item.fine else "yellow" if item.advice else "green"
        table.add_row(item.what, Text(item.state, color))
    console.print(table)
    for title, fine in (("What to do:", False), ("Hints:", True)):
        told = [item for item in findings if item.advice and item.fine == fine]
        if told:
            console.print(f"\n{title}")
        for item in told:
            console.print(f"  {item.what}\n    {item.advice}")


def _program() -> Finding:
    try:
        return Finding("YOWO Studio", importlib.metadata.version("yowo-studio"))
    except importlib.metadata.PackageNotFoundError:
        advice = "Run bash packaging/setup.sh start in the folder of the program."
        return Finding("YOWO Studio", "not installed, only a folder", advice=advice)


def _python() -> Finding:
    state = f"{platform.python_version()} on {platform.platform()}"
    fine = sys.version_info >= (3, 11)
    return Finding("Python", state, fine, "" if fine else "Install Python 3.11 or newer.")


def _models() -> list[Finding]:
    try:
        from yowo_core.models.card import read_card  # noqa: PLC0415 may need what is missing
        from yowo_core.models.shelf import built_in  # noqa: PLC0415
    except ImportError as error:
        return [Finding("models", f"cannot be looked at: {error}", False, "See what is red above.")]
    found = []
    for model in built_in():
        try:
            card = read_card(model.path)
            found.append(Finding(f"model {model.name}", ", ".join(card.labels)))
        except CoreError as error:
            found.append(Finding(f"model {model.name}", str(error), False, "Install again."))
    return found
