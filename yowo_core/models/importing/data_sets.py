"""Which public data set weights may be for, and what its classes are called; free of torch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from yowo_core.weights.tensor_file import Fact

KNOWN = {24: "ucf101-24", 21: "jhmdb-21", 80: "ava-80"}
"""By the number of classes, the file of names in the resources folder."""
THINGS = {80: "coco-80"}
"""The same for networks that see one frame and are published for things instead of actions."""
_STATED = ("args.dataset", "args.data", "train_args.data", "dataset", "data")
"""Facts in which makers note the data set."""
_CLIPS = {400: "Kinetics-400", 600: "Kinetics-600", 51: "HMDB-51", 700: "Kinetics-700"}


@dataclass(frozen=True)
class DataSetGuess:
    """A data set's name, "" when nothing tells it, and how that is known."""

    name: str
    how: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.name} ({self.how})" if self.name else f"unknown ({self.how})"


@dataclass(frozen=True)
class ClassNames:
    """Names in the order of a network's outputs, and where they are from."""

    names: tuple[str, ...]
    origin: str


def guess(classes: int, facts: Mapping[str, Fact], *, things: bool = False) -> DataSetGuess:
    """The data set of a whole model: stated by the file, or guessed from the number of classes.

    things: the network is published for a data set of things.
    """
    known = THINGS if things else KNOWN
    stated = next((facts[key] for key in _STATED if isinstance(facts.get(key), str)), "")
    if stated:
        return DataSetGuess(str(stated), "the file says so")
    if classes in known:
        name, _ = _table(known[classes])
        return DataSetGuess(name, f"a guess: it has {classes} classes as well")
    return DataSetGuess("", f"no known data set has {classes} classes")


def guess_of_clips(rows: int | None) -> DataSetGuess:
    """The data set of a 3D backbone, from the classes of the layer that is left out."""
    if rows is None:
        return DataSetGuess("", "its classifier is gone")
    if rows in _CLIPS:
        return DataSetGuess(_CLIPS[rows], f"a guess: its classifier has {rows} classes")
    return DataSetGuess("", f"its classifier has {rows} classes")


def names_of(classes: int, facts: Mapping[str, Fact], *, things: bool = False) -> ClassNames:
    """Class names from the file itself, from a known data set, or else class-1, class-2 ..."""
    known = THINGS if things else KNOWN
    inside = facts.get("names")
    if isinstance(inside, tuple) and len(inside) == classes == len(set(inside)):
        return ClassNames(inside, "the file")
    if classes in known:
        name, names = _table(known[classes])
        return ClassNames(names, f"{name}, a guess by the number of classes")
    return numbered(classes)


def numbered(classes: int) -> ClassNames:
    """class-1, class-2 and so on."""
    return ClassNames(tuple(f"class-{n}" for n in range(1, classes + 1)), "counted")


def _table(file: str) -> tuple[str, tuple[str, ...]]:
    text = (files("resources") / "labels" / f"{file}.json").read_text(encoding="utf-8")
    table = json.loads(text)
    return table["name"], tuple(table["labels"])
