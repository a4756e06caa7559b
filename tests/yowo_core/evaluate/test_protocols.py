"""Each protocol gives the figures of the official evaluator that it is named after."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yowo_core.annotations import ActionSpan, AnnotationSet, FrameRange, Label, Tube, Video
from yowo_core.errors import ConfigError, DataError
from yowo_core.evaluate.ava import ava_map, ava_rule
from yowo_core.evaluate.comparison import compare
from yowo_core.evaluate.figures import figures
from yowo_core.evaluate.protocols import frame_ap_by, protocol
from yowo_core.formats.ava_table import is_ava, read_excluded, read_label_map, read_table

LABELS = tuple(Label(i + 1, f"class {i:02d}") for i in range(24))


def _tube(name: str, start: int, boxes: list[list[float]], label: int, score: float | None) -> Tube:
    frames = np.arange(start, start + len(boxes))
    span = ActionSpan(label + 1, start, start + len(boxes), score)
    return Tube(name, frames, np.array(boxes), (span,))


def _set(content: dict[str, Any], tubes: dict[str, tuple[Tube, ...]]) -> AnnotationSet:
    counts = {name: video["n_frames"] for name, video in content["videos"].items()}
    videos = [Video(n, 320, 240, c, Fraction(25), tubes=tubes[n]) for n, c in counts.items()]
    return AnnotationSet(LABELS, tuple(videos))


@pytest.fixture(scope="module")
def fixtures(shared: Path) -> Path:
    return shared / "fixtures"


@pytest.fixture(scope="module")
def pair(fixtures: Path) -> tuple[AnnotationSet, AnnotationSet]:
    """Truth and detections of six videos that every official evaluator was run on."""
    content = json.loads((fixtures / "eval_inputs" / "ucf_like.json").read_text())
    truth = {
        name: tuple(
            _tube(str(n), t["start"] - 1, t["boxes"], video["cls"], None)
            for n, t in enumerate(video["tubes"])
        )
        for name, video in content["videos"].items()
    }
    found = {
        name: tuple(
            _tube(f"{frame}-{n}", int(frame) - 1, [row[:4]], int(row[5]), row[4])
            for frame, rows in frames.items()
            for n, row in enumerate(rows)
        )
        for name, frames in content["detections"].items()
    }
    return _set(content, truth), _set(content, found)


def _golden(fixtures: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((fixtures / "goldens" / f"eval_{name}.json").read_text())
    return loaded


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "source", "key"),
    [
        ("", "yowov2", "frame_mAP@{}_float_boxes_annotated_frames_only"),
        ("yowo", "yowo", "frame_mAP@{}_rounded_boxes"),
        ("yowov2", "yowov2", "frame_mAP@{}_rounded_boxes_all_frames"),
        ("yowov3", "yowov3", "frame_mAP@{}_as_is"),
    ],
)
def test_frame_map(
    fixtures: Path, pair: tuple[AnnotationSet, AnnotationSet], name: str, source: str, key: str
) -> None:
    how, golden = protocol(name), _golden(fixtures, source)
    compared = compare(*pair, every_frame=how.every_frame)
    for iou in (0.5, 0.75):
        assert frame_ap_by(compared, iou, how).map == pytest.approx(
            golden[key.format(iou)]["mAP"], abs=1e-9
        )


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "source", "key", "scale"),
    [
        ("yowo", "yowo", "video_mAP@{}_own_class", 1.0),
        ("yowo-all-classes", "yowo", "video_mAP@{}_all_classes", 1.0),
        ("yowov2", "yowov2", "video_mAP@{}", 100.0),
    ],
)
def test_video_map(
    fixtures: Path,
    pair: tuple[AnnotationSet, AnnotationSet],
    name: str,
    source: str,
    key: str,
    scale: float,
) -> None:
    golden = _golden(fixtures, source)
    video = figures(*pair, protocol(name)).video
    assert video is not None
    for iou in (0.1, 0.2, 0.5, 0.75):
        wanted = golden[key.format(iou)]["mean"] / scale
        assert video.map[iou] == pytest.approx(wanted, abs=2e-7)
    averaged = key.format("0.5:0.95")
    if averaged in golden:
        assert video.averaged == pytest.approx(golden[averaged]["mean"] / scale, abs=2e-7)


@pytest.mark.shared
def test_our_tubes_are_better_on_untrimmed_clips(pair: tuple[AnnotationSet, AnnotationSet]) -> None:
    ours, theirs = figures(*pair, protocol("")).video, figures(*pair, protocol("yowo")).video
    assert ours is not None
    assert theirs is not None
    among_five = {iou: value * 24 / 5 for iou, value in theirs.map.items()}
    assert all(ours.map[iou] > among_five[iou] for iou in ours.map)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "excluding", "key"),
    [
        ("", True, "YOWO_ava_excluded"),
        ("activitynet", False, "YOWOv2_ava_no_exclusion"),
        ("mmaction2", True, "mmaction2_excluded"),
        ("mmaction2", False, "mmaction2_no_exclusion"),
        (
            "yowov3",
            False,
            (
                "YOWOv3_ava(ActivityNet2019: cap 50 boxes/frame, frames absent from GT ignored, "
                "no exclusion list)"
            ),
        ),
    ],
)
def test_ava(fixtures: Path, name: str, excluding: bool, key: str) -> None:
    folder, golden = fixtures / "eval_inputs", _golden(fixtures, "ava")[key]
    truth = read_table(folder / "ava_gt.csv", scored=False)
    found = read_table(folder / "ava_det.csv", scored=True)
    names = read_label_map(folder / "ava_labelmap_60.pbtxt")
    assert names == read_label_map(folder / "ava_labelmap_60.json")
    excluded = read_excluded(folder / "ava_excluded.csv") if excluding else frozenset()
    result = ava_map(truth, found, names, ava_rule(name), excluded)
    wanted = golden.get("overall") or golden["PascalBoxes_Precision/mAP@0.5IOU"]
    assert result.map == pytest.approx(wanted, abs=1e-12)
    assert is_ava(folder / "ava_gt.csv")


def test_unknown_protocols_name_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="yowov3"):
        protocol("yowov4")
    with pytest.raises(ConfigError, match="mmaction2"):
        ava_rule("mmaction")


def test_a_box_counts_with_its_best_class_alone() -> None:
    box = [[0.0, 0.0, 10.0, 10.0]]
    truth = (_tube("1", 0, box, 0, None),)
    found = (_tube("a", 0, box, 0, 0.6), _tube("b", 0, box, 1, 0.9))
    content = {"videos": {"v": {"n_frames": 1}}}
    pair = _set(content, {"v": truth}), _set(content, {"v": found})
    assert frame_ap_by(compare(*pair), 0.5, protocol("")).map == 1
    assert frame_ap_by(compare(*pair), 0.5, protocol("multisports")).map == 0


def test_empty_frames_count_where_the_evaluator_counts_them() -> None:
    box = [[0.0, 0.0, 10.0, 10.0]]
    content = {"videos": {"v": {"n_frames": 9}}}
    truth = _set(content, {"v": (_tube("1", 0, box, 0, None),)})
    found = _set(content, {"v": (_tube("a", 0, box, 0, 0.6), _tube("b", 5, box, 0, 0.9))})
    ours, theirs = (compare(truth, found, every_frame=every) for every in (False, True))
    assert frame_ap_by(ours, 0.5, protocol("")).map == 1
    assert frame_ap_by(theirs, 0.5, protocol("yowo")).map == 0.5
    part = compare(truth, found, FrameRange(0, 5), every_frame=True)
    assert frame_ap_by(part, 0.5, protocol("yowo")).map == 1


def test_frames_that_begin_at_one_are_recognised() -> None:
    boxes = [[0.0, 0.0, 10.0, 10.0]] * 5
    content = {"videos": {"v": {"n_frames": 5}}}
    truth = _set(content, {"v": (_tube("1", 0, boxes, 0, None),)})
    shifted = _set(content, {"v": (_tube("1", 1, boxes, 0, 0.9),)})
    with pytest.raises(DataError, match="begin at 1"):
        figures(truth, shifted, protocol(""))
    elsewhere = _set({"videos": {"v": {"n_frames": 900}}}, {"v": (_tube("1", 500, boxes, 0, 0.9),)})
    long = _set({"videos": {"v": {"n_frames": 900}}}, {"v": (_tube("1", 0, boxes, 0, None),)})
    with pytest.raises(DataError, match="not seconds"):
        figures(long, elsewhere, protocol(""))
