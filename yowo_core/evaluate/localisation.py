"""Whether people are found at all, and whether those who are found are called right."""

from dataclasses import dataclass

import numpy as np

from yowo_core.boxes import iou_matrix
from yowo_core.evaluate.comparison import Comparison
from yowo_core.evaluate.frame_ap import FlatBoxes


@dataclass(frozen=True)
class Localisation:
    """Shares in 0..1, and of how many people in single frames.

    recall: people that the best overlapping box of any class covers by at least the IoU asked
    for. accuracy: of those, the share whose box has as its best class one that the person does;
    None when nobody was found.
    """

    recall: float
    accuracy: float | None
    people: int


def localisation(compared: Comparison, iou: float) -> Localisation:
    """Recall without regard to class, and accuracy of what was localised (YOWO, table 1)."""
    people, right, found = 0, 0, 0
    truth, boxes = _by_frame(compared.truth), _by_frame(compared.detections)
    for key, mine in truth.items():
        actors, does, _ = _actors(compared.truth, mine, len(compared.classes))
        people += len(actors)
        if key not in boxes:
            continue
        theirs, _, scores = _actors(compared.detections, boxes[key], len(compared.classes))
        overlap = iou_matrix(actors, theirs)
        best = overlap.argmax(1)
        covered = overlap[np.arange(len(actors)), best] >= iou
        found += int(covered.sum())
        called = scores[best].argmax(1)
        right += int(does[np.arange(len(actors)), called][covered].sum())
    return Localisation(found / people, right / found if found else None, people)


def _by_frame(boxes: FlatBoxes) -> dict[int, "np.ndarray"]:
    order = np.argsort(boxes.frame_key, kind="stable")
    keys, starts = np.unique(boxes.frame_key[order], return_index=True)
    parts = np.split(order, starts[1:]) if len(keys) else []
    return dict(zip(keys.tolist(), parts, strict=True))


def _actors(
    boxes: FlatBoxes, rows: "np.ndarray", classes: int
) -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
    """The single boxes (A, 4) of a frame, their classes (A, C) and scores (A, C)."""
    single, actor = np.unique(boxes.boxes[rows], axis=0, return_inverse=True)
    does = np.zeros((len(single), classes), np.bool_)
    scores = np.zeros((len(single), classes))
    does[actor.reshape(-1), boxes.label[rows]] = True
    np.maximum.at(scores, (actor.reshape(-1), boxes.label[rows]), boxes.score[rows])
    return single, does, scores
