"""The keys in force: read from the ready profiles and the settings, written to the settings."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from app.domain.keymap import Keymap, Profile, Scope
from app.services.settings_keeper import SettingsKeeper
from app.settings import KEY_PROFILES, Settings


@cache
def load_profile(name: str) -> Profile:
    """A ready profile; one that is based on another has its keys where it says nothing else."""
    text = files("resources").joinpath("keymaps", f"{name}.json").read_text(encoding="utf-8")
    told = json.loads(text)
    keys = dict(load_profile(told["base"]).keys) if "base" in told else {}
    keys |= {action: tuple(given) for action, given in told["keys"].items()}
    return Profile(name, told["title"], keys)


def profiles() -> list[Profile]:
    """Every ready profile, the default first."""
    return [load_profile(name) for name in KEY_PROFILES]


def keymap_of(settings: Settings, scopes: Mapping[str, Scope]) -> Keymap:
    """The keys as the settings have them; what names no key or no action here has no effect."""
    own = {
        action: tuple(text for key in keys if (text := key_text(key)))
        for action, keys in settings.keys.items()
        if action in scopes
    }
    return Keymap(load_profile(settings.key_profile), scopes, own)


def keep_keymap(keymap: Keymap, settings: SettingsKeeper) -> None:
    """Make a keymap the one in force; keys of actions that only a newer program has stay."""
    unknown = {a: keys for a, keys in settings.now.keys.items() if a not in keymap.scopes}
    settings.set(key_profile=keymap.profile.name, keys=unknown | dict(keymap.own))


def key_text(key: str) -> str:
    """A key as it is kept, "Ctrl+Shift+Z"; '' for what is none."""
    sequence = QKeySequence(key, QKeySequence.SequenceFormat.PortableText)
    unknown = QKeySequence(Qt.Key.Key_unknown)
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    return text if sequence.count() == 1 and sequence != unknown else ""


def shown_key(key: str) -> str:
    """A key as people read it on this platform."""
    sequence = QKeySequence(key, QKeySequence.SequenceFormat.PortableText)
    return sequence.toString(QKeySequence.SequenceFormat.NativeText)
