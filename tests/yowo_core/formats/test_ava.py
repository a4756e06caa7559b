"""AVA files as their readers expect them, and what AVA cannot hold."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.yowo_core.formats.annotation_sets import annotation_sets, plain_set, plain_tube
from yowo_core.annotations import AnnotationSet, FrameRange, Label, Review, Tube, Video
from yowo_core.errors import ConfigError, FormatError
from yowo_core.formats.ava import write
from yowo_core.formats.ava_grid import whole_seconds
from yowo_core.formats.ava_names import plain_name
from yowo_core.formats.losses import Loss, Why, counts


def rows(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_one_row_a_second_and_action(tmp_path: Path) -> None:
    tube = plain_tube("x", range(5, 26), (2, 0, 30), (1, 15, 30))
    report = write(plain_set(tube), tmp_path / "out.csv")
    assert rows(tmp_path / "out.csv") == [
        "a,0001,0.050,0.200,0.250,0.800,2,0",
        "a,0002,0.050,0.200,0.250,0.800,1,0",
        "a,0002,0.050,0.200,0.250,0.800,2,0",
    ]
    assert report.rows == 3
    assert report.losses == ()
    assert report.renamed == {}


def test_the_label_map_numbers_labels_in_the_order_of_their_ids(tmp_path: Path) -> None:
    annotations = plain_set(plain_tube("x", [10], (3, 0, 20), (7, 0, 20)))
    labels = (Label(7, 'say "hi"'), Label(3, "walk"))
    write(AnnotationSet(labels, annotations.videos), tmp_path / "out.csv")
    assert (tmp_path / "out.pbtxt").read_text() == (
        'item {\n  name: "walk"\n  id: 1\n}\nitem {\n  name: "say \\"hi\\""\n  id: 2\n}\n'
    )
    assert [row.split(",")[6] for row in rows(tmp_path / "out.csv")] == ["1", "2"]


def test_people_are_counted_within_a_video(tmp_path: Path) -> None:
    tubes = [
        plain_tube("1", [10], (1, 0, 99), person="Ann"),
        plain_tube("2", [10], (1, 0, 99)),
        plain_tube("3", [20], (1, 0, 99), person="Ann"),
        plain_tube("4", [20], (1, 0, 99)),
    ]
    first = plain_set(*tubes)
    second = plain_set(tubes[3], name="b.mp4")
    both = AnnotationSet(first.labels, (*first.videos, *second.videos))
    write(both, tmp_path / "out.csv")
    people = [(row.split(",")[0], row.split(",")[7]) for row in rows(tmp_path / "out.csv")]
    assert people == [("a", "0"), ("a", "1"), ("a", "0"), ("a", "2"), ("b", "0")]


def test_interpolated_boxes_are_written_and_hidden_ones_are_not(tmp_path: Path) -> None:
    boxes = np.array([[0.0, 0, 20, 50], [40, 0, 60, 50], [40, 0, 60, 50], [40, 0, 60, 50]])
    outside = np.array([False, True, False, False])
    moving = plain_tube("x", [0, 20, 40, 50], (1, 0, 99), outside=outside)
    write(plain_set(replace(moving, boxes=boxes)), tmp_path / "out.csv")
    assert [row.split(",")[1:4] for row in rows(tmp_path / "out.csv")] == [
        ["0000", "0.000", "0.000"],
        ["0001", "0.100", "0.000"],
        ["0004", "0.200", "0.000"],
        ["0005", "0.200", "0.000"],
    ]


def test_frames_are_chosen_by_their_own_times(tmp_path: Path) -> None:
    times = {"a.mp4": np.array([0.0, 0.7, 0.95, 1.2, 1.9, 2.3])}
    tube = plain_tube("x", [2, 4], (1, 0, 9), keyframe=np.ones(2, np.bool_))
    report = write(plain_set(tube), tmp_path / "out.csv", times=times)
    assert [row.split(",")[1] for row in rows(tmp_path / "out.csv")] == ["0001", "0002"]
    late = plain_tube("x", [3], (1, 0, 9))
    report = write(plain_set(late), tmp_path / "out.csv", times=times)
    reach = FrameRange(3, 4)
    assert report.losses == (Loss("a.mp4", "x", Why.NO_SECOND, reach, 1.2, 1.9, whole=True),)


@pytest.mark.parametrize(
    ("seconds", "frames", "stamps"),
    [
        (np.arange(30) / 10, [0, 10, 20], [0, 1, 2]),
        (np.arange(31) / 10, [0, 10, 20, 30], [0, 1, 2, 3]),
        (0.033 + np.arange(60) / 30, [0, 29, 59], [0, 1, 2]),
        (0.5 + np.arange(10) / 10, [5], [1]),
        (np.array([0.0, 0.5, 1.5, 2.0]), [0, 1, 3], [0, 1, 2]),
        (np.array([0.0, 2.0, 4.0]), [0, 0, 1, 1, 2], [0, 1, 2, 3, 4]),
        (np.array([0.3]), [0], [0]),
        (np.array([0.6]), [0, 0], [0, 1]),
        (1000 + np.arange(10) / 10, [0], [1000]),
    ],
)
def test_the_nearest_frame_stands_for_a_second(
    seconds: NDArray[np.float64], frames: list[int], stamps: list[int]
) -> None:
    found, at = whole_seconds(seconds)
    assert found.tolist() == frames
    assert at.tolist() == stamps


@given(st.lists(st.floats(0.01, 3), min_size=1, max_size=30), st.floats(0, 5))
def test_no_frame_is_nearer_to_a_second(gaps: list[float], start: float) -> None:
    seconds = start + np.cumsum(gaps)
    frames, stamps = whole_seconds(seconds)
    distance = np.abs(seconds[None, :] - stamps[:, None])
    assert np.array_equal(np.argmin(distance, axis=1), frames)
    inside = np.arange(np.ceil(seconds[0]), np.floor(seconds[-1]) + 1)
    assert np.isin(inside, stamps).all()


def told(loss: Loss) -> tuple[str, Why, tuple[int, int], str, str, bool]:
    reach = loss.frames.start, loss.frames.stop
    return loss.tube, loss.why, reach, loss.action, loss.detail, loss.whole


def test_what_ava_cannot_hold_is_named_tube_by_tube(tmp_path: Path) -> None:
    tubes = [
        plain_tube("short", range(11, 19), (1, 0, 99)),
        plain_tube("bare", range(21)),
        plain_tube("new", range(21), (1, 0, 99), review=Review.TO_REVIEW),
        plain_tube("off", [10], (1, 0, 99), box=(-30.0, 0.0, -5.0, 9.0)),
        plain_tube("quick", range(31), (1, 0, 31), (2, 12, 18)),
        plain_tube("half", range(31), (2, 0, 15)),
    ]
    report = write(plain_set(*tubes), tmp_path / "out.csv")
    assert len(rows(tmp_path / "out.csv")) == report.rows == 6
    assert [told(loss) for loss in report.losses] == [
        ("new", Why.NOT_CONFIRMED, (0, 21), "", "", True),
        ("short", Why.NO_SECOND, (11, 19), "", "", True),
        ("bare", Why.NO_ACTION, (0, 21), "", "", True),
        ("off", Why.OUTSIDE, (0, 99), "walk", "1 of 1 seconds", True),
        ("quick", Why.BETWEEN, (12, 18), "read", "", False),
        ("half", Why.BARE, (20, 31), "", "2 of 4 seconds", False),
    ]
    assert [report.losses[1].start, report.losses[1].stop] == pytest.approx([1.1, 1.9])
    assert counts(report.losses) == (
        "1 tube is not confirmed.",
        "1 tube has no action.",
        "1 tube is seen at no whole second.",
        "1 action is done at no whole second.",
        "1 tube has whole seconds without an action.",
        "1 action is outside the picture at whole seconds.",
    )
    assert counts(2 * report.losses[2:3]) == ("2 tubes have no action.",)


def test_a_video_without_facts_is_left_out_and_the_rest_goes_on(tmp_path: Path) -> None:
    unknown = replace(one_box("b.mp4"), width=0)
    both = AnnotationSet((Label(1, "walk"),), (unknown, one_box("a.mp4")))
    report = write(both, tmp_path / "out.csv")
    assert [row[:2] for row in rows(tmp_path / "out.csv")] == ["a,"]
    (loss,) = report.losses
    assert (loss.video, loss.why, loss.whole) == ("b.mp4", Why.VIDEO, True)
    assert "picture size of b.mp4 is unknown" in loss.detail


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["a,b.mp4", "x.mp4"], {"a,b.mp4": "a_b"}),
        (['say "hi"\n.mp4'], {'say "hi"\n.mp4': "say _hi__"}),
        (["a.mp4", "a.mkv"], {"a.mkv": "a_2"}),
        (["a,b.mp4", "a_b.mp4"], {"a,b.mp4": "a_b_2"}),
        (["=cmd.mp4", "-x.mp4", "\U0001f600 \u00e9.mp4", "\u4e2d.mp4"], {}),
    ],
)
def test_names_that_cannot_stand_in_an_ava_file_are_changed_and_told(
    tmp_path: Path, names: list[str], ids: dict[str, str]
) -> None:
    annotations = AnnotationSet((Label(1, "walk"),), tuple(one_box(name) for name in names))
    report = write(annotations, tmp_path / "out.csv")
    assert report.renamed == ids
    written = [row.split(",")[0] for row in rows(tmp_path / "out.csv")]
    assert written == [ids.get(name, name.rpartition(".")[0]) for name in names]


@given(st.data())
def test_every_action_has_a_row_or_is_named(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = data.draw(annotation_sets())
    whole = replace(whole, videos=tuple(replace(v, fps=Fraction(3)) for v in whole.videos))
    path = tmp_path_factory.mktemp("ava") / "out.csv"
    try:
        report = write(whole, path)
    except FormatError:
        assert all(v.width == 0 or v.height == 0 or not v.tubes for v in whole.videos)
        return
    lines = rows(path)
    assert len(lines) == report.rows
    assert all(len(line.split(",")) == 8 for line in lines)
    kept = {(line.split(",")[0], int(line.split(",")[6])) for line in lines}
    named = {(loss.video, loss.tube, loss.action) for loss in report.losses}
    gone = {(loss.video, loss.tube) for loss in report.losses if loss.whole}
    order = sorted(whole.labels, key=lambda label: label.id)
    numbers = {label.id: number for number, label in enumerate(order, start=1)}
    for video in whole.videos:
        name = report.renamed.get(video.name, plain_name(video.name))
        for tube in video.tubes:
            for span in tube.spans:
                told = (video.name, tube.id, whole.label(span.label).name) in named
                there = (name, numbers[span.label]) in kept
                assert there or told or (video.name, tube.id) in gone
    assert bool(lines) or all((v.name, t.id) in gone for v in whole.videos for t in v.tubes)


@pytest.mark.parametrize(
    ("box", "text"),
    [
        ((-10.0, -10.0, 300.0, 50.0), "0.000,0.000,1.000,0.500"),
        ((100.0, 10.0, 100.05, 20.0), "0.500,0.100,0.501,0.200"),
        ((99.95, 10.0, 100.02, 20.0), "0.499,0.100,0.501,0.200"),
        ((199.99, 99.999, 200.0, 100.0), "0.999,0.999,1.000,1.000"),
    ],
)
def test_boxes_stay_inside_the_picture_and_keep_a_size(
    tmp_path: Path, box: tuple[float, ...], text: str
) -> None:
    write(plain_set(plain_tube("x", [10], (1, 0, 99), box=box)), tmp_path / "out.csv")
    assert rows(tmp_path / "out.csv") == [f"a,0001,{text},1,0"]


def test_the_offset_moves_every_time_stamp(tmp_path: Path) -> None:
    tube = plain_tube("x", [0, 10], (1, 0, 99))
    write(plain_set(tube), tmp_path / "out.csv", offset=902)
    assert [row.split(",")[1] for row in rows(tmp_path / "out.csv")] == ["0902", "0903"]
    with pytest.raises(ConfigError, match="-1 seconds"):
        write(plain_set(tube), tmp_path / "out.csv", offset=-1)


def one_box(name: str) -> Video:
    tube = plain_tube("x", [10], (1, 0, 99))
    return plain_set(tube, name=name).videos[0]


def test_incomplete_times_give_way_to_the_frame_rate(tmp_path: Path) -> None:
    holes = {"a.mp4": np.array([np.nan, 5.0])}
    write(plain_set(plain_tube("x", [10], (1, 0, 99))), tmp_path / "out.csv", times=holes)
    assert rows(tmp_path / "out.csv")[0].startswith("a,0001,")


@pytest.mark.parametrize(
    ("videos", "said"),
    [
        ((replace(one_box("a.mp4"), width=0),), "picture size of a.mp4 is unknown"),
        ((replace(one_box("a.mp4"), fps=Fraction(0)),), "frame rate of a.mp4 are known"),
    ],
)
def test_a_video_that_cannot_stand_in_an_ava_file_is_refused(
    tmp_path: Path, videos: tuple[Video, ...], said: str
) -> None:
    annotations = AnnotationSet((Label(1, "walk"),), videos)
    path = tmp_path / "out.csv"
    path.write_text("older")
    with pytest.raises(FormatError, match=said):
        write(annotations, path, times={})
    assert path.read_text() == "older"


def test_a_video_without_confirmed_tubes_needs_no_facts(tmp_path: Path) -> None:
    bare = Video("b,c.mp4", tubes=(plain_tube("x", [0], review=Review.UNSURE),))
    (loss,) = write(AnnotationSet((), (bare,)), tmp_path / "out.csv").losses
    assert loss.why is Why.NOT_CONFIRMED


def columns(line: str) -> tuple[str, int, NDArray[np.float64], int, int]:
    video, second, x1, y1, x2, y2, action, person = line.split(",")
    box = np.array([float(x1), float(y1), float(x2), float(y2)])
    return video, int(second), box, int(action), int(person)


@given(st.data())
def test_boxes_come_back_to_half_a_thousandth(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    x, y = data.draw(st.floats(0, 150)), data.draw(st.floats(0, 70))
    width, height = data.draw(st.floats(1, 50)), data.draw(st.floats(1, 30))
    tube = plain_tube("x", range(31), (1, 0, 99), box=(x, y, x + width, y + height))
    moving = Tube(**{**vars(tube), "boxes": tube.boxes + 0.01 * np.arange(31)[:, None]})
    path = tmp_path_factory.mktemp("ava") / "out.csv"
    write(plain_set(moving), path)
    for line in rows(path):
        _, second, box, _, _ = columns(line)
        expected = moving.boxes[10 * second] / [200, 100, 200, 100]
        assert np.abs(box - np.clip(expected, 0, 1)).max() <= 0.0005 + 1e-9
