"""Processes that speak lines: heard, told, killed with their children, their last words kept."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services.line_process import KEPT_LINES, LineProcess, ProcessEnd

WAIT = 30_000
Make = Callable[[str], LineProcess]


@pytest.fixture
def make(qapp: object) -> Iterator[Make]:
    made: list[LineProcess] = []

    def start(code: str) -> LineProcess:
        made.append(LineProcess([sys.executable, "-c", code]))
        return made[-1]

    yield start
    for process in made:
        process.end(0.1)


def run_to_end(process: LineProcess, qtbot: QtBot) -> tuple[list[str], ProcessEnd]:
    lines: list[str] = []
    process.line.connect(lines.append)
    with qtbot.waitSignal(process.ended, timeout=WAIT) as end:
        process.start()
    return lines, end.args[0]


def test_lines_log_and_exit_code_are_told(qtbot: QtBot, make: Make) -> None:
    code = "import sys; print('eins'); sys.stderr.write('oh\\nno'); print('zw\\u00f6lf', end=''); "
    lines, end = run_to_end(make(code + "sys.exit(3)"), qtbot)
    assert lines == ["eins", "zw\u00f6lf"]
    assert (end.exit_code, end.crashed, end.log) == (3, False, ("oh", "no"))
    assert end.last_words == "oh | no"


def test_a_line_told_arrives_and_closing_the_input_ends_it(qtbot: QtBot, make: Make) -> None:
    process = make("import sys\nfor line in sys.stdin: print(line.strip() * 2, flush=True)")
    process.start()
    with qtbot.waitSignal(process.line, timeout=WAIT) as heard:
        process.tell("ab\u00e4")
    assert heard.args == ["ab\u00e4ab\u00e4"]
    with qtbot.waitSignal(process.ended, timeout=WAIT) as end:
        process.close_input()
    assert end.args[0].exit_code == 0


def test_only_the_newest_lines_of_the_log_are_kept(qtbot: QtBot, make: Make) -> None:
    count = KEPT_LINES + 50
    _, end = run_to_end(
        make(f"import sys; sys.stderr.write('\\n'.join(map(str, range({count}))))"), qtbot
    )
    assert len(end.log) == KEPT_LINES
    assert end.log[-1] == str(count - 1)


def test_a_program_that_does_not_exist_is_an_end_with_its_name(qtbot: QtBot, qapp: object) -> None:
    process = LineProcess(["/no/such/program"])
    ends: list[ProcessEnd] = []
    process.ended.connect(ends.append)
    process.start()
    qtbot.waitUntil(lambda: bool(ends), timeout=WAIT)
    assert ends[0].crashed
    assert "/no/such/program" in ends[0].last_words


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups")
def test_killing_takes_the_children_along(qtbot: QtBot, make: Make) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    process = make(code)
    with qtbot.waitSignal(process.line, timeout=WAIT) as heard:
        process.start()
    with qtbot.waitSignal(process.ended, timeout=WAIT) as end:
        process.kill()
    assert end.args[0].crashed
    qtbot.waitUntil(lambda: not alive(int(heard.args[0])), timeout=WAIT)


def test_the_deadline_kills_what_does_not_end(qtbot: QtBot, make: Make) -> None:
    process = make("import time; print(1, flush=True); time.sleep(60)")
    with qtbot.waitSignal(process.line, timeout=WAIT):
        process.start()
    began = time.monotonic()
    with qtbot.waitSignal(process.ended, timeout=WAIT):
        process.kill_after(0.2)
    assert time.monotonic() - began < 10


def test_it_runs_where_the_packages_are_whatever_the_folder(
    qtbot: QtBot, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "yowo_core.py").write_text("raise SystemExit('the wrong package')")
    monkeypatch.chdir(tmp_path)
    lines, _ = run_to_end(make("import yowo_core; print(yowo_core.__doc__ is not None)"), qtbot)
    assert lines == ["True"]


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has collected yet counts as gone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
