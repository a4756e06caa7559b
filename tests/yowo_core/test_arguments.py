import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yowo_core.arguments import as_argument, spelled_out

OPTIONS = {"--out", "--spans", "--help"}


def test_a_file_is_taken_for_a_file_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-x.mp4", "--odd name.mp4", "--spans"):
        (tmp_path / name).touch()
    given = ["detect", "-x.mp4", "--spans", "--out=a.csv", "--odd name.mp4", "-gone.mp4", "-" * 300]
    told = spelled_out(given, OPTIONS)
    assert told == [
        "detect",
        f".{os.sep}-x.mp4",
        "--spans",
        "--out=a.csv",
        f".{os.sep}--odd name.mp4",
        "-gone.mp4",
        "-" * 300,
    ]
    assert spelled_out(["--", "-x.mp4"], OPTIONS) == ["--", "-x.mp4"]


@pytest.mark.parametrize(
    "uri", ["file:/a%20b/c%25.mp4", "file:///a%20b/c%25.mp4", "file://localhost/a%20b/c%25.mp4"]
)
def test_a_file_uri_is_its_path(uri: str) -> None:
    assert spelled_out([uri], OPTIONS) == ["/a b/c%.mp4"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps names that are no text")
@given(st.binary(min_size=1).filter(lambda raw: b"\0" not in raw))
def test_any_path_goes_through_a_command_line_unharmed(raw: bytes) -> None:
    path = "/" + os.fsdecode(raw).lstrip("/")
    argument = as_argument(path)
    argument.encode("utf-8")
    if argument != path:
        assert spelled_out([argument], OPTIONS) == [path]
