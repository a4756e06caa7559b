"""yowo train: follow a run folder, saying JSON-line events on standard output."""

from pathlib import Path
from typing import Annotated

import typer

from yowo_core import events
from yowo_core.cli.asked_to_stop import ending_at_once, stop_asked
from yowo_core.cli.standard_output import print_line
from yowo_core.errors import CoreError
from yowo_core.event_log import EventLog
from yowo_core.train.config import read_config


def train(
    run_dir: Annotated[Path, typer.Argument(help="A folder made by yowo prepare.")],
    stop_on_stdin: Annotated[
        bool, typer.Option("--stop-on-stdin", help="Stop at a line or end of standard input.")
    ] = False,
) -> None:
    """Train, or go on with a training that was stopped; the best weights are kept."""
    read_config(run_dir)
    say = EventLog(run_dir, print_line)
    stop = stop_asked(on_stdin=stop_on_stdin)
    try:
        say(events.Progress(0, 0, 0.0, 0.0, "loading"))
        with ending_at_once(stop, lambda: say(events.Finished("", stopped=True))):
            from yowo_core.train.loop import train as follow  # noqa: PLC0415 torch is slow to load
        follow(run_dir, say, stop)
    except (CoreError, OSError) as error:
        say(events.Failed(str(error)))
        raise
