"""What every network that can be built by name costs, as counted beforehand; free of torch."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

COSTS = Path(str(files("resources"))) / "models" / "costs.json"
"""Made by `python -m benchmarks.model_costs`; counting all of them takes minutes."""


@dataclass(frozen=True)
class Cost:
    """Parameters of a network or a part, and what one clip takes.

    operations count as the papers do: a multiply-add of a convolution or linear layer is one, a
    normalised value four, a value of a softmax three, all else none. flops are two a
    multiply-add of every convolution and matrix product, attention included, and nothing else.
    """

    parameters: int
    operations: int
    flops: int


def known_costs(path: Path = COSTS) -> dict[str, Cost]:
    """Costs by variant, for the classes and the clip of its plan."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {name: Cost(**row) for name, row in rows.items()}


def write_costs(costs: Mapping[str, Cost], path: Path = COSTS) -> None:
    """Keep costs, one line a variant."""
    lines = (f"{json.dumps(name)}: {json.dumps(asdict(cost))}" for name, cost in costs.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
