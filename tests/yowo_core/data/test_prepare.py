"""A run folder holds what may be learnt, and only that."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from yowo_core.annotations import AnnotationSet, FrameRange, Review, Video
from yowo_core.data.clip_dataset import ClipSource, draw_epoch
from yowo_core.data.manifest import fingerprint, frame_labels, read_manifest
from yowo_core.data.prepare import by_video, prepare, split
from yowo_core.data.segment_cache import build_cache
from yowo_core.errors import DataError, VideoError
from yowo_core.input_spec import InputSpec
from yowo_core.video import VideoReader


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
    cache = build_cache(tmp_path / "cache", manifest, 64, lambda _done, _all: True)
    assert cache is not None
    source = ClipSource(manifest, annotations, cache, InputSpec(size=64))
    keys = draw_epoch(source, 50, 0.15, seed=1)
    assert all(not k.segment.held_out and k.frame < 27 for k in keys)
    assert source.class_frames().tolist() == [27, 7]  # 'late' from 20 on, held out from 27 on
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


def test_frames_in_which_an_actor_is_hidden_are_unknown_without_ranges(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    video = square_labels.videos[0]
    tube = replace(
        video.tubes[0],
        frames=np.array([0, 4, 10, 14], np.int64),
        boxes=np.repeat(video.tubes[0].boxes, 2, axis=0),
        sources=(),
        keyframe=np.zeros(0, np.bool_),
        outside=np.array([False, True, False, False]),
    )
    labels = AnnotationSet(square_labels.labels, (replace(video, ranges=(), tubes=(tube,)),))
    prepare(labels, {square_clip.name: square_clip}, tmp_path, held_out=0)
    segments = read_manifest(tmp_path)[0].segments
    assert [(s.start, s.stop) for s in segments] == [(0, 4), (10, 15)]


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


def test_a_small_share_of_few_ranges_is_held_out_all_the_same(
    square_labels: AnnotationSet,
) -> None:
    ranges = tuple(FrameRange(start, start + 4) for start in range(0, 36, 6))
    videos = (replace(square_labels.videos[0], ranges=ranges),)
    assert [s.held_out for s in split(videos, 0.1)] == [False] * 5 + [True]


def test_labels_of_another_file_are_told(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    video = replace(
        square_labels.videos[0], content_hash="sha256:other", ranges=(FrameRange(0, 50),)
    )
    labels = AnnotationSet(square_labels.labels, (video,))
    done = prepare(labels, {square_clip.name: square_clip}, tmp_path)
    assert len(done.notices) == 2
    assert "not the file that was labelled" in done.notices[0]
    assert "has 40 frames" in done.notices[1]


def test_a_begun_training_is_not_mixed_with_other_data(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    paths = {square_clip.name: square_clip}
    prepare(square_labels, paths, tmp_path)
    prepare(square_labels, paths, tmp_path, held_out=0)  # nothing was trained yet
    (tmp_path / "cache").mkdir()
    prepare(square_labels, paths, tmp_path, held_out=0)
    with pytest.raises(DataError, match="holds another training"):
        prepare(square_labels, paths, tmp_path, held_out=0.5)
    assert not any(s.held_out for s in read_manifest(tmp_path)[0].segments)


def test_a_full_disk_is_told_before_anything_is_decoded(
    square_labels: AnnotationSet,
    square_clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepare(square_labels, {square_clip.name: square_clip}, tmp_path)
    nearly_full = type(shutil.disk_usage(tmp_path))(10**9, 10**9 - 10**5, 10**5)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: nearly_full)
    with pytest.raises(DataError, match="Make room"):
        build_cache(tmp_path / "cache", read_manifest(tmp_path)[0], 64, lambda _d, _a: True)


def test_damaged_frames_are_not_learnt_from(
    square_labels: AnnotationSet,
    square_clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepare(square_labels, {square_clip.name: square_clip}, tmp_path, held_out=0)
    read = VideoReader.frame

    def damaged(reader: VideoReader, index: int) -> NDArray[np.uint8]:
        if index in (5, 6):
            raise VideoError(f"Frame {index} is damaged.")
        return read(reader, index)

    monkeypatch.setattr(VideoReader, "frame", damaged)
    manifest, annotations = read_manifest(tmp_path)
    for _ in ("decoded", "kept"):
        cache = build_cache(tmp_path / "cache", manifest, 64, lambda _d, _a: True)
        assert cache is not None
        source = ClipSource(manifest, annotations, cache, InputSpec(size=64))
        assert source.damaged == {square_clip.name: [5, 6]}
        keys = [k.frame for k in source.key_frames(held_out=False)]
        assert keys == [f for f in range(36) if f not in (5, 6)]
        shown = cache.clip(manifest.segments[0], np.array([4, 5, 6]))
        assert np.array_equal(shown[0], shown[1])
        assert np.array_equal(shown[0], shown[2])


def test_decoding_stops_when_asked_and_goes_on(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    prepare(square_labels, {square_clip.name: square_clip}, tmp_path, held_out=0.25)
    manifest, _ = read_manifest(tmp_path)
    folder, told = tmp_path / "cache", list[int]()

    def until(last: int) -> bool:
        def report(done: int, _all: int) -> bool:
            told.append(done)
            return done < last

        return build_cache(folder, manifest, 64, report) is not None

    assert not until(20)  # in the first segment
    assert not until(30)  # in the second one
    assert len(list(folder.glob("*.npy"))) == 1
    assert until(99)
    assert sorted(set(told)) == list(range(1, 37))
    assert [told.count(n) for n in (10, 20, 25, 30, 33)] == [1, 1, 1, 1, 1]  # decoded once
    whole = build_cache(tmp_path / "anew", manifest, 64, lambda _d, _a: True)
    assert whole is not None
    for path in folder.glob("*.npy"):
        assert np.array_equal(np.load(path), np.load(tmp_path / "anew" / path.name))
    assert sorted({p.suffix for p in folder.iterdir()}) == [".json", ".npy"]


def test_a_decoding_whose_note_is_torn_begins_anew(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    prepare(square_labels, {square_clip.name: square_clip}, tmp_path, held_out=0.25)
    manifest, _ = read_manifest(tmp_path)
    folder = tmp_path / "cache"
    assert build_cache(folder, manifest, 64, lambda done, _all: done < 20) is None
    (note,) = folder.glob("*.done")
    note.write_text('{"done": 1')
    told: list[int] = []

    def report(done: int, _all: int) -> bool:
        told.append(done)
        return True

    assert build_cache(folder, manifest, 64, report) is not None
    assert told[0] == 1


def test_named_videos_are_held_out_whole() -> None:
    videos = tuple(Video(name, ranges=(FrameRange(0, 5), FrameRange(8, 9))) for name in "ab")
    held = [(s.video, s.start, s.held_out) for s in by_video(videos, ("b",))]
    assert held == [("a", 0, False), ("a", 8, False), ("b", 0, True), ("b", 8, True)]
