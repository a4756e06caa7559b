"""What a network costs, layer by layer, counted from shapes alone: no number is computed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.create import build
from yowo_core.models.known_costs import Cost

Config = TypeVar("Config", bound=DetectorConfig)

_PER_VALUE = {torch.ops.aten.native_batch_norm: 4, torch.ops.aten._softmax: 3}  # noqa: SLF001
"""Operations a value of what the papers' tool counts beside convolutions and linear layers."""


@dataclass(frozen=True)
class Layer:
    """One layer: name in the network, kind, shape of what it last gave, and its `Cost`.

    shape is empty where it gives no single tensor, or never runs.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    operations: int
    flops: int


def total(layers: Iterable[Layer], part: str = "") -> Cost:
    """The cost of all layers whose names begin with part, such as 'temporal.'."""
    chosen = [layer for layer in layers if layer.name.startswith(part)]
    return Cost(
        sum(layer.parameters for layer in chosen),
        sum(layer.operations for layer in chosen),
        sum(layer.flops for layer in chosen),
    )


def resized(config: Config, size: int | None = None, length: int | None = None) -> Config:
    """The same network for pictures of size pixels and clips of length frames, where given."""
    changed: Any = config
    spec = config.input
    spec = replace(spec, size=size or spec.size, length=length or spec.length)
    found: Config = replace(changed, input=spec)
    return found


def layers_of(config: DetectorConfig) -> tuple[Layer, ...]:
    """The layers of a network for one clip of its input, in the order in which they run."""
    spec = config.input
    with torch.device("meta"), torch.no_grad():
        network = build(config).eval()
        clip = torch.empty(1, spec.channels, spec.length, spec.size, spec.size)
        return _counted(network, clip, clip[:, :, 0])


def cost_of(config: DetectorConfig) -> Cost:
    """What a network costs for one clip of its input."""
    return total(layers_of(config))


def _counted(network: nn.Module, *inputs: Tensor) -> tuple[Layer, ...]:
    """Run a network; every layer is a row, and whatever holds layers if it computes by itself."""
    own = {name: _own_parameters(module) for name, module in network.named_modules()}
    kinds = {name: type(module).__name__ for name, module in network.named_modules()}
    with _Counter(network) as counter:
        network(*inputs)
    ran = dict.fromkeys([*counter.shapes, *own])
    rows = (
        Layer(name, kinds[name], counter.shapes.get(name, ()), own[name], *counter.counts[name])
        for name in ran
    )
    leaves = {name for name, module in network.named_modules() if not list(module.children())}
    return tuple(r for r in rows if r.name in leaves or r.parameters or r.operations or r.flops)


def _own_parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters(recurse=False))


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes for each module, by name, the operations that it computes itself."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.counts: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
        self._inside: list[tuple[str, nn.Module]] = []
        for name, module in network.named_modules():
            module.register_forward_pre_hook(partial(self._enter, name))
            module.register_forward_hook(self._leave)

    def _enter(self, name: str, module: nn.Module, _: object) -> None:
        self._inside.append((name, module))

    def _leave(self, _: nn.Module, __: object, output: object) -> None:
        name, _module = self._inside.pop()
        if isinstance(output, Tensor):
            self.shapes[name] = tuple(output.shape)

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Let an operation happen and count it."""
        output = func(*args, **(kwargs or {}))
        kind = func.overloadpacket
        name, module = self._inside[-1]
        values = _PER_VALUE.get(kind, 0) * args[0].numel() if kind in _PER_VALUE else 0
        flops = 0
        if kind in flop_registry:
            flops = flop_registry[kind](*args, **(kwargs or {}), out_val=output)
        counts = kind is torch.ops.aten.convolution or isinstance(module, nn.Linear)
        operations, before = self.counts[name]
        added = values + (flops // 2 if counts else 0)
        self.counts[name] = (operations + added, before + flops)
        return output
