"""The frozen data set of a run folder: which frames may be learnt from, and what is in them.

Free of torch. A run folder holds manifest.json, labels.csv with its labels.json, and the
configuration; the videos stay where they are and are recognised by their content hash.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import AnnotationSet, FrameRange, Label, Video
from yowo_core.errors import DataError
from yowo_core.formats import yowo_csv
from yowo_core.formats.whole_file import replacing
from yowo_core.tubes import interpolate

MANIFEST = "manifest.json"
LABELS = "labels.csv"
BEGUN = ("cache", "state.pt", "best.safetensors")
"""What a training adds to its run folder that belongs to one data set."""


@dataclass(frozen=True)
class Segment:
    """Consecutive fully labelled frames of one video, for learning or held out."""

    video: str
    start: int
    stop: int
    held_out: bool = False

    @property
    def frames(self) -> FrameRange:
        """The frames as a range."""
        return FrameRange(self.start, self.stop)


@dataclass(frozen=True)
class VideoFile:
    """Where a video lies and what its content was when the manifest was made."""

    name: str
    path: str
    content_hash: str
    width: int
    height: int
    frame_count: int


@dataclass(frozen=True)
class Manifest:
    """Classes in the order of the model's outputs, files, and the segments."""

    classes: tuple[str, ...]
    videos: tuple[VideoFile, ...]
    segments: tuple[Segment, ...]

    def file(self, name: str) -> VideoFile:
        """The file of the video called name."""
        return next(v for v in self.videos if v.name == name)


@dataclass(frozen=True, eq=False)
class FrameLabels:
    """Everything that is in a video's frames, as flat arrays ordered by frame.

    frames (N,) int64, boxes (N, 4) float64 source pixels, classes (N, C) bool.
    """

    frames: NDArray[np.int64]
    boxes: NDArray[np.float64]
    classes: NDArray[np.bool_]

    def at(self, frame: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Boxes (M, 4) and classes (M, C) of one frame."""
        low, high = np.searchsorted(self.frames, [frame, frame + 1])
        return self.boxes[low:high], self.classes[low:high]


def frame_labels(video: Video, labels: tuple[Label, ...], classes: tuple[str, ...]) -> FrameLabels:
    """Flatten a video's confirmed tubes; boxes with none of the classes are kept as no class."""
    column = {item.id: classes.index(item.name) for item in labels if item.name in classes}
    frames, boxes, flags = [], [], []
    for tube in video.tubes:
        if not tube.confirmed:
            continue
        dense = interpolate.dense(tube)
        active = np.zeros((len(dense.frames), len(classes)), dtype=np.bool_)
        for span in tube.spans:
            if span.label in column:
                inside = (dense.frames >= span.start) & (dense.frames < span.stop)
                active[inside, column[span.label]] = True
        frames.append(dense.frames)
        boxes.append(dense.boxes)
        flags.append(active)
    if not frames:
        return FrameLabels(
            np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros((0, len(classes)), np.bool_)
        )
    order = np.argsort(np.concatenate(frames), kind="stable")
    return FrameLabels(
        np.concatenate(frames)[order], np.concatenate(boxes)[order], np.concatenate(flags)[order]
    )


def write_manifest(run_dir: Path, manifest: Manifest, annotations: AnnotationSet) -> None:
    """Freeze the data set into a run folder.

    DataError when a training of other videos, segments or classes was begun there: its decoded
    frames and its weights would be taken for this one's.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"version": 1, **asdict(manifest)}, indent=1)  # ASCII holds any path
    path = run_dir / MANIFEST
    begun = [name for name in BEGUN if (run_dir / name).exists()]
    if begun and path.is_file() and path.read_text(encoding="utf-8") != text:
        raise DataError(
            f"{run_dir} holds another training ({', '.join(begun)}). Choose another folder, "
            "or delete this one."
        )
    yowo_csv.write(annotations, run_dir / LABELS)
    with replacing(path) as file:
        file.write(text)


def read_manifest(run_dir: Path) -> tuple[Manifest, AnnotationSet]:
    """The data set of a run folder; DataError says what is missing or wrong."""
    path = run_dir / MANIFEST
    if not path.is_file():
        raise DataError(
            f"{run_dir} is no run folder: it has no {MANIFEST}. Make one: yowo prepare."
        )
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(
            tuple(values["classes"]),
            tuple(VideoFile(**v) for v in values["videos"]),
            tuple(Segment(**s) for s in values["segments"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is damaged ({error}). Prepare the run folder again.") from error
    return manifest, yowo_csv.read(run_dir / LABELS).annotations


def fingerprint(run_dir: Path) -> str:
    """SHA-256 over manifest and labels: what a model was trained on."""
    digest = hashlib.sha256()
    for name in (MANIFEST, LABELS):
        digest.update((run_dir / name).read_bytes())
    return digest.hexdigest()
