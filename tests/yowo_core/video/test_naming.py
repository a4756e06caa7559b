import os
import unicodedata
from pathlib import Path

from yowo_core.video.naming import as_text, find_named, video_name


def test_a_name_that_is_no_text_can_be_written_anywhere() -> None:
    name = os.fsdecode(b"caf\xe9.mp4")
    assert as_text(name) == "caf\ufffd.mp4"
    assert video_name(Path("/clips") / name) == "caf\ufffd.mp4"
    assert as_text("\u4eba \U0001f600") == "\u4eba \U0001f600"


def test_accents_in_either_form_name_the_same_file() -> None:
    files = [Path("/a/b.mp4"), Path("/a") / unicodedata.normalize("NFD", "caf\u00e9.mp4")]
    assert find_named("caf\u00e9.mp4", files) == files[1]
    assert find_named("cafe.mp4", files) is None
