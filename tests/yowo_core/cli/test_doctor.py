"""yowo doctor in made-up situations: what is missing is named with the command that brings it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from yowo_core.cli import doctor, doctor_packages, doctor_system, main
from yowo_core.cli.doctor_packages import (
    PACKAGES,
    Probe,
    install,
    package_finding,
    requirements,
    version_troubles,
)
from yowo_core.cli.doctor_probes import PROBES
from yowo_core.cli.doctor_system import (
    bring_libraries,
    folder_finding,
    library_finding,
    memory_finding,
    os_release,
    screen_finding,
)
from yowo_core.cli.finding import Finding

ROOT = Path(__file__).resolve().parents[3]
DEBIAN = os_release('ID=debian\nVERSION_ID="12"\n')
MINT = os_release("ID=linuxmint\nID_LIKE='ubuntu debian'\n")
FEDORA = os_release("NAME=Fedora\nID=fedora\n")

BARE = """
import sys

class Bare:
    GONE = {gone!r}

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.GONE:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Bare())
"""


def run_without(
    folder: Path, *gone: str, arguments: tuple[str, ...] = ("doctor", "--json")
) -> "subprocess.CompletedProcess[str]":
    """The command under a Python in which those packages are not installed."""
    (folder / "sitecustomize.py").write_text(BARE.format(gone=set(gone)), encoding="utf-8")
    paths = os.pathsep.join((str(folder), str(ROOT)))
    command = [sys.executable, "-m", "yowo_core.cli.main", *arguments]
    environment = os.environ | {"PYTHONPATH": paths, "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=250, check=False
    )


def test_with_every_library_missing_it_names_each(tmp_path: Path) -> None:
    gone = ("numpy", "av", "cv2", "onnxruntime", "torch", "PySide6", "safetensors")
    done = run_without(tmp_path, *gone)
    assert done.returncode == 1, done.stderr
    found = {f["what"]: f for f in json.loads(done.stdout)}
    for name, package in PACKAGES.items():
        assert found[name]["state"] == "is not installed"
        assert not found[name]["fine"]
        assert "-m pip install" in found[name]["advice"]
        assert package in found[name]["advice"]
    assert found["SQLite"]["fine"]
    assert not found["screen"]["fine"]
    assert "Traceback" not in done.stderr


def test_a_command_whose_library_is_missing_leads_to_the_doctor(tmp_path: Path) -> None:
    done = run_without(tmp_path, "numpy", arguments=("detect", "a.mp4", "--out", "b.csv"))
    assert done.returncode == 1
    assert done.stderr == (
        "yowo detect cannot run: No module named 'numpy'. Run yowo doctor: it names what is "
        "missing and the command that brings it.\n"
    )


def test_a_library_that_is_missed_later_leads_to_the_doctor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def miss(**_options: object) -> None:
        raise ModuleNotFoundError("No module named 'torch'")

    monkeypatch.setattr(main, "app", miss)
    with pytest.raises(SystemExit) as end:
        main.run(["train", "x"])
    assert end.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("yowo cannot run: No module named 'torch'. Run yowo doctor")


def test_a_library_that_ends_the_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    crash = "import os; os.kill(os.getpid(), 4)"
    started: list[str] = []

    def start(name: str) -> "subprocess.Popen[str]":
        started.append(name)
        code = crash if name == "OpenCV" else 'print(\'["1.2", "no GPU"]\')'
        command = [sys.executable, "-c", code]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)

    monkeypatch.setattr(doctor_packages, "_start", start)
    found = doctor_packages.look(["OpenCV", "PyTorch"])
    assert started == ["OpenCV", "PyTorch"]
    assert found["OpenCV"].trouble == "ends the process with signal 4 when it is loaded"
    assert found["PyTorch"].facts == ("1.2", "no GPU")


def test_a_frozen_program_looks_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setitem(PROBES, "numpy", lambda: ["2.4"])

    def broken() -> list[str]:
        raise ImportError("DLL load failed")

    monkeypatch.setitem(PROBES, "PyAV", broken)
    found = doctor_packages.look(["numpy", "PyAV", "screen"])
    assert found["numpy"].facts == ("2.4",)
    assert found["screen"].facts == ("not tried",)
    finding = package_finding("PyAV", found["PyAV"], {})
    assert finding.state == "does not load: DLL load failed"
    assert finding.advice == "Install the program again: its folder is not whole."
    assert doctor_packages.other_packages({"alembic": "alembic"}) == []


def test_a_missing_file_of_the_system_is_brought_by_the_system() -> None:
    said = "ImportError: libEGL.so.1: cannot open shared object file: No such file or directory\n"
    probe = Probe.of(1, "", f"Traceback ...\n{said}")
    assert probe.library == "libEGL.so.1"
    command = bring_libraries([probe.library], DEBIAN)
    finding = package_finding("Qt", probe, {}, system=command)
    assert not finding.fine
    assert "libEGL.so.1" in finding.state
    assert finding.advice.endswith("apt-get install --no-install-recommends libegl1")


@pytest.mark.parametrize(
    ("release", "end"),
    [
        (DEBIAN, "apt-get install --no-install-recommends libxcb-cursor0 libxkbcommon-x11-0"),
        (MINT, "apt-get install --no-install-recommends libxcb-cursor0 libxkbcommon-x11-0"),
        (
            FEDORA,
            "dnf install 'libxcb-cursor.so.0()(64bit)' 'libxkbcommon-x11.so.0()(64bit)'",
        ),
        ({}, "packages of your system that hold libxcb-cursor.so.0, libxkbcommon-x11.so.0."),
    ],
)
def test_the_libraries_of_the_window(release: dict[str, str], end: str) -> None:
    ldd = """
        linux-vdso.so.1 (0x00007ffd)
        libxkbcommon-x11.so.0 => not found
        libxcb-cursor.so.0 => not found
        libxcb.so.1 => /lib/x86_64-linux-gnu/libxcb.so.1 (0x00007f)
        libxcb-cursor.so.0 => not found
    """
    finding = library_finding(ldd, release)
    assert finding.state == "missing: libxcb-cursor.so.0, libxkbcommon-x11.so.0"
    assert finding.advice.endswith(end)
    assert not finding.fine
    assert library_finding("libz.so.1 => /lib/libz.so.1 (0x1)", release).fine


def test_only_root_needs_no_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert bring_libraries(["libGL.so.1"], DEBIAN).startswith("sudo apt-get install")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert bring_libraries(["libGL.so.1"], DEBIAN).startswith("apt-get install")


def test_what_the_setup_installs_is_known_to_the_doctor() -> None:
    script = (ROOT / "packaging" / "setup.sh").read_text(encoding="utf-8")
    packages = script.partition('FOR_QT="')[2].partition('"')[0].split()
    assert set(packages) <= set(doctor_system.DEBIAN.values())


@pytest.mark.parametrize(
    ("nvidia", "part"),
    [("", "--index-url https://download.pytorch.org/whl/cpu"), ("NVIDIA L4", "'torch>=2.6'")],
)
def test_torch_comes_in_the_build_for_this_machine(nvidia: str, part: str) -> None:
    needs = {"torch": "torch>=2.6"}
    finding = package_finding("PyTorch", Probe(trouble="is not installed"), needs, nvidia=nvidia)
    assert part in finding.advice
    assert ("whl/cpu" in finding.advice) == (not nvidia)


def test_a_gpu_that_is_not_used_is_a_hint() -> None:
    torch = package_finding("PyTorch", Probe(("2.13.0+cpu", "no GPU")), {}, nvidia="NVIDIA L4")
    runtime = package_finding(
        "ONNX Runtime", Probe(("1.31.1", "runs on CPU")), {}, nvidia="NVIDIA L4"
    )
    assert torch.fine
    assert "The NVIDIA L4 is not used." in torch.advice
    assert "--force-reinstall torch" in torch.advice
    assert runtime.fine
    assert runtime.advice.endswith("-m pip install onnxruntime-gpu")
    both = Probe(("1.31.1", "runs on CUDA, CPU"))
    assert package_finding("ONNX Runtime", both, {}, nvidia="NVIDIA L4").advice == ""


def test_the_commands_name_the_versions_that_fit() -> None:
    needs = requirements()
    assert needs["pyside6-essentials"].startswith("PySide6-Essentials")
    assert "'PySide6-Essentials!=6.12.0,>=6.9'" in install("PySide6-Essentials", needs)
    assert "pytest" not in needs


def test_versions_that_do_not_work_together() -> None:
    bad = version_troubles((3, 11), {"pyside6-essentials": "6.12.0"})
    assert [(f.what, f.fine) for f in bad] == [("Qt and Python", False)]
    assert version_troubles((3, 12), {"pyside6-essentials": "6.12.0"}) == []
    (twice,) = version_troubles((3, 12), {"opencv-python": "4.1"})
    assert "pip uninstall -y opencv-python &&" in twice.advice


def test_a_screen() -> None:
    fine = screen_finding(Probe(("through xcb", "1920 x 1080 at 100 %")), {"DISPLAY": ":0"})
    assert (fine.state, fine.fine) == ("through xcb, 1920 x 1080 at 100 %", True)
    broken = screen_finding(Probe(trouble="does not load: x"), {"DISPLAY": ":7"})
    assert not broken.fine
    assert "DISPLAY=:7" in broken.state


@pytest.mark.skipif(sys.platform != "linux", reason="only there a screen is a variable")
def test_without_a_screen_only_the_window_is_out_of_reach() -> None:
    none = screen_finding(Probe(trouble="ends the process with signal 6"), {})
    assert none.fine
    assert "xvfb-run" in none.advice


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fine = folder_finding("cache", tmp_path / "not" / "there", "YOWO_CACHE")
    assert fine.fine
    assert "GB free" in fine.state
    assert not (tmp_path / "not").exists()
    monkeypatch.setattr("shutil.disk_usage", lambda _: os.terminal_size((1, 1)))
    file = tmp_path / "file"
    file.touch()
    bad = folder_finding("cache", file, "YOWO_CACHE")
    assert not bad.fine
    assert "Set YOWO_CACHE to a folder" in bad.advice


def test_little_room_and_memory_are_hints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 10**8

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    tight = folder_finding("cache", tmp_path, "YOWO_CACHE")
    assert tight.fine
    assert tight.advice.startswith("Make room there")
    low = memory_finding("MemTotal: 4000000 kB\nMemAvailable: 500000 kB\n")
    assert low.state == "4.1 GB, 0.5 GB free"
    assert low.fine
    assert low.advice
    assert memory_finding("").state == "unknown"


def test_the_table_holds_the_commands_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "sudo apt-get install " + " ".join(f"lib{n}" for n in range(60))
    found = [
        Finding("Qt", "does not load", False, long),
        Finding("screen", "none", advice="a hint"),
        Finding("numpy", "2.4"),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: found)
    done = CliRunner().invoke(main.app, ["doctor"])
    assert done.exit_code == 1
    below = done.stdout.partition("What to do:")[2]
    assert f"    {long}\n" in below
    assert "Hints:\n  screen\n    a hint\n" in below


def test_a_library_that_breaks_a_command_is_named() -> None:
    program = Typer()
    main.add(program, "nonsense")
    main.add(program, "models")
    done = CliRunner().invoke(program, ["nonsense", "--whatever", "1"])
    assert done.exit_code == 1
    assert "yowo nonsense cannot run: No module named" in done.stderr
