"""Work on another thread: its value or sentence comes back to this one; bugs are not hidden."""

import threading

from pytestqt.qtbot import QtBot

from app.services.background import Background
from yowo_core.errors import DataError

WAIT = 30_000


def test_the_value_comes_back_to_the_window_s_thread(qtbot: QtBot, background: Background) -> None:
    seen: list[tuple[int, int]] = []
    told: list[str] = []
    background.run(
        threading.get_ident, lambda there: seen.append((there, threading.get_ident())), told.append
    )
    qtbot.waitUntil(lambda: bool(seen), timeout=WAIT)
    there, here = seen[0]
    assert here == threading.get_ident() != there


def test_a_situation_of_the_user_s_comes_back_as_its_sentence(
    qtbot: QtBot, background: Background
) -> None:
    def work() -> None:
        raise DataError("Nothing to learn from.")

    told: list[object] = []
    background.run(work, told.append, told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT)
    assert told == ["Nothing to learn from."]


def test_a_bug_is_raised_where_the_excepthook_sees_it(qtbot: QtBot, background: Background) -> None:
    told: list[object] = []
    with qtbot.captureExceptions() as raised:
        background.run(lambda: 1 // 0, told.append, told.append)
        qtbot.waitUntil(lambda: bool(raised), timeout=WAIT)
    assert raised[0][0] is ZeroDivisionError
    assert told == []


def test_nothing_is_told_after_closing_down(qtbot: QtBot, qapp: object) -> None:
    background = Background()
    told: list[object] = []
    background.run(lambda: 1, told.append, told.append)
    background.shutdown()
    qtbot.wait(20)
    assert told == []
