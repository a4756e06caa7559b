"""Looks at video files on a thread of its own, tells how far it is, and can be stopped."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from app.domain.project import NewVideo, VideoRecord
from app.services.background import Background
from app.services.media_files import (
    FileNews,
    Going,
    MediaFacts,
    compare,
    find_moved,
    look_at,
    sentence,
    videos_below,
)
from yowo_core.errors import VideoError
from yowo_core.video.naming import video_name


@dataclass(frozen=True)
class IntakeState:
    """How far it is: files done of all (0 while they are counted), and the one in work.

    share: how much of that one is read, 0..1.
    """

    done: int = 0
    total: int = 0
    name: str = ""
    share: float = 0.0

    @property
    def whole(self) -> float:
        """The share of everything, below 0 while files are counted."""
        return (self.done + self.share) / self.total if self.total else -1.0


class _StoppedError(Exception):
    """A person does not want to wait for a file any longer."""


class MediaIntake(QObject):
    """New files, and files that are missing, one piece of work after the other.

    progress tells IntakeState, None when nothing goes on any more. Outcomes come in this object's
    thread; instead of one that cannot be had failed says a sentence. Call shutdown() before the
    program ends.
    """

    progress = Signal(object)  # IntakeState or None
    failed = Signal(str)
    _told = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._stop = threading.Event()
        self._waiting = 0
        self._told.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether files are being looked at."""
        return self._waiting > 0

    def add(self, paths: Sequence[Path], done: Callable[[MediaFacts], None]) -> None:
        """Look at files, and at the videos in folders and below; one that is none only says so."""
        files = tuple(paths)
        self._begin(lambda going: self._look_at_all(files, going), done)

    def find(
        self,
        folders: Sequence[Path],
        lost: Sequence[VideoRecord],
        done: Callable[[dict[int, Path]], None],
        most: int = 0,
    ) -> None:
        """Look for missing videos by their content; done gets their places by id."""
        where, what = tuple(folders), tuple(lost)
        self._begin(lambda going: find_moved(where, what, going, most), done)

    def compare(
        self, videos: Sequence[VideoRecord], done: Callable[[list[FileNews]], None]
    ) -> None:
        """See which files were changed since they joined the project; quiet, for it is quick."""
        known = tuple(videos)
        self._begin(lambda going: compare(known, going), done, quiet=True)

    def stop(self) -> None:
        """End the work that goes on, and what waits behind it; done gets what there is."""
        self._stop.set()

    def shutdown(self) -> None:
        """End all work; nothing is told any more."""
        self._stop.set()
        self._background.shutdown()

    def _begin(
        self, work: Callable[[Going], object], done: Callable[..., None], *, quiet: bool = False
    ) -> None:
        if self._stop.is_set():
            self._stop = threading.Event()
        self._waiting += 1
        if not quiet:
            self.progress.emit(IntakeState())
        going = partial(_goes_on, self._stop)
        self._background.run(
            partial(work, going), partial(self._end, done), partial(self._end, self.failed.emit)
        )

    def _end(self, done: Callable[[object], None], outcome: object) -> None:
        self._waiting -= 1
        if not self._waiting:
            self.progress.emit(None)
        done(outcome)

    def _pass_on(self, state: IntakeState) -> None:
        if self._waiting:
            self.progress.emit(state)

    def _look_at_all(self, paths: Sequence[Path], going: Going) -> MediaFacts:
        files = _all_files(paths)
        videos: list[NewVideo] = []
        problems: list[str] = []
        for number, path in enumerate(files):
            state = IntakeState(number, len(files), video_name(path))
            try:
                videos.append(look_at(path, partial(self._read_on, state, going)))
            except (VideoError, OSError) as error:
                problems.append(sentence(path, error))
            except _StoppedError:
                break
        stopped = len(videos) + len(problems) < len(files)
        return MediaFacts(tuple(videos), tuple(problems), len(files), stopped)

    def _read_on(self, state: IntakeState, going: Going, share: float) -> None:
        if not going():
            raise _StoppedError
        self._told.emit(replace(state, share=share))


def _goes_on(stop: threading.Event) -> bool:
    return not stop.is_set()


def _all_files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found.extend(videos_below(path) if path.is_dir() else [path])
    return list(dict.fromkeys(found))
