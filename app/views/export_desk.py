"""Exporting: asks what and where to, lets it be written, and leads to what was left out."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.domain.export import ExportPlan, ExportReport, LossRow, loss_row
from app.services.exporting import export, save_losses
from app.services.services import Services
from app.views.export_dialog import ExportDialog
from app.views.play_desk import PlayDesk
from app.views.tube_desk import TubeDesk


class ExportDesk(QObject):
    """One export at a time; the dialog stays until it is closed.

    video_asked carries the id of a video to be shown.
    """

    video_asked = Signal(int)

    def __init__(
        self, services: Services, desks: tuple[PlayDesk, TubeDesk], window: QWidget
    ) -> None:
        super().__init__(window)
        self._services, self._window = services, window
        self._play, self._tubes = desks
        self._pending: LossRow | None = None
        services.source.opened.connect(self._opened)

    def export(self) -> None:
        """Ask where to, then write the confirmed tubes in the background."""
        project = self._services.project
        if project.path is None:
            return
        annotations = project.annotation_set(confirmed_only=True)
        paths = {v.name: v.path for v in project.videos() if not v.problem}
        names = project.tube_names()
        tubes = sum(len(v.tubes) for v in annotations.videos)
        videos = sum(bool(v.tubes) for v in annotations.videos)
        dialog = ExportDialog(tubes, videos, project.path.with_suffix(""), self._window)

        def write(plan: ExportPlan) -> None:
            dialog.show_working()
            work = partial(export, annotations, paths, plan)
            self._services.background.run(work, report, dialog.show_failure)

        def report(written: ExportReport) -> None:
            dialog.show_report(written, [loss_row(loss, names) for loss in written.losses])

        def save(rows: tuple[LossRow, ...], path: str) -> None:
            work = partial(save_losses, rows, Path(path))
            self._services.background.run(
                work, lambda _: dialog.say_saved(path), dialog.say_trouble
            )

        dialog.export_asked.connect(write)
        dialog.losses.chosen.connect(self._go_to)
        dialog.losses.save_asked.connect(save)
        dialog.exec()

    def _go_to(self, row: LossRow) -> None:
        """Show the tube in the window behind the dialog."""
        video = self._play.video
        if row.name is None:
            return
        if video is not None and video.id == row.name.video_id:
            self._show(row)
        else:
            self._pending = row
            self.video_asked.emit(row.name.video_id)

    def _opened(self) -> None:
        row, self._pending = self._pending, None
        if row is not None:
            self._show(row)

    def _show(self, row: LossRow) -> None:
        if row.name is not None:
            self._services.playback.pause()
            self._play.go_to(row.frame)
            self._tubes.select(row.name.tube_id)
