"""Names of classes in every spelling that people have."""

from pathlib import Path

import pytest

from yowo_core.errors import FormatError
from yowo_core.formats.class_names import class_names, read_names

ITEMS = 'item {\n  name: "walk"\n  id: 1\n}\nitem {\n  name: "say \\"hi\\""\n  id: 3\n}\n'
LABELS = """label {
  name: "walk"
  label_id: 1
  label_type: PERSON_MOVEMENT
}
label { label_id: 3 name: 'say "hi"' }
"""


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.txt", "\ufeffwalk\n\n  read a book \n", {0: "walk", 1: "read a book"}),
        ("a.pbtxt", ITEMS, {1: "walk", 3: 'say "hi"'}),
        ("a.pbtxt", LABELS, {1: "walk", 3: 'say "hi"'}),
        ("a.csv", 'label_id,label_name,label_type\n1,walk,x\n2,"a, b",y\n', {1: "walk", 2: "a, b"}),
        ("a.csv", "walk\nread\n", {0: "walk", 1: "read"}),
        ("a.json", '["walk", "read"]', {0: "walk", 1: "read"}),
        ("a.json", '[[1, "walk"], [3, "read"]]', {1: "walk", 3: "read"}),
        ("a.json", '{"0": "walk", "1": "read"}', {0: "walk", 1: "read"}),
        ("a.json", '{"walk": 1, "read": 2}', {1: "walk", 2: "read"}),
        ("a.json", '{"labels": [{"id": 1, "name": "walk", "kind": "action"}]}', {1: "walk"}),
    ],
)
def test_every_spelling_is_read(tmp_path: Path, name: str, text: str, found: object) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_names(tmp_path / name) == found


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "", "names no class"),
        ("a.txt", "walk\nwalk\n", "name 'walk' is there twice"),
        ("a.pbtxt", "\n" + ITEMS + 'item {\n  name: "x"\n}\n', r"a\.pbtxt:10: a class without"),
        ("a.pbtxt", ITEMS + 'item { name: "x" id: 3 }', "id 3 is there twice"),
        ("a.pbtxt", 'item { name: " " id: 3 }', "class 3 has an empty name"),
        ("a.csv", "1,walk\nx,read\n", "row 2 is no id"),
        ("a.json", "{", "is no JSON"),
        ("a.json", "7", "holds no list"),
        ("a.json", "[[1, 2]]", "is no id with a name"),
        ("a.json", "[[true, 2], 5]", "is no id with a name"),
    ],
)
def test_what_is_no_list_of_names_is_refused(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=said):
        read_names(tmp_path / name)


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError, match="no text in UTF-8"):
        read_names(tmp_path / "a.txt")
    with pytest.raises(FormatError, match="cannot be read"):
        read_names(tmp_path / "none.txt")


def test_a_map_with_gaps_fills_a_network_with_more_outputs(tmp_path: Path) -> None:
    path = tmp_path / "a.pbtxt"
    path.write_text(ITEMS, encoding="utf-8")
    assert class_names(path, 4) == ("walk", "class-2", 'say "hi"', "class-4")
    assert class_names(path, 3) == ("walk", "class-2", 'say "hi"')
    assert class_names(path, 2) == ("walk", 'say "hi"')
    assert class_names(path) == ("walk", 'say "hi"')


@pytest.mark.shared
def test_the_label_maps_of_ava(shared: Path) -> None:
    folder = shared / "data" / "ava"
    whole = class_names(folder / "ava_action_list_v2.2.pbtxt", 80)
    part = folder / "ava_action_list_v2.2_for_activitynet_2019.pbtxt"
    assert (len(whole), len(class_names(part, 60)), len(class_names(part, 80))) == (80, 60, 80)
    assert class_names(part, 80)[79] == whole[79]
    with pytest.raises(FormatError, match="name 'action3' is there twice"):
        class_names(folder / "action_list.txt")
