"""Clips with their key frame's truth, drawn from a run folder's labelled segments."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yowo_core.annotations import AnnotationSet
from yowo_core.assign.tal import Truth
from yowo_core.data.manifest import FrameLabels, Manifest, Segment, frame_labels
from yowo_core.data.segment_cache import SegmentCache
from yowo_core.data.transforms import (
    AugmentConfig,
    Crop,
    cropped,
    cropped_boxes,
    random_crop,
    recoloured,
)
from yowo_core.errors import DataError
from yowo_core.input_spec import InputSpec
from yowo_core.video.clips import centred_clip, normalised, random_clip


class Batch(NamedTuple):
    """clips (B, 3, T, S, S) float32, key frames (B, 3, S, S), padded truth."""

    clips: Tensor
    key_frames: Tensor
    truth: Truth


@dataclass(frozen=True)
class KeyFrame:
    """One frame that can be asked about."""

    segment: Segment
    frame: int


class Sample(NamedTuple):
    """One clip, where its key frame is, and the key frame's boxes and classes."""

    clip: NDArray[np.float32]
    place: int
    boxes: NDArray[np.float64]
    classes: NDArray[np.bool_]


class ClipSource:
    """All labelled key frames of a manifest, as training samples or as test clips."""

    def __init__(
        self, manifest: Manifest, annotations: AnnotationSet, cache: SegmentCache, spec: InputSpec
    ) -> None:
        self.manifest, self.spec, self._cache = manifest, spec, cache
        self.labels: dict[str, FrameLabels] = {
            v.name: frame_labels(annotations.video(v.name), annotations.labels, manifest.classes)
            for v in manifest.videos
        }

    def key_frames(self, *, held_out: bool) -> list[KeyFrame]:
        """Every good frame of the segments to learn from, or of those held out, in order."""
        segments = [s for s in self.manifest.segments if s.held_out == held_out]
        lost = self._cache.damaged
        return [
            KeyFrame(s, f) for s in segments for f in range(s.start, s.stop) if f not in lost[s]
        ]

    @property
    def damaged(self) -> dict[str, list[int]]:
        """Frames of the segments that cannot be decoded, by video; they are not asked about."""
        found: dict[str, list[int]] = {}
        for segment, frames in self._cache.damaged.items():
            found.setdefault(segment.video, []).extend(sorted(frames))
        return {video: frames for video, frames in found.items() if frames}

    def truth(self, key: KeyFrame) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Boxes (M, 4) in source pixels and classes (M, C) of a key frame."""
        return self.labels[key.segment.video].at(key.frame)

    def class_frames(self) -> NDArray[np.int64]:
        """(C,): in how many of the frames to learn from each class is seen."""
        keys = self.key_frames(held_out=False)
        seen = [self.truth(key)[1].any(0) for key in keys]
        table = np.array(seen, np.int64).reshape(-1, len(self.manifest.classes))
        return np.asarray(table.sum(0))

    def test_clip(self, key: KeyFrame) -> tuple[NDArray[np.float32], int]:
        """The clip that analysis would use, (3, T, S, S), and the place of its key frame."""
        spec = self.spec
        frames, place = centred_clip(key.frame, key.segment.frames, spec)
        pictures = cropped(self._cache.clip(key.segment, frames), Crop(), spec.size)
        return normalised(pictures, spec), place

    def sample(self, key: KeyFrame, augment: AugmentConfig, rng: random.Random) -> Sample:
        """A clip with the key frame at a random place, augmented."""
        spec = self.spec
        frames, place = random_clip(key.frame, key.segment.frames, spec, rng)
        crop = random_crop(augment, rng)
        pictures = cropped(self._cache.clip(key.segment, frames), crop, spec.size)
        pictures = recoloured(pictures, augment, rng)
        boxes, classes = self.truth(key)
        file = self.manifest.file(key.segment.video)
        relative = boxes / np.array([file.width, file.height] * 2, dtype=np.float64)
        boxes, kept = cropped_boxes(relative, crop, spec.size)
        return Sample(normalised(pictures, spec), place, boxes, classes[kept])


def draw_epoch(source: ClipSource, count: int, empty_share: float, seed: int) -> list[KeyFrame]:
    """count key frames to learn from: classes by the root of their frequency, some empty frames.

    A frame weighs as much as its rarest class; empty frames together make up at most
    empty_share of the draw.
    """
    keys = source.key_frames(held_out=False)
    if not keys:
        raise DataError(
            "Not one labelled frame to learn from can be decoded. Copy the videos again."
        )
    flags = np.array([source.truth(k)[1].any(0) for k in keys])
    frequency = np.maximum(flags.sum(0), 1)
    weight = (flags / np.sqrt(frequency)).max(1, initial=0.0)
    full = weight > 0
    if full.any() and not full.all():
        share = min(empty_share, float((~full).mean()))
        weight[full] *= (1 - share) / weight[full].sum()
        weight[~full] = share / (~full).sum()
    elif not full.any():
        weight[:] = 1
    chosen = np.random.default_rng(seed).choice(len(keys), count, p=weight / weight.sum())
    return [keys[i] for i in chosen]


def collate(samples: Sequence[Sample]) -> Batch:
    """Stack clips and pad truth to the batch's largest number of boxes."""
    most = max(len(s.boxes) for s in samples)
    classes = samples[0].classes.shape[1]
    boxes = torch.zeros(len(samples), most, 4)
    flags = torch.zeros(len(samples), most, classes)
    real = torch.zeros(len(samples), most, dtype=torch.bool)
    for row, item in enumerate(samples):
        count = len(item.boxes)
        boxes[row, :count] = torch.from_numpy(item.boxes).float()
        flags[row, :count] = torch.from_numpy(item.classes).float()
        real[row, :count] = True
    clips = torch.from_numpy(np.stack([s.clip for s in samples]))
    rows = torch.arange(len(samples))
    places = torch.tensor([s.place for s in samples])
    key_frames = clips.transpose(1, 2)[rows, places]
    return Batch(clips, key_frames, Truth(boxes, flags, real))
