"""Frame-mAP over annotation sets: which frames, videos and tubes take part."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from yowo_core.annotations import (
    ActionSpan,
    AnnotationSet,
    FrameRange,
    Label,
    Review,
    Tube,
    Video,
)
from yowo_core.errors import DataError
from yowo_core.evaluate.frame_map import frame_map
from yowo_core.formats import yowo_csv

DATA = Path(__file__).parents[2] / "data"
Pair = tuple[AnnotationSet, AnnotationSet]

WALK, READ = Label(1, "walk"), Label(2, "read")
BOX = (0.0, 0.0, 10.0, 20.0)


def tube(
    name: str,
    numbers: Iterable[int],
    label: int = 1,
    score: float | None = None,
    review: Review = Review.ACCEPTED,
) -> Tube:
    frames = np.array(list(numbers), np.int64)
    boxes = np.tile(np.array(BOX), (len(frames), 1))
    span = ActionSpan(label, int(frames[0]), int(frames[-1]) + 1, score)
    return Tube(name, frames, boxes, (span,), review=review)


def annotations(
    *tubes: Tube,
    name: str = "a.mp4",
    labels: tuple[Label, ...] = (WALK, READ),
    ranges: tuple[FrameRange, ...] = (),
) -> AnnotationSet:
    return AnnotationSet(labels, (Video(name, ranges=ranges, tubes=tubes),))


def test_the_truth_finds_itself() -> None:
    truth = annotations(tube("1", range(5)), tube("2", range(3, 9), label=2))
    result = frame_map(truth, truth)
    assert result.map == 1
    assert {name: r.truths for name, r in result.per_class.items()} == {"walk": 5, "read": 6}


def test_without_ranges_only_frames_with_truth_are_known() -> None:
    truth = annotations(tube("1", range(5)))
    found = annotations(tube("1", range(5), score=0.5), tube("2", range(5, 10), score=0.9))
    assert frame_map(truth, found).map == 1


def test_a_labelled_range_makes_empty_frames_negatives() -> None:
    truth = annotations(tube("1", range(5)), ranges=(FrameRange(0, 10),))
    found = annotations(tube("1", range(5), score=0.5), tube("2", range(5, 15), score=0.9))
    result = frame_map(truth, found)
    assert result.per_class["walk"].detections == 10
    assert result.map == pytest.approx(0.5)


def test_asking_for_frames_makes_them_all_count() -> None:
    truth = annotations(tube("1", range(5)))
    found = annotations(tube("1", range(5), score=0.5), tube("2", range(5, 15), score=0.9))
    result = frame_map(truth, found, frames=FrameRange(3, 8))
    assert result.per_class["walk"].truths == 2
    assert result.per_class["walk"].detections == 5
    assert result.map == pytest.approx(2 / 5)


def test_asked_frames_outside_the_labelled_ranges_stay_unknown() -> None:
    truth = annotations(tube("1", range(20)), ranges=(FrameRange(0, 6),))
    found = annotations(tube("1", range(20), score=0.5))
    result = frame_map(truth, found, frames=FrameRange(4, 20))
    assert result.per_class["walk"].truths == result.per_class["walk"].detections == 2


def test_a_box_without_action_still_makes_its_frame_known() -> None:
    bare = Tube("1", np.array([7]), np.array([BOX]))
    truth = annotations(tube("2", range(2)), bare)
    found = annotations(tube("1", range(2), score=0.5), tube("2", [7], score=0.9))
    assert frame_map(truth, found).per_class["walk"].detections == 3


def test_interpolated_boxes_count_and_hidden_ones_do_not() -> None:
    seen = Tube(
        "1",
        np.array([0, 4, 6, 8]),
        np.tile(np.array(BOX), (4, 1)),
        (ActionSpan(1, 0, 9),),
        outside=np.array([False, True, False, False]),
    )
    result = frame_map(annotations(seen), annotations(seen))
    assert result.per_class["walk"].truths == 4 + 3


def test_scores_between_stored_boxes_lie_on_the_line() -> None:
    scored = Tube(
        "1",
        np.array([0, 2]),
        np.tile(np.array(BOX), (2, 1)),
        (ActionSpan(1, 0, 3, 0.4, (0.2, 0.6)),),
    )
    truth = annotations(tube("1", range(3)))
    other = Tube(
        "2", np.array([1]), np.array([(50.0, 0.0, 60.0, 9.0)]), (ActionSpan(1, 1, 2, 0.5),)
    )
    result = frame_map(truth, annotations(scored, other))
    # order: frame 2 (0.6), the stranger (0.5), frame 1 (0.4), frame 0 (0.2)
    assert result.map == pytest.approx((1 + 3 / 4 + 3 / 4) / 3)


def test_a_detection_without_score_is_sure() -> None:
    truth = annotations(tube("1", [0]))
    wrong = Tube("2", np.array([0]), np.array([(50.0, 0.0, 60.0, 9.0)]), (ActionSpan(1, 0, 1),))
    assert frame_map(truth, annotations(tube("1", [0], score=0.99), wrong)).map == 0.5


def test_classes_are_matched_by_name() -> None:
    truth = annotations(tube("1", [0], label=1))
    found = annotations(tube("1", [0], label=5, score=1.0), labels=(Label(5, "walk"),))
    assert frame_map(truth, found).map == 1
    other = annotations(tube("1", [0], label=1, score=1.0), labels=(Label(1, "run"),))
    result = frame_map(truth, other)
    assert result.map == 0
    assert result.per_class["run"].ap is None


def test_videos_are_matched_by_file_name_when_folders_differ() -> None:
    truth = annotations(tube("1", [0]), name="clips/a.mp4")
    assert frame_map(truth, annotations(tube("1", [0]), name="C:\\videos\\a.mp4")).map == 1


def test_a_file_name_that_is_there_twice_matches_nothing_by_itself() -> None:
    truth = AnnotationSet(
        (WALK,), tuple(Video(n, tubes=(tube("1", [0]),)) for n in ("x/a.mp4", "y/a.mp4"))
    )
    result = frame_map(truth, annotations(tube("1", [0]), name="a.mp4"))
    assert result.unknown == ("a.mp4",)
    assert result.missing == ("x/a.mp4", "y/a.mp4")


def test_rejected_tubes_are_no_truth() -> None:
    truth = annotations(tube("1", [0]), tube("2", [1], review=Review.REJECTED))
    assert frame_map(truth, truth).per_class["walk"].truths == 1


def test_no_truth_at_all_is_said() -> None:
    empty = annotations(tube("1", [0]))
    with pytest.raises(DataError, match="in frames 5 to 8"):
        frame_map(empty, empty, frames=FrameRange(5, 9))


@pytest.mark.parametrize("iou", [0, -1, 1.5, float("nan")])
def test_impossible_thresholds_are_refused(iou: float) -> None:
    truth = annotations(tube("1", [0]))
    with pytest.raises(DataError, match="IoU"):
        frame_map(truth, truth, iou)


def test_an_action_without_a_name_is_refused() -> None:
    nameless = annotations(tube("1", [0], label=9))
    with pytest.raises(DataError, match="label id 9"):
        frame_map(nameless, nameless)


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The seeded detections of the official evaluators, as two CSV files that were read again."""
    content = json.loads((DATA / "eval_ucf_like.json").read_text())
    folder = tmp_path_factory.mktemp("golden")
    head = "video,tube_id,frame,x1,y1,x2,y2,action,score"
    truth, found = [head], [head]
    for name, video in content["videos"].items():
        for number, one in enumerate(video["tubes"]):
            for step, box in enumerate(one["boxes"]):
                frame = one["start"] - 1 + step
                truth.append(f"{name},{number},{frame},{','.join(map(str, box))},{video['cls']},")
        for frame, boxes in content["detections"][name].items():
            for *box, score, label in boxes:
                place = f"{int(frame) - 1},{','.join(map(str, box))}"
                found.append(f"{name},,{place},{int(label)},{score}")
    sets = []
    for file, lines in (("truth", truth), ("found", found)):
        path = folder / f"{file}.csv"
        path.write_text("\n".join(lines) + "\n")
        result = yowo_csv.read(path)
        assert result.problems == ()
        sets.append(result.annotations)
    return sets[0], sets[1]


@pytest.mark.parametrize(("iou", "expected"), [(0.5, 73.19170361749723), (0.75, 39.07824096891154)])
def test_annotated_frames_give_the_published_protocol(
    golden: Pair, iou: float, expected: float
) -> None:
    assert 100 * frame_map(*golden, iou).map == pytest.approx(expected)


@pytest.mark.parametrize("iou", [0.5, 0.75])
def test_all_frames_give_the_official_evaluator_per_class(golden: Pair, iou: float) -> None:
    expected = json.loads((DATA / "eval_yowo.json").read_text())[f"frame_mAP@{iou}_float_boxes"]
    result = frame_map(*golden, iou, FrameRange(0, 1000))
    assert result.map == pytest.approx(expected["mAP"], abs=1e-12)
    for label in ("0", "2", "6", "14", "23"):
        theirs = expected["per_class_1based"][str(int(label) + 1)]
        assert result.per_class[label].ap == pytest.approx(theirs, abs=1e-12)
