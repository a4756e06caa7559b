"""Frame-mAP of detections against ground truth, video by video and class by name."""

from dataclasses import dataclass

from yowo_core.annotations import AnnotationSet, FrameRange
from yowo_core.errors import DataError
from yowo_core.evaluate.comparison import Comparison, compare
from yowo_core.evaluate.frame_ap import ClassResult, frame_ap


@dataclass(frozen=True)
class FrameMap:
    """Frame-mAP at one IoU threshold, and what did not take part.

    map: mean AP over the classes with a truth, 0..1. per_class: by label name, the classes that
    only detections name included, with an AP of None. missing: videos of the truth for which
    there was no detection. unknown: videos of the detections that the truth does not name.
    """

    map: float
    iou: float
    per_class: dict[str, ClassResult]
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def frame_map(
    truth: AnnotationSet,
    detections: AnnotationSet,
    iou: float = 0.5,
    frames: FrameRange | None = None,
) -> FrameMap:
    """Mean over the classes of the all-point average precision of boxes in single frames.

    Which frames count `compare` says. DataError when no truth is left or iou is not in 0..1.
    """
    if not 0 < iou <= 1:
        raise DataError(f"The IoU threshold {iou} does not lie between 0 and 1.")
    return frame_map_of(compare(truth, detections, frames), iou)


def frame_map_of(compared: Comparison, iou: float) -> FrameMap:
    """Frame-mAP at one IoU threshold in 0..1."""
    result = frame_ap(compared.truth, compared.detections, iou)
    assert result.map is not None  # compare leaves at least one truth
    names = enumerate(compared.classes)
    per_class = {name: result.per_class[n] for n, name in names if n in result.per_class}
    return FrameMap(result.map, iou, per_class, compared.missing, compared.unknown)
