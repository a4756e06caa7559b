"""What a file that fits nothing comes nearest to, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from yowo_core.errors import CheckpointError
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.variant import Variant
from yowo_core.models.create import build
from yowo_core.models.importing.backbones import is_dropped, known_backbones, shapes_of
from yowo_core.models.importing.matching import COUNTER, Match, Place, Shape, matched
from yowo_core.models.official.families import FAMILIES, STRAY
from yowo_core.models.variants import VARIANTS
from yowo_core.weights.tensor_file import TensorInfo

SHOWN = 10
_NEAR = 5
Infos = Mapping[str, TensorInfo]


@dataclass(frozen=True)
class Near:
    """A known network and how a file fits it."""

    title: str
    match: Match

    @property
    def fits(self) -> int:
        """Tensors of the network, counters apart, that the file fills."""
        return sum(not name.endswith(COUNTER) for name in self.match.parts)

    @property
    def told(self) -> str:
        """For people: the network, and how much of either side fits the other."""
        lacking = len(self.match.missing) + len(self.match.wrong)
        over = len(self.match.wrong) + sum(not k.endswith(COUNTER) for k in self.match.left)
        return (
            f"{self.title} ({self.fits} of its {self.fits + lacking} tensors are there, which is "
            f"{self.fits / max(self.fits + over, 1):.0%} of the file)"
        )


def shapes_of_model(config: DetectorConfig) -> dict[str, Shape]:
    """Names and shapes of a whole network's tensors."""
    with torch.device("meta"):
        network = build(config)
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}


def places_in_model(config: DetectorConfig, key: str) -> tuple[Place, ...]:
    """Where a tensor of an official file belongs in our network."""
    family = FAMILIES.get(config.family)
    if key.endswith(STRAY):
        return ()
    try:
        name = family.our_key(key, config) if family else key
    except KeyError:  # a numbered layer that the family does not have
        return (Place(key),)
    return (Place(name),) if name else ()


def mismatch(path: Path, infos: Infos, known: Near | None = None) -> CheckpointError:
    """The error for a file that is no whole network; known: what it was taken for, if anything."""
    ranked = _ranked(infos)
    if not known and not ranked:
        return CheckpointError(
            f"{path} holds {len(infos)} tensors, and none of them is known here: {_some(infos)}. "
            "Nothing was imported. yowo models lists the networks there are."
        )
    first = known or ranked[0]
    titles = [first.title, *(near.title for near in ranked if near.title != first.title)]
    told = {near.title: near for near in (*reversed(ranked), first)}
    lines = [
        f"{path} is not whole, or of a network that is not known here. Nothing was imported.",
        f"Nearest: {'; '.join(told[title].told for title in titles[:_NEAR])}.",
        f"Compared with {first.title}:",
        *_differences(first.match),
    ]
    return CheckpointError("\n  ".join(lines))


def _differences(match: Match) -> Iterator[str]:
    if match.missing:
        yield f"missing, in our names: {_some(match.missing)}"
    if match.wrong:
        yield f"of another kind: {_some(f'{k} ({why})' for k, why in match.wrong.items())}"
    if match.left:
        yield f"left over in the file: {_some(match.left)}"


def _some(names: Iterable[str]) -> str:
    """How many there are, and the first ten."""
    found = [name[:120] for name in names]
    rest = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"{len(found)}: {', '.join(found[:SHOWN])}{rest}"


# --- ranking: a whole grid of networks takes long to build, so only promising ones are ------------


def _ranked(infos: Infos) -> list[Near]:
    """Known networks that some tensor fits, the nearest first.

    First counts how many tensors of the file fit, then how many of the network: a file that
    lacks a part is nearest to the network whose other parts it holds whole.
    """
    found = list(_models(infos))
    if max((near.fits for near in found), default=0) < len(infos) / 3:
        found += _backbones(infos)
    fitting = [near for near in found if near.fits]
    return sorted(fitting, key=lambda near: (-near.fits, -near.match.share))


def _models(infos: Infos) -> Iterator[Near]:
    """The nearest variants of the families that come near at all."""
    families: dict[str, list[Variant]] = {}
    for variant in VARIANTS:
        families.setdefault(variant.plan.family, []).append(variant)
    first = {name: _near(infos, variants[0]) for name, variants in families.items()}
    most = max(near.fits for near in first.values())
    for name, near in first.items():
        if 2 * near.fits > most:
            yield from _promising(infos, families[name])


def _promising(infos: Infos, variants: list[Variant]) -> list[Near]:
    """Of a family the variants whose 2D and 3D parts, each looked at once, fit best."""
    by_part: dict[object, int] = {}
    kept: dict[str, Near] = {}

    def fits(variant: Variant, part: str) -> int:
        form = _form(variant, part)
        if form not in by_part:
            kept[variant.name] = near = _near(infos, variant)
            clip = sum(name.startswith("temporal.") for name in near.match.parts)
            by_part[form] = clip if part == "3d" else near.fits - clip
        return by_part[form]

    for variant in variants:
        fits(variant, "3d")
    ranked = sorted(variants, key=lambda v: -(fits(v, "3d") + fits(v, "2d")))
    for variant in ranked[:_NEAR]:
        kept.setdefault(variant.name, _near(infos, variant))
    return list(kept.values())


def _form(variant: Variant, part: str) -> tuple[str, ...]:
    """What tells a variant's 2D or 3D part from those of others."""
    names = ("spatial",) if part == "2d" else ("temporal", "temporal_width")
    return (part, *(str(getattr(variant.plan, name, "")) for name in names))


def _near(infos: Infos, variant: Variant) -> Near:
    plan = variant.plan
    kept = {k: v for k, v in infos.items() if places_in_model(plan, k)}
    match = matched(kept, shapes_of_model(plan), partial(places_in_model, plan))
    return Near(variant.title, match)


def _backbones(infos: Infos) -> Iterator[Near]:
    known = known_backbones()
    marked = [one for one in known if not one.mark or one.mark in infos]
    for one in marked or known:
        kept = {k: v for k, v in infos.items() if not is_dropped(one, k)}
        yield Near(one.title, matched(kept, shapes_of(one.backbone), one.places))
