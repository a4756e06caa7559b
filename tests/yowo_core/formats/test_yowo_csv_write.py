"""Our CSV written and read again: the same annotations, the same bytes."""

import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.yowo_core.formats.annotation_sets import (
    annotation_sets,
    assert_same,
    plain_set,
    plain_tube,
)
from yowo_core.annotations import ActionSpan, AnnotationSet, FrameRange, Label, Source, Tube, Video
from yowo_core.errors import FormatError
from yowo_core.formats.yowo_csv import COLUMNS, read, sidecar_path, write

HEAD = ",".join(COLUMNS)
reused_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@given(annotation_sets())
@reused_folder
def test_any_annotations_come_back_and_so_do_the_bytes(
    tmp_path: Path, annotations: AnnotationSet
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    write(annotations, first)
    result = read(first)
    assert result.problems == ()
    assert_same(annotations, result.annotations)
    write(result.annotations, second, times=result.times, extras=result.extras)
    assert first.read_bytes() == second.read_bytes()
    assert sidecar_path(first).read_bytes() == sidecar_path(second).read_bytes()


@given(annotation_sets(), st.data())
@reused_folder
def test_bytes_come_back_without_the_side_file(
    tmp_path: Path, annotations: AnnotationSet, data: st.DataObject
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    times = {
        v.name: np.sort(data.draw(st.lists(st.floats(0, 99), min_size=5, max_size=20)))
        for v in annotations.videos
    }
    write(annotations, first, times=times)
    sidecar_path(first).unlink()
    result = read(first)
    write(result.annotations, second, times=result.times)
    assert first.read_bytes() == second.read_bytes()


def test_the_rows_of_an_interpolated_tube(tmp_path: Path) -> None:
    tube = Tube(
        "t1",
        np.array([0, 2, 3]),
        np.array([[0, 0, 10, 10], [2, 0, 12.5, 10], [2, 0, 12.5, 10]], np.float64),
        (ActionSpan(2, 0, 2, 0.5), ActionSpan(1, 1, 3, 0.25, (0.25,))),
        sources=(Source.HUMAN, Source.MODEL, Source.HUMAN),
        keyframe=np.array([True, False, True]),
        outside=np.array([False, False, True]),
        person="Ann",
        model="demo",
    )
    path = tmp_path / "rows.csv"
    write(plain_set(tube), path)
    assert path.read_text().splitlines() == [
        HEAD,
        "a.mp4,t1,Ann,0,0.0,0.0,0.0,10.0,10.0,read,0.5,1,0,human,demo,accepted",
        "a.mp4,t1,Ann,1,0.1,1.0,0.0,11.25,10.0,read,0.5,0,0,interpolation,demo,accepted",
        "a.mp4,t1,Ann,1,0.1,1.0,0.0,11.25,10.0,walk,0.25,0,0,interpolation,demo,accepted",
        "a.mp4,t1,Ann,2,0.2,2.0,0.0,12.5,10.0,walk,0.25,0,0,model,demo,accepted",
        "a.mp4,t1,Ann,3,0.3,2.0,0.0,12.5,10.0,,,1,1,human,demo,accepted",
    ]


def test_the_side_file(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    ranges = (FrameRange(0, 5), FrameRange(9, 20))
    annotations = plain_set(
        fps=Fraction(30000, 1001), content_hash="sha256:1", ranges=ranges, name="ä.mp4"
    )
    write(annotations, path)
    assert json.loads((tmp_path / "labels.json").read_text(encoding="utf-8")) == {
        "videos": [
            {
                "name": "ä.mp4",
                "width": 200,
                "height": 100,
                "frames": 100,
                "fps": "30000/1001",
                "content_hash": "sha256:1",
                "ranges": [[0, 5], [9, 20]],
            }
        ],
        "labels": [
            {"id": 1, "name": "walk", "kind": "action", "color": "#38bdf8"},
            {"id": 2, "name": "read", "kind": "action", "color": "#38bdf8"},
        ],
    }


def test_given_times_win_and_an_unknown_rate_leaves_them_empty(tmp_path: Path) -> None:
    path, tube = tmp_path / "t.csv", plain_tube("1", range(3))
    write(plain_set(tube), path, times={"a.mp4": np.array([0.033, 0.066])})
    assert [row.split(",")[4] for row in path.read_text().splitlines()] == [
        "time",
        "0.033",
        "0.066",
        "",
    ]
    write(plain_set(tube, fps=Fraction(0)), path)
    assert path.read_text().splitlines()[1].split(",")[4] == ""


def test_unknown_columns_and_keys_are_kept(tmp_path: Path) -> None:
    path, again = tmp_path / "in.csv", tmp_path / "out.csv"
    rows = [
        "video,tube_id,frame,x1,y1,x2,y2,action,mood,note",
        'a.mp4,1,0,0.0,0.0,9.0,9.0,read,calm,"a, b"',
        "a.mp4,1,0,0.0,0.0,9.0,9.0,walk,,",
    ]
    path.write_text("\n".join(rows) + "\n")
    (tmp_path / "in.json").write_text(
        json.dumps(
            {
                "videos": [{"name": "a.mp4", "place": "hall"}],
                "labels": [{"id": 4, "name": "walk", "key": "w"}],
                "project": {"by": "Ann"},
            }
        )
    )
    result = read(path)
    assert result.extras.columns == ("mood", "note")
    write(result.annotations, again, times=result.times, extras=result.extras)
    head, first, second = again.read_text().splitlines()
    assert head == HEAD + ",mood,note"
    assert first.endswith(',accepted,calm,"a, b"')
    assert second.endswith(",accepted,,")
    content = json.loads((tmp_path / "out.json").read_text())
    assert content["videos"][0]["place"] == "hall"
    assert content["labels"][0] == {
        "id": 4,
        "name": "walk",
        "kind": "action",
        "color": "#38bdf8",
        "key": "w",
    }
    assert content["project"] == {"by": "Ann"}


def test_overwriting_a_side_file_keeps_its_unknown_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write(plain_set(), path)
    beside = tmp_path / "a.json"
    beside.write_text(json.dumps({**json.loads(beside.read_text()), "project": 7}))
    write(plain_set(), path)
    assert json.loads(beside.read_text())["project"] == 7


@pytest.mark.parametrize("content", ["[]", "{}", '{"videos": [1], "labels": []}', "{", "\xff"])
def test_another_file_in_the_side_files_place_is_left_alone(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content, encoding="latin-1")
    with pytest.raises(FormatError, match="no side file"):
        write(plain_set(), tmp_path / "a.csv")
    assert (tmp_path / "a.json").read_text(encoding="latin-1") == content
    assert not (tmp_path / "a.csv").exists()
    (tmp_path / "a.csv").write_text(f"{HEAD}\n")
    assert "a.json" in read(tmp_path / "a.csv").problems[0].message


def test_impossible_facts_count_as_unknown(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEAD}\n")
    good = {"name": "b.mp4", "width": 5, "fps": "25", "ranges": [[4, 6], [0, 4]]}
    bad = {
        "name": "a.mp4",
        "width": -3,
        "height": "tall",
        "frames": True,
        "fps": "1/0",
        "ranges": [[5, 5]],
    }
    labels = [{"id": 1, "name": "walk"}, {"id": 1, "name": "run"}, {"id": "x", "name": "y"}, {}]
    content = {"videos": [bad, good, {"name": "a.mp4"}, {}], "labels": labels}
    (tmp_path / "a.json").write_text(json.dumps(content))
    result = read(path)
    first, second = result.annotations.videos
    assert (first.width, first.height, first.frame_count, int(first.fps)) == (0, 0, 0, 0)
    assert first.ranges == ()
    assert (second.width, second.fps) == (5, Fraction(25))
    assert second.ranges == (FrameRange(0, 6),)
    assert result.annotations.labels == (Label(1, "walk"),)
    assert len(result.problems) == 5 + 2 + 3
    assert all(str(tmp_path / "a.json") in p.message for p in result.problems)


def test_new_actions_get_ids_after_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write(plain_set(plain_tube("1", range(2), (1, 0, 2))), path)
    with path.open("a") as file:
        file.write("a.mp4,1,,0,0.0,10.0,20.0,50.0,80.0,jump,,1,0,human,,accepted\n")
    assert read(path).annotations.labels[2:] == (Label(3, "jump"),)


def test_for_spreadsheets_formulas_are_disarmed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    annotations = plain_set(plain_tube("+1", [0], (1, 0, 1), box=(-5.0, 0.0, 5.0, 9.0)), name="-a")
    label = replace(annotations.labels[0], name="=1+1")
    annotations = AnnotationSet((label, annotations.labels[1]), annotations.videos)
    write(annotations, path, for_spreadsheets=True)
    assert path.read_text().splitlines()[1].startswith("'-a,'+1,,0,0.0,-5.0,0.0,5.0,9.0,'=1+1,,")
    write(annotations, path)
    assert path.read_text().splitlines()[1].startswith("-a,+1,,0,0.0,-5.0,0.0,5.0,9.0,=1+1,,")


@pytest.mark.parametrize(
    ("annotations", "said"),
    [
        (AnnotationSet((Label(1, "walk"), Label(2, "walk"))), "2 labels are called 'walk'"),
        (AnnotationSet((), (Video("a"), Video("a"))), "2 videos are called 'a'"),
        (
            AnnotationSet((), (Video("a", tubes=(plain_tube("x", [0]), plain_tube("x", [1]))),)),
            "2 tubes of a are called 'x'",
        ),
        (
            AnnotationSet((), (Video("a", tubes=(plain_tube("x", [0], (3, 0, 1)),)),)),
            "label id 3, which has no name",
        ),
        (
            AnnotationSet((Label(3, ""),), (Video("a", tubes=(plain_tube("x", [0], (3, 0, 1)),)),)),
            "label id 3, which has no name",
        ),
    ],
)
def test_what_could_not_be_read_again_is_refused(
    tmp_path: Path, annotations: AnnotationSet, said: str
) -> None:
    with pytest.raises(FormatError, match=said):
        write(annotations, tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


def test_overlapping_spans_of_one_action_give_one_row_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write(plain_set(plain_tube("1", range(6), (1, 0, 4), (1, 2, 6))), path)
    result = read(path)
    assert result.problems == ()
    assert result.annotations.videos[0].tubes[0].spans == (ActionSpan(1, 0, 6),)


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    write(plain_set(plain_tube("1", range(3))), path)
    before = path.read_bytes()

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(FormatError, match="No space left on device"):
        write(plain_set(), path)
    assert path.read_bytes() == before
    assert {p.name for p in tmp_path.iterdir()} == {"a.csv", "a.json"}


def test_a_place_that_does_not_exist_and_a_name_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be written: No such file"):
        write(plain_set(), tmp_path / "none" / "a.csv")
    broken = plain_set(plain_tube("1", [0]), name="J\udcf6rg.mp4")
    with pytest.raises(FormatError, match=r"udcf6.*no text"):
        write(broken, tmp_path / "a.csv")


def test_a_new_file_has_the_usual_rights(tmp_path: Path) -> None:
    path, plain = tmp_path / "a.csv", tmp_path / "plain"
    write(plain_set(), path)
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode


@pytest.mark.shared
def test_the_demo_labels_come_back(shared: Path, tmp_path: Path) -> None:
    labels = read(shared / "footage" / "one-by-one" / "labels_frames_0_900.csv").annotations
    write(labels, tmp_path / "a.csv")
    again = read(tmp_path / "a.csv")
    assert_same(labels, again.annotations)
    write(again.annotations, tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
