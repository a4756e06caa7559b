"""What our CSV's reader makes of good, sparse and broken files."""

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from yowo_core.annotations import ActionSpan, FrameRange, Review, Source, Tube
from yowo_core.errors import FormatError
from yowo_core.formats.yowo_csv import COLUMNS, ReadResult, read

HEAD = "video,tube_id,frame,x1,y1,x2,y2,action"


ReadText = Callable[[str], ReadResult]


@pytest.fixture
def read_text(tmp_path: Path) -> ReadText:
    """Reads a text as if it were a label file."""

    def read_it(text: str) -> ReadResult:
        path = tmp_path / "labels.csv"
        path.write_bytes(text.encode())
        return read(path)

    return read_it


def lines(*rows: str, head: str = HEAD) -> str:
    return "\n".join([head, *rows]) + "\n"


def only_tube(result: ReadResult) -> Tube:
    (video,) = result.annotations.videos
    (tube,) = video.tubes
    return tube


def test_rows_of_a_tube_become_boxes_and_spans(read_text: ReadText) -> None:
    result = read_text(
        lines(
            "a.mp4,7,3,1,2,11,12.5,walk",
            "a.mp4,7,4,1,2,12,12.5,walk",
            "a.mp4,7,4,1,2,12,12.5,wave",
            "a.mp4,7,5,1,2,13,12.5,wave",
            "a.mp4,7,6,1,2,14,12.5,",
            "a.mp4,7,7,1,2,15,12.5,walk",
        )
    )
    assert result.problems == ()
    tube = only_tube(result)
    assert tube.id == "7"
    assert tube.frames.tolist() == [3, 4, 5, 6, 7]
    assert tube.boxes[1].tolist() == [1, 2, 12, 12.5]
    assert tube.spans == (ActionSpan(1, 3, 5), ActionSpan(2, 4, 6), ActionSpan(1, 7, 8))
    assert [(x.id, x.name) for x in result.annotations.labels] == [(1, "walk"), (2, "wave")]
    assert set(tube.sources) == {Source.IMPORT}
    assert tube.review is Review.ACCEPTED
    assert tube.keyframe.all()


def test_rows_need_no_order(read_text: ReadText) -> None:
    rows = [f"a.mp4,{t},{f},0,0,{10 + f},9,walk" for t in "xy" for f in range(4)]
    forward, backward = (
        only_frames(read_text(lines(*rows))),
        only_frames(read_text(lines(*rows[::-1]))),
    )
    assert forward == {"x": [10, 11, 12, 13], "y": [10, 11, 12, 13]}
    assert backward == forward


def only_frames(result: ReadResult) -> dict[str, list[float]]:
    return {t.id: t.boxes[:, 2].tolist() for t in result.annotations.videos[0].tubes}


def test_columns_are_found_by_name(read_text: ReadText) -> None:
    head = "action,y2,x2,y1,x1,frame,video"
    tube = only_tube(read_text(lines("walk,4,3,2,1,9,a.mp4", head=head)))
    assert tube.frames.tolist() == [9]
    assert tube.boxes.tolist() == [[1, 2, 3, 4]]


def test_without_tube_id_each_box_is_its_own_tube(read_text: ReadText) -> None:
    head = "video,frame,x1,y1,x2,y2,action,score"
    result = read_text(
        lines(
            "a.mp4,0,0,0,9,9,walk,0.5",
            "a.mp4,0,0,0,9,9,wave,0.25",
            "a.mp4,0,0,0,8,9,walk,0.5",
            "a.mp4,1,0,0,9,9,walk,0.5",
            "a.mp4,0,0,0,9,9,walk,0.125",
            head=head,
        )
    )
    tubes = result.annotations.videos[0].tubes
    assert [t.id for t in tubes] == ["line-2", "line-4", "line-5", "line-6"]
    assert [len(t.frames) for t in tubes] == [1, 1, 1, 1]
    assert tubes[0].spans == (ActionSpan(1, 0, 1, 0.5), ActionSpan(2, 0, 1, 0.25))
    assert tubes[3].spans == (ActionSpan(1, 0, 1, 0.125),)


def test_a_made_up_id_avoids_real_ones(read_text: ReadText) -> None:
    result = read_text(lines("a.mp4,,0,0,0,9,9,walk", "a.mp4,line-2,0,0,0,9,9,walk"))
    assert [t.id for t in result.annotations.videos[0].tubes] == ["line-2-", "line-2"]


