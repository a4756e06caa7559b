"""What videos are called in an AVA file, which knows no quoting."""

import unicodedata
from collections.abc import Sequence
from posixpath import splitext

_BROKEN = ',"'
_CONTROLS = ("Cc", "Zl", "Zp")


def plain_name(name: str) -> str:
    """A video's name as AVA writes it: without its file type."""
    return splitext(name)[0]


def video_ids(names: Sequence[str]) -> dict[str, str]:
    """What each video is called: its plain name, changed where it cannot stand in the file.

    Commas, quotes, line breaks and other control characters become _; of two videos that would be
    called the same the later one gets a number.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    fine = [name for name in names if _cleaned(plain_name(name)) == plain_name(name)]
    for name in (*fine, *(n for n in names if n not in fine)):  # no fine name makes way
        wanted = _cleaned(plain_name(name))
        number, free = 1, wanted
        while free in taken:
            number += 1
            free = f"{wanted}_{number}"
        found[name] = free
        taken.add(free)
    return {name: found[name] for name in names}


def _cleaned(name: str) -> str:
    return "".join("_" if _breaks(letter) else letter for letter in name)


def _breaks(letter: str) -> bool:
    return letter in _BROKEN or unicodedata.category(letter) in _CONTROLS
