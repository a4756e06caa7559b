"""Compares the tensors of a file with those of a network."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from yowo_core.weights.tensor_file import TensorInfo

COUNTER = "num_batches_tracked"
"""End of the names of tensors that count batches: some files have none, nothing depends on them."""

Shape = tuple[int, ...]
Half = int | None


class Part(NamedTuple):
    """A tensor of a file, or one half of it along its first axis (0 or 1)."""

    key: str
    half: Half = None


class Place(NamedTuple):
    """Where a tensor of a file, or a half of it, belongs in our network."""

    name: str
    half: Half = None


Rename = Callable[[str], Iterable[Place]]
"""From a file's name of a tensor to its places in our network, none for one without."""


@dataclass
class Match:
    """How a file and a network fit.

    parts: our names with what fills them. missing: our names that nothing fills, counters apart.
    wrong: our names whose tensor has another shape or is no floating point, with both said.
    left: names of the file without a place.
    """

    parts: dict[str, Part] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether every tensor found its place and every place its tensor."""
        return not (self.missing or self.wrong or self.left)

    @property
    def share(self) -> float:
        """Tensors that fit, as a share of the network's or of the file's, whichever has more."""
        fits = sum(not name.endswith(COUNTER) for name in self.parts)
        network = fits + len(self.missing) + len(self.wrong)
        file = fits + len(self.wrong) + sum(not key.endswith(COUNTER) for key in self.left)
        return fits / max(network, file, 1)


def matched(infos: Mapping[str, TensorInfo], wanted: Mapping[str, Shape], rename: Rename) -> Match:
    """Compare what a file holds with a network's names and shapes."""
    found = Match()
    for key, info in infos.items():
        places = [place for place in rename(key) if place.name in wanted]
        free = [p for p in places if p.name not in found.parts and p.name not in found.wrong]
        if not free or len(free) < len(places):
            found.left.append(key)
        for place in free:
            _put(found, Part(key, place.half), place.name, info, wanted[place.name])
    filled = found.parts.keys() | found.wrong.keys()
    found.missing = [k for k in wanted if k not in filled and not k.endswith(COUNTER)]
    return found


def _put(found: Match, part: Part, name: str, info: TensorInfo, wanted: Shape) -> None:
    shape = halved(info.shape) if part.half is not None else info.shape
    kind = "int" if name.endswith(COUNTER) else "float"
    if shape != wanted:
        found.wrong[name] = f"{_size(shape)} instead of {_size(wanted)}"
    elif kind not in info.dtype:
        found.wrong[name] = f"numbers of the type {info.dtype}"
    else:
        found.parts[name] = part


def halved(shape: Shape) -> Shape:
    """The shape of either half along the first axis; a number alone has no halves, but copies."""
    return (shape[0] // 2, *shape[1:]) if shape else shape


def _size(shape: Shape) -> str:
    return "x".join(str(n) for n in shape) or "one number"
