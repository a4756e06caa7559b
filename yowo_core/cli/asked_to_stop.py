"""Notice that a person or a parent process wants a long command to end."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_POLL_SECONDS = 0.1


def stop_asked(*, on_stdin: bool) -> Callable[[], bool]:
    """A function that says whether to stop: after Ctrl+C or a terminate signal.

    With on_stdin also after a line or the end of standard input: a window that crashes closes
    the pipe, so its worker never outlives it, on every platform.
    """
    asked = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    if on_stdin:

        def listen() -> None:
            sys.stdin.readline()
            asked.set()

        threading.Thread(target=listen, daemon=True).start()
    return asked.is_set


@contextmanager
def ending_at_once(
    stop: Callable[[], bool], say: Callable[[], None], status: int = 0
) -> Iterator[None]:
    """While nothing is at stake, as when libraries are loaded, end the process when asked to stop.

    say is called before; the process ends with that status.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_POLL_SECONDS):
            if stop():
                say()
                os._exit(status)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
