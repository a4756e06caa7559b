"""AVA's evaluation: boxes of single seconds, classes of a label map, time stamps left out.

Three evaluators are in use and give three figures for the same files; what each does differently
is a rule of its own.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.errors import ConfigError, DataError
from yowo_core.evaluate.frame_ap import ClassResult, FlatBoxes, frame_ap
from yowo_core.formats.ava_table import AvaTable

IOU = 0.5


@dataclass(frozen=True)
class AvaRule:
    """What an evaluator of AVA does.

    keep_excluded_truth: the truth of excluded frames is still to be found, though nothing there
    can be. ignore_absent: detections in frames without a truth do not count as wrong. most:
    boxes of a frame that count, the best first. found_only: classes without any detection are
    left out of the mean instead of counting 0. in_order: of two detections of one person the
    one that stands first in the file finds them, not the surer one.
    """

    name: str
    title: str
    keep_excluded_truth: bool = False
    ignore_absent: bool = False
    most: int | None = None
    found_only: bool = False
    in_order: bool = False


RULES: tuple[AvaRule, ...] = (
    AvaRule(
        "activitynet",
        "the original of the ActivityNet challenge, also YOWO's and YOWOv2's",
        in_order=True,
    ),
    AvaRule("yowov3", "YOWOv3: ActivityNet 2019", ignore_absent=True, most=50),
    AvaRule(
        "mmaction2",
        "MMAction2",
        keep_excluded_truth=True,
        ignore_absent=True,
        found_only=True,
    ),
)


def ava_rule(name: str) -> AvaRule:
    """Look a rule up, the original by default; ConfigError lists the known names."""
    known = {rule.name: rule for rule in RULES}
    if (name or "activitynet") in known:
        return known[name or "activitynet"]
    near = difflib.get_close_matches(name, known, n=len(known), cutoff=0.0)
    raise ConfigError(f"No protocol for AVA is called {name!r}; known: {', '.join(near)}.")


@dataclass(frozen=True)
class AvaResult:
    """map: mean over classes in 0..1. classes: those of the label map that occur, by name."""

    map: float
    classes: dict[str, ClassResult]


def ava_map(
    truth: AvaTable,
    detections: AvaTable,
    names: Mapping[int, str],
    rule: AvaRule,
    excluded: frozenset[tuple[str, int]] = frozenset(),
    iou: float = IOU,
) -> AvaResult:
    """Mean AP over the classes of the label map; DataError when no truth of them is left."""
    frames: dict[tuple[str, int], int] = {}
    real = _flat(truth, frames, names)
    boxes = _flat(detections, frames, names)
    left_out = np.array([frames[f] for f in excluded if f in frames], np.int64)
    if not rule.keep_excluded_truth:
        real = real.only(~np.isin(real.frame_key, left_out))
    boxes = boxes.only(~np.isin(boxes.frame_key, left_out))
    if rule.ignore_absent:
        known = {frames[f] for f in truth.empty if f in frames} | set(real.frame_key.tolist())
        boxes = boxes.only(np.isin(boxes.frame_key, np.array(sorted(known), np.int64)))
    if rule.most is not None:
        boxes = _best(boxes, rule.most)
    result = frame_ap(real, boxes, iou, in_order=rule.in_order)
    if result.map is None:
        raise DataError("The truth holds no box with an action of the label map.")
    classes = {names[code]: found for code, found in sorted(result.per_class.items())}
    counted = [
        found.ap
        for found in result.per_class.values()
        if found.ap is not None and (found.detections or not rule.found_only)
    ]
    return AvaResult(sum(counted) / len(counted), classes)


def _flat(
    table: AvaTable, frames: dict[tuple[str, int], int], names: Mapping[int, str]
) -> FlatBoxes:
    """The rows whose action the label map names; frames gets a number for each new frame."""
    keys = np.array(
        [
            frames.setdefault(place, len(frames))
            for place in zip(table.videos, table.seconds.tolist(), strict=True)
        ],
        np.int64,
    )
    for place in table.empty:
        frames.setdefault(place, len(frames))
    whole = FlatBoxes(keys, table.boxes, table.actions, table.scores)
    return whole.only(np.isin(table.actions, np.array(sorted(names), np.int64)))


def _best(boxes: FlatBoxes, most: int) -> FlatBoxes:
    """The rows of a frame with the best scores, ties in the order given."""
    order = np.lexsort((-boxes.score, boxes.frame_key))
    rank = _rank_within(boxes.frame_key[order])
    keep = np.zeros(len(boxes), np.bool_)
    keep[order[rank < most]] = True
    return boxes.only(keep)


def _rank_within(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of each entry among the equal ones before it, keys being sorted."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(keys)) + 1]) if len(keys) else keys
    lengths = np.diff(np.append(starts, len(keys)))
    return np.arange(len(keys)) - np.repeat(starts, lengths)


def unnamed(table: AvaTable, names: Mapping[int, str]) -> dict[int, int]:
    """Actions that the label map does not name, and how many rows have each."""
    actions, counts = np.unique(table.actions, return_counts=True)
    pairs = zip(actions.tolist(), counts.tolist(), strict=True)
    return {action: count for action, count in pairs if action not in names}
