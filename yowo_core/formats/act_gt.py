"""Reads the ground-truth pickles of J-HMDB-21, UCF101-24 and MultiSports in the layout of ACT.

Keys: labels, train_videos and test_videos (a list a split), nframes, resolution, gttubes: video
-> class from 0 -> arrays of rows frame, x1, y1, x2, y2. Frames begin at 1; boxes end on their last
pixel. J-HMDB counts pixels from 1, MultiSports from 0, which is seen from the smallest one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import ActionSpan, AnnotationSet, FrameRange, Label, Tube, Video
from yowo_core.errors import FormatError
from yowo_core.formats.numpy_pickle import read_values
from yowo_core.formats.problems import Problem

PALETTE = ("#f97316", "#22c55e", "#38bdf8", "#e879f9", "#facc15", "#f87171", "#2dd4bf", "#a78bfa")


@dataclass(frozen=True, eq=False)
class PublishedSet:
    """Every video with its tubes, all frames labelled; the names of a split's two parts."""

    annotations: AnnotationSet
    train: tuple[str, ...]
    test: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def read(path: Path, split: int = 1) -> PublishedSet:
    """The set with one of its splits, from 1. FormatError when it is no such pickle.

    A video with tubes that cannot be used is named in problems and keeps the others.
    """
    content = read_values(path)
    needed = ("labels", "nframes", "resolution", "gttubes")
    if not isinstance(content, dict) or any(key not in content for key in needed):
        raise FormatError(f"{path} holds no {', '.join(needed)}: it is no ground truth of ACT.")
    labels = _labels([str(name) for name in content["labels"]])
    problems: list[Problem] = []
    try:
        first_pixel = _first_pixel(content["gttubes"])
        videos = [
            _video(name, content, (len(labels), first_pixel), problems)
            for name in sorted(content["nframes"])
        ]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise FormatError(f"{path} is not complete: {error!r}. Download it again.") from error
    parts = [_split(content, key, split, path) for key in ("train_videos", "test_videos")]
    annotations = AnnotationSet(labels, tuple(videos))
    return PublishedSet(annotations, parts[0], parts[1], tuple(problems))


def _labels(names: list[str]) -> tuple[Label, ...]:
    return tuple(
        Label(n, name, PALETTE[(n - 1) % len(PALETTE)]) for n, name in enumerate(names, start=1)
    )


def _split(content: dict[str, Any], key: str, split: int, path: Path) -> tuple[str, ...]:
    """The names of one part of a split; files with only one part have none of the other."""
    splits = content.get(key)
    if splits is None:
        return ()
    if not 1 <= split <= len(splits):
        raise FormatError(f"{path} has {len(splits)} splits, not a split {split}.")
    return tuple(str(name) for name in splits[split - 1])


def _first_pixel(tubes: dict[str, dict[int, list[NDArray[Any]]]]) -> float:
    """1 when no box begins before pixel 1, else 0."""
    smallest = [
        float(rows[:, 1:3].min()) for of in tubes.values() for many in of.values() for rows in many
    ]
    return 1.0 if smallest and min(smallest) >= 1 else 0.0


def _video(
    name: str, content: dict[str, Any], how: tuple[int, float], problems: list[Problem]
) -> Video:
    height, width = (int(n) for n in content["resolution"][name])
    count = int(content["nframes"][name])
    tubes: list[Tube] = []
    for label, many in sorted(content["gttubes"].get(name, {}).items()):
        for rows in many:
            why = _unusable(int(label), rows, how[0])
            if why:
                problems.append(Problem(0, f"{name}: a tube of class {label} is left out: {why}."))
                continue
            tubes.append(_tube(str(len(tubes) + 1), int(label) + 1, rows, how[1]))
    last = max((tube.stop for tube in tubes), default=0)
    whole = (FrameRange(0, max(count, last)),)
    return Video(name, width, height, max(count, last), ranges=whole, tubes=tuple(tubes))


def _unusable(label: int, rows: NDArray[Any], classes: int) -> str:
    if not 0 <= label < classes:
        return "no label has its number"
    if rows.ndim != 2 or rows.shape[1] != 5 or not len(rows):
        return f"its rows have the shape {rows.shape}, not (n, 5)"
    if not np.isfinite(rows).all() or (np.diff(rows[:, 0]) <= 0).any() or rows[0, 0] < 1:
        return "its frames do not ascend from 1 on"
    return ""


def _tube(name: str, label: int, rows: NDArray[Any], first_pixel: float) -> Tube:
    frames = rows[:, 0].astype(np.int64) - 1
    # half-open, counted from 0: the last pixel is inside
    boxes = rows[:, 1:].astype(np.float64) - first_pixel + np.array([0.0, 0.0, 1.0, 1.0])
    span = ActionSpan(label, int(frames[0]), int(frames[-1]) + 1)
    outside = np.append(np.diff(frames) > 1, False)
    return Tube(name, frames, boxes, (span,), outside=outside)
