"""What an edit sees and changes inside its transaction, and how all of it is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Table, select

from app.domain.project import Change, VideoRecord
from app.editing.patch import Patch, RowPatch, apply, difference
from app.errors import EditError
from app.store import labels as label_queries
from app.store import media
from app.store.connection import insert_row
from app.store.schema import State, videos
from app.store.stamp import Stamp, stamp
from yowo_core.annotations import FrameRange, Label, merge_ranges


class Draft:
    """One edit's work. before leads back, after forward; both are empty as long as nothing changed.

    base is the project file's folder, author who edits.
    """

    def __init__(self, connection: Connection, base: Path, author: str) -> None:
        self.connection = connection
        self.base = base
        self.before: Patch = []
        self.after: Patch = []
        self.change = Change()
        self._author = author
        self._stamp: Stamp | None = None

    @property
    def by(self) -> Stamp:
        """Who edits and when; known to the project only once something changes."""
        if self._stamp is None:
            self._stamp = stamp(self.connection, self._author)
        return self._stamp

    def touch(self, change: Change) -> None:
        """Note what views will have to read again."""
        self.change |= change

    def set_row(self, table: str, row_id: int, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """Give a row's columns new values; whether that changes anything."""
        names = [name for name in new if old[name] != new[name]]
        if not names:
            return False
        forward = RowPatch(table, row_id, {name: new[name] for name in names})
        self._do(RowPatch(table, row_id, {name: old[name] for name in names}), forward)
        return True

    def add_row(self, table: Table, values: dict[str, Any]) -> int:
        """Insert a row and give its id; undone, the row stays but counts as removed."""
        row_id = insert_row(self.connection, table, values)
        self.added(table, row_id)
        return row_id

    def added(self, table: Table, row_id: int) -> None:
        """Remember a row that has just been inserted."""
        self.before.insert(0, RowPatch(table.name, row_id, {"state": int(State.REMOVED)}))
        self.after.append(RowPatch(table.name, row_id, {"state": int(State.LIVE)}))

    def remove_row(self, table: str, row_id: int) -> None:
        """Take a row away; undone, it is back with all that belongs to it."""
        old, new = {"state": int(State.LIVE)}, {"state": int(State.REMOVED)}
        self.set_row(table, row_id, old, new)

    def set_items(
        self, table: str, owner: int, old: Mapping[Any, tuple[Any, ...]], new: Mapping[Any, Any]
    ) -> bool:
        """Give an owner other rows, old and new by key; whether that changes anything."""
        found = difference(table, owner, old, new)
        if found is not None:
            self._do(*found)
        return found is not None

    def video(self, video_id: int) -> VideoRecord:
        """The video with that id; EditError when it is not in the project."""
        query = select(videos).where(videos.c.id == video_id, videos.c.state == State.LIVE)
        row = self.connection.execute(query).first()
        if row is None:
            raise EditError(f"The video with the id {video_id} is not in the project any more.")
        labelled = media.all_ranges(self.connection).get(video_id, ())
        return media.record_of(row, labelled, self.base)

    def label(self, label_id: int) -> Label:
        """The label with that id; EditError when it is not in the project."""
        for label in label_queries.records(self.connection):
            if label.id == label_id:
                return label
        raise EditError(f"The label with the id {label_id} is not in the project any more.")

    def set_ranges(self, video: VideoRecord, labelled: tuple[FrameRange, ...]) -> None:
        """Give a video these labelled ranges; touching ones become one."""
        old = {r.start: (video.id, r.start, r.stop) for r in video.ranges}
        new = {r.start: (video.id, r.start, r.stop) for r in merge_ranges(labelled)}
        if self.set_items("ranges", video.id, old, new):
            self.touch(Change(videos=frozenset([video.id])))

    def _do(self, back: Any, forward: Any) -> None:
        apply(self.connection, [forward])
        self.before.insert(0, back)
        self.after.append(forward)


class Edit(Protocol):
    """A change of the project as a value."""

    def apply(self, draft: Draft) -> str:
        """Make the change in the draft and say in a few words what it was, for the history.

        EditError or DataError when it cannot be made; then nothing is changed.
        """
        ...


@dataclass(frozen=True)
class Together:
    """Several edits as one: all are made or none, and one undo takes all of them back."""

    title: str
    edits: tuple[Edit, ...]

    def apply(self, draft: Draft) -> str:
        """Make the edits in their order."""
        for edit in self.edits:
            edit.apply(draft)
        return self.title
