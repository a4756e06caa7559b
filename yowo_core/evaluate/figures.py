"""All figures of one detection file against the truth, as one value; shares in 0..1."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from yowo_core.annotations import AnnotationSet, FrameRange
from yowo_core.errors import DataError
from yowo_core.evaluate.ava import AvaResult
from yowo_core.evaluate.comparison import Comparison, compare
from yowo_core.evaluate.frame_ap import ClassResult, FrameAp
from yowo_core.evaluate.localisation import Localisation, localisation
from yowo_core.evaluate.protocols import FRAME_IOU, VIDEO_IOU, Protocol, frame_ap_by
from yowo_core.evaluate.video_map import VideoMap, video_map


@dataclass(frozen=True)
class Figures:
    """frame_map by IoU threshold; frames: results a class at each. video: None without tubes.

    localised: at IoU 0.5; None where only AP is defined. ignored: what took no part, in words.
    """

    frame_map: dict[float, float]
    frames: dict[float, dict[str, ClassResult]]
    video: VideoMap | None = None
    localised: Localisation | None = None
    ignored: tuple[str, ...] = field(default=())


def figures(
    truth: AnnotationSet,
    detections: AnnotationSet,
    how: Protocol,
    frames: FrameRange | None = None,
    iou: tuple[float, ...] = FRAME_IOU,
) -> Figures:
    """Every figure as a protocol counts; DataError for files that cannot belong together."""
    if wrong := [t for t in iou if not 0 < t <= 1]:
        raise DataError(f"The IoU threshold {wrong[0]} does not lie between 0 and 1.")
    compared = compare(truth, detections, frames, every_frame=how.every_frame)
    _check_frames(truth, detections, compared)
    found = {t: frame_ap_by(compared, t, how) for t in iou}
    return Figures(
        {t: ap.map or 0.0 for t, ap in found.items()},
        {t: _named(ap, compared.classes) for t, ap in found.items()},
        video_map(compared, VIDEO_IOU, how),
        localisation(compared, 0.5),
        _ignored(compared),
    )


def ava_figures(at: Mapping[float, AvaResult], ignored: tuple[str, ...]) -> Figures:
    """The figures of AVA's evaluation, which knows neither tubes nor people."""
    maps = {iou: result.map for iou, result in at.items()}
    return Figures(maps, {iou: result.classes for iou, result in at.items()}, ignored=ignored)


def _named(ap: FrameAp, classes: tuple[str, ...]) -> dict[str, ClassResult]:
    return {name: ap.per_class[n] for n, name in enumerate(classes) if n in ap.per_class}


def _ignored(compared: Comparison) -> tuple[str, ...]:
    unknown = [f"{name}: the truth has no such video" for name in compared.unknown]
    strange = compared.classes[compared.known :]
    labels = [f"{name}: the truth has no such label" for name in strange]
    missing = [f"{name}: no detections, its boxes count as missed" for name in compared.missing]
    return (*unknown, *labels, *missing)


def _check_frames(truth: AnnotationSet, detections: AnnotationSet, compared: Comparison) -> None:
    """Frames that begin at 1 on one side alone shift every box by one: refuse them."""
    counts = {v.name: v.frame_count for v in truth.videos if v.frame_count}
    beyond = [
        (v.name, max(t.stop for t in v.tubes) - 1)
        for v in detections.videos
        if v.tubes and v.name in counts and max(t.stop for t in v.tubes) > counts[v.name]
    ]
    if beyond:
        name, last = beyond[0]
        raise DataError(
            f"{len(beyond)} videos have detections beyond their end: {name} has {counts[name]} "
            f"frames, but a detection in frame {last}. Do its frames begin at 1? Ours begin at 0."
        )
    anything = any(v.tubes for v in detections.videos)
    if anything and not len(compared.detections) and not compared.unknown:
        raise DataError(
            "No detection lies in a frame of the truth. Do both files count frames, not seconds, "
            "and of the same videos?"
        )
