"""Anchors from boxes: clusters made by hand come out, and what cannot be done is said."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from yowo_core.annotations import AnnotationSet, FrameRange, Review, Tube, Video
from yowo_core.data.anchors import AnchorFinder, Distance, elbow, size_iou
from yowo_core.data.box_sizes import labelled_sizes, learnt_sizes
from yowo_core.data.manifest import Manifest, Segment, VideoFile
from yowo_core.errors import DataError

DISTANCES: tuple[Distance, ...] = ("iou", "euclidean")
CENTRES = np.array([[20.0, 110], [120, 25], [130, 130]])


def _clouds(spread: float = 1.0) -> np.ndarray:
    """Twelve sizes around each of three centres, whose mean is the centre."""
    turns = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ring = spread * np.stack((np.cos(turns), np.sin(turns)), 1)
    return np.concatenate([centre + ring for centre in CENTRES])


@pytest.mark.parametrize("distance", DISTANCES)
def test_clusters_are_found_and_their_number_too(distance: Distance) -> None:
    best, compared = AnchorFinder(_clouds(), distance).chosen()
    np.testing.assert_allclose(best.anchors, CENTRES, atol=0.01)
    assert len(compared) == 10
    assert best is compared[2]
    inertia = [found.inertia for found in compared]
    assert inertia == sorted(inertia, reverse=True)


def test_inertia_and_overlap_are_those_worked_by_hand() -> None:
    sizes = np.array([[10.0, 10], [20, 10], [100, 100], [100, 100]])
    one, two = AnchorFinder(sizes, "euclidean").all_up_to(2)
    # mean 57.5, 55: 2 x (42.5^2 + 45^2) + 47.5^2 + 45^2 + 37.5^2 + 45^2
    assert one.anchors == ((57.5, 55.0),)
    assert one.inertia == pytest.approx(2 * (42.5**2 + 45**2) + 47.5**2 + 37.5**2 + 2 * 45**2)
    assert two.anchors == ((15.0, 10.0), (100.0, 100.0))
    assert two.inertia == pytest.approx(5**2 + 5**2)
    # 10 of 15, 15 of 20, and twice the same
    assert two.mean_iou == pytest.approx((10 / 15 + 15 / 20 + 1 + 1) / 4)
    overlap = AnchorFinder(sizes, "iou").all_up_to(2)[1]
    assert overlap.anchors == two.anchors
    assert overlap.inertia == pytest.approx((1 - 10 / 15) ** 2 + (1 - 15 / 20) ** 2)


def test_overlap_counts_small_and_large_boxes_alike() -> None:
    """In pixels the two large sizes are the farther apart, by their overlap the small ones."""
    sizes = np.array([[4.0, 4], [8, 8], [150, 150], [170, 170]])
    by_share = AnchorFinder(sizes, "iou").all_up_to(3)[2].anchors
    by_pixels = AnchorFinder(sizes, "euclidean").all_up_to(3)[2].anchors
    assert by_share == ((4, 4), (8, 8), (160, 160))
    assert by_pixels == ((6, 6), (150, 150), (170, 170))


def test_sizes_of_one_corner_overlap() -> None:
    found = size_iou(np.array([[2.0, 4], [4, 2]]), np.array([[2.0, 4], [1, 1]]))
    np.testing.assert_allclose(found, [[1, 1 / 8], [4 / 12, 1 / 8]])


@pytest.mark.parametrize("distance", DISTANCES)
def test_the_same_seed_gives_the_same_anchors(distance: Distance) -> None:
    sizes = np.random.default_rng(5).uniform(5, 200, (300, 2))
    sets = [AnchorFinder(sizes, distance, seed=3).all_up_to(5) for _ in range(2)]
    assert sets[0] == sets[1]
    shuffled = np.random.default_rng(6).permutation(sizes)
    assert AnchorFinder(shuffled, distance, seed=3).all_up_to(5) == sets[0]


@pytest.mark.parametrize("distance", DISTANCES)
def test_a_size_between_two_anchors_goes_to_one_of_them(distance: Distance) -> None:
    sizes = np.array([[10.0, 10], [10, 10], [20, 20], [40, 40], [40, 40]])
    two = AnchorFinder(sizes, distance).all_up_to(2)[1]
    assert len(set(two.anchors)) == 2
    assert two == AnchorFinder(sizes[::-1], distance).all_up_to(2)[1]


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("different", [1, 2, 3])
def test_as_many_anchors_as_sizes_are_those_sizes(different: int, distance: Distance) -> None:
    sizes = np.repeat(CENTRES[:different], 7, axis=0)
    best, compared = AnchorFinder(sizes, distance).chosen()
    assert best.anchors == tuple(map(tuple, CENTRES[:different]))
    assert len(compared) == different
    assert (best.inertia, best.mean_iou) == (0, 1)


def test_sizes_that_only_rounding_tells_apart_are_the_same() -> None:
    sizes = np.tile([20.0, 45], (36, 1)) + np.linspace(0, 1e-9, 36)[:, None]
    assert AnchorFinder(sizes).chosen()[0].anchors == ((20, 45),)


def test_fewer_different_boxes_than_anchors_are_told() -> None:
    finder = AnchorFinder(np.repeat(CENTRES, 50, axis=0))
    with pytest.raises(DataError, match=r"only 3 different sizes: 4 anchors.*Ask for 3 or fewer"):
        finder.all_up_to(4)
    with pytest.raises(DataError, match="0 anchors"):
        finder.all_up_to(0)
    with pytest.raises(DataError, match="no box"):
        AnchorFinder(np.zeros((0, 2)))


def test_the_elbow_is_farthest_below_the_line_between_the_ends() -> None:
    assert elbow(np.array([100.0, 60, 20, 15, 10, 0])) == 2
    assert elbow(np.array([5.0, 0, 0, 0])) == 1
    assert elbow(np.array([0.0, 0, 0])) == 0
    assert elbow(np.array([3.0])) == 0


def _video(boxes: Sequence[list[float]], name: str = "a.mp4", **more: object) -> Video:
    tubes = tuple(
        Tube(f"t{i}", np.array([i], np.int64), np.array([box], np.float64))
        for i, box in enumerate(boxes)
    )
    video = Video(name, 320, 160, 100, Fraction(25), tubes=tubes)
    return replace(video, **more)  # type: ignore[arg-type]


def test_boxes_are_measured_in_the_networks_input() -> None:
    video = _video([[0, 0, 320, 160], [10, 20, 42, 36], [300, 0, 360, 80]])
    found = labelled_sizes(AnnotationSet((), (video,)), 224)
    # the last one reaches out of the picture and is cut there
    np.testing.assert_allclose(found.sizes, np.array([[224, 224], [22.4, 22.4], [14, 112]]))
    assert (found.skipped, found.notices) == (0, ())


def test_boxes_without_extent_are_skipped_and_counted() -> None:
    narrow, turned, beside = [10.0, 10, 11, 50], [50.0, 50, 20, 20], [400.0, 0, 500, 90]
    boxes: list[list[float]] = [[10.0, 10, 10, 50], narrow, turned, beside, [0.0, 0, 160, 80]]
    found = labelled_sizes(AnnotationSet((), (_video(boxes),)), 224)
    np.testing.assert_allclose(found.sizes, [[112, 112]])
    assert found.skipped == 4


def test_a_video_of_unknown_size_is_left_out_with_a_sentence() -> None:
    boxes: list[list[float]] = [[0.0, 0, 160, 80], [0, 0, 16, 16]]
    known, unknown = _video(boxes[:1]), _video(boxes, "b.mp4", width=0)
    found = labelled_sizes(AnnotationSet((), (unknown, known)), 32)
    np.testing.assert_allclose(found.sizes, [[16, 16]])
    assert found.skipped == 2
    assert found.notices == ("b.mp4 is left out: the labels do not tell its width and height.",)


def test_only_confirmed_boxes_in_labelled_ranges_count() -> None:
    video = _video([[0, 0, 32, 32], [0, 0, 64, 64], [0, 0, 96, 96]], ranges=(FrameRange(1, 3),))
    unsure = replace(video.tubes[1], review=Review.TO_REVIEW)
    video = replace(video, tubes=(video.tubes[0], unsure, video.tubes[2]))
    found = labelled_sizes(AnnotationSet((), (video,)), 320)
    np.testing.assert_allclose(found.sizes, [[96, 192]])


def test_a_box_counts_in_every_frame_it_is_seen_in(square_labels: AnnotationSet) -> None:
    found = labelled_sizes(square_labels, 96)
    assert found.sizes.shape == (36, 2)  # two stored boxes, 36 labelled frames
    np.testing.assert_allclose(found.sizes, np.tile([20, 45], (36, 1)))


def test_of_a_run_folder_only_the_frames_to_learn_from_count() -> None:
    video = _video([[0, 0, 32, 32], [0, 0, 64, 64], [0, 0, 96, 96]], width=0)
    file = VideoFile("a.mp4", "/a.mp4", "", 160, 320, 100)
    segments = (Segment("a.mp4", 0, 2), Segment("a.mp4", 2, 3, held_out=True))
    found = learnt_sizes(Manifest((), (file,), segments), AnnotationSet((), (video,)), 320)
    np.testing.assert_allclose(found.sizes, [[64, 32], [128, 64]])
