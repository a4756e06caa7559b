"""The criterion: right predictions cost little, empty pictures only teach silence."""

import torch

from yowo_core.assign.tal import Truth
from yowo_core.losses.tal import TALLossConfig, tal_loss


def _maps(batch: int, classes: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    return tuple(
        torch.randn(batch, 64 + classes, s, s, generator=generator).requires_grad_()
        for s in (8, 4, 2)
    )


def _truth() -> Truth:
    boxes = torch.tensor([[[10.0, 10, 50, 50]], [[0.0, 0, 0, 0]]])
    return Truth(boxes, torch.ones(2, 1, 3), torch.tensor([[True], [False]]))


def test_terms_add_up_and_reach_every_map() -> None:
    maps = _maps(2, 3)
    losses = tal_loss(maps, _truth(), TALLossConfig())
    torch.testing.assert_close(losses.total, losses.box + losses.cls + losses.dfl)
    assert 0 < losses.positives <= 10
    losses.total.backward()  # type: ignore[no-untyped-call]
    assert all(m.grad is not None and bool(m.grad.abs().sum() > 0) for m in maps)


def test_descending_the_loss_finds_the_box() -> None:
    maps = _maps(1, 3)
    truth = Truth(*(part[:1] for part in _truth()))
    optimiser = torch.optim.Adam(maps, 0.2)
    first = float(tal_loss(maps, truth, TALLossConfig()).total.detach())
    for _ in range(60):
        losses = tal_loss(maps, truth, TALLossConfig())
        optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert float(losses.total.detach()) < first / 5
    assert float(losses.box.detach()) < 0.5


def test_an_empty_picture_lowers_scores_and_leaves_boxes_alone() -> None:
    maps = _maps(1, 3)
    nobody = Truth(torch.zeros(1, 0, 4), torch.zeros(1, 0, 3), torch.zeros(1, 0, dtype=torch.bool))
    losses = tal_loss(maps, nobody, TALLossConfig())
    losses.total.backward()  # type: ignore[no-untyped-call]
    assert losses.positives == 0
    assert maps[0].grad is not None
    assert float(maps[0].grad[:, :64].abs().sum()) == 0
    assert bool((maps[0].grad[:, 64:] > 0).all())
