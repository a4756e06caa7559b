"""What list and canvas say of a video's file and its working copy."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from app.domain.media import CopyPhase, CopyState, MediaTrouble, fits, unlike
from app.domain.project import NewVideo, RunKind, RunRecord, RunState, VideoRecord
from app.domain.wording import bytes_text, shown_name
from app.services.analysis import AnalysisState
from app.views.media_texts import copy_text, media_row

VIDEO = VideoRecord(1, "u", "a.mp4", Path("/clips/a.mp4"), 640, 480, 100, Fraction(25), "hash")
SLOW = replace(VIDEO, needs_proxy="Every jump takes long.")
OFFER = "Every jump takes long. It can be looked at and labelled through a working copy."
MAKING = CopyState(CopyPhase.MAKING, 34, 100, 118.0)


@pytest.mark.parametrize(
    ("state", "text", "caption", "share"),
    [
        (
            MAKING,
            "Every jump takes long. A working copy is being made: 34 %, about 2 minutes.",
            "Cancel",
            0.34,
        ),
        (
            CopyState(CopyPhase.WAITING, total=100),
            "Every jump takes long. A working copy will be made after the one in work.",
            "Cancel",
            0.0,
        ),
        (
            CopyState(CopyPhase.CANCELLED),
            OFFER,
            "Make the working copy",
            None,
        ),
        (
            CopyState(CopyPhase.FAILED, message="The disk is full."),
            f"{OFFER} The disk is full.",
            "Make the working copy",
            None,
        ),
    ],
)
def test_the_canvas_says_how_a_copy_stands(
    state: CopyState, text: str, caption: str, share: float | None
) -> None:
    told = copy_text(SLOW, state)
    assert (told.text, told.caption, told.share) == (text, caption, share)


def test_a_row_says_the_most_pressing(tmp_path: Path) -> None:
    run = RunRecord(1, "r", RunKind.DETECT, "t", RunState.RUNNING, tmp_path, "", 1)
    running = AnalysisState(run, "a.mp4", "m", "detecting", 40, 100, 50.0, 61.0)
    row = media_row(SLOW, True, running, MAKING, changed=True)
    assert (row.status, row.progress) == ("analysing 40 % · 01:01 left · 2.0× real time", 0.4)
    row = media_row(SLOW, True, None, MAKING, changed=True)
    assert (row.trouble, row.link) == (MediaTrouble.CHANGED, "Details…")
    row = media_row(SLOW, False, None, MAKING, changed=False)
    assert (row.trouble, row.link, row.progress) == (MediaTrouble.COPY, "Cancel", 0.34)
    assert row.status == "working copy 34 % · about 2 minutes"
    row = media_row(SLOW, False, None, CopyState(CopyPhase.CANCELLED), changed=False)
    assert (row.status, row.link, row.progress) == ("no working copy", "Make it", None)
    row = media_row(SLOW, False, None, CopyState(CopyPhase.READY), changed=False)
    assert (row.trouble, row.link) == (MediaTrouble.NONE, "")
    gone = replace(VIDEO, problem="/clips/a.mp4 is not there.")
    row = media_row(gone, False, running, None, changed=True)
    assert (row.trouble, row.link) == (MediaTrouble.MISSING, "Locate…")
    there = tmp_path / "a.mp4"
    there.touch()
    row = media_row(replace(gone, path=there), False, None, None, changed=False)
    assert row.trouble is MediaTrouble.DAMAGED


def test_how_another_file_differs_is_said() -> None:
    same = NewVideo(VIDEO.path, 640, 480, 100, content_hash="other")
    assert fits(VIDEO, same)
    assert unlike(VIDEO, same) == "has as many frames of the same size, but other content"
    other = replace(same, width=320, height=240, frame_count=99)
    assert not fits(VIDEO, other)
    assert unlike(VIDEO, other) == "has 99 frames instead of 100 and is 320×240 instead of 640×480"


def test_names_are_shown_on_one_line_and_as_they_run() -> None:
    assert shown_name("a\r\nb\tc\u202egpj.\udce9") == "a\u21b5\u21b5b\ufffdc\ufffdgpj.\ufffd"
    assert shown_name("人 \U0001f600 café") == "人 \U0001f600 café"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0.1 MB"), (1_600_000, "1.6 MB"), (340_000_000, "340 MB"), (1_234_000_000, "1.2 GB")],
)
def test_sizes_are_short(count: int, text: str) -> None:
    assert bytes_text(count) == text
