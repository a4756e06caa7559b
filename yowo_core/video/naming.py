"""Names of video files as text that can be shown, compared and written to any file."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

_NO_TEXT = re.compile("[\ud800-\udfff]")


def as_text(name: str) -> str:
    """The name with U+FFFD for every byte that is no text, as file names on Linux may hold."""
    return _NO_TEXT.sub("\ufffd", name)


def video_name(path: Path) -> str:
    """By what a video file is called in labels."""
    return as_text(path.name)


def find_named(name: str, files: Iterable[Path]) -> Path | None:
    """The file that labels call by that name; accents may be written in either of their forms."""
    wanted = unicodedata.normalize("NFC", name)
    called = ((unicodedata.normalize("NFC", video_name(file)), file) for file in files)
    return next((file for text, file in called if text == wanted), None)
