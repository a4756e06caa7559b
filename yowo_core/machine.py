"""What this process may use of the machine, and where it keeps what it makes."""

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_NICE: Final = 5  # a third of the share of a program that does not step back
_BELOW_NORMAL: Final = 0x4000  # Windows' word for about the same


def cores() -> int:
    """Processor cores that this process may run on; fewer than there are when it is bound."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def step_back() -> None:
    """Let other programs have the processor first; for work that nobody waits for."""
    if sys.platform == "win32":
        this_process = ctypes.c_void_p(-1)
        ctypes.windll.kernel32.SetPriorityClass(this_process, _BELOW_NORMAL)
    else:
        os.nice(_NICE)
        # Linux may weigh sessions against each other first: nice alone counts within ours only
        if os.getsid(0) == os.getpid():
            with suppress(OSError):
                Path("/proc/self/autogroup").write_text(str(_NICE), encoding="ascii")


def data_folder() -> Path:
    """The platform's folder for a program's data, or what YOWO_DATA names."""
    if os.environ.get("YOWO_DATA"):
        return Path(os.environ["YOWO_DATA"])
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "yowo-studio"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "yowo-studio"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "yowo-studio"


def cache_folder() -> Path:
    """The platform's folder for things that can be made again, or what YOWO_CACHE names."""
    if os.environ.get("YOWO_CACHE"):
        return Path(os.environ["YOWO_CACHE"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "yowo-studio"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/yowo-studio"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "yowo-studio"


def index_folder() -> Path:
    """Where indexes of videos are kept, so that a video is read through only once."""
    return cache_folder() / "indexes"


def keep_within(folder: Path, pattern: str, limit: int) -> list[Path]:
    """Delete files of a cache until they take at most limit bytes, the longest unused first.

    A file's time of change counts as the time of its last use. The newest one always stays, and
    so does one that another program holds open where the system forbids to delete it. Gives the
    files that went.
    """
    found = []
    for path in folder.glob(pattern):
        with suppress(OSError):  # another program may be tidying up too
            facts = path.stat()
            found.append((facts.st_mtime_ns, facts.st_size, path))
    taken, gone = 0, []
    for place, (_, size, path) in enumerate(sorted(found, reverse=True)):
        taken += size
        if place and taken > limit:
            with suppress(OSError):
                path.unlink()
                gone.append(path)
    return gone
