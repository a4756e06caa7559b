"""AVA's tables: a bad row is named, the rest is read."""

from pathlib import Path

import pytest

from yowo_core.errors import FormatError
from yowo_core.formats.ava_table import is_ava, read_excluded, read_label_map, read_table

GOOD = "-5KQ66BBWC4,0902,0.1,0.2,0.5,0.6,12,0\n"


def test_bad_rows_are_named_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    bad = "v,0902,0.5,0.2,0.1,0.6,1,0\nv,902.5,0,0,1,1,1,0\nv,0903,0,0,1,1,80,3_x\nv,x\n"
    path.write_text(GOOD + bad + "v,0903\nv,0904,0,0,1,1,,0\n" + GOOD)
    table = read_table(path, scored=True)
    assert table.videos == ("-5KQ66BBWC4",) * 2
    assert [p.line for p in table.problems] == [2, 3, 4, 5]
    assert table.empty == {("v", 903)}
    assert table.scores.tolist() == [0, 0]
    assert read_table(path, scored=False).scores.tolist()[:2] == [1, 1]


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("video,frame,x1\n")
    assert not is_ava(path)
    with pytest.raises(FormatError, match="no row of AVA"):
        read_table(path, scored=True)
    with pytest.raises(FormatError, match="line 1"):
        read_excluded(path)
    with pytest.raises(FormatError, match="no label map"):
        read_label_map(path)


def test_both_spellings_of_a_label_map(tmp_path: Path) -> None:
    item, label = tmp_path / "i.pbtxt", tmp_path / "l.pbtxt"
    item.write_text('item {\n  name: "run/jog"\n  id: 10\n}\n')
    label.write_text(
        'label {\n  name: "run/jog"\n  label_id: 10\n  label_type: PERSON_MOVEMENT\n}\n'
    )
    assert read_label_map(item) == read_label_map(label) == {10: "run/jog"}
