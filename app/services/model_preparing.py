"""Models are made ready for ONNX Runtime in the background, each by a process of its own."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.services.job_runner import JobEnd, JobRunner


class ModelPreparing(QObject):
    """Lets `yowo models --ready` work beside the window; what it makes stays in the cache.

    ended carries the model's file and what went wrong, '' when it is ready.
    """

    ended = Signal(object, str)  # Path

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._jobs: dict[int, Path] = {}
        runner.ended.connect(self._end)

    def prepare(self, model: Path) -> None:
        """Begin, unless this model is under way; one that is ready is done in a moment."""
        if model not in self._jobs.values():
            how = ("--gently", "--events", "--stop-on-stdin")
            job = self._runner.start(["models", "--ready", str(model.absolute()), *how])
            self._jobs[job] = model

    def _end(self, end: JobEnd) -> None:
        model = self._jobs.pop(end.job, None)
        if model is not None:
            self.ended.emit(model, end.message)
