"""AVA files as their readers expect them, and what AVA cannot hold."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.yowo_core.formats.annotation_sets import plain_set, plain_tube
from yowo_core.annotations import AnnotationSet, Label, Review, Tube, Video
from yowo_core.errors import ConfigError, FormatError
from yowo_core.formats.ava import LostTube, whole_seconds, write


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
    assert report.sentences() == ()


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
    assert report.lost_tubes == (LostTube("a.mp4", "x", 1.2, 1.9),)


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


def test_what_ava_cannot_hold_is_counted_and_named(tmp_path: Path) -> None:
    tubes = [
        plain_tube("short", range(11, 19), (1, 0, 99)),
        plain_tube("bare", range(21)),
        plain_tube("new", range(21), (1, 0, 99), review=Review.TO_REVIEW),
        plain_tube("off", [10], (1, 0, 99), box=(-30.0, 0.0, -5.0, 9.0)),
    ]
    report = write(plain_set(*tubes), tmp_path / "out.csv")
    assert rows(tmp_path / "out.csv") == []
    assert (report.skipped_unlabelled, report.skipped_outside, report.unconfirmed) == (3, 1, 1)
    (lost,) = report.lost_tubes
    assert lost.tube == "short"
    assert [lost.start, lost.stop] == pytest.approx([1.1, 1.9])
    assert report.sentences() == (
        "Left out: boxes without an action, 3.",
        "Left out: boxes outside their picture, 1.",
        "Left out: tubes that nobody confirmed, 1.",
        "Left out: tubes seen at no whole second, 1 (a.mp4 #short from 1.10 s).",
    )


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
        ((one_box("a,b.mp4"),), "no quoting"),
        ((one_box("x/a.mp4"), one_box("x/a.mkv")), "x/a.mp4 and x/a.mkv are both called x/a"),
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
    assert write(AnnotationSet((), (bare,)), tmp_path / "out.csv").unconfirmed == 1


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
