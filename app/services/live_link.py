"""The wire to the live model's process: its messages, and the pictures it has been sent."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTemporaryDir, Signal

from app.services.job_runner import worker_command
from app.services.line_process import LineProcess, ProcessEnd
from yowo_core.infer.live_protocol import SLOTS, PictureRing

_END_SECONDS = 1.0


class LiveLink(QObject):
    """One run of the process, from start() to its end; see yowo_core.infer.live_protocol.

    said brings each answer as a dict with the key 'say'; broke why the process is gone, unless
    it was let go.
    """

    said = Signal(object)  # dict
    broke = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = QTemporaryDir()
        self._ring_path = Path(self._folder.path()) / "pictures"
        self._ring: PictureRing | None = None
        self._sent: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._number = 0
        self._let_go = False
        self._process = LineProcess(worker_command("live"), self)
        self._process.line.connect(self._hear)
        self._process.ended.connect(self._end)

    @property
    def pid(self) -> int:
        """The process's number, 0 when it does not run."""
        return self._process.pid

    def start(self, model: Path, backend: str, device: str, threads: int) -> None:
        """Start the process and let it load a model."""
        self._ring_path.touch()
        self._process.start()
        self._tell(
            do="load",
            model=str(model.resolve()),
            backend=backend,
            device=device,
            threads=threads,
            ring=str(self._ring_path),
        )

    def pictures_of(self, size: int) -> None:
        """Pictures have this side in pixels; the process has made the file that carries them."""
        self._ring = PictureRing(self._ring_path, size, create=False)

    def ask(
        self,
        video: int,
        frame: int,
        clip: tuple[Mapping[int, NDArray[np.uint8]], list[int], int],
        size: tuple[int, int],
    ) -> None:
        """Ask what is in a frame. clip: twins by frame, the clip's frames, the key frame's place.

        size is the width and height of the source's frames. Only pictures that the process does
        not hold are sent.
        """
        twins, frames, place = clip
        for number, twin in twins.items():
            self._send(video, number, twin)
        self._tell(
            do="detect",
            video=video,
            frame=frame,
            clip=frames,
            place=place,
            width=size[0],
            height=size[1],
        )

    def forget_sent(self) -> None:
        """The process misses pictures: send all of the next clip again."""
        self._sent.clear()

    def let_go(self) -> None:
        """End the process in a moment and say nothing more; this object deletes itself then."""
        self._let_go = True
        if self._process.running:
            self._process.close_input()
            self._process.kill_after(_END_SECONDS)
        else:
            self.deleteLater()

    def end(self) -> None:
        """End the process now; blocks up to a second. For closing down."""
        self._let_go = True
        self._process.end(_END_SECONDS)

    def _tell(self, **message: object) -> None:
        self._process.tell(json.dumps(message))

    def _send(self, video: int, frame: int, twin: NDArray[np.uint8]) -> None:
        """The process keeps the last SLOTS pictures in the order of their first coming."""
        if (video, frame) in self._sent or self._ring is None:
            return
        self._ring.put(self._number, twin)
        self._tell(do="picture", video=video, frame=frame, number=self._number)
        self._number += 1
        self._sent[video, frame] = None
        while len(self._sent) > SLOTS:
            self._sent.popitem(last=False)

    def _hear(self, line: str) -> None:
        try:
            message: Any = json.loads(line)
        except ValueError:
            message = None
        if isinstance(message, dict) and "say" in message:
            if not self._let_go:
                self.said.emit(message)
        else:
            self._process.note(line)

    def _end(self, end: ProcessEnd) -> None:
        self._ring = None  # a mapped file cannot be deleted everywhere
        self._folder.remove()
        if self._let_go:
            self.deleteLater()
        else:
            self.broke.emit(
                f"The live model's process ended by itself (status {end.exit_code}): "
                f"{end.last_words}. Start it again, or choose another model or device."
            )
