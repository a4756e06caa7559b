"""Counts what every network costs and keeps it: python -m benchmarks.model_costs [--all].

Writes `resources/models/costs.json`, which `yowo models` prints. Without --all only networks
that are not in it yet are counted, and those that are gone are left out.
"""

import argparse

from yowo_core.models.costs import cost_of
from yowo_core.models.known_costs import COSTS, known_costs, write_costs
from yowo_core.models.variants import VARIANTS


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Count what every network costs.")
    parser.add_argument("--all", action="store_true", help="count known networks again")
    count(again=parser.parse_args().all)


def count(again: bool) -> None:
    """Count the networks that are not known yet, or all of them again."""
    known = {} if again or not COSTS.is_file() else known_costs()
    costs = {}
    for variant in VARIANTS:
        if variant.name not in known:
            print(variant.name, flush=True)
        costs[variant.name] = known.get(variant.name) or cost_of(variant.plan)
    write_costs(costs)


if __name__ == "__main__":
    main()
