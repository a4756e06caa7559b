"""Jobs: real commands, their events, how they are stopped, and what is told of their end."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services import job_runner
from app.services.job_runner import JobEnd, JobEvent, JobRunner, worker_command
from yowo_core.events import Event, Finished, Progress, Started, to_line

WAIT = 30_000
SAY = "import sys, time\ndef say(text):\n    sys.stdout.write(text + '\\n'); sys.stdout.flush()\n"
Ended = Callable[[str], tuple[list[Event], JobEnd]]


@pytest.fixture
def as_command(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the runner start a program of a few lines in place of yowo."""

    def put(code: str) -> None:
        monkeypatch.setattr(
            job_runner, "worker_command", lambda _name: [sys.executable, "-c", SAY + code]
        )

    return put


@pytest.fixture
def run(runner: JobRunner, qtbot: QtBot, as_command: Callable[[str], None]) -> Ended:
    def to_its_end(code: str) -> tuple[list[Event], JobEnd]:
        heard: list[JobEvent] = []
        runner.event_received.connect(heard.append)
        as_command(code)
        with qtbot.waitSignal(runner.ended, timeout=WAIT) as end:
            job = runner.start([])
        assert end.args[0].job == job
        assert runner.running() == ()
        return [h.event for h in heard], end.args[0]

    return to_its_end


def test_the_real_command_reports_a_missing_video_as_a_sentence(
    qtbot: QtBot, runner: JobRunner, tmp_path: Path
) -> None:
    video = tmp_path / "gone.mp4"
    arguments = ["detect", str(video), "--run-dir", str(tmp_path), "--events", "--stop-on-stdin"]
    with qtbot.waitSignal(runner.ended, timeout=WAIT) as end:
        runner.start(arguments)
    assert str(video) in end.args[0].message
    assert not end.args[0].finished
    assert end.args[0].exit_code == 1


def test_events_come_in_order_and_other_lines_go_to_the_log(run: Ended) -> None:
    told: list[Event] = [Started("train", 9), Progress(1, 9, 2.0, 4.0), Finished("best")]
    lines = [to_line(e) for e in told]
    lines.insert(1, "a library says hello")
    heard, end = run("".join(f"say({line!r})\n" for line in lines))
    assert heard == told
    assert (end.finished, end.stopped, end.message) == (True, False, "")
    assert end.log == ("a library says hello",)


def test_a_crash_is_told_with_its_last_words(run: Ended) -> None:
    _, end = run("raise RuntimeError('out of memory')")
    assert not end.finished
    assert "out of memory" in end.message
    assert end.exit_code == 1


def test_asked_to_stop_a_job_ends_in_good_order(
    qtbot: QtBot, runner: JobRunner, as_command: Callable[[str], None]
) -> None:
    line = to_line(Finished("best", stopped=True))
    as_command(f"say('up'); sys.stdin.readline(); say({line!r})")
    job = runner.start([])
    qtbot.waitUntil(lambda: runner.log(job) == ("up",), timeout=WAIT)
    assert runner.running() == (job,)
    with qtbot.waitSignal(runner.ended, timeout=WAIT) as end:
        runner.stop(job)
    assert (end.args[0].finished, end.args[0].stopped) == (True, True)


def test_a_job_that_does_not_stop_is_killed(
    qtbot: QtBot, runner: JobRunner, as_command: Callable[[str], None]
) -> None:
    as_command("say('up'); time.sleep(60)")
    job = runner.start([])
    qtbot.waitUntil(lambda: bool(runner.log(job)), timeout=WAIT)
    with qtbot.waitSignal(runner.ended, timeout=WAIT) as end:
        runner.stop(job, 0.2)
    assert (end.args[0].finished, end.args[0].stopped) == (False, True)
    assert "did not stop in time" in end.args[0].message


def test_closing_down_ends_every_job_within_the_time(
    qtbot: QtBot, runner: JobRunner, as_command: Callable[[str], None]
) -> None:
    ends: list[JobEnd] = []
    runner.ended.connect(ends.append)
    as_command("say('up'); sys.stdin.readline()")
    polite = runner.start([])
    as_command("say('up'); time.sleep(60)")
    deaf = runner.start([])
    qtbot.waitUntil(lambda: bool(runner.log(polite) and runner.log(deaf)), timeout=WAIT)
    began = time.monotonic()
    runner.shutdown(1.0)
    assert time.monotonic() - began < 10
    assert {e.job: e.exit_code == 0 for e in ends} == {polite: True, deaf: False}


def test_while_closing_down_nothing_new_is_started(
    runner: JobRunner, as_command: Callable[[str], None]
) -> None:
    as_command("sys.stdin.readline()")
    runner.start([])
    begun: list[int] = []
    runner.ended.connect(lambda _end: begun.append(runner.start([])))
    runner.shutdown()
    assert len(begun) == 1
    assert runner.running() == ()


def test_a_frozen_program_is_its_own_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    assert worker_command("live") == [sys.executable, "-m", "yowo_core.infer.worker"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert worker_command("live") == [sys.executable, "worker", "live"]
    assert worker_command("yowo") == [sys.executable, "worker", "yowo"]
