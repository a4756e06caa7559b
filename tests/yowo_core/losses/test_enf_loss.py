"""ENFLoss: the numbers of its formula, and that nothing in it ever becomes infinite."""

from itertools import product
from math import log

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from yowo_core.assign.tal import Truth
from yowo_core.errors import ConfigError
from yowo_core.losses.enf import (
    ClassWeight,
    ENFConfig,
    class_weights,
    enf_loss,
    enf_loss_exclusive,
)
from yowo_core.losses.tal import TALLossConfig, tal_loss

THREE_TO_ONE = log(3)
"""A raw score whose probability is 3/4."""
READINGS: tuple[ClassWeight, ...] = ("effective", "inverse")


def test_the_effective_number_grows_to_its_limit() -> None:
    counts = torch.tensor([1, 2, 3, 15, 10_000])
    printed = class_weights(counts, ENFConfig(weight="effective"))
    # 1; 1 + .7; 1 + .7 + .49; ... 1 / .3
    wanted = torch.tensor([1, 1.7, 2.19, (1 - 0.7**15) / 0.3, 1 / 0.3], dtype=torch.float64)
    torch.testing.assert_close(printed, wanted)
    inverse = class_weights(counts, ENFConfig(weight="inverse"))
    torch.testing.assert_close(inverse * printed, torch.ones(5, dtype=torch.float64))
    assert float(inverse[3]) == pytest.approx(0.3, abs=0.002)


@pytest.mark.parametrize("reading", READINGS)
def test_a_class_nobody_saw_weighs_as_one_seen_once(reading: ClassWeight) -> None:
    weights = class_weights(torch.tensor([0, 1]), ENFConfig(weight=reading))
    assert weights.tolist() == [1, 1]


def test_beta_0_knows_no_frequency() -> None:
    weights = class_weights(torch.tensor([0, 1, 7]), ENFConfig(beta=0))
    assert weights.tolist() == [1, 1, 1]


def test_present_and_absent_cost_what_the_formula_says() -> None:
    logits = torch.tensor([[THREE_TO_ONE, THREE_TO_ONE]], dtype=torch.float64)
    targets = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    counts = torch.tensor([2, 3])
    terms = enf_loss(logits, targets, counts, ENFConfig(weight="effective"))
    # p = 3/4: present 1.7 (1/4)^2 log(4/3), absent 2.19 (3/4)^2 log 4
    assert float(terms.present) == pytest.approx(1.7 * log(4 / 3) / 16)
    assert float(terms.absent) == pytest.approx(2.19 * 9 / 16 * log(4))
    assert float(terms.total) == pytest.approx(float(terms.present) + float(terms.absent))
    inverse = enf_loss(logits, targets, counts, ENFConfig(weight="inverse"))
    assert float(inverse.present) == pytest.approx(log(4 / 3) / 16 / 1.7)


def test_the_rarer_of_two_classes_matters_more_with_the_inverse_and_less_as_printed() -> None:
    logits, targets, counts = torch.zeros(1, 2), torch.ones(1, 2), torch.tensor([1, 9])
    for reading, larger in (("inverse", 0), ("effective", 1)):
        raw = logits.clone().requires_grad_()
        config = ENFConfig(weight=reading)  # type: ignore[arg-type]
        enf_loss(raw, targets, counts, config).total.backward()  # type: ignore[no-untyped-call]
        assert raw.grad is not None
        assert int(raw.grad.abs().argmax()) == larger


def test_a_soft_target_is_partly_present() -> None:
    logits, counts, config = torch.tensor([[0.4]]), torch.tensor([5]), ENFConfig()
    soft = enf_loss(logits, torch.tensor([[0.25]]), counts, config).total
    ends = [enf_loss(logits, torch.tensor([[end]]), counts, config).total for end in (0.0, 1.0)]
    torch.testing.assert_close(soft, 0.75 * ends[0] + 0.25 * ends[1])


def test_alpha_and_beta_0_are_cross_entropy() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(6, 4, generator=generator)
    targets = torch.rand(6, 4, generator=generator)
    plain, counts = ENFConfig(alpha=0, beta=0), torch.tensor([9, 0, 1, 4])
    torch.testing.assert_close(
        enf_loss(logits, targets, counts, plain).total,
        binary_cross_entropy_with_logits(logits, targets, reduction="sum"),
    )
    torch.testing.assert_close(
        enf_loss_exclusive(logits, targets, counts, plain).total,
        cross_entropy(logits, targets, reduction="sum"),
    )


