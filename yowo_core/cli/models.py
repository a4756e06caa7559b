"""yowo models: what can be used at once, what can be trained, and what a network is made of."""

import json
import sys
from contextlib import nullcontext
from typing import Annotated

import typer

from yowo_core import events
from yowo_core.cli.asked_to_stop import ending_at_once, stop_asked
from yowo_core.cli.model_tables import network_row, print_models, ready_row
from yowo_core.cli.voice import Voice
from yowo_core.errors import ConfigError, CoreError
from yowo_core.infer.onnx_cache import ready_graph
from yowo_core.machine import step_back
from yowo_core.models.known_costs import known_costs
from yowo_core.models.shelf import built_in, find_model
from yowo_core.models.variants import VARIANTS

_STOPPED = "It was stopped before the model was ready."
_PREPARING = events.Progress(0, 0, 0.0, 0.0, "preparing")


def models(
    name: Annotated[
        str, typer.Argument(help="Show the layers of this network or model; else list all.")
    ] = "",
    size: Annotated[int, typer.Option(help="With NAME: for pictures of so many pixels.")] = 0,
    length: Annotated[int, typer.Option(help="With NAME: for clips of so many frames.")] = 0,
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
    if name and ready:
        raise ConfigError("NAME shows layers, --ready MODEL prepares: choose one of them.")
    if ready:
        if gently:
            step_back()
        _make_ready(ready, stop_on_stdin, events_out)
    elif gently or stop_on_stdin or events_out:
        raise ConfigError("--gently, --stop-on-stdin and --events go with --ready MODEL.")
    elif name:
        from yowo_core.cli.model_layers import show_layers  # noqa: PLC0415 torch, only when used

        show_layers(name, size, length, as_json)
    elif size or length:
        raise ConfigError("--size and --length go with the NAME of a network.")
    else:
        _list(as_json)


def _list(as_json: bool) -> None:
    costs = known_costs()
    if as_json:
        content = {
            "ready": [ready_row(model) for model in built_in()],
            "networks": [network_row(variant, costs.get(variant.name)) for variant in VARIANTS],
        }
        sys.stdout.write(json.dumps(content) + "\n")
    else:
        print_models(built_in(), VARIANTS, costs)


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
