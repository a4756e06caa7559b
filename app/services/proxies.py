"""Working copies of videos whose frames cannot be reached singly: made, found, removed."""

from collections import deque
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.domain.media import CopyPhase, CopyState, copy_key
from app.domain.project import VideoRecord
from app.services.data_folders import copies_folder
from app.services.job_runner import JobEnd, JobEvent, JobRunner
from yowo_core.events import Event, Progress, Started
from yowo_core.video.proxy import SUFFIX, proxy_name, sweep


class Proxies(QObject):
    """The working copies of all projects, in one folder, known by their source's content.

    One is made at a time, by a process of its own; the others wait. changed carries the copy_key
    of a video whose copy is there now, is gone, or is further on, '' for all. failed is a sentence.
    """

    changed = Signal(str)
    failed = Signal(str)

    def __init__(
        self, runner: JobRunner, folder: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._folder = folder or copies_folder()
        self._states: dict[str, CopyState] = {}
        self._dropped: set[str] = set()  # file names of copies that a person removed
        self._waiting: deque[VideoRecord] = deque()
        self._job: tuple[int, VideoRecord] | None = None
        runner.event_received.connect(self._hear)
        runner.ended.connect(self._end)

    @property
    def folder(self) -> Path:
        """Where all of them lie."""
        return self._folder

    def copy_of(self, video: VideoRecord) -> Path | None:
        """The working copy of a video, None while there is none."""
        path = self._place(video)
        return path if path.is_file() else None

    def state(self, video: VideoRecord) -> CopyState:
        """How the copy of a video stands."""
        dropped = self._place(video).name in self._dropped
        unknown = CopyState(CopyPhase.CANCELLED if dropped else CopyPhase.NONE)
        known = self._states.get(copy_key(video), unknown)
        if known.share is None and self.copy_of(video) is not None:
            return CopyState(CopyPhase.READY)
        return known

    def make(self, video: VideoRecord) -> None:
        """Begin to make a video's copy, or let it wait its turn; nothing when it is under way."""
        busy = (CopyPhase.WAITING, CopyPhase.MAKING, CopyPhase.READY)
        if self.state(video).phase not in busy:
            self._dropped.discard(self._place(video).name)
            self._waiting.append(video)
            self._tell(video, CopyState(CopyPhase.WAITING, total=video.frame_count))
            self._next()

    def make_missing(self, video: VideoRecord) -> None:
        """Make a copy that is needed, unless it was cancelled, removed, or has failed."""
        if video.needs_proxy and self.state(video).phase is CopyPhase.NONE:
            self.make(video)

    def cancel(self, video: VideoRecord) -> None:
        """Stop making a copy; nothing of it is kept."""
        if self._job is not None and copy_key(self._job[1]) == copy_key(video):
            self._runner.stop(self._job[0])
            return
        waiting = [v for v in self._waiting if copy_key(v) != copy_key(video)]
        if len(waiting) < len(self._waiting):
            self._waiting = deque(waiting)
            self._tell(video, CopyState(CopyPhase.CANCELLED))

    def shutdown(self) -> None:
        """Begin nothing more; the job runner ends what is under way, and nothing of it is kept."""
        self._waiting.clear()

    def total_bytes(self) -> int:
        """What all working copies take on the disk."""
        return sum(_size(path) for path in self._copies())

    def remove(self, video: VideoRecord) -> None:
        """Delete a video's copy; it can be made again."""
        self._delete(self._place(video))
        self.changed.emit(copy_key(video))

    def remove_all(self) -> None:
        """Delete every working copy; each can be made again."""
        for path in self._copies():
            self._delete(path)
        self.changed.emit("")

    def _delete(self, path: Path) -> None:
        self._dropped.add(path.name)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self.failed.emit(f"{path} cannot be deleted: {error.strerror or error}.")

    def _place(self, video: VideoRecord) -> Path:
        return self._folder / proxy_name(copy_key(video))

    def _copies(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}"))

    def _tell(self, video: VideoRecord, state: CopyState) -> None:
        if state.phase is CopyPhase.READY:  # the file says so itself for as long as it is there
            self._states.pop(copy_key(video), None)
        else:
            self._states[copy_key(video)] = state
        self.changed.emit(copy_key(video))

    def _next(self) -> None:
        if self._job is not None or not self._waiting:
            return
        video = self._waiting.popleft()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            sweep(self._folder)
        except OSError as error:
            self._fail(video, f"{self._folder} cannot be written: {error.strerror or error}.")
            self._next()
            return
        arguments = ["proxy", str(video.path.absolute()), str(self._place(video).absolute())]
        if video.content_hash:
            arguments += ["--content", video.content_hash]
        job = self._runner.start([*arguments, "--events", "--stop-on-stdin"])
        self._job = (job, video)
        self._tell(video, CopyState(CopyPhase.MAKING, total=video.frame_count))

    def _hear(self, told: JobEvent) -> None:
        if self._job is not None and told.job == self._job[0]:
            video = self._job[1]
            self._tell(video, _after(self._states[copy_key(video)], told.event))

    def _end(self, end: JobEnd) -> None:
        if self._job is None or end.job != self._job[0]:
            return
        video, self._job = self._job[1], None
        sweep(self._folder)
        if self.copy_of(video) is not None:
            self._tell(video, CopyState(CopyPhase.READY))
        elif end.stopped:
            self._tell(video, CopyState(CopyPhase.CANCELLED))
        else:
            self._fail(video, end.message)
        self._next()

    def _fail(self, video: VideoRecord, message: str) -> None:
        self._tell(video, CopyState(CopyPhase.FAILED, message=message))
        self.failed.emit(f"No working copy of {video.name} was made. {message}")


def _after(state: CopyState, event: Event) -> CopyState:
    if isinstance(event, Started):
        return replace(state, total=event.total)
    if isinstance(event, Progress):
        return replace(state, done=event.done, total=event.total, seconds_left=event.seconds_left)
    return state


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
