"""The files behind the videos: lost and found again, changed meanwhile, their working copies."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.media import CopyPhase, CopyState, facts_of, fits, unlike
from app.domain.project import NewVideo, VideoRecord
from app.domain.wording import counted
from app.editing.media import LocateVideos, ReplaceVideo
from app.services.media_files import SUFFIXES, FileNews, MediaFacts
from app.services.services import Services
from app.views.media_panel import MediaPanel

ANY_VIDEO: Final = f"Videos ({' '.join(f'*{s}' for s in sorted(SUFFIXES))});;All files (*)"
_MOST_TOLD: Final = 3  # changed files that are spoken of one by one
_NEARBY: Final = 5_000
"""Files beside the project that are looked at for missing videos without being asked."""


class FileDesk(QObject):
    """Answers what the list asks about files; changed says that the list has to be drawn again."""

    changed = Signal()

    def __init__(self, services: Services, panel: MediaPanel, window: QWidget) -> None:
        super().__init__(window)
        self._services, self._window = services, window
        self._news: dict[int, NewVideo] = {}
        panel.copies_bytes = services.proxies.total_bytes
        panel.locate_asked.connect(self.locate)
        panel.details_asked.connect(self.tell_change)
        panel.copy_asked.connect(self.make_copy)
        panel.cancel_copy_asked.connect(self.cancel_copy)
        panel.remove_copy_asked.connect(self._remove_copy)
        panel.remove_copies_asked.connect(services.proxies.remove_all)
        panel.stop_asked.connect(services.intake.stop)
        services.intake.progress.connect(panel.show_intake)
        services.intake.failed.connect(services.messages.error)
        services.proxies.changed.connect(lambda _key: self.changed.emit())
        services.proxies.failed.connect(services.messages.error)

    def has_changed(self, video: VideoRecord) -> bool:
        """Whether a video's file is not what it was when it joined."""
        return video.id in self._news

    def copy_state(self, video: VideoRecord) -> CopyState | None:
        """How a video's working copy stands; None when it needs none."""
        return self._services.proxies.state(video) if video.needs_proxy else None

    def opened(self) -> None:
        """A project was opened: see which files are gone or changed."""
        self._news.clear()
        project = self._services.project
        videos = project.videos()
        there = [video for video in videos if video.path.is_file()]
        self._services.intake.compare(there, partial(self._take_news, project.path))
        lost = [video for video in videos if not video.path.is_file()]
        if lost and project.path is not None:
            found = partial(self._found_nearby, project.path)
            self._services.intake.find([project.path.parent], lost, found, _NEARBY)

    def make_copies(self, ids: Collection[int]) -> None:
        """Begin the working copies that these videos miss; of others when they are looked at."""
        for video in self._services.project.videos():
            if video.id in ids and video.path.is_file():
                self._services.proxies.make_missing(video)

    def make_copy(self, video_id: int) -> None:
        """Make a video's working copy, also after it was cancelled."""
        video = self._video(video_id)
        if video is not None:
            self._services.proxies.make(video)

    def cancel_copy(self, video_id: int) -> None:
        """Stop making a video's working copy."""
        video = self._video(video_id)
        if video is not None:
            self._services.proxies.cancel(video)

    def locate(self, video_id: int) -> None:
        """Ask where a video's file is; others that are missing are looked for beside it."""
        video = self._video(video_id)
        if video is None:
            return
        path, _ = QFileDialog.getOpenFileName(
            self._window, f"Where is {video.name}?", str(video.path.parent), ANY_VIDEO
        )
        if path:
            chosen = partial(self._located, self._services.project.path, video_id)
            self._services.intake.add([Path(path)], chosen)

    def tell_change(self, video_id: int) -> None:
        """Say how a video's file differs from what it was, and offer what can be done."""
        video, facts = self._video(video_id), self._news.get(video_id)
        if video is None or facts is None:
            return
        said = f"{video.name} has changed since it was added: it {unlike(video, facts)}."
        if fits(video, facts):
            use = partial(self._use, video_id, facts)
            said = f"{said} Its labels are kept; check whether they still fit."
            self._services.messages.warning(said, "Use it as it is", use)
        else:
            said = f"{said} Its labels are kept. Put the old file back, or show where it is."
            find = partial(self.locate, video_id)
            self._services.messages.warning(said, "Locate\u2026", find)

    def _video(self, video_id: int) -> VideoRecord | None:
        return next((v for v in self._services.project.videos() if v.id == video_id), None)

    def _lost(self) -> list[VideoRecord]:
        return [v for v in self._services.project.videos() if not v.path.is_file()]

    def _located(self, project: Path | None, video_id: int, found: MediaFacts) -> None:
        if self._services.project.path != project:
            return
        for problem in found.problems:
            self._services.messages.warning(problem)
        video = self._video(video_id)
        if video is None or not found.videos:
            return
        facts = found.videos[0]
        if video.content_hash in ("", facts.content_hash):
            self._news.pop(video_id, None)
            self._services.project.submit(LocateVideos(((video_id, facts.path),)))
            self._look_around(facts.path.parent)
        else:
            self._refuse(video, facts)

    def _look_around(self, folder: Path) -> None:
        """Look for the other missing videos where one of them was."""
        lost = self._lost()
        if lost:
            found = partial(self._found_beside, self._services.project.path)
            self._services.intake.find([folder], lost, found)

    def _refuse(self, video: VideoRecord, facts: NewVideo) -> None:
        said = f"{facts.path} is another video than {video.name}: it {unlike(video, facts)}."
        if fits(video, facts):
            use = partial(self._use, video.id, facts)
            self._services.messages.warning(said, "Use it anyway", use)
        else:
            self._services.messages.error(f"{said} Choose another file, or add it as a new video.")

    def _use(self, video_id: int, facts: NewVideo) -> None:
        """A person takes another file for the video on purpose."""
        self._news.pop(video_id, None)
        self._services.project.submit(ReplaceVideo(video_id, facts))
        self.changed.emit()

    def _found_beside(self, project: Path | None, places: dict[int, Path]) -> None:
        if places and self._services.project.path == project:
            self._services.project.submit(LocateVideos(tuple(places.items())))
            what = counted(len(places), "more missing video")
            self._services.messages.info(f"{what} found beside it.")

    def _found_nearby(self, project: Path, places: dict[int, Path]) -> None:
        """Not an edit: nobody asked for it."""
        if not places or self._services.project.path != project:
            return
        for video in self._services.project.videos():
            if video.id in places:
                facts = replace(facts_of(video), path=places[video.id])
                self._services.project.set_media_facts(video.id, facts)
        what = counted(len(places), "missing video")
        self._services.messages.info(f"{what} found beside the project by content.")

    def _take_news(self, project: Path | None, news: list[FileNews]) -> None:
        if self._services.project.path != project:
            return
        for item in news:
            video = self._video(item.video_id)
            if video is None:
                continue
            if item.facts.content_hash == video.content_hash:  # only its time has changed
                facts = replace(facts_of(video), modified_ns=item.facts.modified_ns)
                self._services.project.set_media_facts(video.id, facts)
            else:
                self._news[video.id] = item.facts
        self._tell_changes()
        self.changed.emit()

    def _tell_changes(self) -> None:
        if len(self._news) > _MOST_TOLD:
            self._services.messages.warning(
                f"{len(self._news)} files have changed since they were added. Their labels are "
                "kept; the list of media tells which they are."
            )
            return
        for video_id in self._news:
            self.tell_change(video_id)

    def _remove_copy(self, video_id: int) -> None:
        video = self._video(video_id)
        if video is not None and self._services.proxies.state(video).phase is CopyPhase.READY:
            self._services.proxies.remove(video)
