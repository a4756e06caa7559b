"""What is said of a video's file and its working copy, in the list and instead of a picture."""

from dataclasses import dataclass

from app.domain.media import CopyPhase, CopyState, MediaRow, MediaTrouble
from app.domain.project import RunState, VideoRecord
from app.domain.wording import about
from app.services.analysis import AnalysisState

MAKE = "Make the working copy"
CANCEL = "Cancel"
LOCATE = "Locate\u2026"
DETAILS = "Details\u2026"
MAKE_SHORT = "Make it"
_COPYING = (CopyPhase.WAITING, CopyPhase.MAKING)


@dataclass(frozen=True)
class CopyText:
    """What the canvas says of a video that waits for its copy; share as CopyState has it."""

    title: str
    text: str
    share: float | None
    caption: str


def copy_text(video: VideoRecord, state: CopyState) -> CopyText:
    """Why there is no picture yet, how far the copy is, and what can be done."""
    why = video.needs_proxy
    if state.phase is CopyPhase.MAKING:
        said = f"{why} A working copy is being made: {_how_far(state, ', ')}."
        return CopyText("Making a working copy", said, state.share, CANCEL)
    if state.phase is CopyPhase.WAITING:
        said = f"{why} A working copy will be made after the one in work."
        return CopyText("Waiting for a working copy", said, state.share, CANCEL)
    failed = f" {state.message}" if state.phase is CopyPhase.FAILED else ""
    said = f"{why} It can be looked at and labelled through a working copy.{failed}"
    return CopyText("No working copy yet", said, None, MAKE)


def missing_text(video: VideoRecord) -> str:
    """What stands over the labels of a video whose file is gone."""
    return f"The file of {video.name} is missing. Its labels are shown on grey."


def media_row(
    video: VideoRecord,
    analysed: bool,
    state: AnalysisState | None,
    copy: CopyState | None,
    changed: bool,
) -> MediaRow:
    """How a video stands, the most pressing first. copy: None when none is needed."""
    row = MediaRow(video, "variable rate" if video.uneven else "", None, analysed)
    if video.problem:
        return _troubled(row)
    if state is not None and state.state is RunState.RUNNING:
        return _analysing(row, state)
    if changed:
        return _with(row, MediaTrouble.CHANGED, "the file has changed", DETAILS)
    if copy is not None and copy.phase is not CopyPhase.READY:
        return _copying(row, copy)
    return row


def _troubled(row: MediaRow) -> MediaRow:
    if row.video.path.is_file():
        return _with(row, MediaTrouble.DAMAGED, "", LOCATE)
    return _with(row, MediaTrouble.MISSING, "file is missing", LOCATE)


def _copying(row: MediaRow, copy: CopyState) -> MediaRow:
    if copy.phase in _COPYING:
        waits = copy.phase is CopyPhase.WAITING
        said = "waits for its working copy" if waits else f"working copy {_how_far(copy, ' · ')}"
        return _with(row, MediaTrouble.COPY, said, CANCEL, copy.share)
    said = "the copy failed" if copy.phase is CopyPhase.FAILED else "no working copy"
    return _with(row, MediaTrouble.COPY, said, MAKE_SHORT)


def _analysing(row: MediaRow, state: AnalysisState) -> MediaRow:
    share = state.done / state.total if state.total else 0.0
    return MediaRow(row.video, _analysis_text(row.video, state, share), share, row.analysed)


def _analysis_text(video: VideoRecord, state: AnalysisState, share: float) -> str:
    """What an analysis does, in a few words."""
    if state.stage == "preparing":
        return "preparing the model, once…"
    if state.stage == "linking":
        return "joining boxes to tubes…"
    if state.stage == "importing":
        return f"taking in the tubes {100 * share:.0f} %"
    speed = state.rate / float(video.fps) if video.fps else 0.0
    left = f" · {_clock(state.seconds_left)} left" if state.rate else ""
    return f"analysing {100 * share:.0f} %{left} · {speed:.1f}× real time"


def _with(
    row: MediaRow, trouble: MediaTrouble, status: str, link: str, share: float | None = None
) -> MediaRow:
    return MediaRow(row.video, status, share, row.analysed, trouble, link)


def _how_far(state: CopyState, joint: str) -> str:
    share = f"{100 * (state.share or 0.0):.0f} %"
    return f"{share}{joint}{about(state.seconds_left)}" if state.seconds_left > 0 else share


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes:02d}:{rest:02d}"
