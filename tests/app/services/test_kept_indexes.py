"""A file that took long to read in the window is not read again by what works on it."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.domain.export import ExportFormat, ExportPlan
from app.services.exporting import export
from app.services.media_files import look_at
from benchmarks.barcode_clip import ClipForm, write_clip
from yowo_core.annotations import ActionSpan, AnnotationSet, FrameRange, Label, Tube, Video
from yowo_core.data.manifest import read_manifest
from yowo_core.data.prepare import prepare
from yowo_core.data.segment_cache import build_cache
from yowo_core.video import seeking
from yowo_core.video.packets import PacketTable, read_packets

REORDERED = ClipForm("mpeg4", {"g": "30", "bf": "2"}, 192, 96)  # in AVI: has to be decoded once


def _export(labelled: AnnotationSet, clip: Path, folder: Path) -> object:
    return export(labelled, {clip.name: clip}, ExportPlan(ExportFormat.CSV, folder / "a.csv"))


def _learn(labelled: AnnotationSet, clip: Path, folder: Path) -> object:
    prepare(labelled, {clip.name: clip}, folder / "run")
    manifest, _ = read_manifest(folder / "run")
    return build_cache(folder / "cache", manifest, 32, lambda _done, _total: True)


@pytest.mark.parametrize("work", [_export, _learn])
def test_an_index_that_was_kept_is_used(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[AnnotationSet, Path, Path], object],
) -> None:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    clip = write_clip(tmp_path / "reordered.avi", range(0, 60 * 40, 40), REORDERED)
    boxes = np.array([[10, 20, 90, 80], [20, 20, 100, 80]], np.float64)
    tube = Tube("a", np.array([0, 59], np.int64), boxes, (ActionSpan(1, 0, 60),))
    ranges = (FrameRange(0, 60),)
    video = Video(clip.name, 192, 96, 60, Fraction(25), ranges=ranges, tubes=(tube,))
    labelled = AnnotationSet((Label(1, "walk"),), (video,))
    look_at(clip)  # as the window does when it is added
    read: list[Path] = []

    def note(path: Path, *rest: Any) -> PacketTable:
        read.append(path)
        return read_packets(path, *rest)

    monkeypatch.setattr(seeking, "read_packets", note)
    assert work(labelled, clip, tmp_path)
    assert read == []
