"""Exports of a project: what is told, what is never overwritten, and what names may be like."""

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from app.__main__ import main
from app.domain.export import ExportFormat, ExportPlan, loss_row
from app.domain.project import NewVideo
from app.editing.history import commit
from app.editing.labels import AddLabel
from app.editing.media import AddVideos
from app.editing.tubes import AddTube
from app.errors import AppError
from app.services.exporting import export, save_losses
from app.store.project import Project
from yowo_core.annotations import ActionSpan, AnnotationSet, Label, Tube, Video
from yowo_core.formats import yowo_csv

ODD = [
    "=cmd|' /C calc'!A0.mp4",
    '-x, "y".mp4',
    "\U0001f600 caf\u00e9\n\u4e2d\u6587.mp4",
    "@" + 290 * "n" + ".mp4",
]


def tube(uid: str, start: int, count: int, *spans: ActionSpan) -> Tube:
    frames = np.arange(start, start + count)
    return Tube(uid, frames, np.tile([10.0, 20, 60, 80], (count, 1)), spans)


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    """A project with tubes #1 (fine), #2 (no action) and #3 (touches no whole second)."""
    project = Project.create(tmp_path / "kitchen.yowo", "Ada")
    (tmp_path / "lunch.mp4").write_bytes(b"no video")
    commit(project, AddLabel("walk"))
    facts = NewVideo(tmp_path / "lunch.mp4", 200, 100, 90, Fraction(30))
    commit(project, AddVideos((facts,)))
    walk, video = project.labels()[0].id, project.videos()[0].id
    for made in (
        tube("a", 0, 60, ActionSpan(walk, 0, 60)),
        tube("b", 0, 40),
        tube("c", 35, 20, ActionSpan(walk, 35, 55)),
    ):
        commit(project, AddTube(video, made))
    project.close()
    return tmp_path / "kitchen.yowo"


def test_the_command_tells_what_was_lost_counts_first(
    kitchen: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = kitchen.parent / "out.csv"
    assert main(["export", str(kitchen), str(out), "--to", "ava"]) == 0
    first, *told = capsys.readouterr().out.splitlines()
    assert first == f"3 tubes: {out}, {out.with_suffix('.pbtxt')}"
    assert told[:3] == [
        "Of 3 tubes 2 are not in the file, 0 are there only in part:",
        "1 tube has no action.",
        "1 tube is seen at no whole second.",
    ]
    assert told[3].startswith("Times of lunch.mp4 are counted from its frame rate: ")
    assert told[4:] == [
        "lunch.mp4 #2, 0.00\u20131.33 s: no action (all missing)",
        "lunch.mp4 #3, 1.17\u20131.83 s: seen at no whole second (all missing)",
    ]


def test_the_command_replaces_only_when_told_to(
    kitchen: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = kitchen.parent / "out.csv"
    out.with_suffix(".json").write_text("{}", encoding="utf-8")
    assert main(["export", str(kitchen), str(out)]) == 1
    assert "out.json is in" in capsys.readouterr().err
    assert not out.exists()
    out.with_suffix(".json").unlink()
    assert main(["export", str(kitchen), str(out)]) == 0
    before = out.read_bytes()
    out.write_bytes(b"older")
    assert main(["export", str(kitchen), str(out)]) == 1
    assert out.read_bytes() == b"older"
    assert main(["export", str(kitchen), str(out), "--replace"]) == 0
    assert out.read_bytes() == before


@pytest.mark.parametrize("name", ["kitchen.yowo", "kitchen.yowo-wal", "folder"])
def test_what_is_no_table_is_never_replaced(kitchen: Path, name: str) -> None:
    target = kitchen.parent / name
    if name == "folder":
        target.mkdir()
    elif not target.exists():
        target.write_bytes(b"7\x7f\x06\x82\0\0")
    before = target.read_bytes() if target.is_file() else b""
    plan = ExportPlan(ExportFormat.CSV, target, replace=True)
    with pytest.raises(AppError, match="is no table of labels"):
        export(AnnotationSet(), {}, plan)
    assert before == (target.read_bytes() if target.is_file() else b"")


def test_a_folder_that_cannot_be_made_or_written_to_is_told(
    kitchen: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    below = kitchen.parent / "lunch.mp4" / "folder"
    assert main(["export", str(kitchen), str(below / "out.csv")]) == 1
    assert capsys.readouterr().err == (
        f"yowo-studio: {below} cannot be made: Not a directory. Choose another place.\n"
    )
    if Path("/proc/self").is_dir():  # nobody can make a file there, not even root
        assert main(["export", str(kitchen), "/proc/self/out.csv"]) == 1
        said = capsys.readouterr().err
        assert "/proc/self/out.csv cannot be written: " in said
        assert said.endswith("Choose another place.\n")
    assert {path.name for path in kitchen.parent.iterdir()} == {"kitchen.yowo", "lunch.mp4"}


def odd_set() -> AnnotationSet:
    spans = (ActionSpan(1, 0, 40), ActionSpan(2, 0, 40))
    videos = tuple(
        Video(n, 200, 100, 90, Fraction(30), tubes=(tube("t", 0, 40, *spans),)) for n in ODD
    )
    return AnnotationSet((Label(1, "=1+1"), Label(2, '"a", b\nc')), videos)


def test_odd_names_come_back_from_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "-o, d.csv"
    report = export(odd_set(), {}, ExportPlan(ExportFormat.CSV, path))
    assert report.losses == ()
    back = yowo_csv.read(path)
    assert back.problems == ()
    assert [video.name for video in back.annotations.videos] == ODD
    assert back.annotations.labels == odd_set().labels


def test_a_spreadsheet_sees_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    export(odd_set(), {}, ExportPlan(ExportFormat.CSV, path, for_spreadsheets=True))
    assert path.read_bytes().startswith(b"\xef\xbb\xbfvideo,")
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = [row[i] for row in csv.reader(file) for i in (0, 9)]
    assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for text in texts)
    assert {text.removeprefix("'") for text in texts} >= {*ODD, "=1+1"}


def test_odd_names_are_changed_for_ava_and_told(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    report = export(odd_set(), {}, ExportPlan(ExportFormat.AVA, path))
    rows = path.read_text(encoding="utf-8").split("\n")[:-1]
    assert {len(row.split(",")) for row in rows} == {8}
    changed = [note for note in report.notes if " is called " in note]
    assert len(changed) == 2
    assert changed[0].endswith("is called -x_ _y_ in the file.")


def test_the_list_of_what_was_lost_is_a_table_without_formulas(tmp_path: Path) -> None:
    plan = ExportPlan(ExportFormat.AVA, tmp_path / "out.csv")
    bare = Video(ODD[0], 200, 100, 90, Fraction(30), tubes=(tube("t", 0, 40), tube("u", 0, 9)))
    report = export(AnnotationSet((), (bare,)), {}, plan)
    save_losses([loss_row(loss, {}) for loss in report.losses], tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["tube", "video", "time", "missing", "reason"]
    assert rows == [
        ["t", f"'{ODD[0]}", "0.00\u20131.33 s", "all", "no action"],
        ["u", f"'{ODD[0]}", "0.00\u20130.30 s", "all", "no action"],
    ]