def test_a_tube_id_holds_within_its_video(read_text: ReadText) -> None:
    result = read_text(lines("a.mp4,1,0,0,0,9,9,walk", "b.mp4,1,5,0,0,9,9,walk"))
    assert [(v.name, v.tubes[0].start) for v in result.annotations.videos] == [
        ("a.mp4", 0),
        ("b.mp4", 5),
    ]


def test_what_spreadsheets_and_other_systems_do_is_read(read_text: ReadText) -> None:
    text = (
        "\ufeff" + HEAD + "\r\n"
        '"Straße, 5 ""Süd"".mp4",1,0,0,0,9,9,läuft\r\n'
        "\r\n"
        ",,,,,,,\r\n"
        '"Straße, 5 ""Süd"".mp4",1,1.0,0,0,9,9,läuft'
    )
    result = read_text(text)
    assert result.problems == ()
    assert result.annotations.videos[0].name == 'Straße, 5 "Süd".mp4'
    assert only_tube(result).frames.tolist() == [0, 1]


FULL = ",".join(COLUMNS)
GOOD = "a.mp4,1,,0,0.0,0,0,9,9,walk,0.5,1,0,model,m,to_review"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x1": "left"}, "x1 is 'left', not a number"),
        ({"x1": ""}, "x1 is '', not a number"),
        ({"y2": "nan"}, "y2 is 'nan', not a number"),
        ({"y2": "inf"}, "y2 is 'inf', not a number"),
        ({"y2": "1_0"}, "y2 is '1_0', not a number"),
        ({"x2": "0"}, "x2 0 is not larger than x1 0"),
        ({"y2": "-3"}, "y2 -3 is not larger than y1 0"),
        ({"frame": "-1"}, "frame is '-1', not a whole number"),
        ({"frame": "1.5"}, "frame is '1.5', not a whole number"),
        ({"frame": "1e300"}, "frame is '1e300', not a whole number"),
        ({"frame": "nan"}, "frame is 'nan', not a whole number"),
        ({"time": "soon"}, "time is 'soon', not a number"),
        ({"score": "high"}, "score is 'high', not a number"),
        ({"score": "1.5"}, "score is 1.5, not between 0 and 1"),
        ({"source": "ghost"}, "source is 'ghost', not one of human, model, interpolation"),
        ({"review": "ok"}, "review is 'ok', not one of to_review, accepted"),
        ({"keyframe": "2"}, "keyframe is '2', not one of 0, 1"),
        ({"outside": "x"}, "outside is 'x', not one of 0, 1"),
        ({"video": ""}, "the video has no name"),
        ({"x1": "bad", "y1": "bad"}, "x1 is 'bad', not a number"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_goes_on(
    read_text: ReadText, change: dict[str, str], said: str
) -> None:
    cells = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | {"frame": "1"} | change
    other = GOOD.replace(",0,0.0,", ",2,0.2,")
    result = read_text(lines(GOOD, ",".join(cells.values()), other, head=FULL))
    (problem,) = result.problems
    assert problem.line == 3
    assert said in problem.message
    assert "row left out" in problem.message
    assert only_tube(result).frames.tolist()[0] == 0
    assert only_tube(result).stop == 3


def test_a_row_of_another_width_is_named(read_text: ReadText) -> None:
    result = read_text(lines("a.mp4,1,0,0,0,9,9,walk", "a.mp4,1,1,0,0,9", "a.mp4,1,1,0,0,9,9,walk"))
    assert [p.line for p in result.problems] == [3]
    assert "6 cells, but the header has 8" in result.problems[0].message
    assert only_tube(result).frames.tolist() == [0, 1]


def test_lines_are_counted_over_quoted_line_breaks(read_text: ReadText) -> None:
    result = read_text(lines('"a\nb.mp4",1,0,0,0,9,9,walk', '"a\nb.mp4",1,x,0,0,9,9,walk'))
    assert [p.line for p in result.problems] == [4]
    assert result.annotations.videos[0].name == "a\nb.mp4"


def test_an_open_quote_costs_only_its_line(read_text: ReadText) -> None:
    rows = [f"a.mp4,1,{f},0,0,9,9,walk" for f in range(3)]
    result = read_text(lines(rows[0], '"a.mp4,1,1,0,0,9,9,walk', rows[2]))
    assert [p.line for p in result.problems] == [3]
    assert "quoting" in result.problems[0].message
    assert only_tube(result).stop == 3


def test_another_box_in_the_same_frame_is_named(read_text: ReadText) -> None:
    result = read_text(
        lines("a.mp4,1,0,0,0,9,9,walk", "a.mp4,1,0,0,0,9,9,wave", "a.mp4,1,0,0,0,8,9,run")
    )
    (problem,) = result.problems
    assert str(problem) == "line 4: frame 0 of tube 1 has another box in line 2; row left out."
    assert len(only_tube(result).spans) == 2


@pytest.mark.parametrize("column", ["source", "keyframe", "outside"])
def test_another_word_on_the_same_box_is_named(read_text: ReadText, column: str) -> None:
    first, second = {"source": ("human", "model")}.get(column, ("0", "1"))
    rows = (f"a.mp4,1,0,0,0,9,9,walk,{first}", f"a.mp4,1,0,0,0,9,9,wave,{second}")
    result = read_text(lines(*rows, head=f"{HEAD},{column}"))
    assert [p.line for p in result.problems] == [3]
    assert len(only_tube(result).spans) == 1


def test_an_action_said_twice_is_named(read_text: ReadText) -> None:
    result = read_text(lines("a.mp4,1,0,0,0,9,9,walk", "a.mp4,1,0,0,0,9,9,walk"))
    assert [str(p) for p in result.problems] == [
        "line 3: frame 0 of tube 1 has walk already in line 2; row left out."
    ]


def test_a_tube_of_two_minds_is_named_once(read_text: ReadText) -> None:
    head = HEAD + ",review"
    rows = [f"a.mp4,1,{f},0,0,9,9,walk,{r}" for f, r in enumerate(["rejected", "", "accepted"])]
    result = read_text(lines(*rows, head=head))
    assert [p.line for p in result.problems] == [3]
    assert "'rejected' in line 2, which counts" in result.problems[0].message
    assert only_tube(result).review is Review.REJECTED
    assert len(only_tube(result).frames) == 3


def test_in_an_unexplained_gap_nobody_is_there(read_text: ReadText) -> None:
    result = read_text(lines("a.mp4,1,0,0,0,9,9,walk", "a.mp4,1,5,0,0,9,9,walk"))
    tube = only_tube(result)
    assert tube.frames.tolist() == [0, 1, 5]
    assert tube.outside.tolist() == [False, True, False]
    assert tube.spans == (ActionSpan(1, 0, 6),)


def test_between_named_keyframes_the_box_moves(read_text: ReadText) -> None:
    rows = ("a.mp4,1,0,0,0,10,9,walk,1", "a.mp4,1,4,0,0,14,9,walk,1")
    tube = only_tube(read_text(lines(*rows, head=HEAD + ",keyframe")))
    assert tube.frames.tolist() == [0, 4]
    assert not tube.outside.any()


def interpolated(*middle: tuple[int, float]) -> str:
    head = HEAD + ",keyframe,source"
    rows = ["a.mp4,1,0,0,0,10,9,walk,1,human"]
    rows += [f"a.mp4,1,{f},0,0,{x2},9,walk,0,interpolation" for f, x2 in middle]
    return lines(*rows, "a.mp4,1,3,0,0,16,9,walk,1,human", head=head)


def test_interpolated_rows_are_not_stored_when_they_come_back(read_text: ReadText) -> None:
    tube = only_tube(read_text(interpolated((1, 12.0), (2, 14.0))))
    assert tube.frames.tolist() == [0, 3]
    assert tube.spans == (ActionSpan(1, 0, 4),)


def test_interpolated_rows_are_stored_when_they_differ(read_text: ReadText) -> None:
    tube = only_tube(read_text(interpolated((1, 12.0), (2, 14.5))))
    assert tube.frames.tolist() == [0, 1, 2, 3]
    assert tube.boxes[:, 2].tolist() == [10, 12, 14.5, 16]
    assert tube.sources[1] is Source.INTERPOLATION
    assert tube.keyframe.tolist() == [True, False, False, True]


@pytest.mark.parametrize(("middle", "stored"), [("0.5", [0, 2]), ("0.625", [0, 1, 2])])
def test_interpolated_rows_are_stored_when_only_their_score_differs(
    read_text: ReadText, middle: str, stored: list[int]
) -> None:
    rows = (
        "a.mp4,1,0,0,0,9,9,walk,0.25,1,model",
        f"a.mp4,1,1,0,0,9,9,walk,{middle},0,interpolation",
        "a.mp4,1,2,0,0,9,9,walk,0.75,1,model",
    )
    tube = only_tube(read_text(lines(*rows, head=HEAD + ",score,keyframe,source")))
    assert tube.frames.tolist() == stored


def test_scores_stay_with_their_boxes_around_a_gap(read_text: ReadText) -> None:
    rows = [f"a.mp4,1,{f},0,0,9,9,walk,{s}" for f, s in ((0, 0.5), (1, 0.25), (5, 0.75))]
    tube = only_tube(read_text(lines(*rows, head=HEAD + ",score")))
    assert tube.frames.tolist() == [0, 1, 2, 5]
    # the hidden box in frame 2 takes the score of the box it copies
    assert tube.spans[0].scores == (0.5, 0.25, 0.25, 0.75)


def test_scores_become_the_spans(read_text: ReadText) -> None:
    head = HEAD + ",score"
    rows = [f"a.mp4,1,{f},0,0,9,9,walk,{s}" for f, s in enumerate(["0.25", "0.75"])]
    assert only_tube(read_text(lines(*rows, head=head))).spans == (
        ActionSpan(1, 0, 2, 0.5, (0.25, 0.75)),
    )


def test_partly_scored_spans_keep_the_mean_of_what_is_known(read_text: ReadText) -> None:
    head = HEAD + ",score"
    rows = [f"a.mp4,1,{f},0,0,9,9,walk,{s}" for f, s in enumerate(["0.25", "", "0.75"])]
    assert only_tube(read_text(lines(*rows, head=head))).spans == (ActionSpan(1, 0, 3, 0.5),)


def test_ranges_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(lines("a.mp4,1,0,0,0,9,9,walk", "b.mp4,1,0,0,0,9,9,walk"))
    result = read(path, ranges={"a.mp4": (FrameRange(5, 9), FrameRange(0, 5))})
    assert [v.ranges for v in result.annotations.videos] == [(FrameRange(0, 9),), ()]


def test_times_come_back_by_frame(read_text: ReadText) -> None:
    rows = ("a.mp4,1,1,0,0,9,9,walk,0.04", "a.mp4,1,3,0,0,9,9,walk,")
    times = read_text(lines(*rows, head=HEAD + ",time")).times
    assert np.array_equal(times["a.mp4"], [np.nan, 0.04], equal_nan=True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is no text file"),
        (HEAD.encode() + b"\nJ\xf6rg.mp4,1,0,0,0,9,9,walk\n", "line 2: byte 0xf6 is not UTF-8"),
        (b"video,frame,x1,y1,x2,action\n", "line 1: no column 'y2'"),
        (HEAD.replace(",", ";").encode(), "separated by commas"),
        (HEAD.encode() + b",frame\n", "line 1: 'frame' is named twice"),
        (b"\n" + HEAD.encode(), "line 1: no column"),
        (b'"', "line 1: no column"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(FormatError, match="cannot be read"):
            read(path)


def test_boxes_without_any_action_are_read(read_text: ReadText) -> None:
    assert only_tube(read_text(lines("a.mp4,1,0,0,0,9,9,"))).spans == ()


def test_a_header_alone_is_an_empty_set(read_text: ReadText) -> None:
    result = read_text(HEAD)
    assert result.annotations.videos == ()
    assert result.problems == ()


def test_a_hundred_thousand_rows_take_seconds(read_text: ReadText) -> None:
    rows = (
        f"a.mp4,{t},,{t * 200 + f},{f / 30},{f + 0.123},2.5,{f + 99.5},88.25,walk,0.5,1,0,model,m,"
        for t in range(200)
        for f in range(500)
    )
    text = lines(*rows, head=FULL)
    begin = time.perf_counter()
    result = read_text(text)
    assert time.perf_counter() - begin < 10
    assert result.problems == ()
    assert len(result.annotations.videos[0].tubes) == 200


@pytest.mark.shared
def test_the_labels_of_the_demo_clip(shared: Path) -> None:
    result = read(shared / "footage" / "one-by-one" / "labels_frames_0_900.csv")
    assert result.problems == ()
    (video,) = result.annotations.videos
    assert (video.width, video.fps, video.ranges) == (0, Fraction(0), ())
    assert [(t.id, t.start, t.stop, len(t.frames)) for t in video.tubes] == [
        ("1", 60, 200, 140),
        ("2", 227, 450, 223),
        ("3", 502, 701, 199),
        ("4", 744, 870, 126),
    ]
    names = {label.id: label.name for label in result.annotations.labels}
    spans = [(names[s.label], s.start, s.stop) for s in video.tubes[0].spans]
    assert spans == [("walk", 60, 76), ("read", 76, 180), ("walk", 180, 200)]
