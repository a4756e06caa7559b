"""The project and its videos: opening, adding, analysing."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.media import MediaRow
from app.domain.project import Change, ModelRecord, RunKind, RunState, VideoRecord
from app.domain.wording import counted
from app.editing.media import AddVideos, RemoveVideo
from app.services.analysis import AnalysisState
from app.services.built_in import open_demo, register_models
from app.services.data_folders import run_folder
from app.services.left_runs import End, LeftRun, look_at
from app.services.media_files import MediaFacts
from app.services.services import Services
from app.views.file_desk import ANY_VIDEO, FileDesk
from app.views.media_panel import MediaPanel
from app.views.media_texts import media_row
from app.views.play_desk import PlayDesk

KEPT_SCORE: Final = 0.05
"""Boxes below this are not linked; of the tubes those are kept in which an action runs."""
_PROJECTS: Final = "YOWO Studio projects (*.yowo)"
_MOST_PROBLEMS: Final = 5  # sentences on single files of a batch


class MediaDesk(QObject):
    """Fills the list of media and answers it."""

    def __init__(
        self, services: Services, desk: PlayDesk, panel: MediaPanel, window: QWidget
    ) -> None:
        super().__init__(window)
        self._services, self._desk, self._panel = services, desk, panel
        self._window = window
        self._files = FileDesk(services, panel, window)
        self._analysed: set[int] = set()
        self._connect()

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the window's actions do here."""
        return {
            "new_project": self.new_project,
            "open_project": self.open_project,
            "open_demo": self.open_demo,
            "add_videos": self.add_videos,
            "add_folder": self.add_folder,
            "analyse": self._analyse_current,
        }

    def limits(self) -> dict[str, Callable[[], str]]:
        """Why actions cannot be done now."""
        return {"analyse": self._why_not_analyse}

    def new_project(self) -> bool:
        """Ask for a file and make a project of it; False when none was made."""
        path, _ = QFileDialog.getSaveFileName(
            self._window, "New project", str(Path.home() / "Untitled.yowo"), _PROJECTS
        )
        if not path:
            return False
        named = path if path.endswith(".yowo") else f"{path}.yowo"
        return self._services.project.create(Path(named))

    def open_project(self) -> None:
        """Ask for a project file and open it."""
        path, _ = QFileDialog.getOpenFileName(
            self._window, "Open project", str(Path.home()), _PROJECTS
        )
        if path:
            self._services.project.open(Path(path))

    def open_demo(self) -> None:
        """Open the demo project."""
        open_demo(self._services.project)

    def add_videos(self) -> None:
        """Ask for video files and add them."""
        paths, _ = QFileDialog.getOpenFileNames(
            self._window, "Add videos", str(Path.home()), ANY_VIDEO
        )
        self.add([Path(p) for p in paths])

    def add_folder(self) -> None:
        """Ask for a folder and add the videos in it and below."""
        folder = QFileDialog.getExistingDirectory(self._window, "Add folder", str(Path.home()))
        if folder:
            self.add([Path(folder)])

    def add(self, paths: Sequence[Path]) -> None:
        """Add files and folders; a project among them is opened instead."""
        projects = [p for p in paths if p.suffix == ".yowo"]
        if projects:
            self._services.project.open(projects[0])
            return
        if not paths:
            return
        if not self._services.project.is_open and not self.new_project():
            return
        taken = partial(self._add_found, self._services.project.path)
        self._services.intake.add(paths, taken)

    def take_up(self) -> None:
        """A project was opened: register the built-in models, show its videos."""
        for problem in register_models(self._services.project):
            self._services.messages.error(problem)
        self._analysed = {
            run.video_id
            for run in self._services.project.runs()
            if run.kind is RunKind.DETECT
            and run.video_id is not None
            and run.state is RunState.FINISHED
        }
        self._look_at_left_runs()
        videos = self._services.project.videos()
        self._clear_problems(videos)
        self._files.opened()
        self.refresh()

    def show_first(self) -> None:
        """Show the first video that can be shown."""
        videos = self._services.project.videos()
        first = next((v for v in videos if not v.problem), None)
        self._choose((first or videos[0]).id if videos else None)

    def refresh(self) -> None:
        """Show the list as the project has it."""
        running = {s.run.video_id: s for s in self._running()}
        rows = [self._row(v, running.get(v.id)) for v in self._services.project.videos()]
        self._panel.set_videos(rows)
        self._panel.set_current(self._desk.video.id if self._desk.video else None)

    def take_in(self, change: Change) -> None:
        """Re-read the list when it changed; show the first video that comes."""
        if not change.media:
            return
        self._files.make_copies(change.videos)
        self.refresh()
        videos = self._services.project.videos()
        if self._desk.video is None and videos:
            self._choose(videos[0].id)

    def _connect(self) -> None:
        panel, analysis = self._panel, self._services.analysis
        panel.dropped.connect(self.add)
        panel.video_chosen.connect(self._choose)
        panel.add_videos_asked.connect(self.add_videos)
        panel.add_folder_asked.connect(self.add_folder)
        self._desk.locate_asked.connect(self._files.locate)
        self._files.changed.connect(self.refresh)
        panel.remove_asked.connect(lambda video: self._services.project.submit(RemoveVideo(video)))
        panel.analyse_asked.connect(self._analyse)
        panel.cancel_analysis_asked.connect(self._cancel)
        analysis.progress.connect(self._progressed)
        analysis.ended.connect(self._ended)

    def _video(self, video_id: int) -> VideoRecord | None:
        return next((v for v in self._services.project.videos() if v.id == video_id), None)

    def _choose(self, video_id: int | None) -> None:
        video = None if video_id is None else self._video(video_id)
        self._desk.open(video)
        self._panel.set_current(video.id if video else None)

    def _clear_problems(self, videos: Sequence[VideoRecord]) -> None:
        """Forget that files were missing which are back: what is missing is always looked up."""
        for video in videos:
            if video.problem.endswith("Locate…") and video.path.is_file():
                self._services.project.set_media_problem(video.id, "")

    def _look_at_left_runs(self) -> None:
        """Analyses whose end nobody saw: take in what is whole, offer to go on with the rest."""
        alive = {state.run.folder for state in self._services.analysis.running()}
        left = [
            run
            for run in self._services.project.runs()
            if run.kind is RunKind.DETECT
            and run.state is RunState.RUNNING
            and run.folder not in alive
        ]
        if left and not self._services.project.read_only:
            seen = partial(self._take_up, self._services.project.path)
            work = partial(look_at, left)
            self._services.background.run(work, seen, self._services.messages.error)

    def _take_up(self, project: Path | None, found: list[LeftRun]) -> None:
        if self._services.project.path != project:
            return
        for left in found:
            video = self._video(left.run.video_id) if left.run.video_id is not None else None
            if left.end is End.ENDED and video is not None:
                self._services.analysis.take_in(left.run, video, left.run.title)
                continue
            self._services.project.set_run_state(left.run.id, RunState.FAILED)
            if video is not None:
                self._offer_to_go_on(video, left)

    def _offer_to_go_on(self, video: VideoRecord, left: LeftRun) -> None:
        done = f" at {left.frames:,} of {video.frame_count:,} frames; these are saved"
        where = done if left.frames else " before its first frames were saved"
        self._services.messages.info(
            f"The analysis of {video.name} was cut off{where}.",
            "Go on" if left.frames else "Analyse again",
            partial(self._analyse, video.id),
        )

    def _add_found(self, project: Path | None, found: MediaFacts) -> None:
        """Take the files in, unless another project was opened while they were looked at."""
        for problem in found.problems[:_MOST_PROBLEMS]:
            self._services.messages.warning(problem)
        rest = len(found.problems) - _MOST_PROBLEMS
        if rest > 0:
            self._services.messages.warning(f"{rest} more files cannot be used as videos.")
        if found.stopped:
            count = f"{len(found.videos)} of {counted(found.wanted, 'file')}"
            self._services.messages.info(f"Stopped: {count} were looked at and added.")
        if found.videos and self._services.project.path == project:
            self._services.project.submit(AddVideos(found.videos))

    def _live_model(self) -> ModelRecord | None:
        return next((m for m in self._services.project.models() if m.live), None)

    def _analyse_current(self) -> None:
        if self._desk.video is not None:
            self._analyse(self._desk.video.id)

    def _analyse(self, video_id: int) -> None:
        video, model = self._video(video_id), self._live_model()
        project = self._services.project.path
        if video is None or model is None or project is None:
            self._services.messages.info("Choose a model in the bar first.")
            return
        now = self._services.settings.now
        engine = (now.live_backend, now.live_device)
        folder = self._cut_off(video, model) or run_folder(project, "detect")
        self._services.analysis.start(video, model, KEPT_SCORE, folder, engine)

    def _why_not_analyse(self) -> str:
        video = self._desk.video
        if video is None or self._desk.why_no_video():
            return self._desk.why_no_video() or "Choose a video first."
        if not video.path.is_file():
            return f"The file of {video.name} is missing. Show where it is first."
        if any(state.run.video_id == video.id for state in self._running()):
            return f"{video.name} is being analysed already."
        return "" if self._live_model() is not None else "Choose a model in the bar first."

    def _cut_off(self, video: VideoRecord, model: ModelRecord) -> Path | None:
        """The folder of this video's last analysis, if it broke off: it is gone on with."""
        mine = [
            run
            for run in self._services.project.runs()
            if run.kind is RunKind.DETECT and run.video_id == video.id
        ]
        last = max(mine, key=lambda run: run.id, default=None)
        if last is None or last.state is not RunState.FAILED or last.model_uid != model.uid:
            return None
        return last.folder if last.folder.is_dir() else None

    def _replace_older(self, state: AnalysisState) -> None:
        """A whole analysis takes the place of older predictions that nobody decided on."""
        for run in self._services.project.runs():
            older = run.kind is RunKind.DETECT and run.id != state.run.id
            if older and run.video_id == state.run.video_id:
                self._services.project.delete_run_predictions(run.id)

    def _running(self) -> list[AnalysisState]:
        """The analyses of the open project that run; others may go on in the background."""
        return [s for s in self._services.analysis.running() if self._is_ours(s)]

    def _is_ours(self, state: AnalysisState) -> bool:
        """Ids of videos and runs say nothing in another project; a run's folder does."""
        return any(run.folder == state.run.folder for run in self._services.project.runs())

    def _cancel(self, video_id: int) -> None:
        for state in self._running():
            if state.run.video_id == video_id:
                self._services.analysis.cancel(state.run.id)

    def _progressed(self, state: AnalysisState) -> None:
        video = self._video(state.run.video_id) if state.run.video_id is not None else None
        if video is not None and self._is_ours(state):
            self._panel.update_video(self._row(video, state))

    def _ended(self, state: AnalysisState) -> None:
        messages = self._services.messages
        if state.state is RunState.FAILED:
            messages.error(f"{state.video} was not analysed: {state.message}")
        else:
            how = "cancelled; what was done is kept" if state.state is RunState.STOPPED else "done"
            messages.info(f"Analysis of {state.video} is {how}: {state.tubes} tubes to review.")
            if state.message:
                messages.warning(state.message)
            whole = state.state is RunState.FINISHED
            if whole and state.run.video_id is not None and self._is_ours(state):
                self._analysed.add(state.run.video_id)
                self._replace_older(state)
        self.refresh()

    def _row(self, video: VideoRecord, state: AnalysisState | None) -> MediaRow:
        copy, changed = self._files.copy_state(video), self._files.has_changed(video)
        return media_row(video, video.id in self._analysed, state, copy, changed=changed)
