"""yowo models: what can be used at once and what can be trained."""

import json
import sys
from contextlib import nullcontext
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from yowo_core import events
from yowo_core.cli.asked_to_stop import ending_at_once, stop_asked
from yowo_core.cli.voice import Voice
from yowo_core.errors import ConfigError, CoreError
from yowo_core.infer.onnx_cache import ready_graph
from yowo_core.machine import step_back
from yowo_core.models.shelf import built_in, find_model
from yowo_core.models.variants import VARIANTS

_STOPPED = "It was stopped before the model was ready."
_PREPARING = events.Progress(0, 0, 0.0, 0.0, "preparing")


def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    ready: Annotated[
        str, typer.Option(help="Make this model ready for ONNX Runtime now, such as demo.")
    ] = "",
    gently: Annotated[
        bool, typer.Option("--gently", help="With --ready: let other programs go first.")
    ] = False,
    stop_on_stdin: Annotated[
        bool,
        typer.Option("--stop-on-stdin", help="With --ready: stop at a line or end of input."),
    ] = False,
    events_out: Annotated[
        bool, typer.Option("--events", help="With --ready: print JSON-line events.")
    ] = False,
) -> None:
    """List models that are ready to use and networks that can be trained."""
    if ready:
        if gently:
            step_back()
        _make_ready(ready, stop_on_stdin, events_out)
    elif gently or stop_on_stdin or events_out:
        raise ConfigError("--gently, --stop-on-stdin and --events go with --ready MODEL.")
    elif as_json:
        content = {
            "ready": [{"name": m.name, "title": m.title, "path": str(m.path)} for m in built_in()],
            "networks": [
                {"name": v.name, "title": v.title, "paper": v.paper, "family": v.plan.family}
                for v in VARIANTS
            ],
        }
        sys.stdout.write(json.dumps(content) + "\n")
    else:
        _print_table()


def _make_ready(name: str, stop_on_stdin: bool, events_out: bool) -> None:
    with Voice(events_out, lambda item: f"{name}: ready as {item.result}") as voice:

        def stopped() -> None:
            voice.say(events.Failed(_STOPPED))

        ending = (
            ending_at_once(stop_asked(on_stdin=True), stopped, status=1)
            if stop_on_stdin
            else nullcontext()
        )
        try:
            with ending:
                graph = ready_graph(find_model(name), lambda: voice.say(_PREPARING))
        except (CoreError, OSError) as error:
            voice.say(events.Failed(str(error)))
            raise
        voice.say(events.Finished(str(graph)))


def _print_table() -> None:
    table = Table("name", "kind", "what")
    for model in built_in():
        table.add_row(model.name, "ready to use", model.title)
    for variant in VARIANTS:
        table.add_row(variant.name, "to be trained", f"{variant.title} ({variant.paper})")
    Console().print(table)
