"""From frames to detections to annotations, with an engine that can be reckoned by hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from yowo_core.annotations import FrameRange, Source
from yowo_core.errors import VideoError
from yowo_core.infer.annotate import TubeOptions, annotate
from yowo_core.infer.pipeline import ChunkStore, ClipChoice, analyse, clips, detect_frames
from yowo_core.infer.postprocess import PostprocessConfig, to_detections
from yowo_core.input_spec import InputSpec
from yowo_core.structures import Detections
from yowo_core.video import open_video
from yowo_core.video.clips import causal_clip, centred_clip, resized


class BrightSquare:
    """Finds the bright part of the key frame; 'moves' scores by how much the clip changes."""

    labels: tuple[str, ...] = ("bright", "moves")
    spec = InputSpec(length=4, size=32, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    device = "cpu"

    def run(
        self, clip: NDArray[np.float32], key_frame: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        ys, xs = np.nonzero(key_frame[0] > 0.7)
        box = np.array([[xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]], np.float32)
        change = float(np.abs(np.diff(clip, axis=1)).max())
        return box, np.array([[0.9, min(0.8, change)]], np.float32)


@pytest.mark.parametrize(("causal", "chosen"), [(True, causal_clip), (False, centred_clip)])
def test_clips_are_what_random_access_gives(
    square_clip: Path, causal: bool, chosen: Callable[..., tuple[NDArray[np.int64], int]]
) -> None:
    spec = InputSpec(length=4, stride=2, size=32)
    with open_video(square_clip) as reader:
        got = list(clips(reader, spec, FrameRange(0, 40), ClipChoice(causal)))
        assert [keys for keys, _, _, _ in got] == [[key] for key in range(40)]
        for (key,), clip, places, _ in got[::7]:
            frames, expected = chosen(key, FrameRange(0, 40), spec)
            assert places == [expected]
            wanted = np.stack([resized(reader.frame(int(f)), 32) for f in frames])
            assert np.array_equal(clip, wanted)


def test_detections_are_in_source_pixels(square_clip: Path) -> None:
    with open_video(square_clip) as reader:
        config = PostprocessConfig()
        found = dict(
            detect_frames(reader, BrightSquare(), FrameRange(10, 12), config, ClipChoice())
        )
    assert sorted(found) == [10, 11]
    np.testing.assert_allclose(found[10].boxes, [[10, 20, 30, 50]], atol=3)


def test_still_clips_hold_no_motion(square_clip: Path) -> None:
    with open_video(square_clip) as reader:
        part, config = FrameRange(10, 11), PostprocessConfig()
        moving = dict(detect_frames(reader, BrightSquare(), part, config, ClipChoice()))
        still = dict(detect_frames(reader, BrightSquare(), part, config, ClipChoice(still=True)))
    assert moving[10].scores[0, 1] > 0.1
    assert still[10].scores[0, 1] == 0


def test_a_cancelled_analysis_goes_on_where_it_was(square_clip: Path, tmp_path: Path) -> None:
    options = (PostprocessConfig(), ClipChoice())
    whole = FrameRange(0, 40)
    with open_video(square_clip) as reader:
        source = (reader, BrightSquare())
        part = analyse(source, whole, ChunkStore(tmp_path, 2), options, lambda done: done < 15)
        assert sorted(part) == list(range(15))
        asked: list[int] = []

        def report(done: int) -> bool:
            asked.append(done)
            return True

        rest = analyse(source, whole, ChunkStore(tmp_path, 2), options, report)
    assert asked[0] == 16
    assert sorted(rest) == list(range(40))
    for frame in range(15):
        assert np.array_equal(rest[frame].boxes, part[frame].boxes)


def test_a_damaged_chunk_is_done_again(square_clip: Path, tmp_path: Path) -> None:
    options = (PostprocessConfig(), ClipChoice())
    with open_video(square_clip) as reader:
        source = (reader, BrightSquare())
        analyse(source, FrameRange(0, 5), ChunkStore(tmp_path, 2), options, lambda _n: True)
        chunk = next(tmp_path.glob("*.npz"))
        chunk.write_bytes(chunk.read_bytes()[:100])
        again = analyse(source, FrameRange(0, 5), ChunkStore(tmp_path, 2), options, lambda _n: True)
    assert sorted(again) == list(range(5))


def test_damaged_frames_have_no_detections_and_the_others_go_on(
    square_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = FrameRange(0, 40)
    with open_video(square_clip) as reader:
        read = reader.frame

        def damaged(index: int) -> NDArray[np.uint8]:
            if index in {0, 10, 11, 39}:
                raise VideoError(f"Frame {index} is damaged.")
            return read(index)

        monkeypatch.setattr(reader, "frame", damaged)
        args = (whole, PostprocessConfig(), ClipChoice())
        found = dict(detect_frames(reader, BrightSquare(), *args))
        spec = InputSpec(length=4, size=32)
        (clip,) = (c.clip for c in clips(reader, spec, whole, ClipChoice(True)) if c.keys == [12])
        shown = [resized(read(i), 32) for i in (9, 9, 9, 12)]
    assert sorted(found) == list(range(40))
    assert {f for f, d in found.items() if not len(d)} == {0, 10, 11, 39}
    assert np.array_equal(clip, np.stack(shown))


@pytest.mark.parametrize("spans", [True, False])
def test_detections_become_tubes(square_clip: Path, spans: bool) -> None:
    with open_video(square_clip) as reader:
        found = dict(
            detect_frames(
                reader, BrightSquare(), FrameRange(0, 40), PostprocessConfig(), ClipChoice()
            )
        )
        found[7] = Detections.none(2)
        options = TubeOptions(0.1, spans, "m")
        annotations = annotate("square.mp4", reader, found, ("bright", "moves"), options)
    (tube,) = annotations.videos[0].tubes
    assert (tube.start, tube.stop) == (0, 40)
    assert tube.sources[7] is Source.INTERPOLATION
    assert tube.sources[8] is Source.MODEL
    bright = next(s for s in tube.spans if s.label == 1)
    assert (bright.start, bright.stop) == (0, 40)
    assert bright.score == pytest.approx(0.9)


def test_unlinked_boxes_are_kept_for_the_evaluator(square_clip: Path) -> None:
    faint = Detections(np.array([[0, 0, 9, 9]], np.float32), np.array([[0.02, 0.001]], np.float32))
    with open_video(square_clip) as reader:
        annotations = annotate(
            "square.mp4", reader, {3: faint}, ("a", "b"), TubeOptions(0.005, False, "m")
        )
    (tube,) = annotations.videos[0].tubes
    assert tube.id == "loose-1"
    assert [s.label for s in tube.spans] == [1]


def test_one_box_an_actor_with_all_its_scores() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9.5], [20, 20, 30, 30]], np.float32)
    scores = np.array([[0.5, 0.4], [0.1, 0.9], [0.3, 0.0]], np.float32)
    found = to_detections(boxes, scores, (64, 32), 32, PostprocessConfig(min_score=0.2))
    assert found.boxes.tolist() == [[0, 0, 20, 9.5], [40, 20, 60, 30]]
    assert found.scores.tolist() == scores[1:].tolist()


def test_an_actor_without_an_action_is_nothing_to_review(square_clip: Path) -> None:
    box = np.array([[5, 5, 30, 40]], np.float32)
    unsure = {f: Detections(box, np.array([[0.35, 0.1]], np.float32)) for f in range(20)}
    with open_video(square_clip) as reader:
        for spans, expected in ((True, 0), (False, 1)):
            options = TubeOptions(0.05, spans, "m")
            annotations = annotate("square.mp4", reader, unsure, ("a", "b"), options)
            assert len(annotations.videos[0].tubes) == expected
