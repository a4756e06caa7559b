"""Are the libraries there, do they load, and which command brings the ones that do not."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yowo_core
from yowo_core.cli.doctor_probes import PROBES
from yowo_core.cli.finding import Finding, shell

PACKAGES: Final = {
    "numpy": "numpy",
    "PyAV": "av",
    "OpenCV": "opencv-contrib-python-headless",
    "ONNX Runtime": "onnxruntime",
    "PyTorch": "torch",
    "Qt": "PySide6-Essentials",
}
"""What is looked at, and the package that brings it."""
CPU_WHEELS: Final = "https://download.pytorch.org/whl/cpu"
_OTHER_CV: Final = ("opencv-python", "opencv-python-headless", "opencv-contrib-python")
_SECONDS: Final = 120.0
_LIBRARY: Final = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object")


@dataclass(frozen=True)
class Probe:
    """How a look at a library ended: its facts, or why there are none.

    library: the system's file that is missing, '' when that is not it.
    """

    facts: tuple[str, ...] = ()
    trouble: str = ""
    library: str = ""

    @staticmethod
    def of(status: int, output: str, errors: str) -> "Probe":
        """From what the process of its own left behind."""
        if status == 0:
            try:
                return Probe(tuple(map(str, json.loads(output.splitlines()[-1]))))
            except (ValueError, IndexError):
                return Probe(trouble=f"said nothing that can be read: {output[:100]!r}")
        words = [line.strip() for line in errors.splitlines() if line.strip()]
        last = words[-1] if words else "it left no message"
        if "No module named" in last:
            return Probe(trouble="is not installed")
        if status < 0:
            return Probe(trouble=f"ends the process with signal {-status} when it is loaded")
        missing = _LIBRARY.search(errors)
        return Probe(trouble=f"does not load: {last}", library=missing[1] if missing else "")


def look(names: Sequence[str]) -> dict[str, Probe]:
    """Look at libraries, all at once; each in a process of its own unless this is one file."""
    if getattr(sys, "frozen", False):  # there is no python to start; what was frozen is whole
        return {name: _look_here(name) for name in names}
    started = {name: _start(name) for name in names}
    return {name: _wait(process) for name, process in started.items()}


def _start(name: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "yowo_core.cli.doctor_probes", name]
    root = str(Path(yowo_core.__path__[0]).parent)  # the same library, wherever we were started
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        cwd=root,
        env=os.environ | {"PYTHONUTF8": "1"},
    )


def _wait(process: "subprocess.Popen[str]") -> Probe:
    try:
        output, errors = process.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Probe(trouble=f"did not load within {_SECONDS:.0f} seconds")
    return Probe.of(process.returncode, output, errors)


def _look_here(name: str) -> Probe:
    if name == "screen":  # Qt would end this process where there is none
        return Probe(("not tried",))
    try:
        return Probe(tuple(PROBES[name]()))
    except (ImportError, OSError) as error:
        return Probe.of(1, "", str(error))


def requirements() -> dict[str, str]:
    """What the program needs by package name in lower case, as pip takes it, extras left out."""
    try:
        lines = importlib.metadata.requires("yowo-studio") or []
    except importlib.metadata.PackageNotFoundError:
        lines = []
    wanted = [line for line in lines if "extra ==" not in line]
    return {re.split(r"[^\w.-]", line)[0].lower(): line for line in wanted}


def package_finding(
    name: str, probe: Probe, needs: Mapping[str, str], *, nvidia: str = "", system: str = ""
) -> Finding:
    """Of one library. nvidia: the GPU that the driver knows; system: what brings a missing file."""
    package = PACKAGES[name]
    if probe.trouble:
        advice = system if probe.library and system else install(package, needs, nvidia=nvidia)
        return Finding(name, probe.trouble, fine=False, advice=advice)
    state = ", ".join(probe.facts)
    advice = ""
    if nvidia and name == "PyTorch" and "no GPU" in probe.facts:
        advice = f"The {nvidia} is not used. " + install(package, needs, nvidia=nvidia, again=True)
    elif nvidia and name == "ONNX Runtime" and "CUDA" not in state:
        gone = _pip("uninstall", "-y", "onnxruntime")
        advice = f"The {nvidia} is not used: {gone} && {_pip('install', 'onnxruntime-gpu')}"
    return Finding(name, state, advice=advice)


def install(
    package: str, needs: Mapping[str, str], *, nvidia: str = "", again: bool = False
) -> str:
    """The command that brings a package in a version that fits."""
    if getattr(sys, "frozen", False):
        return "Install the program again: its folder is not whole."
    wanted = needs.get(package.lower(), package)
    if package == "torch" and not nvidia and sys.platform != "darwin":
        return _pip("install", wanted, "--index-url", CPU_WHEELS)
    return _pip("install", *(["--force-reinstall"] if again else []), wanted)


def _pip(*arguments: str) -> str:
    return shell([sys.executable, "-m", "pip", *arguments])


def other_packages(needs: Mapping[str, str]) -> list[Finding]:
    """The rest of what the program needs: in one line when it is there, else one by one."""
    if getattr(sys, "frozen", False):  # they are inside, without the facts that pip leaves
        return []
    known = {package.lower() for package in PACKAGES.values()}
    there, missing = [], []
    for name in sorted(set(needs) - known):
        try:
            there.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(Finding(name, "is not installed", False, install(name, needs)))
    if there:
        missing.append(Finding("other packages", ", ".join(there)))
    return missing


def version_troubles(python: tuple[int, int], installed: Mapping[str, str]) -> list[Finding]:
    """Versions that are known not to work together. installed: version by package in lower case."""
    found = []
    qt = installed.get("pyside6-essentials", "")
    if qt.startswith("6.12.0") and python < (3, 12):
        state = f"PySide6 {qt} aborts under Python {python[0]}.{python[1]}"
        command = _pip("install", "PySide6-Essentials!=6.12.0")
        found.append(Finding("Qt and Python", state, False, command))
    twice = [name for name in _OTHER_CV if name in installed]
    if twice:
        state = f"{' and '.join(twice)} took the place of opencv-contrib-python-headless"
        gone = _pip("uninstall", "-y", *twice)
        again = _pip("install", "--force-reinstall", "--no-deps", "opencv-contrib-python-headless")
        found.append(Finding("OpenCV twice", state, False, f"{gone} && {again}"))
    return found


def installed_versions() -> dict[str, str]:
    """Every package that is installed here, by name in lower case."""
    every = importlib.metadata.distributions()
    return {(item.name or "").lower(): item.version for item in every}
