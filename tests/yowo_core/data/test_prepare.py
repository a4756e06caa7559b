"""A run folder holds what may be learnt, and only that."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from yowo_core.annotations import AnnotationSet, FrameRange, Review
from yowo_core.data.clip_dataset import ClipSource, draw_epoch
from yowo_core.data.manifest import fingerprint, frame_labels, read_manifest
from yowo_core.data.prepare import prepare
from yowo_core.data.segment_cache import build_cache
from yowo_core.errors import DataError
from yowo_core.models.variants import InputSpec


def test_the_labelled_range_is_split_and_comes_back(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    done = prepare(square_labels, {square_clip.name: square_clip}, tmp_path, held_out=0.25)
    manifest, annotations = read_manifest(tmp_path)
    assert (done.frames, done.held_out_frames) == (27, 9)
    assert manifest.classes == ("slide", "late")
    assert [(s.start, s.stop, s.held_out) for s in manifest.segments] == [
        (0, 27, False),
        (27, 36, True),
    ]
    assert done.boxes == {"slide": 27, "late": 7}
    labels = frame_labels(annotations.videos[0], annotations.labels, manifest.classes)
    boxes, classes = labels.at(20)
    np.testing.assert_allclose(boxes, [[20, 20, 40, 50]], atol=1e-9)
    assert classes.tolist() == [[True, True]]
    assert labels.at(19)[1].tolist() == [[True, False]]


def test_no_clip_looks_beyond_its_segment(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    prepare(square_labels, {square_clip.name: square_clip}, tmp_path, held_out=0.25)
    manifest, annotations = read_manifest(tmp_path)
    cache = build_cache(tmp_path / "cache", manifest, 64, lambda _done, _all: None)
    source = ClipSource(manifest, annotations, cache, InputSpec(size=64))
    keys = draw_epoch(source, 50, 0.15, seed=1)
    assert all(not k.segment.held_out and k.frame < 27 for k in keys)
    clip, place = source.test_clip(source.key_frames(held_out=True)[0])
    assert clip.shape == (3, 16, 64, 64)
    assert place == 0  # the segment's first frame cannot look back over its edge


def test_unconfirmed_tubes_are_not_learnt(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    video = square_labels.videos[0]
    unsure = replace(video.tubes[0], review=Review.TO_REVIEW)
    labels = AnnotationSet(square_labels.labels, (replace(video, tubes=(unsure,)),))
    with pytest.raises(DataError, match="no confirmed tube"):
        prepare(labels, {square_clip.name: square_clip}, tmp_path)


def test_a_missing_video_is_left_out_with_a_sentence(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    lost = replace(square_labels.videos[0], name="lost.mp4")
    labels = AnnotationSet(square_labels.labels, (lost, *square_labels.videos))
    done = prepare(labels, {square_clip.name: square_clip}, tmp_path)
    assert any("lost.mp4" in notice for notice in done.notices)
    assert done.frames > 0


def test_labels_without_ranges_never_make_negatives(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    video = square_labels.videos[0]
    tube = video.tubes[0]
    short = replace(tube, frames=np.array([10, 19], np.int64))
    bare = replace(video, ranges=(), tubes=(short,))
    done = prepare(
        AnnotationSet(square_labels.labels, (bare,)),
        {square_clip.name: square_clip},
        tmp_path,
        held_out=0,
    )
    assert done.frames == 10
    assert "names no labelled range" in done.notices[0]


def test_a_range_beyond_the_video_is_cut(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    video = replace(square_labels.videos[0], ranges=(FrameRange(0, 900),))
    labels = AnnotationSet(square_labels.labels, (video,))
    done = prepare(labels, {square_clip.name: square_clip}, tmp_path, held_out=0)
    assert done.frames == 40


def test_the_fingerprint_follows_the_labels(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    paths = {square_clip.name: square_clip}
    for folder in ("one", "two", "three"):
        prepare(square_labels, paths, tmp_path / folder, held_out=0.5 * (folder == "three"))
    marks = [fingerprint(tmp_path / f) for f in ("one", "two", "three")]
    assert marks[0] == marks[1] != marks[2]


def test_a_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no run folder"):
        read_manifest(tmp_path)
