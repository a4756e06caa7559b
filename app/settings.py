"""What the program remembers of a person from one start to the next: one small JSON file."""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

THEMES: Final = ("system", "dark", "light")
BACKENDS: Final = ("onnx", "torch")
DEVICES: Final = ("auto", "cpu", "cuda")
KEY_PROFILES: Final = ("default", "cvat")
LEAST_CACHE_MB, MOST_CACHE_MB = 64, 65_536
MOST_RECENT: Final = 10


@dataclass(frozen=True)
class Settings:
    """Every setting with its default.

    live_score is the threshold of the live overlay in 0..1. author is written into edits, ''
    takes the name of the account. recent_projects are paths, the newest first. window_geometry
    is what the window saved of itself as base64. splitter_sizes are pixels by splitter name.
    frame_cache_mb bounds the memory of decoded pictures. key_profile names a ready keymap; keys
    holds all keys of each action for which a person wants others. recent_commands are actions
    that were started in the command palette, the newest first.
    """

    theme: str = "dark"
    live_backend: str = "onnx"
    live_device: str = "auto"
    live_score: float = 0.3
    author: str = ""
    recent_projects: tuple[str, ...] = ()
    window_geometry: str = ""
    splitter_sizes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    frame_cache_mb: int = 512
    key_profile: str = "default"
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    recent_commands: tuple[str, ...] = ()

    def with_recent(self, project: Path) -> "Settings":
        """The same settings with that project as the newest of the recent ones."""
        path = str(project)
        others = tuple(p for p in self.recent_projects if p != path)
        return replace(self, recent_projects=(path, *others)[:MOST_RECENT])

    def with_command(self, name: str) -> "Settings":
        """The same settings with that action as the newest of those that were started."""
        others = tuple(n for n in self.recent_commands if n != name)
        return replace(self, recent_commands=(name, *others)[:MOST_RECENT])


@dataclass(frozen=True)
class Loaded:
    """Settings that were read, and a sentence about what could not be; mostly ''."""

    settings: Settings
    notice: str = ""


def settings_path() -> Path:
    """Where the settings lie: the platform's folder for them, or what YOWO_SETTINGS names."""
    if os.environ.get("YOWO_SETTINGS"):
        return Path(os.environ["YOWO_SETTINGS"])
    return _config_folder() / "yowo-studio" / "settings.json"


def load(path: Path) -> Loaded:
    """Settings of a file; a missing one gives the defaults.

    A damaged file is kept beside with the ending .damaged; a value that cannot be gives the
    default of that setting. The notice tells of both. Settings of a newer program are ignored.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Loaded(Settings())
    except (OSError, ValueError) as error:
        return Loaded(Settings(), _put_aside(path, str(error)))
    if not isinstance(values, dict):
        return Loaded(Settings(), _put_aside(path, "it holds no settings"))
    return _from_values(values, path)


def save(settings: Settings, path: Path) -> str:
    """Write the file, all or nothing; gives '' or a sentence about why it cannot be written."""
    text = json.dumps(asdict(settings), indent=1)  # ASCII holds any path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, partial = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".partial")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        Path(partial).replace(path)
    except OSError as error:
        return (
            f"The settings cannot be saved in {path} ({error.strerror}). Check the folder's "
            "rights and the free space."
        )
    return ""


def _config_folder() -> Path:
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    return Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")


def _put_aside(path: Path, why: str) -> str:
    kept = path.with_name(path.name + ".damaged")
    try:
        path.replace(kept)
    except OSError:
        return f"The settings in {path} cannot be read ({why}); the defaults are used."
    return f"The settings in {path} were damaged ({why}); the defaults are used. Kept as {kept}."


def _from_values(values: dict[str, Any], path: Path) -> Loaded:
    """The settings that are fine; the notice names the others."""
    fine: dict[str, Any] = {}
    wrong = []
    for name in [f.name for f in fields(Settings) if f.name in values]:
        try:
            fine[name] = _checked(name, values[name])
        except (TypeError, ValueError, AttributeError):
            wrong.append(f"{name} {values[name]!r}")
    if not wrong:
        return Loaded(Settings(**fine))
    told = ", ".join(wrong)[:300]
    return Loaded(Settings(**fine), f"{path} has impossible settings, reset to defaults: {told}.")


def _checked(name: str, value: Any) -> Any:
    """The value as its setting holds it; TypeError, ValueError or AttributeError if it cannot."""
    if name in _CHOICES:
        return _CHOICES[name][_CHOICES[name].index(value)]
    check: Callable[[Any], Any] = _CHECKS.get(name, _text)
    return check(value)


def _share(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or not 0 <= number <= 1:
        raise ValueError(value)
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(value)
    return tuple(_text(v) for v in value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(value)
    return value


def _cache_size(value: Any) -> int:
    if not LEAST_CACHE_MB <= _whole(value) <= MOST_CACHE_MB:
        raise ValueError(value)
    return _whole(value)


def _sizes(value: Any) -> dict[str, tuple[int, ...]]:
    return {_text(k): tuple(_whole(size) for size in v) for k, v in value.items()}


def _keys(value: Any) -> dict[str, tuple[str, ...]]:
    return {_text(k): _texts(v) for k, v in value.items()}


_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "theme": THEMES,
    "live_backend": BACKENDS,
    "live_device": DEVICES,
    "key_profile": KEY_PROFILES,
}
_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "live_score": _share,
    "recent_projects": _texts,
    "recent_commands": _texts,
    "splitter_sizes": _sizes,
    "frame_cache_mb": _cache_size,
    "keys": _keys,
}
