"""yowo models: what can be used at once and what can be trained."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from yowo_core.infer.onnx_cache import ready_graph
from yowo_core.models.shelf import built_in, find_model
from yowo_core.models.variants import VARIANTS


def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    ready: Annotated[
        str, typer.Option(help="Make this model ready for ONNX Runtime now, such as demo.")
    ] = "",
) -> None:
    """List models that are ready to use and networks that can be trained."""
    if ready:
        console = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
        console.print(f"{ready}: ready as {ready_graph(find_model(ready))}")
        return
    if as_json:
        content = {
            "ready": [{"name": m.name, "title": m.title, "path": str(m.path)} for m in built_in()],
            "networks": [
                {"name": v.name, "title": v.title, "paper": v.paper, "family": v.plan.family}
                for v in VARIANTS
            ],
        }
        sys.stdout.write(json.dumps(content) + "\n")
        return
    table = Table("name", "kind", "what")
    for model in built_in():
        table.add_row(model.name, "ready to use", model.title)
    for variant in VARIANTS:
        table.add_row(variant.name, "to be trained", f"{variant.title} ({variant.paper})")
    Console().print(table)
