"""How `yowo models` shows networks and their layers: tables for people, plain values for JSON."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from yowo_core.models.configs.variant import Variant
from yowo_core.models.known_costs import Cost
from yowo_core.models.shelf import ReadyModel
from yowo_core.train.trainable import is_trainable


def ready_row(model: ReadyModel) -> dict[str, Any]:
    """A model that is ready to use, for JSON."""
    return {"name": model.name, "title": model.title, "path": str(model.path)}


def network_row(variant: Variant, cost: Cost | None) -> dict[str, Any]:
    """A network, for JSON: the paper's figures in 10^6 and 10^9, ours as counted.

    differences are percent of the paper's figures; what is not known is None.
    """
    known = asdict(cost) if cost else dict.fromkeys(("parameters", "operations", "flops"))
    return {
        "name": variant.name,
        "title": variant.title,
        "family": variant.plan.family,
        "paper": variant.paper,
        "weights_licence": variant.weights_licence,
        "trainable": is_trainable(variant.plan),
        "paper_parameters": variant.parameters,
        "paper_operations": variant.operations,
        **known,
        "parameters_difference": difference(known["parameters"], variant.parameters, 1e6),
        "operations_difference": difference(known["operations"], variant.operations, 1e9),
    }


def difference(ours: float | None, paper: float | None, unit: float) -> float | None:
    """Percent by which ours is above the paper's figure, given in units; None where one lacks."""
    if ours is None or paper is None:
        return None
    return round(100 * (ours / unit / paper - 1), 2)


def print_models(
    ready: Iterable[ReadyModel], variants: Iterable[Variant], costs: dict[str, Cost]
) -> None:
    """What is ready to use, then every network, a table for each licence of official weights."""
    show(["Ready to use", *aligned([(model.name, model.title) for model in ready], "<<"), ""])
    for (family, licence), group in groupby(variants, lambda v: (v.plan.family, v.weights_licence)):
        members = tuple(group)
        rows = [_row(variant, costs.get(variant.name)) for variant in members]
        what = "can be trained" if is_trainable(members[0].plan) else "used, not trained yet"
        licences = f"licence of the official weights: {licence}"
        sys.stdout.write(f"Networks of {family} ({what}); {licences}\n")
        show([*aligned([_HEAD, *rows], "<>>>><"), ""])
    show(_FOOT)


def show(lines: Iterable[str]) -> None:
    """Print lines, cut at the edge of a terminal so that columns stay columns; a file has none."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in lines:
        sys.stdout.write(line[:width].rstrip() + "\n")


_HEAD = ("name", "M", "paper", "G", "paper", "what")


_FOOT = (
    "M: 10^6 parameters. G: 10^9 operations for a clip, counted as the papers do. Beside each:",
    "the paper's figure, and percent by which ours is above it.",
    "yowo models NAME lists a network's layers; yowo models --json says all there is.",
)


def _row(variant: Variant, cost: Cost | None) -> tuple[str, ...]:
    values = network_row(variant, cost)
    return (
        variant.name,
        f"{cost.parameters / 1e6:.2f}" if cost else "",
        _beside(values, "parameters"),
        f"{cost.operations / 1e9:.2f}" if cost else "",
        _beside(values, "operations"),
        f"{variant.title} ({variant.paper})",
    )


def _beside(row: dict[str, Any], figure: str) -> str:
    """The paper's figure and how far ours is from it; + 0.0 so that no zero has a minus."""
    paper, apart = row[f"paper_{figure}"], row[f"{figure}_difference"]
    if paper is None:
        return ""
    shown = f"{round(paper, 2):g}"
    return shown if apart is None else f"{shown} {round(apart, 1) + 0.0:+.1f} %"


def aligned(rows: Sequence[Sequence[str]], sides: str) -> list[str]:
    """Rows as lines with columns below each other, each to the left (<) or the right (>)."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(
            f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)
        )
        for row in rows
    ]
