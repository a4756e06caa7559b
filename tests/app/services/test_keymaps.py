"""The ready profiles are sound, and what a person changed is read and kept."""

from pathlib import Path

import pytest

from app.domain.keymap import Keymap
from app.services.keymaps import keep_keymap, key_text, keymap_of, load_profile, profiles
from app.services.messages import Messages
from app.services.settings_keeper import SettingsKeeper
from app.settings import KEY_PROFILES, Settings, load
from app.views.menus import menu_of_key
from app.views.window_actions import scopes


@pytest.mark.parametrize("name", KEY_PROFILES)
def test_a_profile_has_true_keys_for_true_actions_and_no_key_twice(name: str) -> None:
    profile, places = load_profile(name), scopes()
    assert set(profile.keys) <= set(places)
    for action, keys in profile.keys.items():
        assert [key_text(key) for key in keys] == list(keys), action
        # what is left when every key means one thing is all of it
        assert Keymap(profile, places).keys(action) == keys


@pytest.mark.parametrize("name", KEY_PROFILES)
def test_no_key_of_a_profile_opens_a_menu_or_moves_the_focus(name: str) -> None:
    keys = [key for keys in load_profile(name).keys.values() for key in keys]
    assert not [key for key in keys if menu_of_key(key) or key in ("Tab", "Shift+Tab")]


def test_profiles_have_titles_and_differ() -> None:
    default, cvat = profiles()
    assert (default.title, cvat.title) == ("Default", "CVAT-like")
    assert default.keys != cvat.keys


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ctrl+shift+z", "Ctrl+Shift+Z"),
        ("+", "+"),
        ("Ctrl+,", "Ctrl+,"),
        ("Return", "Return"),
        ("", ""),
        ("Blub", ""),
        ("Ctrl+K, Ctrl+X", ""),
    ],
)
def test_a_key_is_kept_in_one_writing(given: str, kept: str) -> None:
    assert key_text(given) == kept


def test_own_keys_of_the_settings_are_in_force(tmp_path: Path) -> None:
    own = {"play": ("p", "no key"), "undo": (), "of the future": ("F9",)}
    keymap = keymap_of(Settings(keys=own), scopes())
    assert keymap.keys("play") == ("P",)
    assert keymap.keys("undo") == ()
    settings = SettingsKeeper(tmp_path / "settings.json", Messages())
    settings.set(keys=own)
    keep_keymap(keymap.with_key("undo", "F8"), settings)
    again = load(tmp_path / "settings.json").settings
    assert again.keys == {"of the future": ("F9",), "play": ("P",), "undo": ("F8",)}
    assert keymap_of(again, scopes()).keys("undo") == ("F8",)
