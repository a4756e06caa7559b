"""Detections of a video as annotations: linked tubes with spans, or every single score."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import (
    ActionSpan,
    AnnotationSet,
    Label,
    Review,
    Source,
    Tube,
    Video,
)
from yowo_core.structures import Detections
from yowo_core.tubes.link import LinkConfig, LinkedTube, link
from yowo_core.tubes.spans import SpanConfig, action_spans
from yowo_core.video import VideoReader
from yowo_core.video.fingerprint import content_hash

PALETTE = ("#f97316", "#22c55e", "#38bdf8", "#e879f9", "#facc15", "#f87171", "#2dd4bf", "#a78bfa")


@dataclass(frozen=True)
class TubeOptions:
    """min_score: lower scores are left out. spans: action spans instead of every score.

    model names the model in each row.
    """

    min_score: float
    spans: bool
    model: str


def annotate(
    name: str,
    reader: VideoReader,
    found: Mapping[int, Detections],
    labels: tuple[str, ...],
    options: TubeOptions,
) -> AnnotationSet:
    """Link detections by frame into predicted tubes of one video called name.

    With spans only tubes are kept in which an action runs, as a person would review them;
    without, every box and score above min_score, also of boxes that belong to no tube, as an
    evaluator wants it.
    """
    fps = reader.fps
    gap = max(2, round(float(fps) * 0.5)) if fps else 15
    linked = link(sorted(found.items()), LinkConfig(max_gap=gap))
    spans = SpanConfig.in_seconds(fps) if options.spans else None
    tubes = [_tube(str(n), t, spans, options) for n, t in enumerate(linked, start=1)]
    if options.spans:
        tubes = [t for t in tubes if t.spans]
    else:
        tubes.extend(_loose(found, linked, options))
    video = Video(
        name,
        reader.width,
        reader.height,
        len(reader),
        fps,
        content_hash(reader.path),
        tubes=tuple(tubes),
    )
    classes = tuple(
        Label(i, label, PALETTE[(i - 1) % len(PALETTE)]) for i, label in enumerate(labels, start=1)
    )
    return AnnotationSet(classes, (video,))


def _tube(number: str, linked: LinkedTube, spans: SpanConfig | None, options: TubeOptions) -> Tube:
    ids = range(1, linked.scores.shape[1] + 1)
    if spans is None:
        actions = tuple(s for c in ids for s in _scored(linked.frames, linked.scores, c, options))
    else:
        actions = action_spans(linked.frames, linked.scores, ids, spans)
    sources = [Source.MODEL if i >= 0 else Source.INTERPOLATION for i in linked.detections]
    return Tube(
        number,
        linked.frames.astype(np.int64),
        np.asarray(np.round(linked.boxes, 2), dtype=np.float64),
        actions,
        tuple(sources),
        keyframe=np.zeros(len(linked.frames), np.bool_),
        model=options.model,
        review=Review.TO_REVIEW,
    )


def _scored(
    frames: NDArray[np.int64], scores: NDArray[np.floating], label: int, options: TubeOptions
) -> list[ActionSpan]:
    """Runs of frames in which one action's score reaches the threshold, every score kept."""
    values = np.round(scores[:, label - 1].astype(np.float64), 6)
    high = values >= options.min_score
    edges = np.flatnonzero(np.diff(np.concatenate(([0], high.view(np.int8), [0]))))
    return [
        ActionSpan(
            label,
            int(frames[first]),
            int(frames[end - 1]) + 1,
            float(values[first:end].mean()),
            tuple(values[first:end].tolist()),
        )
        for first, end in edges.reshape(-1, 2).tolist()
    ]


def _loose(
    found: Mapping[int, Detections], linked: list[LinkedTube], options: TubeOptions
) -> list[Tube]:
    """Detections that no tube took, each a tube of one frame."""
    taken = {(int(f), int(i)) for t in linked for f, i in zip(t.frames, t.detections, strict=True)}
    tubes: list[Tube] = []
    for frame, detections in sorted(found.items()):
        for place in range(len(detections)):
            if (frame, place) not in taken:
                part = LinkedTube(
                    np.array([frame], np.int64),
                    detections.boxes[place : place + 1].astype(np.float64),
                    detections.scores[place : place + 1].astype(np.float64),
                    np.array([place], np.int64),
                )
                tubes.append(_tube(f"loose-{len(tubes) + 1}", part, None, options))
    return tubes
