"""What there is to learn from in the open project, before a fine-tune freezes it."""

from collections.abc import Iterator
from dataclasses import replace

from app.domain.training import LearningCount
from yowo_core.annotations import AnnotationSet, Video
from yowo_core.data.manifest import frame_labels
from yowo_core.data.prepare import labelled_ranges, split


def learning_counts(annotations: AnnotationSet, held_out: float) -> list[LearningCount]:
    """Tubes, boxes to learn from and held-out frames of every class that has a confirmed tube."""
    classes = tuple(label.name for label in annotations.labels)
    videos = tuple(_with_ranges(annotations))
    flat = {v.name: frame_labels(v, annotations.labels, classes) for v in videos}
    boxes, held = [0] * len(classes), [0] * len(classes)
    for segment in split(videos, held_out):
        labels = flat[segment.video]
        inside = (labels.frames >= segment.start) & (labels.frames < segment.stop)
        target = held if segment.held_out else boxes
        for place, count in enumerate(labels.classes[inside].sum(0).tolist()):
            target[place] += int(count)
    tubes = {label.id: 0 for label in annotations.labels}
    for tube in (t for v in videos for t in v.tubes if t.confirmed):
        for label in {span.label for span in tube.spans}:
            tubes[label] += 1
    return [
        LearningCount(label.name, tubes[label.id], boxes[place], held[place])
        for place, label in enumerate(annotations.labels)
        if tubes[label.id]
    ]


def _with_ranges(annotations: AnnotationSet) -> Iterator[Video]:
    """The videos that can be learnt from, with the ranges that preparing would give them."""
    for video in annotations.videos:
        ranges, _ = labelled_ranges(video, video.frame_count)
        if ranges:
            yield replace(video, ranges=ranges)
