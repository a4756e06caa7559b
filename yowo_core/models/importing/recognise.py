"""What a weight file is, from its keys and shapes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from yowo_core.errors import ConfigError
from yowo_core.models.branch_card import Backbone, read_branch_card
from yowo_core.models.card import ModelCard, read_card
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.variant import Variant
from yowo_core.models.importing import licences
from yowo_core.models.importing.backbones import (
    KnownBackbone,
    is_dropped,
    known_backbones,
    shapes_of,
)
from yowo_core.models.importing.data_sets import DataSetGuess, guess, guess_of_clips
from yowo_core.models.importing.matching import Part, Place, Shape, matched
from yowo_core.models.importing.nearest import (
    Infos,
    Near,
    mismatch,
    places_in_model,
    shapes_of_model,
)
from yowo_core.models.official.families import STRAY, recognise
from yowo_core.models.official.temporal import recognise_temporal
from yowo_core.models.variants import VARIANTS
from yowo_core.weights.tensor_file import TensorFile

_PADDED = (
    "Its shortcuts have no weights, as in YOWO. YOWOv3's network of this depth convolves them, and "
    "those convolutions are in no file: they would start fresh."
)
_LENGTHS = ("args.len_clip", "args.K", "args.clip_length")
"""Facts in which makers note how many frames a clip has."""
_OF_THINGS = {"yolov3"}
"""Families whose public weights are for things."""
_DATA_ONLY = {
    "input",
    "num_classes",
    "anchors",
    "exclusive",
    "fusion_eps",
    "head_prior",
    "biased",
    "by_type",
}
"""Fields of configurations that make no other network."""


@dataclass(frozen=True)
class LeftOut:
    """Tensors or other entries of a file that are not taken, and why."""

    names: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Recognised:
    """What a file is.

    subject: a whole network's configuration, or a backbone. name: of the variant that it is, ""
    for none. parts: our names with what fills them; shapes: all of our names. things: published for
    things instead of actions. card: that of a model which is ours already.
    """

    subject: DetectorConfig | Backbone
    title: str
    name: str
    parts: Mapping[str, Part]
    shapes: Mapping[str, Shape]
    left_out: tuple[LeftOut, ...]
    licence: str
    data_set: DataSetGuess
    notes: tuple[str, ...] = ()
    ours: bool = False
    things: bool = False
    card: ModelCard | None = None


def recognised(path: Path, file: TensorFile) -> Recognised:
    """What a file is; CheckpointError says what is missing and left over, and what is nearest.

    Every tensor of the network has to be there in its shape, and every one of the file has to
    be needed or known to be needless. Counters of batches are no part of that.
    """
    if file.container == "safetensors" and "config" in file.facts:
        return _our_model(path, file)
    if file.container == "safetensors" and "backbone" in file.facts:
        return _our_backbone(path, file)
    infos = file.tensors.info()
    config = _official({key: info.shape for key, info in infos.items()})
    if config is not None:
        return _official_model(path, file, _as_stated(config, file))
    for known in _candidates(infos):
        kept = {k: v for k, v in infos.items() if not is_dropped(known, k)}
        match = matched(kept, shapes_of(known.backbone), known.places)
        if match.whole:
            return _backbone(file, known, match.parts)
    raise mismatch(path, infos)


def _official(shapes: Mapping[str, Shape]) -> DetectorConfig | None:
    """What network an official file is; shapes that no network has are none of it."""
    try:
        return recognise(shapes)
    except (ConfigError, IndexError):
        return None


def _candidates(infos: Infos) -> Iterator[KnownBackbone]:
    for known in known_backbones():
        if known.mark and known.mark in infos:
            yield known
    kept = {k: v.shape for k, v in infos.items() if not _is_classifier(k)}
    clip = recognise_temporal(kept)
    for known in known_backbones() if clip else ():
        if clip and (known.backbone.name, known.backbone.width) == (clip.name, clip.width):
            form = replace(known.backbone, last=clip.last, shortcut=clip.shortcut)
            yield replace(known, backbone=form)


def _is_classifier(key: str) -> bool:
    return key.startswith(("fc.", "classifier.", "logits."))


def _backbone(file: TensorFile, known: KnownBackbone, parts: Mapping[str, Part]) -> Recognised:
    infos = file.tensors.info()
    dropped = tuple(key for key in infos if is_dropped(known, key))
    left = (LeftOut(dropped, known.why),) if dropped else ()
    if known.backbone.branch == "3d":
        rows = [s.shape[0] for k, s in infos.items() if _is_classifier(k) and s.shape]
        data_set = guess_of_clips(rows[0] if rows else None)
    else:
        data_set = DataSetGuess("COCO", "a guess: such networks are published for it")
    return Recognised(
        known.backbone,
        known.title,
        "",
        parts,
        shapes_of(known.backbone),
        (*left, *_entries(file)),
        known.licence,
        data_set,
        _backbone_notes(known.backbone),
    )


def _backbone_notes(backbone: Backbone) -> tuple[str, ...]:
    if backbone.branch == "3d" and backbone.shortcut == "A":
        return (_PADDED,)
    if backbone.name == "yolov2" and not backbone.biased:
        return ("A network whose convolutions have biases as well gets zeros for them.",)
    return ()


def _official_model(path: Path, file: TensorFile, config: DetectorConfig) -> Recognised:
    infos, shapes = file.tensors.info(), shapes_of_model(config)
    kept = {k: v for k, v in infos.items() if places_in_model(config, k)}
    match = matched(kept, shapes, partial(places_in_model, config))
    variant = variant_of(config)
    title = variant.title if variant else f"a network of the family {config.family}"
    if not match.whole:
        raise mismatch(path, infos, Near(title, match))
    things = config.family in _OF_THINGS
    return Recognised(
        config,
        title,
        variant.name if variant else "",
        match.parts,
        shapes,
        (*_needless(k for k in infos if k not in kept), *_entries(file)),
        licences.of_family(config.family, darknet=file.container == "darknet"),
        guess(config.num_classes, file.facts, things=things),
        tuple(_model_notes(path, file, config)),
        things=things,
    )


def _needless(keys: Iterable[str]) -> Iterator[LeftOut]:
    found = tuple(keys)
    strays = tuple(k for k in found if k.endswith(STRAY))
    rest = tuple(k for k in found if not k.endswith(STRAY))
    if strays:
        yield LeftOut(strays, "counts of operations that a measuring tool left behind")
    if rest:
        yield LeftOut(rest, "constants, nothing learnt")


def _entries(file: TensorFile) -> Iterator[LeftOut]:
    """What the reader left out already, such as an optimiser."""
    for name, why in file.left_out.items():
        yield LeftOut((name,), why)


def _as_stated(config: DetectorConfig, file: TensorFile) -> DetectorConfig:
    """With the clip's length that the file states, if it does."""
    length = _stated_length(file)
    return with_length(config, length) if length else config


