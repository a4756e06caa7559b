"""Actors followed through detections: who is who, gaps, births, deaths."""

import time
from collections.abc import Sequence

import numpy as np
import pytest

from yowo_core.errors import ConfigError
from yowo_core.structures import Detections
from yowo_core.tubes.link import ActorLinker, LinkConfig, link

Box = tuple[float, float, float, float]


def detections(*rows: tuple[Box, Sequence[float]]) -> Detections:
    if not rows:
        return Detections.none(2)
    boxes, scores = zip(*rows, strict=True)
    return Detections(np.array(boxes, np.float32), np.array(scores, np.float32))


def at(x: float, y: float = 0, size: float = 20) -> Box:
    return (x, y, x + size, y + size)


SURE = (0.9, 0.1)


def test_two_actors_keep_their_numbers_in_any_order() -> None:
    linker = ActorLinker(LinkConfig())
    left = [(at(step), SURE) for step in range(5)]
    right = [(at(100 - step), SURE) for step in range(5)]
    assert linker.push(0, detections(left[0], right[0])) == [0, 1]
    for frame in range(1, 5):
        assert linker.push(frame, detections(right[frame], left[frame])) == [1, 0]


def test_the_whole_assignment_counts_not_the_greedy_one() -> None:
    linker = ActorLinker(LinkConfig(similarity=0))
    linker.push(0, detections((at(0), SURE), (at(8), SURE)))
    # the first detection overlaps actor 1 best, but then the second would overlap nobody enough
    assert linker.push(1, detections((at(5), SURE), (at(18), SURE))) == [0, 1]


def test_a_good_match_is_not_given_up_for_two_poor_ones() -> None:
    linker = ActorLinker(LinkConfig(similarity=0))
    linker.push(0, detections((at(0), SURE), (at(12), SURE)))
    # 0.90 for one pair against 0.29 and 0.29 for two
    assert linker.push(1, detections((at(1), SURE), (at(-11), SURE))) == [0, 2]


def test_actors_that_cross_are_told_apart_by_their_motion() -> None:
    linker = ActorLinker(LinkConfig(similarity=0))
    for frame in range(11):
        found = detections((at(6 * frame), SURE), (at(60 - 6 * frame, y=2), SURE))
        assert linker.push(frame, found) == [0, 1]


def test_what_they_do_decides_between_equal_boxes() -> None:
    linker = ActorLinker(LinkConfig())
    linker.push(0, detections((at(0), (0.9, 0.0)), (at(2), (0.0, 0.9))))
    swapped = detections((at(1), (0.0, 0.9)), (at(1), (0.9, 0.0)))
    assert linker.push(1, swapped) == [1, 0]


def test_unsure_detections_go_on_but_start_nobody() -> None:
    linker = ActorLinker(LinkConfig())
    assert linker.push(0, detections((at(0), (0.2, 0)), (at(90), SURE))) == [-1, 0]
    assert linker.push(1, detections((at(0), (0.2, 0)), (at(91), (0.1, 0)))) == [-1, 0]
    assert linker.push(2, detections((at(92), (0.01, 0)))) == [-1]


def test_between_high_and_start_an_actor_goes_on() -> None:
    linker = ActorLinker(LinkConfig(start_score=0.8, high_score=0.5))
    assert linker.push(0, detections((at(0), (0.7, 0)))) == [-1]
    assert linker.push(1, detections((at(0), (0.8, 0)))) == [0]
    assert linker.push(2, detections((at(0), (0.6, 0)))) == [0]


def test_a_sure_detection_goes_first() -> None:
    linker = ActorLinker(LinkConfig())
    linker.push(0, detections((at(0), SURE)))
    assert linker.push(1, detections((at(0), (0.2, 0)), (at(4), SURE))) == [-1, 0]


@pytest.mark.parametrize(("gap", "number"), [(3, 0), (4, 1)])
def test_gaps_are_bridged_up_to_max_gap(gap: int, number: int) -> None:
    linker = ActorLinker(LinkConfig(max_gap=3))
    linker.push(0, detections((at(0), SURE)))
    for frame in range(1, gap + 1):
        assert linker.push(frame, detections()) == []
    assert linker.push(gap + 1, detections((at(0), SURE))) == [number]


