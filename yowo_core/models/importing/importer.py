"""Turns a weight file of any maker into one of ours."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yowo_core.errors import CheckpointError, ConfigError
from yowo_core.models.branch_card import BranchCard
from yowo_core.models.card import ModelCard
from yowo_core.models.classes import take_over
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.create import build
from yowo_core.models.detector import Detector
from yowo_core.models.importing.data_sets import ClassNames, names_of, numbered
from yowo_core.models.importing.matching import Part
from yowo_core.models.importing.recognise import Recognised, recognised, with_length
from yowo_core.weights.read import read_tensors
from yowo_core.weights.tensor_file import TensorFile
from yowo_core.weights.write import Entry, Load, write_safetensors

_KEPT_FACTS = ("epoch", "arch", "score", "best_prec1", "mAP", "version", "seen", "args.version")
_HALF_MOST = float(np.finfo(np.float16).max)


@dataclass(frozen=True)
class Wishes:
    """What a person wants of the file that is written.

    names: the classes', in the order of the outputs; () takes those that are known. new_head: so
    many classes with a head that starts fresh, 0 keeps the head. length: frames of a clip, 0 as
    the file says. half: numbers of two bytes instead of four.
    """

    names: tuple[str, ...] = ()
    new_head: int = 0
    length: int = 0
    half: bool = False


@dataclass(frozen=True)
class Head:
    """A head for other classes: which of them start fresh, and in which tensors."""

    config: DetectorConfig
    known: tuple[str, ...]
    fresh: tuple[str, ...]
    tensors: tuple[str, ...]


@dataclass(frozen=True)
class Examined:
    """A file that is known."""

    path: Path
    file: TensorFile
    found: Recognised

    @property
    def classes(self) -> int:
        """How many the file's network tells apart, 0 for backbones."""
        subject = self.found.subject
        return subject.num_classes if isinstance(subject, DetectorConfig) else 0


@dataclass(frozen=True)
class Import:
    """A file that is known, and what becomes of it.

    names: the classes', None for backbones. head: None when the file's is kept.
    """

    path: Path
    file: TensorFile
    found: Recognised
    wishes: Wishes
    names: ClassNames | None = None
    head: Head | None = None


def examined(path: Path) -> Examined:
    """Look at a file; no tensor is read. CheckpointError when it is no network that is known."""
    file = read_tensors(path)
    return Examined(path, file, recognised(path, file))


def planned(what: Examined, wanted: Wishes) -> Import:
    """What a file becomes; ConfigError for wishes that do not go together or with the file."""
    path, found = what.path, what.found
    if not isinstance(found.subject, DetectorConfig):
        if wanted.names or wanted.new_head or wanted.length:
            raise ConfigError(
                f"{path} is a backbone ({found.title}): it has no classes and no clip of its own. "
                "Leave out --labels, --new-head and --length."
            )
        return Import(path, what.file, found, wanted)
    if wanted.length:
        found = replace(found, subject=with_length(found.subject, wanted.length))
    return _with_classes(Import(path, what.file, found, wanted))


def _with_classes(plan: Import) -> Import:
    config, wanted = plan.found.subject, plan.wishes
    assert isinstance(config, DetectorConfig)
    own = _own_names(plan, config.num_classes)
    if len(set(wanted.names)) < len(wanted.names):
        twice = next(n for n in wanted.names if wanted.names.count(n) > 1)
        raise ConfigError(f"Two classes are called {twice!r}. Every class needs its own name.")
    if wanted.new_head and len(wanted.names) not in {0, wanted.new_head}:
        raise ConfigError(
            f"A new head for {wanted.new_head} classes, but {len(wanted.names)} names: give as "
            "many names as classes."
        )
    count = wanted.new_head or len(wanted.names) or config.num_classes
    given = ClassNames(wanted.names, "given") if wanted.names else None
    if not wanted.new_head and count == config.num_classes:
        return replace(plan, names=given or own)
    names = given or numbered(count)
    known = () if wanted.new_head else own.names
    return replace(plan, names=names, head=_head(config, names.names, known))


def _own_names(plan: Import, classes: int) -> ClassNames:
    if plan.found.card:
        return ClassNames(plan.found.card.labels, "the file")
    return names_of(classes, plan.file.facts, things=plan.found.things)


