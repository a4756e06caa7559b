"""Numbers, durations and names as short texts for people."""

import unicodedata
from fractions import Fraction

from yowo_core.annotations import Review

TIMES = "\u00d7"
DASH = "\u2013"
ARROW = "\u2192"
DOT = "\u00b7"

_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they turn letters around

REVIEW_WORDS = {
    Review.TO_REVIEW: "to review",
    Review.ACCEPTED: "accepted",
    Review.CORRECTED: "corrected",
    Review.REJECTED: "rejected",
    Review.UNSURE: "unsure",
}


def clock(seconds: float) -> str:
    """02:19, or 1:02:19 from an hour on; seconds are rounded down."""
    whole = max(int(seconds), 0)
    hours, rest = divmod(whole, 3600)
    minutes = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{minutes}" if hours else minutes


def about(seconds: float) -> str:
    """A rough duration: "under a minute", "about 12 minutes", "about 3.5 hours"."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 90:
        return f"about {counted(minutes, 'minute')}"
    return f"about {seconds / 3600:.1f} hours"


def short_number(value: int) -> str:
    """412, 9.4 k, 61 k, 1.2 M: never more than four digits."""
    if value < 1000:
        return str(value)
    size, unit = (1_000_000, "M") if value >= 1_000_000 else (1000, "k")
    tenths = value * 10 // size
    return f"{tenths / 10:.1f} {unit}" if tenths < 100 else f"{tenths // 10} {unit}"


def counted(number: int, thing: str, things: str = "") -> str:
    """1 tube, 4 tubes, 61 k boxes (things: a plural that is more than an s)."""
    return f"{short_number(number)} {thing if number == 1 else things or thing + 's'}"


def rate(fps: Fraction) -> str:
    """10 fps, 29.97 fps; empty when unknown."""
    return f"{float(fps):.2f}".rstrip("0").rstrip(".") + " fps" if fps > 0 else ""


def one_line(text: str) -> str:
    """The text without line breaks and doubled blanks, as a name is kept."""
    return " ".join(text.split())


def shortened(text: str, letters: int) -> str:
    """The text with dots in its middle, if it has more than so many letters (at least 3)."""
    if len(text) <= letters:
        return text
    head = letters // 2
    return f"{text[:head].rstrip()}\u2026{text[len(text) - (letters - head - 1) :].lstrip()}"


def shown_name(text: str) -> str:
    """A name on one line with nothing that is not seen: line breaks and the like become signs."""
    return "".join(_shown(letter) for letter in text)


def _shown(letter: str) -> str:
    if letter in "\r\n\u2028\u2029\u0085":
        return "\u21b5"
    unseen = unicodedata.category(letter) in ("Cc", "Cs") or letter in _TURNING
    return "\ufffd" if unseen else letter


def bytes_text(count: int) -> str:
    """340 MB, 1.2 GB: decimal, as file managers count."""
    if count >= 1_000_000_000:
        return f"{count / 1e9:.1f} GB"
    return f"{max(count / 1e6, 0.1):.1f} MB" if count < 10_000_000 else f"{count / 1e6:.0f} MB"
