"""What our CSV cannot hold is named, and nothing else is lost."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.yowo_core.formats.annotation_sets import annotation_sets, plain_set, plain_tube
from yowo_core.annotations import ActionSpan, AnnotationSet, FrameRange, Tube, Video
from yowo_core.formats import yowo_csv
from yowo_core.formats.losses import Loss, Why, counts
from yowo_core.formats.tube_rows import tube_rows

Draw = Callable[[st.SearchStrategy[Any]], Any]


def test_an_action_without_a_box_is_named(tmp_path: Path) -> None:
    hidden = np.array([False, True, False])
    tubes = (
        plain_tube("a", [0, 10, 20], (1, 0, 21), (2, 12, 19), outside=hidden),
        plain_tube("b", [5, 6, 7], (1, 0, 7), (2, 6, 30)),
        plain_tube("c", [5, 6, 7], (1, 20, 30)),
    )
    losses = yowo_csv.write(plain_set(*tubes), tmp_path / "out.csv")
    assert losses == (
        Loss("a.mp4", "a", Why.NO_BOX, FrameRange(12, 19), 1.2, 1.9, "read"),
        Loss("a.mp4", "b", Why.CUT, FrameRange(0, 5), 0.0, 0.5, "walk"),
        Loss("a.mp4", "b", Why.CUT, FrameRange(8, 30), 0.8, 3.0, "read"),
        Loss("a.mp4", "c", Why.NO_BOX, FrameRange(20, 30), 2.0, 3.0, "walk"),
    )
    assert counts(losses) == (
        "2 actions are marked where the tube has no box.",
        "2 actions are cut to where the tube has boxes.",
    )


def frames_of(tube: Tube, label: int) -> set[int]:
    return {f for span in tube.spans if span.label == label for f in range(span.start, span.stop)}


def named_frames(losses: tuple[Loss, ...], video: str, tube: str, action: str) -> set[int]:
    mine = [x for x in losses if (x.video, x.tube, x.action) == (video, tube, action)]
    return {f for loss in mine for f in range(loss.frames.start, loss.frames.stop)}


def with_any_spans(draw: Draw, whole: AnnotationSet) -> AnnotationSet:
    """Actions anywhere, also where their tube is not."""

    def moved(tube: Tube) -> Tube:
        starts = draw(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), max_size=3))
        ids = [label.id for label in whole.labels]
        spans = [ActionSpan(draw(st.sampled_from(ids)), a, a + n) for a, n in starts if ids]
        return replace(tube, spans=tuple(spans))

    def video(given: Video) -> Video:
        return replace(given, tubes=tuple(moved(tube) for tube in given.tubes))

    return replace(whole, videos=tuple(video(v) for v in whole.videos))


@given(st.data())
def test_what_is_not_named_comes_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = with_any_spans(data.draw, data.draw(annotation_sets()))
    path = tmp_path_factory.mktemp("csv") / "out.csv"
    losses = yowo_csv.write(whole, path)
    back = yowo_csv.read(path)
    assert back.problems == ()
    for video in whole.videos:
        returned = {tube.id: tube for tube in back.annotations.video(video.name).tubes}
        assert set(returned) == {tube.id for tube in video.tubes}
        for tube in video.tubes:
            for label in whole.labels:
                named = named_frames(losses, video.name, tube.id, label.name)
                came = frames_of(returned[tube.id], label.id)
                seen = set(tube_rows(tube).frames.tolist())
                assert frames_of(tube, label.id) & seen <= came
                assert frames_of(tube, label.id) - came <= named
