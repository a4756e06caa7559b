"""The option --frames A:B: frames A up to, but without, B."""

from yowo_core.annotations import FrameRange
from yowo_core.errors import ConfigError


def parse_frames(text: str, count: int | None = None) -> FrameRange | None:
    """'900:1394' -> frames 900..1393; a missing side is the first or last frame; '' is None."""
    if not text:
        return None
    first, colon, last = text.partition(":")
    try:
        start = int(first) if first else 0
        stop = int(last) if last else (count if count is not None else 2**31)
    except ValueError:
        colon = ""
    if not colon or start < 0 or stop <= start:
        raise ConfigError(f"--frames {text!r}: write A:B with 0 <= A < B, such as 900:1394.")
    if count is not None and start >= count:
        raise ConfigError(f"--frames {text}: the video has only {count} frames.")
    return FrameRange(start, min(stop, count) if count is not None else stop)