def _head(config: DetectorConfig, names: tuple[str, ...], known: tuple[str, ...]) -> Head:
    shaped: Any = config
    changed: DetectorConfig = replace(shaped, num_classes=len(names))
    with torch.device("meta"):
        network = build(changed)
    tensors = tuple(network.class_rows())
    fresh = tuple(name for name in names if name not in known)
    return Head(changed, tuple(n for n in names if n in known), fresh, tensors)


def write(plan: Import, out: Path) -> tuple[str, ...]:
    """Write what was planned, whole or not at all; says what was noticed on the way.

    CheckpointError when out is the file itself or cannot be written.
    """
    if out.exists() and out.samefile(plan.path):
        raise CheckpointError(f"{out} is the file that is imported. Choose another name.")
    noticed: list[str] = []
    tensors = dict(_entries(plan, noticed))
    write_safetensors(out, tensors, _card(plan).as_metadata())
    return tuple(noticed)


def _card(plan: Import) -> ModelCard | BranchCard:
    subject = plan.head.config if plan.head else plan.found.subject
    if isinstance(subject, DetectorConfig):
        assert plan.names
        before = plan.found.card.facts if plan.found.card else {}
        facts = before if plan.found.ours else {"imported": _facts(plan)}
        return ModelCard(subject, plan.names.names, dict(facts))
    return BranchCard(subject, _facts(plan))


def _facts(plan: Import) -> dict[str, Any]:
    file, found = plan.file, plan.found
    kept = {key: file.facts[key] for key in _KEPT_FACTS if key in file.facts}
    return {
        "what": found.title,
        "file": plan.path.name,
        "sha256": _sha256(plan.path),
        "data_set": str(found.data_set),
        "licence": found.licence,
        **kept,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entries(plan: Import, noticed: list[str]) -> Iterator[tuple[str, Entry]]:
    replaced = _replaced_head(plan, plan.head) if plan.head else {}
    infos = plan.file.tensors.info()
    for name, shape in plan.found.shapes.items():
        part = plan.found.parts.get(name)
        if name in replaced:
            value = replaced[name]
            yield name, Entry(_code(value, plan.wishes.half), value.shape, _given(value))
        elif part is None:  # counters, which some files do not have
            yield name, Entry("I64", shape, _given(np.zeros(shape, np.int64)))
        else:
            load = _Reading(plan.file, part, name, noticed)
            whole = "int" in infos[part.key].dtype
            half = plan.wishes.half and not whole
            code = "I64" if whole else _code(load() if half else None, half)
            yield name, Entry(code, shape, load)


def _given(value: NDArray[Any]) -> Load:
    return lambda: value


def _code(value: NDArray[Any] | None, half: bool) -> str:
    """Two bytes a number where they can hold all of them."""
    fits = half and value is not None and not (np.abs(value) > _HALF_MOST).any()
    return "F16" if fits else "F32"


@dataclass(frozen=True)
class _Reading:
    """A tensor or a half of one, read when it is written; tells of numbers that are none."""

    file: TensorFile
    part: Part
    name: str
    noticed: list[str]

    def __call__(self) -> NDArray[Any]:
        array = self.file.tensors[self.part.key]
        if self.part.half is not None and array.ndim:
            middle = len(array) // 2
            array = array[middle:] if self.part.half else array[:middle]
        wrong = int(array.size - np.isfinite(array).sum())
        said = f"{self.name} holds {wrong} values that are no numbers: the weights are damaged."
        if wrong and said not in self.noticed:
            self.noticed.append(said)
        return array


def _replaced_head(plan: Import, head: Head) -> dict[str, NDArray[Any]]:
    """The tensors with rows of classes, for the new classes; always the same fresh numbers."""
    assert isinstance(plan.found.subject, DetectorConfig)
    assert plan.names
    source = build(plan.found.subject)
    own = _own_names(plan, plan.found.subject.num_classes).names
    source.load_state_dict(dict(_state(plan, source)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = build(head.config)
    take_over(model, source, plan.names.names, own if head.known else ())
    state = model.state_dict()
    return {name: state[name].numpy() for name in head.tensors}


def _state(plan: Import, source: Detector) -> Iterator[tuple[str, Tensor]]:
    for name, value in source.state_dict().items():
        part = plan.found.parts.get(name)
        read = _Reading(plan.file, part, name, [])() if part else None
        yield name, value if read is None else torch.from_numpy(read).to(value.dtype)
