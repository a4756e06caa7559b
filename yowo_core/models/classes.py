"""Weights from one network into another of the same kind that knows other classes."""

from collections.abc import Sequence

import torch
from torch import Tensor

from yowo_core.errors import CheckpointError
from yowo_core.models.detector import Detector


def take_over(
    model: Detector, source: Detector, labels: Sequence[str], known: Sequence[str]
) -> tuple[str, ...]:
    """Copy source's weights into model, whose classes are labels, source's known.

    Rows of a class that both have are copied by its name; of others model keeps its own. Returns
    the classes that had no counterpart. CheckpointError when the networks are not of one kind.
    """
    rows = {place: known.index(name) for place, name in enumerate(labels) if name in known}
    own, theirs = model.state_dict(), source.state_dict()
    mine, others = model.class_rows(), source.class_rows()
    if _kind(own, mine) != _kind(theirs, others):
        raise CheckpointError("The two networks differ in more than their classes.")
    for name, value in theirs.items():
        if name in mine:
            own[name] = _mixed(own[name], value, mine[name], others[name], rows)
        else:
            own[name] = value
    model.load_state_dict(own)
    return tuple(name for name in labels if name not in known)


def _kind(state: dict[str, Tensor], rows: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Shapes, of tensors with rows of classes without counting them."""
    return {name: tuple(t.shape[name in rows :]) for name, t in state.items()}


def _mixed(
    own: Tensor, theirs: Tensor, mine: Tensor, others: Tensor, rows: dict[int, int]
) -> Tensor:
    """own with what is common to all classes, and the rows of shared classes, from theirs."""
    mixed = own.clone()
    mixed[_common(own, mine)] = theirs[_common(theirs, others)]
    for place, source in rows.items():
        mixed[mine[place]] = theirs[others[source]]
    return mixed


def _common(tensor: Tensor, rows: Tensor) -> Tensor:
    """The rows that belong to no single class, in order."""
    free = torch.ones(len(tensor), dtype=torch.bool)
    free[rows.flatten()] = False
    return free.nonzero().flatten()
