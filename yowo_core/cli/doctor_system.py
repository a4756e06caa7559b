"""The machine around the program: libraries of the system, screen, processors, memory, folders."""

import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from yowo_core.cli.doctor_packages import Probe
from yowo_core.cli.finding import Finding, shell
from yowo_core.machine import cache_folder, cores, data_folder

DEBIAN: Final = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libICE.so.6": "libice6",
    "libOpenGL.so.0": "libopengl0",
    "libSM.so.6": "libsm6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgio-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
}
"""Packages of Debian and Ubuntu by the file that is missing."""
_TIGHT: Final = 2e9
"""Bytes: with less room on a disk or in memory a hint is given."""


def missing_libraries(ldd: str) -> list[str]:
    """The files that `ldd` did not find, by name."""
    lines = (line.split("=>") for line in ldd.splitlines() if line.rstrip().endswith("not found"))
    return sorted({parts[0].strip() for parts in lines})


def bring_libraries(names: Sequence[str], release: Mapping[str, str]) -> str:
    """The command that installs system libraries; release: what /etc/os-release says."""
    kin = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    if kin & {"debian", "ubuntu"} and all(name in DEBIAN for name in names):
        packages = sorted({DEBIAN[name] for name in names})
        return _as_root("apt-get", "install", "--no-install-recommends", *packages)
    capabilities = [f"{name}()(64bit)" for name in names]
    if kin & {"fedora", "rhel", "centos"}:
        return _as_root("dnf", "install", *capabilities)
    if kin & {"suse", "opensuse"}:
        return _as_root("zypper", "install", *capabilities)
    return f"Install the packages of your system that hold {', '.join(names)}."


def _as_root(*command: str) -> str:
    root = [] if sys.platform == "win32" or os.geteuid() == 0 else ["sudo"]
    return shell([*root, *command])


def os_release(text: str) -> dict[str, str]:
    """The values of /etc/os-release."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


def this_release() -> dict[str, str]:
    """What this Linux says of itself, nothing elsewhere."""
    path = Path("/etc/os-release")
    return os_release(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else {}


def qt_libraries() -> Finding | None:
    """Whether Qt's plugin for X finds all it needs; None where that is no question."""
    if sys.platform != "linux":
        return None
    spec = None
    with suppress(ImportError):
        spec = find_spec("PySide6")
    folders = list(spec.submodule_search_locations or []) if spec else []
    plugins = [Path(f) / "Qt" / "plugins" / "platforms" / "libqxcb.so" for f in folders]
    there = [str(plugin) for plugin in plugins if plugin.is_file()]
    if not there or shutil.which("ldd") is None:
        return None
    done = subprocess.run(["ldd", there[0]], capture_output=True, text=True, check=False)
    return library_finding(done.stdout, this_release())


def library_finding(ldd: str, release: Mapping[str, str]) -> Finding:
    """From what `ldd` says of Qt's plugin for X."""
    missing = missing_libraries(ldd)
    if not missing:
        return Finding("system libraries", "all that Qt needs for a window under X")
    state = f"missing: {', '.join(missing)}"
    return Finding("system libraries", state, False, bring_libraries(missing, release))


def screen_finding(probe: Probe, given: Mapping[str, str]) -> Finding:
    """Whether a window can be shown; without a screen only the window is out of reach."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    set_ones = ", ".join(f"{name}={given[name]}" for name in named if given.get(name))
    if not probe.trouble:
        return Finding("screen", ", ".join(probe.facts))
    if sys.platform == "linux" and not set_ones:
        advice = "Only the window needs one: start it from a desktop, through ssh -X, or: "
        return Finding("screen", "none", advice=advice + "xvfb-run -a yowo-studio")
    state = f"Qt cannot open it ({set_ones or 'no variable is set'}): {probe.trouble}"
    return Finding("screen", state, False, "Start it from a desktop, and see what is red above.")


def processor_finding(nvidia: str) -> Finding:
    """Cores, their name, and the GPU that the driver knows."""
    allowed, there = cores(), os.cpu_count() or 1
    bound = f" (of {there}; this process is bound to them)" if allowed < there else ""
    gpu = nvidia or "no NVIDIA GPU"
    return Finding("devices", f"{allowed} CPU cores{bound}, {_processor()}; {gpu}")


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def nvidia_gpus() -> str:
    """The GPUs that NVIDIA's driver knows, '' when there is no driver or none."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ""
    try:
        command = [tool, "--query-gpu=name", "--format=csv,noheader"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ", ".join(done.stdout.split("\n")).strip(", ") if done.returncode == 0 else ""


def memory_finding(meminfo: str) -> Finding:
    """From /proc/meminfo; '' where there is none."""
    kilobytes = {}
    for line in meminfo.splitlines():
        name, _, amount = line.partition(":")
        if amount.split() and amount.split()[0].isdigit():
            kilobytes[name] = 1024 * int(amount.split()[0])
    total, free = kilobytes.get("MemTotal", 0), kilobytes.get("MemAvailable", 0)
    if not total:
        return Finding("memory", "unknown")
    advice = "Close other programs: a fine-tune needs about 2 GB." if free < _TIGHT else ""
    return Finding("memory", f"{total / 1e9:.1f} GB, {free / 1e9:.1f} GB free", advice=advice)


def this_memory() -> str:
    """/proc/meminfo, '' where there is none."""
    path = Path("/proc/meminfo")
    return path.read_text(encoding="ascii", errors="replace") if path.is_file() else ""


def folder_findings() -> list[Finding]:
    """The folders that are written to, each with the variable that names another one."""
    folders = (
        ("projects and demo", data_folder(), "YOWO_DATA"),
        ("cache", cache_folder(), "YOWO_CACHE"),
        ("temporary files", Path(tempfile.gettempdir()), "TMPDIR"),
    )
    return [folder_finding(*folder) for folder in folders]


def folder_finding(what: str, folder: Path, variable: str) -> Finding:
    """Whether files can be made there, and how much room there is."""
    here = folder
    while not here.exists() and here != here.parent:
        here = here.parent
    try:
        with tempfile.TemporaryFile(dir=here):
            free = shutil.disk_usage(here).free
    except OSError as error:
        state = f"{folder} cannot be written to: {error.strerror or error}"
        return Finding(what, state, False, f"Set {variable} to a folder that can be written to.")
    little = free < _TIGHT
    advice = f"Make room there, or set {variable} to a folder on another disk." if little else ""
    return Finding(what, f"{folder}, {free / 1e9:.1f} GB free", advice=advice)


def sqlite_finding() -> Finding:
    """The library that holds the projects."""
    return Finding("SQLite", sqlite3.sqlite_version)
