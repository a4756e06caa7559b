"""The garbage collector belongs to the window's thread."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication

from app.services.collector import Collector


class _Cycle:
    def __init__(self, ends_in: list[int]) -> None:
        self.me = self
        weakref.finalize(self, lambda: ends_in.append(threading.get_ident()))


def _litter(ends_in: list[int]) -> None:
    _Cycle(ends_in)
    kept: list[list[int]] = [
        [] for _ in range(5 * gc.get_threshold()[0])
    ]  # enough to start the collector
    assert kept


@pytest.fixture
def collector(qapp: QCoreApplication) -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.stop()


@pytest.mark.usefixtures("collector")
def test_another_thread_leaves_its_litter_to_the_windows_thread() -> None:
    ended: list[int] = []
    thread = threading.Thread(target=_litter, args=(ended,))
    thread.start()
    thread.join()
    assert ended == []


def test_the_windows_thread_takes_the_litter_away(collector: Collector) -> None:
    ended: list[int] = []
    thread = threading.Thread(target=_litter, args=(ended,))
    thread.start()
    thread.join()
    for _ in range(1 + (1 + gc.get_threshold()[1]) * (1 + gc.get_threshold()[2])):
        kept: list[list[int]] = [[] for _ in range(2 * gc.get_threshold()[0])]
        assert kept
        collector.collect()
    assert ended == [threading.get_ident()]


def test_stopped_it_leaves_python_as_it_was(collector: Collector) -> None:
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
