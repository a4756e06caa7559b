"""Ways of counting by name: ours, and those that published figures were measured with.

What each official evaluator does differently was found out by running it on the same detections.
"""

import difflib
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from yowo_core.errors import ConfigError
from yowo_core.evaluate.comparison import Comparison
from yowo_core.evaluate.frame_ap import (
    ApRule,
    FlatBoxes,
    FrameAp,
    average_precision,
    frame_ap,
    trapezoid_precision,
)

Link = Literal["actors", "viterbi"]
FRAME_IOU = (0.5, 0.75)
VIDEO_IOU = (0.1, 0.2, 0.5, 0.75)


@dataclass(frozen=True)
class Protocol:
    """What an evaluator does where evaluators differ.

    every_frame: frames without a truth count as empty ones. pixels: detections are rounded to
    whole pixels, and every box ends on its last one. unseen: the truth of frames without any
    detection counts. one_class: a box counts with its best class alone. rule: from hits to AP.
    link: how detections become tubes. all_classes: classes without a truth count as AP 0 in
    video-mAP. every_class: each box takes part in the tubes of every class, with a score of 0
    where it has none. digits: of a class's video-AP in percent, None for all.
    """

    name: str
    title: str
    every_frame: bool = False
    pixels: bool = False
    unseen: bool = True
    one_class: bool = False
    rule: ApRule = average_precision
    link: Link = "actors"
    all_classes: bool = False
    every_class: bool = False
    digits: int | None = None


_YOWO = Protocol(
    "yowo",
    "YOWO and YOWO-Plus",
    every_frame=True,
    pixels=True,
    link="viterbi",
    all_classes=True,
)
PROTOCOLS: tuple[Protocol, ...] = (
    Protocol("", "all-point, every truth counts, tubes trimmed in time"),
    _YOWO,
    replace(
        _YOWO,
        name="yowo-all-classes",
        title="YOWO, every kept box listed under every class",
        every_class=True,
    ),
    replace(_YOWO, name="yowov2", title="YOWOv2", digits=2),
    Protocol("yowov3", "YOWOv3's own script", unseen=False, rule=trapezoid_precision),
    Protocol("multisports", "MultiSports: one label a box", one_class=True),
)


def protocol(name: str) -> Protocol:
    """Look a protocol up; ConfigError lists the known names."""
    known = {p.name: p for p in PROTOCOLS}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, [n for n in known if n], n=len(known), cutoff=0.0)
    raise ConfigError(f"No protocol is called {name!r}; known protocols: {', '.join(near)}.")


def frame_ap_by(compared: Comparison, iou: float, how: Protocol) -> FrameAp:
    """Frame-AP of every class as an evaluator counts."""
    truth, found = compared.truth, compared.detections
    if how.one_class:
        found = _best_class(found)
    if not how.unseen:
        truth = truth.only(np.isin(truth.frame_key, found.frame_key))
    if how.pixels:
        truth = _to_the_last_pixel(truth)
        found = _to_the_last_pixel(replace(found, boxes=np.rint(found.boxes)))
    return frame_ap(truth, found, iou, how.rule)


def _to_the_last_pixel(boxes: FlatBoxes) -> FlatBoxes:
    """Boxes that end on their last pixel as half-open ones that hold the same pixels."""
    return replace(boxes, boxes=boxes.boxes + np.array([0.0, 0.0, 1.0, 1.0]))


def _best_class(boxes: FlatBoxes) -> FlatBoxes:
    """Of rows for the same box in the same frame only the one with the best score."""
    order = np.lexsort((-boxes.score, *boxes.boxes.T, boxes.frame_key))
    rows = np.column_stack((boxes.frame_key[order].astype(np.float64), boxes.boxes[order]))
    first = np.concatenate([[True], (np.diff(rows, axis=0) != 0).any(1)]) if len(rows) else order
    keep = np.zeros(len(boxes), np.bool_)
    keep[order[first]] = True
    return boxes.only(keep)