def test_after_a_gap_only_a_sure_detection_brings_an_actor_back() -> None:
    linker = ActorLinker(LinkConfig())
    linker.push(0, detections((at(0), SURE)))
    linker.push(1, detections())
    assert linker.push(2, detections((at(0), (0.2, 0)))) == [-1]
    assert linker.push(3, detections((at(0), SURE))) == [0]


def test_the_motion_reaches_over_a_gap() -> None:
    linker = ActorLinker(LinkConfig())
    for frame in range(8):
        linker.push(frame, detections((at(8 * frame), SURE)))
    assert linker.push(11, detections((at(88), SURE))) == [0]


def test_frames_may_be_skipped() -> None:
    linker = ActorLinker(LinkConfig(max_gap=4))
    numbers = [linker.push(5 * step, detections((at(2.0 * step), SURE))) for step in range(10)]
    assert numbers == [[0]] * 10


def test_frames_must_come_in_order_until_the_linker_forgets() -> None:
    linker = ActorLinker(LinkConfig())
    linker.push(5, detections((at(0), SURE)))
    for frame in (5, 4):
        with pytest.raises(ValueError, match=f"frame {frame} came after frame 5"):
            linker.push(frame, detections())
    linker.forget()
    assert linker.push(0, detections((at(0), SURE))) == [1]


def test_linked_tubes_carry_boxes_scores_and_where_they_come_from() -> None:
    frames = [
        (0, detections((at(50), (0.5, 0.25)), (at(0), SURE))),
        (1, detections((at(50), (0.5, 0.25)))),
        (2, detections()),
        (3, detections((at(0), SURE), (at(56), (0.8, 0.0)))),
    ]
    first, second = link(frames, LinkConfig())
    assert first.frames.tolist() == [0, 1, 2, 3]
    assert first.detections.tolist() == [0, 0, -1, 1]
    assert first.boxes[:, 0].tolist() == [50, 50, 53, 56]
    assert first.scores[2].tolist() == pytest.approx([0.65, 0.125])
    assert second.detections.tolist() == [1, -1, -1, 0]
    assert second.boxes.tolist() == [list(at(0))] * 4


def test_short_tubes_are_dropped_and_length_counts_skipped_frames() -> None:
    frames = [(0, detections((at(0), SURE))), (4, detections((at(0), SURE), (at(90), SURE)))]
    assert [t.frames.tolist() for t in link(frames, LinkConfig(min_length=5))] == [[0, 4]]
    assert link(frames, LinkConfig(min_length=6)) == []
    assert len(link(frames, LinkConfig(min_length=1))) == 2


def test_nothing_gives_nothing() -> None:
    assert link([], LinkConfig()) == []
    assert link([(0, detections()), (1, detections())], LinkConfig()) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"start_score": 1.5}, "start_score is 1.5"),
        ({"min_iou": -0.1}, "min_iou is -0.1"),
        ({"similarity": float("nan")}, "similarity is nan"),
        ({"max_gap": -1}, "max_gap is -1"),
        ({"min_length": -2}, "min_length is -2"),
        ({"low_score": 0.5}, "must not descend"),
        ({"high_score": 0.9}, "must not descend"),
    ],
)
def test_impossible_settings_are_refused(values: dict[str, float], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        LinkConfig(**values)  # type: ignore[arg-type]


def test_two_thousand_frames_of_ten_actors_take_seconds() -> None:
    rng = np.random.default_rng(1)
    start = rng.uniform(0, 2000, (10, 2)).astype(np.float32)
    speed = rng.uniform(-0.3, 0.3, (10, 2)).astype(np.float32)
    frames = []
    for frame in range(2000):
        corner = start + frame * speed
        boxes = np.concatenate([corner, corner + 60], axis=1)
        frames.append((frame, Detections(boxes, np.full((10, 24), 0.9, np.float32))))
    begin = time.perf_counter()
    tubes = link(frames, LinkConfig())
    assert time.perf_counter() - begin < 8
    assert sorted(len(t.frames) for t in tubes)[-10:] == [2000] * 10
