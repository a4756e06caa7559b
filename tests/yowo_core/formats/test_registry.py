"""The formats by name."""

from pathlib import Path

import numpy as np
import pytest

from tests.yowo_core.formats.annotation_sets import assert_same, plain_set, plain_tube
from yowo_core.errors import FormatError
from yowo_core.formats.registry import FORMATS, write_as
from yowo_core.formats.yowo_csv import read

ANNOTATIONS = plain_set(plain_tube("1", range(21), (1, 0, 21)), plain_tube("2", [3], (2, 3, 4)))


def test_csv_keeps_everything_and_has_nothing_to_say(tmp_path: Path) -> None:
    times = {"a.mp4": np.arange(21) / 7}
    assert write_as("csv", ANNOTATIONS, tmp_path / "a.csv", times=times) == ()
    result = read(tmp_path / "a.csv")
    assert_same(ANNOTATIONS, result.annotations)
    assert np.array_equal(result.times["a.mp4"], times["a.mp4"])


def test_ava_says_what_it_lost(tmp_path: Path) -> None:
    (said,) = write_as("ava", ANNOTATIONS, tmp_path / "a.csv")
    assert "a.mp4 #2" in said
    assert (tmp_path / "a.pbtxt").exists()


@pytest.mark.parametrize(("name", "hint"), [("cvs", "Did you mean csv?"), ("qqq", "csv, ava.")])
def test_an_unknown_name_is_refused_with_the_known_ones(
    tmp_path: Path, name: str, hint: str
) -> None:
    with pytest.raises(FormatError) as caught:
        write_as(name, ANNOTATIONS, tmp_path / "a")
    assert str(caught.value).endswith(hint)
    assert all(known in str(caught.value) for known in FORMATS)
