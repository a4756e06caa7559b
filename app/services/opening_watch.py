"""A file that takes long to open: its first picture meanwhile, how far it is, and giving it up."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from app.services.frame_values import FirstPicture, Reading
from yowo_core.errors import VideoError
from yowo_core.video.first_look import first_look

_PATIENCE_S: Final = 0.15
"""Most files are open by then, and their first frame is the first picture."""


class OpeningGivenUp(Exception):  # noqa: N818 no error: somebody wants something else
    """The file is not wanted any more."""


class OpeningWatch:
    """Stands by while a file is being opened: tell() is the progress that open_video wants.

    The first picture is read by a thread of its own, because the one that opens may be waiting
    for a slow disk. deliver gets FirstPicture, where there is one, and then Reading.
    """

    def __init__(
        self,
        path: Path,
        serial: int,
        leaving: Callable[[], bool],
        deliver: Callable[[object], None],
    ) -> None:
        self._path, self._serial = path, serial
        self._leaving, self._deliver = leaving, deliver
        self._looked = threading.Event()
        self._looker = threading.Timer(_PATIENCE_S, self._look)
        self._looker.name, self._looker.daemon = "first picture", True

    def __enter__(self) -> Self:
        self._looker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._looker.cancel()

    def tell(self, share: float) -> None:
        """So much of the file was read; raises OpeningGivenUp when it is not wanted any more."""
        if self._leaving():
            raise OpeningGivenUp
        if self._looked.is_set():
            self._deliver(Reading(self._serial, share))

    def _look(self) -> None:
        with suppress(VideoError):  # the one who opens the file tells what is wrong with it
            self._deliver(FirstPicture(self._serial, self._path, first_look(self._path)))
        self._looked.set()
