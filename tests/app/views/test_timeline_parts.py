"""The timeline's arithmetic without a window: axis, ticks, lanes, bars, curve and raster."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.project import TubeSummary
from app.views.timeline_axis import TimeAxis
from app.views.timeline_curve import curve_columns, curve_picture, patched_curve, score_curve
from app.views.timeline_lanes import pack_lanes, stack_rows
from app.views.timeline_layout import Layout, build_layout, in_place, shown_tubes
from app.views.timeline_raster import raster, thick
from app.views.timeline_spans import NO_SPAN
from app.views.timeline_style import Look, style_bars
from app.views.timeline_ticks import clock, ticks
from app.widgets.palettes import DARK
from yowo_core.annotations import ActionSpan, FrameRange, Label, Review, Source

GAP = 5


def tube(
    number: int,
    first: int,
    last: int,
    *spans: tuple[int, int, int],
    review: Review = Review.ACCEPTED,
    score: float | None = None,
    keyframes: tuple[int, ...] = (),
) -> TubeSummary:
    """Spans are (label, start, stop)."""
    actions = tuple(ActionSpan(label, start, stop, score) for label, start, stop in spans)
    ticked = np.array(keyframes, dtype=np.int64)
    return TubeSummary(number, number, 1, first, last, actions, ticked, review, Source.HUMAN)


AXIS = TimeAxis(left=60, width=1000, frame_count=5000, fps=25.0)


class TestAxis:
    def test_the_whole_video_fits_at_first(self) -> None:
        assert AXIS.x_of(0) == 60
        assert AXIS.x_of(5000) == 1060
        assert AXIS.visible == FrameRange(0, 5000)
        assert AXIS.frame_at(-50) == 0
        assert AXIS.frame_at(5000) == 4999
        assert AXIS.fits

    def test_zooming_keeps_the_frame_under_the_cursor(self) -> None:
        zoomed = AXIS.zoomed(8, 2000)
        assert zoomed.x_of(2000) == pytest.approx(AXIS.x_of(2000))
        assert len(zoomed.visible) == pytest.approx(5000 / 8, abs=1)
        assert zoomed.zoomed(1 / 8, 2000).fits

    def test_it_neither_leaves_the_video_nor_grows_without_end(self) -> None:
        zoomed = AXIS.zoomed(10, 0)
        assert zoomed.panned(-1e9).visible.start == 0
        assert zoomed.panned(1e9).visible.stop == 5000
        assert AXIS.zoomed(1e9, 100).pixels == 60
        assert AXIS.zoomed(1e-9, 100).fits

    def test_a_fitted_view_stays_fitted_in_another_width(self) -> None:
        assert AXIS.placed(60, 300).visible == FrameRange(0, 5000)
        zoomed = AXIS.zoomed(10, 2500)
        assert zoomed.placed(60, 300).pixels == zoomed.pixels

    def test_times_of_a_variable_frame_rate_decide_where_a_second_is(self) -> None:
        times = np.array([0.0, 0.1, 0.2, 1.0, 1.5, 3.0])
        axis = TimeAxis(width=600, frame_count=6, fps=2.0, times=times)
        assert axis.frames_at(np.array([0.0, 0.15, 1.0, 2.0])).tolist() == [0, 2, 3, 5]
        assert axis.seconds(4) == 1.5
        assert AXIS.seconds(50) == 2.0

    @given(st.lists(st.tuples(st.floats(0.1, 10), st.integers(0, 4999), st.floats(-3000, 3000))))
    def test_every_view_shows_frames_of_the_video(
        self, moves: list[tuple[float, int, float]]
    ) -> None:
        axis = AXIS
        for factor, frame, pixels in moves:
            axis = axis.zoomed(factor, frame).panned(pixels)
            assert -1e-6 <= axis.offset <= 5000
            assert 0 <= axis.visible.start < axis.visible.stop <= 5000
            assert axis.frame_at(axis.x_of(axis.visible.start) + axis.pixels / 2) == (
                axis.visible.start
            )


class TestTicks:
    def test_clock(self) -> None:
        assert clock(83.4) == "01:23"
        assert clock(22.0333, 3) == "00:22.033"
        assert clock(59.96, 1) == "00:59.9"
        assert clock(3725) == "1:02:05"
        assert clock(5, hours=True) == "0:00:05"

    def test_labels_are_round_times_far_enough_apart(self) -> None:
        for factor in (1, 3, 9, 27, 60):
            axis = AXIS.zoomed(factor, 2500)
            named = [tick for tick in ticks(axis) if tick.text]
            assert len(named) >= 2
            assert min(np.diff([tick.x for tick in named])) >= 80
            assert len({tick.text for tick in named}) == len(named)

    def test_far_in_the_frames_are_numbered(self) -> None:
        axis = AXIS.zoomed(60, 2500)
        named = [tick for tick in ticks(axis) if tick.text]
        texts = [tick.text for tick in named]
        assert "01:40.000 · 2500" in texts
        assert next(t for t in named if t.text.endswith(" 2500")).x == axis.x_of(2500)

    def test_nothing_without_a_video_and_numbers_without_times(self) -> None:
        assert ticks(TimeAxis()) == ()
        named = [tick.text for tick in ticks(TimeAxis(width=1000, frame_count=5000)) if tick.text]
        assert named[:2] == ["0", "1000"]


extents = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=40)


def _no_overlaps(layout: Layout) -> None:
    for lane in range(int(layout.lane.max(initial=-1)) + 1):
        members = np.flatnonzero(layout.lane == lane)
        assert (layout.start[members][1:] >= layout.stop[members][:-1] + GAP).all()


class TestLanes:
    def test_the_first_free_lane_in_order_of_start(self) -> None:
        start, stop = np.array([0, 10, 60, 20]), np.array([50, 55, 90, 40])
        none = np.full(4, -1), np.zeros(4, dtype=np.bool_)
        assert pack_lanes(start, stop, GAP, *none).tolist() == [0, 1, 0, 2]

    def test_spans_at_the_same_time_get_rows_of_their_own(self) -> None:
        assert stack_rows([(0, 50), (10, 20), (20, 30), (15, 40), (50, 60)]) == [0, 1, 1, 2, 0]

    @given(extents)
    def test_no_two_tubes_of_a_lane_touch(self, drawn: list[tuple[int, int]]) -> None:
        tubes = [tube(n, start, start + length) for n, (start, length) in enumerate(drawn)]
        _no_overlaps(build_layout(tubes, GAP))

    @given(extents, st.data())
    def test_an_edit_leaves_the_others_in_their_lanes(
        self, drawn: list[tuple[int, int]], data: st.DataObject
    ) -> None:
        tubes = [tube(n, start, start + length) for n, (start, length) in enumerate(drawn)]
        if len(tubes) < 2:
            return
        before = build_layout(tubes, GAP)
        chosen = data.draw(st.integers(0, len(tubes) - 1))
        longer = replace(tubes[chosen], last=tubes[chosen].last + data.draw(st.integers(0, 200)))
        after = build_layout([*tubes[:chosen], longer, *tubes[chosen + 1 :]], GAP, before)
        _no_overlaps(after)
        kept = [n for n in range(len(tubes)) if n != chosen]
        was = [int(before.lane[before.index[n]]) for n in kept]
        now = [int(after.lane[after.index[n]]) for n in kept]
        # a lane that the edited tube left empty closes up: the order of the others stays
        assert [now[a] < now[b] for a in range(len(now)) for b in range(len(now))] == [
            was[a] < was[b] for a in range(len(was)) for b in range(len(was))
        ]


class TestLayout:
    def test_a_tube_is_as_high_as_its_simultaneous_actions(self) -> None:
        layout = build_layout(
            [tube(1, 0, 99, (1, 0, 60), (2, 30, 90)), tube(2, 50, 99), tube(3, 120, 150)], GAP
        )
        assert [layout.tubes[n].number for n in range(3)] == [1, 3, 2]
        assert layout.lane.tolist() == [0, 0, 1]
        assert layout.top.tolist() == [0, 0, 2]
        assert layout.rows.tolist() == [2, 1, 1]
        assert layout.row_count == 3
        assert layout.bars.span.tolist() == [0, NO_SPAN, 1, NO_SPAN]
        assert layout.bars.row.tolist() == [0, 0, 1, 2]

    def test_a_span_that_sticks_out_of_its_tube_does_not_meet_the_next_one(self) -> None:
        layout = build_layout([tube(1, 0, 50, (1, 0, 90)), tube(2, 60, 99)], GAP)
        assert layout.lane.tolist() == [0, 1]

    @given(extents, st.integers(0, 400), st.integers(1, 100))
    def test_what_is_visible_is_found(
        self, drawn: list[tuple[int, int]], start: int, length: int
    ) -> None:
        tubes = [
            tube(n, a, a + b, (1, a, a + b // 2 + 1), (2, a, a + b + 1))
            if n % 3
            else tube(n, a, a + b)
            for n, (a, b) in enumerate(drawn)
        ]
        layout = build_layout(tubes, GAP)
        frames, rows = FrameRange(start, start + length), range(1, 4)
        bars = layout.bars
        wanted = [
            n
            for n in range(len(bars))
            if bars.row[n] in rows and bars.start[n] < frames.stop and bars.stop[n] > frames.start
        ]
        assert layout.bars_in(rows, frames).tolist() == wanted
        found = set(layout.tubes_in(rows, frames).tolist())
        needed = {
            n
            for n in range(len(layout.tubes))
            if set(range(int(layout.top[n]), int(layout.top[n] + layout.rows[n]))) & set(rows)
            and layout.start[n] < frames.stop
            and layout.stop[n] > frames.start
        }
        assert needed <= found
        assert all(layout.start[n] < frames.stop and layout.stop[n] > frames.start for n in found)

    def test_keyframes_belong_to_confirmed_tubes(self) -> None:
        layout = build_layout(
            [
                tube(1, 0, 50, keyframes=(0, 20, 50)),
                tube(2, 60, 99, keyframes=(60,), review=Review.TO_REVIEW),
                tube(3, 110, 150, keyframes=(110, 140)),
            ],
            GAP,
        )
        frames, owner = layout.keyframes_of(np.array([1, 2]))
        assert (frames.tolist(), owner.tolist()) == ([110, 140], [2, 2])
        frames, owner = layout.keyframes_of(np.array([0, 2]))
        assert (frames.tolist(), owner.tolist()) == ([0, 20, 50, 110, 140], [0, 0, 0, 2, 2])

    @given(extents, st.data())
    def test_after_a_decision_it_is_as_if_built_anew(
        self, drawn: list[tuple[int, int]], data: st.DataObject
    ) -> None:
        reviews = st.sampled_from([Review.TO_REVIEW, Review.ACCEPTED])
        tubes = [
            tube(n, a, a + b, (n % 3, a, a + b), review=data.draw(reviews), keyframes=(a, a + b))
            for n, (a, b) in enumerate(drawn)
        ]
        before = build_layout(tubes, GAP)
        chosen = data.draw(st.lists(st.sampled_from(tubes), max_size=5)) if tubes else []
        changed = {t.id: replace(t, review=data.draw(reviews)) for t in chosen}
        after = in_place(before, list(changed.values()))
        anew = build_layout([changed.get(t.id, t) for t in tubes], GAP, before)
        assert after is not None
        assert [id(t) for t in after.tubes] == [id(t) for t in anew.tubes]
        assert after.index == anew.index
        for name in ("lane", "start", "stop", "top", "keyframes", "keyframe_begin"):
            assert getattr(after, name).tolist() == getattr(anew, name).tolist(), name
        assert after.bars.tube.tolist() == anew.bars.tube.tolist()

    def test_who_moves_is_new_or_has_another_action_needs_a_new_layout(self) -> None:
        known = tube(1, 0, 9, (1, 0, 9))
        layout = build_layout([known, tube(2, 0, 9)], GAP)
        for changed in (tube(1, 0, 12, (1, 0, 9)), tube(1, 0, 9, (2, 0, 9)), tube(3, 0, 9)):
            assert in_place(layout, [known, changed]) is None

    def test_rejected_tubes_are_shown_on_demand(self) -> None:
        tubes = {2: tube(2, 0, 9, review=Review.REJECTED), 1: tube(1, 0, 9)}
        assert [t.number for t in shown_tubes(tubes, rejected=False)] == [1]
        assert [t.number for t in shown_tubes(tubes, rejected=True)] == [1, 2]


def test_looks_tell_what_a_person_decided() -> None:
    review = (Review.CORRECTED, Review.TO_REVIEW, Review.UNSURE, Review.TO_REVIEW, Review.REJECTED)
    scores = (0.1, 0.9, 0.9, 0.1, 0.9)
    tubes = [
        tube(n, 100 * n, 100 * n + 50, (7, 100 * n, 100 * n + 50), review=state, score=score)
        for n, (state, score) in enumerate(zip(review, scores, strict=True))
    ]
    layout = build_layout(tubes, GAP)
    style = style_bars(layout, {7: Label(7, "walk", "#ff0000")}, DARK, min_score=0.3)
    wanted = [Look.CONFIRMED, Look.PREDICTED, Look.PREDICTED, Look.FAINT, Look.REJECTED]
    assert style.look.tolist() == wanted
    assert style.color[0] == 0xFFFF0000
    assert len(set(style.color.tolist())) == 4


def test_an_unknown_label_looks_like_none() -> None:
    layout = build_layout([tube(1, 0, 9, (99, 0, 10)), tube(2, 50, 59)], GAP)
    style = style_bars(layout, {7: Label(7, "walk", "#ff0000")}, DARK, 0.0)
    assert style.color[0] == style.color[1] == 0xFF000000 | int(DARK.unlabelled[1:], 16)


def _scored(number: int, chance: np.random.Generator) -> TubeSummary:
    start, length = int(chance.integers(0, 450)), int(chance.integers(1, 50))
    review = Review.REJECTED if chance.random() < 0.2 else Review.TO_REVIEW
    part = (1, start + length // 3, start + length)
    score = float(chance.integers(1, 100)) / 128
    return tube(
        number, start, start + length - 1, (1, start, start + 5), part, score=score, review=review
    )


class TestCurve:
    def test_the_highest_score_counts_and_rejected_tubes_do_not(self) -> None:
        tubes = [
            tube(1, 0, 9, (1, 2, 6), score=0.4),
            tube(2, 0, 9, (1, 4, 8), score=0.7),
            tube(3, 0, 9, (1, 0, 10), score=0.9, review=Review.REJECTED),
        ]
        curve = score_curve(tubes, 10)
        expected = np.array([0, 0, 0.4, 0.4, 0.7, 0.7, 0.7, 0.7, 0, 0], np.float32)
        assert np.array_equal(curve, expected)

    def test_scores_of_frames_are_stretched_over_the_span(self) -> None:
        span = ActionSpan(1, 0, 5, 0.5, (0.0, 1.0, 0.0))
        curve = score_curve([replace(tube(1, 0, 4), spans=(span,))], 5)
        assert curve.tolist() == [0.0, 0.5, 1.0, 0.5, 0.0]

    def test_after_an_edit_it_is_what_it_would_be_anew(self) -> None:
        chance = np.random.default_rng(3)
        tubes = {n: _scored(n, chance) for n in range(40)}
        curve = score_curve(tubes.values(), 500)
        for _ in range(200):
            number = int(chance.integers(0, 45))
            before = tubes.pop(number, None)
            after = None if before and chance.random() < 0.3 else _scored(number, chance)
            tubes |= {number: after} if after else {}
            touched = [tube for tube in (before, after) if tube is not None]
            curve = patched_curve(curve, build_layout(list(tubes.values()), GAP), touched)
            assert np.array_equal(curve, score_curve(tubes.values(), 500))

    def test_without_the_last_score_there_is_no_curve(self) -> None:
        scored = tube(1, 0, 9, (1, 2, 6), score=0.4)
        curve = score_curve([scored], 10)
        assert len(patched_curve(curve, build_layout([], GAP), [scored])) == 0

    def test_people_give_no_scores(self) -> None:
        assert len(score_curve([tube(1, 0, 9, (1, 0, 10))], 10)) == 0

    def test_no_peak_is_lost_between_two_pixels(self) -> None:
        curve = np.zeros(5000, np.float32)
        curve[[1234, 4999]] = 0.8
        columns = curve_columns(curve, AXIS)
        assert len(columns) == 1000
        assert np.flatnonzero(columns).tolist() == [1234 // 5, 999]
        near = curve_columns(curve, AXIS.zoomed(50, 1234))
        assert np.count_nonzero(near) == 10

    def test_the_picture_has_its_line_where_the_value_is(self) -> None:
        columns = np.array([0.0, 1.0, 0.5], np.float32)
        picture = curve_picture(columns, 5, ("#000001", "#000002", "#000003"))
        assert (picture & 0xF).tolist() == [[1, 3, 3], [1, 3, 3], [1, 3, 3], [1, 3, 2], [3, 3, 2]]


class TestRaster:
    def test_every_bar_shows_and_later_ones_cover(self) -> None:
        picture = raster(
            np.array([0, 0, 1, 1]),
            (np.array([0, 3, 2, 9]), np.array([2, 3, 5, 40])),
            np.array([1, 2, 3, 4], np.uint32),
            (2, 10),
        )
        assert picture.tolist() == [[1, 1, 0, 2, 0, 0, 0, 0, 0, 0], [0, 0, 3, 3, 3, 0, 0, 0, 0, 4]]

    def test_stripes(self) -> None:
        tall = thick(np.array([[7], [9]], np.uint32), 4, 1, 2)
        assert tall[:, 0].tolist() == [0, 7, 7, 0, 0, 9, 9, 0]
