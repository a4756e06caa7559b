"""How a long command speaks: JSON lines to a program, a progress bar to a person."""

import time
from collections.abc import Callable
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from yowo_core import events
from yowo_core.cli.standard_output import print_line

REPORT_SECONDS = 0.3


class Voice:
    """Says events: one a line on standard output, or as a bar and sentences on standard error.

    ended makes the last sentence for a person of what was finished.
    """

    def __init__(self, as_events: bool, ended: Callable[[events.Finished], str]) -> None:
        self._as_events, self._ended = as_events, ended
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        self._bar = Progress(*columns, console=console, disable=as_events, transient=True)
        self._task = self._bar.add_task("frames", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def say(self, item: events.Event) -> None:
        """Pass one event on."""
        if self._as_events:
            print_line(events.to_line(item))
        elif isinstance(item, events.Progress):
            total = item.total or None  # None: how long it takes is not known
            self._bar.update(
                self._task, total=total, completed=item.done, description=_progress(item)
            )
        elif isinstance(item, events.Notice):
            self._print(item.message)
        elif isinstance(item, events.Finished):
            self._print(self._ended(item))

    def _print(self, text: str) -> None:
        """A sentence as it is: brackets of a path are no markup, and it is not wrapped."""
        self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)


def _progress(item: events.Progress) -> str:
    counted = f"{item.done}/{item.total} frames, {item.rate:.1f}/s"
    return {"preparing": "preparing the model, once", "linking": "joining boxes to tubes"}.get(
        item.stage, counted
    )


def reporter(
    total: int, stage: str, say: Callable[[events.Event], None], stop: Callable[[], bool]
) -> Callable[[int], bool]:
    """A function that tells progress about three times a second and whether to go on.

    The rate counts only what this run did: the first call says where it began.
    """
    began = time.monotonic()
    state = {"first": -1, "said": 0.0}

    def report(done: int) -> bool:
        if state["first"] < 0:
            state["first"] = done - 1
        now = time.monotonic()
        if now - state["said"] > REPORT_SECONDS or done == total:
            state["said"] = now
            rate = (done - state["first"]) / max(now - began, 1e-6)
            say(events.Progress(done, total, rate, (total - done) / rate, stage))
        return not stop()

    return report
