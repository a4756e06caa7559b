"""What the program keeps on the disk and can make again: how much it is, and emptying it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.services.data_folders import copies_folder
from yowo_core.machine import cache_folder, index_folder


@dataclass(frozen=True)
class Cache:
    """A folder whose files can be made again. means says what emptying it costs."""

    title: str
    means: str
    folder: Path


@dataclass(frozen=True)
class Filling:
    """What lies in a cache now."""

    cache: Cache
    files: int = 0
    size: int = 0


@dataclass(frozen=True)
class Emptied:
    """What is left of a cache after emptying it, and a sentence when not all of it went."""

    filling: Filling
    problem: str = ""


_INDEXES: Final = (
    "Indexes of videos",
    "Which frame lies where in its file. Without it a video is read through once more.",
)
_GRAPHS: Final = (
    "Models made ready for ONNX Runtime",
    "Without it a model is made ready again before it plays, which takes some seconds.",
)


_COPIES: Final = (
    "Working copies of videos",
    "Emptied, a video that needs one has to be copied again before it can be looked at.",
)


def caches() -> list[Cache]:
    """All of them."""
    return [
        Cache(*_INDEXES, index_folder()),
        Cache(*_GRAPHS, cache_folder() / "onnx"),
        Cache(*_COPIES, copies_folder()),
    ]


def measure(found: list[Cache]) -> list[Filling]:
    """How much lies in them; takes a while where there are many files."""
    return [_measured(cache) for cache in found]


def empty(cache: Cache) -> Emptied:
    """Delete all files of a cache; those in use stay, and are told."""
    kept: list[str] = []
    for file in _files(cache.folder):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            kept.append(f"{file.name} ({error.strerror or error})")
    told = f"{len(kept)} could not be deleted: {', '.join(kept[:3])}." if kept else ""
    return Emptied(_measured(cache), told)


def _measured(cache: Cache) -> Filling:
    sizes = [_size(file) for file in _files(cache.folder)]
    return Filling(cache, len(sizes), sum(sizes))


def _files(folder: Path) -> list[Path]:
    """The files below a folder; none when it is not there."""
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # gone meanwhile
        return 0
