"""Breaks work on a network off between two of its layers, however long a pass takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_pre_hook


class StopAskedError(Exception):
    """Not a fault: somebody wants the work to end now."""


@contextmanager
def broken_off_by(stop: Callable[[], bool], model: nn.Module) -> Iterator[None]:
    """Inside, StopAskedError is raised soon after stop says True.

    It is asked before every layer on the way forward and after every parameter's gradient on the
    way back, so that no pass has to end first.
    """

    def check(*_: object) -> None:
        if stop():
            raise StopAskedError

    hooks = [register_module_forward_pre_hook(check)]
    hooks.extend(
        parameter.register_post_accumulate_grad_hook(check)  # type: ignore[no-untyped-call]
        for parameter in model.parameters()
        if parameter.requires_grad
    )
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def without_trace(model: nn.Module) -> Iterator[None]:
    """When StopAskedError leaves this, the network's buffers are as they were.

    A forward pass in training mode moves the means and variances of its normalisations.
    """
    kept = {name: value.detach().clone() for name, value in model.named_buffers()}
    try:
        yield
    except StopAskedError:
        _put_back(model, kept)
        raise


@torch.no_grad()
def _put_back(model: nn.Module, kept: dict[str, Tensor]) -> None:
    for name, value in model.named_buffers():
        value.copy_(kept[name])
