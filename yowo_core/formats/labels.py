"""Reads labels in whichever format a file is."""

from dataclasses import dataclass
from pathlib import Path

from yowo_core.annotations import AnnotationSet
from yowo_core.errors import FormatError
from yowo_core.formats import act_gt, ucf24, yowo_csv
from yowo_core.formats.problems import Problem


@dataclass(frozen=True, eq=False)
class Labels:
    """Labelled videos; what was left out; the videos that a published split measures on."""

    annotations: AnnotationSet
    problems: tuple[Problem, ...] = ()
    test: tuple[str, ...] = ()


def read_labels(path: Path, split: int = 1) -> Labels:
    """Our CSV, or a published pickle: J-HMDB-21, UCF101-24, MultiSports.

    split: which of the published splits, from 1. A UCF101-24 pickle has none; the list
    testlist01.txt beside it is taken for split 1. FormatError for anything else.
    """
    if path.suffix.lower() != ".pkl":
        read = yowo_csv.read(path)
        return Labels(read.annotations, read.problems)
    try:
        published = act_gt.read(path, split)
    except FormatError as error:
        if "ground truth of ACT" not in str(error):
            raise
        beside = path.with_name(f"testlist{split:02d}.txt")
        published = ucf24.read(path, beside if beside.is_file() else None)
    return Labels(published.annotations, published.problems, published.test)
