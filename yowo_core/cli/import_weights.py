"""yowo import-weights: what anybody's weight file is, and one of ours from it."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from yowo_core import events
from yowo_core.cli.asked_to_stop import ending_at_once, stop_asked
from yowo_core.cli.standard_output import print_line
from yowo_core.errors import ConfigError, CoreError
from yowo_core.formats.class_names import class_names
from yowo_core.weights.fetch import fetch

WEB = ("http://", "https://")
_STOPPED = "It was stopped before the file was imported."


def import_weights(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A weight file, or its address.")],
    out: Annotated[
        Path | None,
        typer.Argument(metavar="[OUT]", help="Write it as ours, such as NAME.safetensors."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Names of the classes: one a line, AVA's pbtxt, CSV or JSON."),
    ] = None,
    new_head: Annotated[
        int, typer.Option(min=0, help="Start a fresh head for so many classes.")
    ] = 0,
    length: Annotated[int, typer.Option(min=0, help="Frames of a clip, if not told.")] = 0,
    half: Annotated[bool, typer.Option("--half", help="Two bytes a number, not four.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace OUT if it is there.")] = False,
    sha256: Annotated[str, typer.Option(help="Checksum that a fetched file must have.")] = "",
    keep: Annotated[Path | None, typer.Option(help="Keep a fetched file here, as it came.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    stop_on_stdin: Annotated[
        bool, typer.Option("--stop-on-stdin", help="Stop at a line or end of standard input.")
    ] = False,
    events_out: Annotated[
        bool, typer.Option("--events", help="Print JSON-line events on standard output.")
    ] = False,
) -> None:
    """Say what a weight file of any maker is, and write it as a model or backbone of ours."""
    with _stoppable(stop_on_stdin, events_out):
        _check(file, out, replace=replace, sha256=sha256, keep=keep)
        from yowo_core.models.importing import importer, report  # noqa: PLC0415 torch is slow

        with _at_hand(file, sha256, keep) as path:
            found = importer.examined(path)
            names = class_names(labels, new_head or found.classes) if labels else ()
            plan = importer.planned(found, importer.Wishes(names, new_head, length, half))
            noticed = importer.write(plan, out) if out else ()
    told = {**report.as_object(plan, noticed), "written": str(out) if out else None}
    if events_out:
        facts = {**told, "rows": report.as_rows(plan, noticed)}
        print_line(events.to_line(events.Finished(str(out or ""), facts=facts)))
    elif as_json:
        print_line(json.dumps(told, ensure_ascii=False))
    else:
        _print(report.as_text(plan, noticed), out)


@contextmanager
def _stoppable(stop_on_stdin: bool, as_events: bool) -> Iterator[None]:
    """What was not written whole is not there: so it may be ended at any moment."""

    def say(message: str) -> None:
        if as_events:
            print_line(events.to_line(events.Failed(message)))

    ending = (
        ending_at_once(stop_asked(on_stdin=True), lambda: say(_STOPPED), status=1)
        if stop_on_stdin
        else nullcontext()
    )
    try:
        with ending:
            yield
    except (CoreError, OSError) as error:
        say(str(error))
        raise


def _check(file: str, out: Path | None, *, replace: bool, sha256: str, keep: Path | None) -> None:
    """Refuse before anything is fetched or read what could not be done in the end."""
    if not file.startswith(WEB) and (sha256 or keep):
        raise ConfigError("--sha256 and --keep go with an address that begins with https://.")
    for path in (out, keep):
        if path and path.is_dir():
            raise ConfigError(f"{path} is a folder. Give the name of a file in it.")
        if path and not path.parent.is_dir():
            raise ConfigError(f"{path.parent}: no such folder to put {path.name} into.")
        if path and path.exists() and not replace:
            raise ConfigError(f"{path} is there already. Say --replace, or choose another name.")


@contextmanager
def _at_hand(file: str, sha256: str, keep: Path | None) -> Iterator[Path]:
    """The file itself, or what its address gives: kept if that is wished, else for a while."""
    if not file.startswith(WEB):
        yield Path(file)
        return
    with tempfile.TemporaryDirectory(prefix="yowo-") as folder:
        target = keep or Path(folder) / _name(file)
        _fetch(file, target, sha256)
        yield target


def _name(address: str) -> str:
    """The last part of an address as the name of a file: its ending and beginning tell a little."""
    last = unquote(urlsplit(address).path).rpartition("/")[2]
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in last)[-100:] or "weights"


def _fetch(address: str, target: Path, sha256: str) -> None:
    columns = (TextColumn("fetching"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def told(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total)

        found = fetch(address, target, sha256=sha256, progress=told)
    if not sha256:
        sys.stderr.write(f"SHA-256 of what came: {found}. With --sha256 it is checked.\n")


def _print(text: str, out: Path | None) -> None:
    written = f"written      {out}" if out else "Nothing is written: give OUT for that."
    console = Console(markup=False, highlight=False, soft_wrap=True)
    console.print(f"{text}\n{written}")