def _stated_length(file: TensorFile) -> int:
    stated = (file.facts.get(key) for key in _LENGTHS)
    return next((n for n in stated if type(n) is int and 1 < n <= 256), 0)


def with_length(config: DetectorConfig, length: int) -> DetectorConfig:
    """The same network for clips of another length."""
    shaped: Any = config
    changed: DetectorConfig = replace(shaped, input=replace(config.input, length=length))
    return changed


def _model_notes(path: Path, file: TensorFile, config: DetectorConfig) -> Iterator[str]:
    if config.input.length > 1 and not _stated_length(file):
        yield (
            f"Clips of {config.input.length} frames are assumed: the file does not tell; "
            "--length sets another."
        )
    if any(f.name == "anchors" for f in fields(config)):  # type: ignore[arg-type]
        yield "The file holds no anchors: those of its data set are taken."
    if path.name.startswith("ema_"):
        yield "By its name these are averaged weights; the tensors do not tell."


def variant_of(config: DetectorConfig) -> Variant | None:
    """The variant whose network a configuration describes, the one with its anchors and clip."""

    def unlike(variant: Variant) -> tuple[bool, int]:
        plan: Any = variant.plan
        anchors = getattr(plan, "anchors", None) != getattr(config, "anchors", None)
        return anchors, abs(plan.input.length - config.input.length)

    same = [v for v in VARIANTS if _network(v.plan) == _network(config)]
    return min(same, key=unlike, default=None)


def _network(config: DetectorConfig) -> tuple[type, dict[str, object]]:
    """What makes a network another one: neither data set, nor number of classes, nor clip."""
    names = [f.name for f in fields(config) if f.name not in _DATA_ONLY]  # type: ignore[arg-type]
    return type(config), {name: getattr(config, name) for name in names}


def _our_model(path: Path, file: TensorFile) -> Recognised:
    card = read_card(path)
    shapes, infos = shapes_of_model(card.config), file.tensors.info()
    match = matched(infos, shapes, lambda key: (Place(key),))
    variant = variant_of(card.config)
    title = variant.title if variant else f"a network of the family {card.config.family}"
    if not match.whole:
        raise mismatch(path, infos, Near(title, match))
    origin = card.facts.get("imported", {})
    return Recognised(
        card.config,
        title,
        variant.name if variant else "",
        match.parts,
        shapes,
        (),
        str(origin.get("licence", licences.NOT_TOLD)),
        DataSetGuess("", "the file is ours and names its classes"),
        ours=True,
        card=card,
    )


def _our_backbone(path: Path, file: TensorFile) -> Recognised:
    card = read_branch_card(path)
    shapes, infos = shapes_of(card.backbone), file.tensors.info()
    match = matched(infos, shapes, lambda key: (Place(key),))
    if not match.whole:
        raise mismatch(path, infos, Near(card.backbone.title, match))
    return Recognised(
        card.backbone,
        card.backbone.title,
        "",
        match.parts,
        shapes,
        (),
        str(card.facts.get("licence", licences.NOT_TOLD)),
        DataSetGuess("", "the file is ours"),
        ours=True,
    )
