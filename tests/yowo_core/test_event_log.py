"""A run's events are in its folder whatever happens to the program or the disk."""

import os
import sys
from pathlib import Path

import pytest

from yowo_core.errors import DataError
from yowo_core.event_log import EVENTS, EventLog, replay
from yowo_core.events import Evaluated, Failed, Notice, Progress, Started, from_line

BEGUN, FIGURE = Started("train", 10), Evaluated(5, 1, 60.0)


def test_what_is_shown_is_in_the_file_before(tmp_path: Path) -> None:
    found: list[int] = []
    log = EventLog(tmp_path, lambda _line: found.append(len(replay(tmp_path))))
    log(BEGUN)
    log(Progress(1, 10, 1.0, 9.0))
    log(FIGURE)
    assert found == [1, 1, 2]  # progress is of the moment
    assert replay(tmp_path) == [BEGUN, FIGURE]


def test_a_torn_last_line_takes_no_other_with_it(tmp_path: Path) -> None:
    EventLog(tmp_path, lambda _line: None)(BEGUN)
    with (tmp_path / EVENTS).open("a") as file:
        file.write('{"event": "evaluated", "upda')
    EventLog(tmp_path, lambda _line: None)(FIGURE)
    assert replay(tmp_path) == [BEGUN, FIGURE]


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files by resource")
def test_on_a_full_disk_it_is_told_once_and_nothing_is_lost(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415 not on every platform

    echoed: list[str] = []
    log = EventLog(tmp_path, echoed.append)
    log(BEGUN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / EVENTS).stat().st_size + 20, before[1]))
    try:
        log(FIGURE)
        log(Evaluated(6, 2, 61.0))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / EVENTS).stat().st_size > len(echoed[0]) + 1  # a torn line
    log(Evaluated(7, 3, 62.0))
    told = [from_line(line) for line in echoed]
    assert sum(isinstance(event, Notice) for event in told) == 1
    assert [e.epoch for e in replay(tmp_path) if isinstance(e, Evaluated)] == [1, 2, 3]


def test_without_its_folder_a_run_ends_with_a_sentence(tmp_path: Path) -> None:
    echoed: list[str] = []
    folder = tmp_path / "run"
    folder.mkdir()
    log = EventLog(folder, echoed.append)
    folder.rmdir()
    with pytest.raises(DataError, match="is not there any more"):
        log(FIGURE)
    log(Failed("It ended."))
    assert from_line(echoed[-1]) == Failed("It ended.")


def test_a_folder_without_events_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{os.sep}events.jsonl cannot be read"):
        replay(tmp_path)
