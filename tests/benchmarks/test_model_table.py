"""docs/models.md is what its script makes, and says of every network what is so."""

import re

from benchmarks.model_measure import chosen, results
from benchmarks.model_table import PAGE, page
from yowo_core.models.costs import cost_of, layers_of, total
from yowo_core.models.known_costs import known_costs
from yowo_core.models.variants import VARIANTS, variant

ROW = re.compile(
    r"^\| `([\w.-]+)` \| [^|]+ \| [^|]+ \| ([\d.]+) \|[^|]*\| ([\d.]+) \|", re.MULTILINE
)


def test_the_page_is_what_its_script_makes() -> None:
    again = "python -m benchmarks.model_costs; python -m benchmarks.model_table --only-page"
    assert PAGE.read_text(encoding="utf-8") == page(results()), f"run: {again}"


def test_every_network_has_a_row_with_what_it_costs() -> None:
    rows = {name: (m, g) for name, m, g in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    assert list(rows) == [v.name for v in VARIANTS]
    known = known_costs()
    costs = {
        n: (f"{c.parameters / 1e6:.3f}", f"{c.operations / 1e9:.3f}") for n, c in known.items()
    }
    assert rows == costs
    own = cost_of(variant("yowov3-tiny").plan)
    assert rows["yowov3-tiny"] == (f"{own.parameters / 1e6:.3f}", f"{own.operations / 1e9:.3f}")


def test_measured_networks_stand_quickly_and_errors_are_allowed_ones() -> None:
    kept = results()
    assert set(kept["measured"]) <= set(chosen())
    assert max(found["build_s"] for found in kept["measured"].values()) < 2
    for found in kept["goldens"].values():
        assert found["raw"] <= 1e-4
        assert found["pixels"] is None or found["pixels"] <= 5e-3


def test_table_5_of_yowo_is_ours_within_an_eighth() -> None:
    rows = [v for v in VARIANTS if v.temporal_operations]
    counted = results()["temporal"]
    assert {v.name for v in rows} == set(counted)
    for row in rows:
        assert row.temporal_operations is not None
        assert abs(counted[row.name]["flops"] / 2e9 / row.temporal_operations - 1) < 0.12
    light = "yowo-shufflenetv2"
    assert vars(total(layers_of(variant(light).plan), "temporal.")) == counted[light]
