"""yowo train: follow a run folder, saying JSON-line events on standard output."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from yowo_core import events
from yowo_core.cli.asked_to_stop import stop_asked
from yowo_core.errors import CoreError
from yowo_core.train.config import read_config


def train(
    run_dir: Annotated[Path, typer.Argument(help="A folder made by yowo prepare.")],
    stop_on_stdin: Annotated[
        bool, typer.Option("--stop-on-stdin", help="Stop at a line or end of standard input.")
    ] = False,
) -> None:
    """Train, or go on with a training that was stopped; the best weights are kept."""
    read_config(run_dir)
    from yowo_core.train.loop import train as follow  # noqa: PLC0415 torch is slow to load
    from yowo_core.train.run_folder import recorder  # noqa: PLC0415

    say = recorder(run_dir, _echo)
    try:
        follow(run_dir, say, stop_asked(on_stdin=stop_on_stdin))
    except (CoreError, OSError) as error:
        say(events.Failed(str(error)))
        raise


def _echo(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