def test_of_classes_that_exclude_each_other_only_the_present_one_costs() -> None:
    logits = torch.tensor([[log(2.0), 0.0, 0.0]], dtype=torch.float64)  # softmax 1/2, 1/4, 1/4
    targets = torch.tensor([[0.0, 1, 0]], dtype=torch.float64)
    config = ENFConfig(weight="effective")
    terms = enf_loss_exclusive(logits, targets, torch.tensor([9, 2, 9]), config)
    assert float(terms.total) == pytest.approx(1.7 * (3 / 4) ** 2 * log(4))
    assert float(terms.absent) == 0


@pytest.mark.parametrize(("alpha", "reading"), [*product((0.5, 2.0), READINGS)])
def test_gradients_are_those_of_the_formula(alpha: float, reading: ClassWeight) -> None:
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(3, 4, generator=generator, dtype=torch.float64).requires_grad_()
    targets = torch.rand(3, 4, generator=generator, dtype=torch.float64)
    counts, config = torch.tensor([0, 1, 5, 80]), ENFConfig(alpha, weight=reading)
    for criterion in (enf_loss, enf_loss_exclusive):

        def total(raw: torch.Tensor, criterion=criterion) -> torch.Tensor:  # type: ignore[no-untyped-def]
            found: torch.Tensor = criterion(raw, targets, counts, config).total
            return found

        assert torch.autograd.gradcheck(total, (logits,))


@pytest.mark.parametrize("criterion", [enf_loss, enf_loss_exclusive])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 2.0])
def test_scores_that_could_not_be_surer_keep_everything_finite(criterion, alpha: float) -> None:  # type: ignore[no-untyped-def]
    logits = torch.tensor([[1e4, -1e4], [-1e4, 1e4], [0, 0]]).requires_grad_()
    targets = torch.tensor([[1.0, 0], [1, 0], [0, 1]])
    terms = criterion(logits, targets, torch.tensor([0, 1_000_000_000]), ENFConfig(alpha))
    terms.total.backward()
    assert all(bool(torch.isfinite(term)) for term in terms)
    assert logits.grad is not None
    assert bool(torch.isfinite(logits.grad).all())
    assert float(logits.grad[1].abs().sum()) > 0  # surely wrong: there is much to learn


@pytest.mark.parametrize("criterion", [enf_loss, enf_loss_exclusive])
def test_no_rows_cost_nothing(criterion) -> None:  # type: ignore[no-untyped-def]
    none = torch.zeros(0, 3).requires_grad_()
    terms = criterion(none, torch.zeros(0, 3), torch.zeros(3), ENFConfig())
    terms.total.backward()
    assert [float(term.detach()) for term in terms] == [0, 0, 0]


def _maps() -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    sizes = (8, 4, 2)
    return tuple(torch.randn(1, 67, s, s, generator=generator).requires_grad_() for s in sizes)


@pytest.mark.parametrize("boxes", [0, 1])
def test_yowov3_learns_with_it_with_and_without_boxes(boxes: int) -> None:
    truth = Truth(
        torch.tensor([[[10.0, 10, 50, 50]]])[:, :boxes],
        torch.tensor([[[1.0, 0, 1]]])[:, :boxes],
        torch.ones(1, boxes, dtype=torch.bool),
    )
    counts, maps = torch.tensor([30, 0, 2]), _maps()
    enf = tal_loss(maps, truth, TALLossConfig(class_loss="enf"), counts)
    plain = tal_loss(maps, truth, TALLossConfig())
    assert (enf.box, enf.dfl, enf.positives) == (plain.box, plain.dfl, plain.positives)
    assert bool(torch.isfinite(enf.total))
    assert 0 < float(enf.cls.detach()) < float(plain.cls.detach())
    enf.cls.backward()  # type: ignore[no-untyped-call]
    assert maps[0].grad is not None
    assert bool(torch.isfinite(maps[0].grad).all())
    assert float(maps[0].grad[:, :64].abs().sum()) == 0


def test_without_counts_it_says_what_it_needs() -> None:
    nobody = Truth(torch.zeros(1, 0, 4), torch.zeros(1, 0, 3), torch.zeros(1, 0, dtype=torch.bool))
    with pytest.raises(ConfigError, match="in how many frames"):
        tal_loss(_maps(), nobody, TALLossConfig(class_loss="enf"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"alpha": -1}, "alpha is 0 or more, not -1"),
        ({"alpha": float("nan")}, "not nan"),
        ({"beta": 1}, r"beta is in \[0, 1\), not 1"),
        ({"weight": "both"}, "'both'; known: inverse, effective"),
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        ENFConfig(**wrong)  # type: ignore[arg-type]
