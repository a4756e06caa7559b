"""The formats by name, as export dialogs and command lines offer them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import AnnotationSet
from yowo_core.errors import FormatError
from yowo_core.formats import ava, yowo_csv

Times = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Format:
    """A format that tubes can be written to.

    title: what people call it. suffix: of its file. write: takes annotations, path and the seconds
    of every frame by video name (None: from the frame rate); returns sentences on what the format
    could not hold.
    """

    title: str
    suffix: str
    write: Callable[[AnnotationSet, Path, Times | None], tuple[str, ...]]


def _write_csv(annotations: AnnotationSet, path: Path, times: Times | None) -> tuple[str, ...]:
    yowo_csv.write(annotations, path, times=times)
    return ()


def _write_ava(annotations: AnnotationSet, path: Path, times: Times | None) -> tuple[str, ...]:
    return ava.write(annotations, path, times=times).sentences()


FORMATS: dict[str, Format] = {
    "csv": Format("CSV that keeps everything", ".csv", _write_csv),
    "ava": Format("AVA v2.2 (CSV and label map)", ".csv", _write_ava),
}


def write_as(
    name: str, annotations: AnnotationSet, path: Path, *, times: Times | None = None
) -> tuple[str, ...]:
    """Write annotations in the format of that name; sentences on what it could not hold.

    FormatError for an unknown name, and for whatever the format refuses.
    """
    if name not in FORMATS:
        near = get_close_matches(name, FORMATS, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise FormatError(f"No format is called {name!r}; there are {', '.join(FORMATS)}.{hint}")
    return FORMATS[name].write(annotations, path, times)
