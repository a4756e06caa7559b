"""Ground truths as they are published: counts, conventions, and files that would do harm."""

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yowo_core.errors import FormatError
from yowo_core.formats import act_gt, ucf24
from yowo_core.formats.labels import read_labels
from yowo_core.formats.numpy_pickle import read_values


@pytest.mark.shared
def test_jhmdb_has_its_published_counts(shared: Path) -> None:
    found = act_gt.read(shared / "data" / "jhmdb_silhouettes" / "JHMDB-GT.pkl")
    counts = {v.name: v.frame_count for v in found.annotations.videos}
    assert (len(found.train), len(found.test)) == (660, 128)
    assert sum(counts[name] for name in found.train) == 22_712
    assert len(found.annotations.labels) == 21
    boxes = np.concatenate([t.boxes for v in found.annotations.videos for t in v.tubes])
    assert boxes.min() == 0
    assert tuple(boxes.max(0)[2:]) == (320, 240)
    assert not found.problems


@pytest.mark.shared
def test_ucf24_has_its_published_counts(shared: Path) -> None:
    folder = shared / "data" / "ucf24"
    found = ucf24.read(folder / "pyannot.pkl", folder / "testlist01.txt")
    videos = found.annotations.videos
    tubes = [t for v in videos for t in v.tubes]
    assert (len(videos), len(tubes), len(found.annotations.labels)) == (3194, 4458, 24)
    assert sum(len(t.frames) for t in tubes) == 573_862
    boxes = np.concatenate([t.boxes for t in tubes])
    assert boxes[:, 2].max() == 320  # a sum of bytes would have run over
    assert boxes[:, 3].max() == 240
    assert len(found.test) + len(found.train) == 3194
    assert not found.problems


@pytest.mark.shared
def test_multisports_is_read_as_well(shared: Path) -> None:
    found = act_gt.read(shared / "data" / "multisports" / "gt.pkl")
    assert len(found.annotations.labels) == 66
    assert found.test
    assert any(v.tubes for v in found.annotations.videos)


def _content() -> dict[str, Any]:
    rows = np.array([[1, 1, 1, 10, 20], [2, 2, 1, 11, 20], [5, 2, 1, 11, 20]], np.float32)
    return {
        "labels": ["run", "sit"],
        "train_videos": [["a/v"]],
        "test_videos": [["a/w"]],
        "nframes": {"a/v": 6, "a/w": 3},
        "resolution": {"a/v": (240, 320), "a/w": (240, 320)},
        "gttubes": {"a/v": {0: [rows]}, "a/w": {7: [rows], 1: [rows[::-1]]}},
    }


def test_frames_pixels_and_gaps_are_ours(tmp_path: Path) -> None:
    path = tmp_path / "gt.pkl"
    path.write_bytes(pickle.dumps(_content(), 2))
    found = act_gt.read(path)
    tube = found.annotations.video("a/v").tubes[0]
    assert tube.frames.tolist() == [0, 1, 4]
    assert tube.boxes[0].tolist() == [0, 0, 10, 20]
    assert tube.outside.tolist() == [False, True, False]
    assert (tube.spans[0].label, tube.spans[0].stop) == (1, 5)
    assert [p.message.split(":")[0] for p in found.problems] == ["a/w", "a/w"]
    with pytest.raises(FormatError, match="1 splits"):
        act_gt.read(path, split=2)


class _Harm:
    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (self._command,)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_what_would_run_something_is_refused(tmp_path: Path, protocol: int) -> None:
    mark, path = tmp_path / "mark", tmp_path / "gt.pkl"
    path.write_bytes(pickle.dumps({"labels": _Harm(f"touch {mark}")}, protocol))
    for read in (act_gt.read, ucf24.read, read_values):
        with pytest.raises(FormatError, match="Nothing of it was run"):
            read(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    "content", [b"", b"text", pickle.dumps([1, 2]), pickle.dumps({"a": 1})[:-3]]
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gt.pkl"
    path.write_bytes(content)
    for read in (act_gt.read, ucf24.read):
        with pytest.raises(FormatError, match=r"gt\.pkl"):
            read(path)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_values_come_back(tmp_path: Path, protocol: int) -> None:
    values = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
        "c": [np.uint8(200), np.float64(0.5), (True, None, "x")],
    }
    path = tmp_path / "v.pkl"
    path.write_bytes(pickle.dumps(values, protocol))
    found = read_values(path)
    np.testing.assert_array_equal(found["a"], values["a"])
    np.testing.assert_array_equal(found["b"], values["b"])
    assert found["c"] == [200, 0.5, (True, None, "x")]
    path.write_bytes(pickle.dumps({"o": np.array([{}], object)}, protocol))
    with pytest.raises(FormatError, match="type"):
        read_values(path)


@pytest.mark.shared
def test_labels_are_read_whatever_they_are(shared: Path) -> None:
    data = shared / "data"
    assert len(read_labels(data / "jhmdb_silhouettes" / "JHMDB-GT.pkl").test) == 128
    ucf = read_labels(data / "ucf24" / "pyannot.pkl")
    assert 0 < len(ucf.test) < len(ucf.annotations.videos)
    with pytest.raises(FormatError, match=r"sample\.pkl"):
        read_labels(data / "multisports" / "multisports_proposals_sample.pkl")
