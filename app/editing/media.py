"""Edits of the list of videos."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from app.domain.media import fits, unlike
from app.domain.project import Change, NewVideo, VideoRecord
from app.editing.draft import Draft
from app.errors import EditError
from app.store import media
from app.store.schema import videos
from app.store.stamp import new_uid
from yowo_core.video.naming import as_text, video_name


@dataclass(frozen=True)
class AddVideos:
    """Add video files. Those that the project has already, by content or path, are left out."""

    videos: tuple[NewVideo, ...]

    def apply(self, draft: Draft) -> str:
        """Add the videos; EditError when the project has all of them already."""
        known = media.records(draft.connection, draft.base)
        added: list[str] = []
        for video in self.videos:
            if not any(_same(video, item) for item in known):
                known.append(_add(draft, video, {item.name for item in known}))
                added.append(known[-1].name)
        if not added:
            names = ", ".join(str(video.path) for video in self.videos[:3]) or "Nothing"
            raise EditError(f"{names}: there is nothing here that is not in the project already.")
        return f"Add {added[0]}" if len(added) == 1 else f"Add {len(added)} videos"


@dataclass(frozen=True)
class RemoveVideo:
    """Take a video with its tubes and ranges out of the project; the file stays."""

    video_id: int

    def apply(self, draft: Draft) -> str:
        """Remove the video."""
        video = draft.video(self.video_id)
        draft.remove_row("videos", video.id)
        draft.touch(Change(videos=frozenset([video.id]), media=True))
        return f"Remove {video.name}"


@dataclass(frozen=True)
class RelocateVideo:
    """Show where a video's file is now; content_hash, if given, must be that of the old file."""

    video_id: int
    path: Path
    content_hash: str = ""

    def apply(self, draft: Draft) -> str:
        """Change the path; EditError for a path without a file or for another video."""
        video = draft.video(self.video_id)
        if not self.path.is_file():
            raise EditError(f"{self.path} is no file; choose where {video.name} is now.")
        if self.content_hash and video.content_hash not in ("", self.content_hash):
            raise EditError(
                f"{self.path} is another video than {video.name}; add it as a new one instead."
            )
        new = {**media.place_values(self.path, draft.base), "problem": ""}
        _set(draft, video, new)
        return f"Locate {video.name}"


@dataclass(frozen=True)
class LocateVideos:
    """Show where the files of videos are now; whose content they are is known already."""

    places: tuple[tuple[int, Path], ...]

    def apply(self, draft: Draft) -> str:
        """Change the paths; EditError for a path without a file."""
        found = [(draft.video(video_id), path) for video_id, path in self.places]
        for video, path in found:
            if not path.is_file():
                raise EditError(f"{path} is no file; choose where {video.name} is now.")
            stamp = {"modified_ns": path.stat().st_mtime_ns, "problem": ""}
            _set(draft, video, {**media.place_values(path, draft.base), **stamp})
        names = [video.name for video, _ in found]
        return f"Locate {names[0]}" if len(names) == 1 else f"Locate {len(names)} videos"


@dataclass(frozen=True)
class ReplaceVideo:
    """Let a video's labels stand on another file with as many frames of the same size."""

    video_id: int
    facts: NewVideo

    def apply(self, draft: Draft) -> str:
        """Change path and facts; EditError for a file on which the labels cannot stand."""
        video = draft.video(self.video_id)
        if not fits(video, self.facts):
            raise EditError(
                f"{self.facts.path} cannot take the place of {video.name}: it "
                f"{unlike(video, self.facts)}. Add it as a new video instead."
            )
        new = {**media.place_values(self.facts.path, draft.base), **media.fact_values(self.facts)}
        _set(draft, video, new)
        return f"Replace the file of {video.name}"


def _set(draft: Draft, video: VideoRecord, new: dict[str, Any]) -> None:
    columns = [videos.c[name] for name in new]
    query = videos.select().with_only_columns(*columns).where(videos.c.id == video.id)
    if draft.set_row(
        "videos", video.id, dict(draft.connection.execute(query).mappings().one()), new
    ):
        draft.touch(Change(videos=frozenset([video.id]), media=True))


def _same(video: NewVideo, item: VideoRecord) -> bool:
    if video.content_hash and item.content_hash:
        return video.content_hash == item.content_hash
    return video.path.absolute() == item.path


def _add(draft: Draft, video: NewVideo, taken: set[str]) -> VideoRecord:
    values = {
        "uid": new_uid(),
        "name": _free_name(video.path, taken),
        **media.place_values(video.path, draft.base),
        **media.fact_values(video),
        "author_id": draft.by.author_id,
        "created_at": draft.by.at,
    }
    new = draft.add_row(videos, values)
    draft.touch(Change(videos=frozenset([new]), media=True))
    return draft.video(new)


def _free_name(path: Path, taken: set[str]) -> str:
    """The file's name, with its folder's and then a number when another video has it."""
    name, folder = video_name(path), as_text(path.parent.name)
    more = (f"{as_text(path.stem)} ({number}){as_text(path.suffix)}" for number in count(2))
    candidates = iter([name, *([f"{folder}/{name}"] if folder else [])])
    first = next((name for name in candidates if name not in taken), None)
    return first or next(name for name in more if name not in taken)
