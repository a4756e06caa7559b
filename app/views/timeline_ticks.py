"""The ruler's ticks: round times, or frame numbers where single frames can be told apart."""

from dataclasses import dataclass

import numpy as np

from app.views.timeline_axis import TimeAxis

_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
_FRAMES = (1, 2, 5, 10, 20, 50)
_APART = 84.0
_FRAMES_APART = 132.0
_FRAME_PIXELS = 7.0
_DIVISIONS = 5


@dataclass(frozen=True)
class Tick:
    """A mark on the ruler at the start of a frame; text is empty on the small ones."""

    x: float
    text: str = ""


def ticks(axis: TimeAxis) -> tuple[Tick, ...]:
    """The ticks that are visible, left to right."""
    if axis.frame_count == 0:
        return ()
    if axis.pixels >= _FRAME_PIXELS or axis.fps <= 0:
        return _frame_ticks(axis)
    return _time_ticks(axis)


def clock(seconds: float, digits: int = 0, hours: bool = False) -> str:
    """A time as mm:ss or h:mm:ss with that many digits after the point, cut, not rounded up."""
    parts = 10**digits
    total = int(np.floor(max(seconds, 0.0) * parts + 1e-6))
    whole, rest = divmod(total, parts)
    minutes, second = divmod(whole, 60)
    text = f"{minutes:02d}:{second:02d}"
    if hours or minutes >= 60:
        hour, minute = divmod(minutes, 60)
        text = f"{hour}:{minute:02d}:{second:02d}"
    return f"{text}.{rest:0{digits}d}" if digits else text


def _time_ticks(axis: TimeAxis) -> tuple[Tick, ...]:
    a_second = axis.pixels * axis.fps
    step = next((s for s in _SECONDS if s * a_second >= _APART), float(_SECONDS[-1]))
    shown = axis.visible
    start = int(np.floor(axis.seconds(shown.start) / step)) * _DIVISIONS
    stop = int(np.ceil(axis.seconds(shown.stop - 1) / step)) * _DIVISIONS
    counts = np.arange(start, stop + 1)
    frames = axis.frames_at(counts * (step / _DIVISIONS))
    hours = axis.seconds(axis.frame_count - 1) >= 3600
    digits = 1 if step < 1 else 0
    return tuple(
        Tick(
            axis.x_of(int(frame)),
            clock(count * step / _DIVISIONS, digits, hours) if count % _DIVISIONS == 0 else "",
        )
        for count, frame in zip(counts.tolist(), frames.tolist(), strict=True)
        if frame < axis.frame_count
    )


def _frame_ticks(axis: TimeAxis) -> tuple[Tick, ...]:
    step = next((s for s in _FRAMES if s * axis.pixels >= _FRAMES_APART), None)
    if step is None:
        step = int(10 ** np.ceil(np.log10(_FRAMES_APART / axis.pixels)))
    small = max(step // _DIVISIONS, 1)
    shown = axis.visible
    first = shown.start - shown.start % step
    return tuple(
        Tick(axis.x_of(frame), _frame_text(axis, frame) if frame % step == 0 else "")
        for frame in range(first, shown.stop, small)
    )


def _frame_text(axis: TimeAxis, frame: int) -> str:
    if axis.fps <= 0 and not len(axis.times):
        return str(frame)
    return f"{clock(axis.seconds(frame), 3)} · {frame}"
