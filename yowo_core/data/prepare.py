"""Turn labelled videos into the frozen data set of a run folder; free of torch."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from yowo_core.annotations import AnnotationSet, FrameRange, Video, merge_ranges
from yowo_core.data.manifest import (
    Manifest,
    Segment,
    VideoFile,
    frame_labels,
    write_manifest,
)
from yowo_core.errors import DataError, VideoError
from yowo_core.machine import index_folder
from yowo_core.tubes.interpolate import dense
from yowo_core.video import open_video
from yowo_core.video.fingerprint import content_hash

WHOLE_SEGMENTS = 5
"""From so many segments on whole ones are held out; below, the end of each."""


@dataclass(frozen=True)
class Prepared:
    """What a run folder holds: frames to learn from and held out, boxes a class, sentences."""

    frames: int
    held_out_frames: int
    boxes: dict[str, int]
    notices: tuple[str, ...]


def prepare(
    annotations: AnnotationSet,
    paths: Mapping[str, Path],
    run_dir: Path,
    *,
    held_out: float = 0.2,
    test: Collection[str] = (),
    report: Callable[[int, int], bool] = lambda _done, _total: True,
) -> Prepared:
    """Freeze labels, videos and the split into run_dir.

    paths finds each video by its name. Videos that cannot be read are left out with a notice;
    DataError when nothing is left to learn from. held_out is the share of labelled frames kept
    for measuring, 0 keeps none; where test names videos, exactly these are kept. report gets the
    number of videos that were looked at and of all, and says whether to go on: DataError when it
    says no.
    """
    if not 0 <= held_out < 1:
        raise DataError(f"The held-out share must be in [0, 1), not {held_out}.")
    notices: list[str] = []
    files, videos = [], []
    for number, video in enumerate(annotations.videos):
        if not report(number, len(annotations.videos)):
            raise DataError("The fine-tune was cancelled before it began.")
        try:
            file = _file(video, paths)
        except VideoError as error:
            notices.append(f"Left out: {error}")
            continue
        ranges, told = labelled_ranges(video, file.frame_count)
        notices.extend([*_other_file(video, file), *told])
        if ranges:
            files.append(file)
            videos.append(replace(video, ranges=ranges))
    usable = AnnotationSet(annotations.labels, tuple(videos))
    classes = _classes(usable)
    segments = by_video(usable.videos, test) if test else split(usable.videos, held_out)
    manifest = Manifest(classes, tuple(files), segments)
    prepared = _count(manifest, usable, notices)
    write_manifest(run_dir, manifest, usable)
    return prepared


def _file(video: Video, paths: Mapping[str, Path]) -> VideoFile:
    path = paths.get(video.name)
    if path is None:
        raise VideoError(f"no file for the labelled video {video.name!r} was found.")
    with open_video(path, index_folder=index_folder()) as reader:
        return VideoFile(
            video.name,
            str(path.resolve()),
            content_hash(path),
            reader.width,
            reader.height,
            len(reader),
        )


def _other_file(video: Video, file: VideoFile) -> list[str]:
    """A sentence when the labels were made on another file of that name."""
    if video.content_hash in ("", file.content_hash):
        return []
    return [f"{file.path} is not the file that was labelled as {video.name}: check what is learnt."]


def labelled_ranges(video: Video, frame_count: int) -> tuple[tuple[FrameRange, ...], list[str]]:
    """Labelled ranges inside the file; without any, only frames that have a box count.

    With a sentence for each thing that a person may not expect.
    """
    told = []
    ranges = video.ranges
    if not ranges:
        ranges = merge_ranges(
            FrameRange(int(frame), int(frame) + 1)
            for tube in video.tubes
            if tube.confirmed
            for frame in dense(tube).frames
        )
        told.append(
            f"{video.name} names no labelled range: only frames with a box are used, "
            "so the model sees no empty frame of it."
        )
    inside = tuple(
        FrameRange(r.start, min(r.stop, frame_count)) for r in ranges if r.start < frame_count
    )
    if inside != ranges:
        told.append(f"{video.name} has {frame_count} frames; labels beyond them are left out.")
    return inside, told


def _classes(annotations: AnnotationSet) -> tuple[str, ...]:
    used = {
        span.label
        for video in annotations.videos
        for tube in video.tubes
        if tube.confirmed
        for span in tube.spans
        if any(span.start < r.stop and r.start < span.stop for r in video.ranges)
    }
    classes = tuple(item.name for item in annotations.labels if item.id in used)
    if not classes:
        raise DataError(
            "There is no confirmed tube with an action in a labelled range. Draw or accept one."
        )
    return classes


def split(videos: tuple[Video, ...], share: float) -> tuple[Segment, ...]:
    """The labelled ranges with about a share of their frames held out.

    Whole segments are held out when there are many, else the end of each, cut between tubes.
    """
    segments = tuple(Segment(v.name, r.start, r.stop) for v in videos for r in v.ranges)
    if share == 0:
        return segments
    if len(segments) >= WHOLE_SEGMENTS:
        every = min(len(segments), max(2, round(1 / share)))
        return tuple(replace(s, held_out=i % every == every - 1) for i, s in enumerate(segments))
    by_name = {v.name: v for v in videos}
    return tuple(part for s in segments for part in _cut(s, by_name[s.video], share))


def by_video(videos: tuple[Video, ...], test: Collection[str]) -> tuple[Segment, ...]:
    """The labelled ranges with those of the named videos held out."""
    return tuple(
        Segment(v.name, r.start, r.stop, held_out=v.name in test) for v in videos for r in v.ranges
    )


def _cut(segment: Segment, video: Video, share: float) -> list[Segment]:
    length = segment.stop - segment.start
    wanted = segment.stop - round(length * share)
    if not segment.start < wanted < segment.stop:
        return [segment]
    slack = round(length * share / 2)
    quiet = [
        frame
        for frame in range(
            max(segment.start + 1, wanted - slack), min(segment.stop, wanted + slack)
        )
        if not any(t.start < frame < t.stop for t in video.tubes)
    ]
    cut = min(quiet, key=lambda frame: abs(frame - wanted)) if quiet else wanted
    return [replace(segment, stop=cut), replace(segment, start=cut, held_out=True)]


def _count(manifest: Manifest, annotations: AnnotationSet, notices: list[str]) -> Prepared:
    learn = sum(len(s.frames) for s in manifest.segments if not s.held_out)
    held = sum(len(s.frames) for s in manifest.segments if s.held_out)
    boxes = dict.fromkeys(manifest.classes, 0)
    for segment in manifest.segments:
        if segment.held_out:
            continue
        video = annotations.video(segment.video)
        labels = frame_labels(video, annotations.labels, manifest.classes)
        inside = (labels.frames >= segment.start) & (labels.frames < segment.stop)
        for name, count in zip(manifest.classes, labels.classes[inside].sum(0), strict=True):
            boxes[name] += int(count)
    if learn == 0:
        raise DataError("No labelled frame is left to learn from. Mark more frames as labelled.")
    return Prepared(learn, held, boxes, tuple(notices))
