"""Names that people gave, made fit to be shown: on one line, never markup."""

import html
import re
import unicodedata
from functools import lru_cache
from typing import Final

from app.domain.wording import one_line, shortened

BLANK: Final = "(blank name)"
"""Shown for a name of which nothing can be seen."""

_UNSEEN: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_ISOLATE, _END = "\u2068", "\u2069"  # so that a name from right to left leaves its number alone
_WIDE: Final = 90  # letters of a line from which on a tooltip has to be broken
_WORD: Final = re.compile(r"\S{40}(?=\S)")


@lru_cache(maxsize=8192)
def readable_name(name: str) -> str:
    """The name on one line without control characters; BLANK when nothing of it can be seen."""
    plain = one_line("".join(" " if unicodedata.category(c) == "Cc" else c for c in name))
    if not any(_is_seen(letter) for letter in plain):
        return BLANK
    if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in plain):
        return f"{_ISOLATE}{plain}{_END}"
    return plain


def brief_name(name: str, letters: int) -> str:
    """The name as it is shown, with dots in its middle if it has more than so many letters."""
    return shortened(readable_name(name), letters)


def plain_tip(text: str) -> str:
    """The text as a tooltip that shows it letter by letter and is no wider than the screen.

    A short text without anything that looks like markup stays as it is.
    """
    short = all(len(line) <= _WIDE for line in text.split("\n"))
    if short and "<" not in text and "&" not in text:
        return text
    lines = (html.escape(breakable(line), quote=False) for line in text.split("\n"))
    return f"<qt>{'<br>'.join(lines)}</qt>"


def breakable(text: str) -> str:
    """The text with places in its longest words where a line may end."""
    return _WORD.sub(lambda word: word.group() + "\u200b", text)


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "ZC" and letter not in _UNSEEN
