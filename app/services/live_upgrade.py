"""A model that was not prepared for the wanted engine gets it later, while another stands in."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.services.live_link import LiveLink
from app.services.model_preparing import ModelPreparing


class LiveUpgrade(QObject):
    """Has the model prepared, then starts a second process for it beside the one that answers.

    ready brings that process and what it said of itself; it belongs to the listener then. failed
    is a sentence; one of both comes after begin(), unless stop() was called.
    """

    ready = Signal(object, object)  # LiveLink, dict
    failed = Signal(str)

    def __init__(self, preparing: ModelPreparing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preparing = preparing
        self._wanted: tuple[Path, str, str, int] | None = None
        self._link: LiveLink | None = None
        preparing.ended.connect(self._prepared)

    @property
    def active(self) -> bool:
        """Whether it is under way."""
        return self._wanted is not None

    def begin(self, model: Path, backend: str, device: str, threads: int) -> None:
        """Work towards this engine, see `LiveInference.start`."""
        self.stop()
        self._wanted = (model, backend, device, threads)
        self._preparing.prepare(model)

    def stop(self) -> None:
        """No process is wanted any more; preparing goes on, for the next time."""
        link = self._give_up()
        if link is not None:
            link.let_go()

    def _give_up(self) -> LiveLink | None:
        link, self._link, self._wanted = self._link, None, None
        return link

    def _prepared(self, model: Path, problem: str) -> None:
        if self._wanted is None or self._wanted[0] != model or self._link is not None:
            return
        if problem:
            self._fail(problem)
            return
        self._link = LiveLink(self)
        self._link.said.connect(self._hear)
        self._link.broke.connect(self._fail)
        self._link.start(*self._wanted)

    def _hear(self, message: dict[str, Any]) -> None:
        if self._wanted is None or self._link is None:
            return
        if message["say"] == "failed":
            self._fail(str(message["message"]))
        elif message["backend"] != self._wanted[1]:
            self._fail("What was prepared is not there any more.")
        else:
            self._link.said.disconnect(self._hear)
            self._link.broke.disconnect(self._fail)
            self.ready.emit(self._give_up(), message)

    def _fail(self, sentence: str) -> None:
        self.stop()
        self.failed.emit(sentence)
