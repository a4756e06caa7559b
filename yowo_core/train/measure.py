"""Frame-mAP of a network on the held-out key frames of a run folder."""

from collections.abc import Callable

import numpy as np
import torch

from yowo_core.data.clip_dataset import ClipSource, KeyFrame
from yowo_core.evaluate.frame_ap import FlatBoxes, frame_ap
from yowo_core.infer.postprocess import PostprocessConfig, to_detections
from yowo_core.models.detector import Detector
from yowo_core.structures import Detections

BATCH = 8

Report = Callable[[int, int], object]


def thinned_out(keys: list[KeyFrame], most: int) -> list[KeyFrame]:
    """At most that many key frames, evenly spread."""
    if len(keys) <= most:
        return keys
    return [keys[i] for i in np.linspace(0, len(keys) - 1, most).round().astype(int)]


@torch.no_grad()
def detect_keys(
    model: Detector,
    source: ClipSource,
    keys: list[KeyFrame],
    device: torch.device,
    report: Report = lambda _done, _total: True,
) -> list[Detections]:
    """Detections of every key frame, its clip as at test time; report gets done and total."""
    model.eval()
    found: list[Detections] = []
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        pairs = [source.test_clip(k) for k in part]
        clips = torch.from_numpy(np.stack([clip for clip, _ in pairs])).to(device)
        rows, places = torch.arange(len(part)), torch.tensor([place for _, place in pairs])
        boxes, scores = model.decode(model(clips, clips.transpose(1, 2)[rows, places]))
        for row, key in enumerate(part):
            file = source.manifest.file(key.segment.video)
            found.append(
                to_detections(
                    boxes[row].cpu().numpy(),
                    scores[row].cpu().numpy(),
                    (file.width, file.height),
                    source.spec.size,
                    PostprocessConfig(),
                )
            )
        report(len(found), len(keys))
    return found


def frame_map_of(
    model: Detector,
    source: ClipSource,
    keys: list[KeyFrame],
    device: torch.device,
    report: Report = lambda _done, _total: True,
) -> tuple[float, dict[str, float]]:
    """Frame-mAP at IoU 0.5 in percent over the classes that occur, and each class's AP."""
    detections = detect_keys(model, source, keys, device, report)
    truth = _flat([(i, *source.truth(k)) for i, k in enumerate(keys)])
    scored = [(i, d.boxes.astype(np.float64), d.scores) for i, d in enumerate(detections)]
    result = frame_ap(truth, _flat(scored), 0.5)
    names = source.manifest.classes
    per_class = {
        names[label]: 100 * found.ap
        for label, found in result.per_class.items()
        if found.ap is not None
    }
    return 100 * (result.map or 0.0), per_class


def _flat(rows: "list[tuple[int, np.ndarray, np.ndarray]]") -> FlatBoxes:
    """One entry a box and class with a value above 0; values are scores (or 1 for truth)."""
    keys, boxes, labels, scores = [], [], [], []
    for frame, box, values in rows:
        place, label = np.nonzero(values)
        keys.append(np.full(len(place), frame, np.int64))
        boxes.append(box[place])
        labels.append(label.astype(np.int64))
        scores.append(values[place, label].astype(np.float64))
    return FlatBoxes(
        np.concatenate(keys), np.concatenate(boxes), np.concatenate(labels), np.concatenate(scores)
    )
