"""Settings survive a restart, and damage never keeps the program from starting."""

import json
import sys
from pathlib import Path

import pytest

from app.settings import MOST_RECENT, Settings, load, save, settings_path

FULL = Settings(
    theme="light",
    live_backend="torch",
    live_device="cpu",
    live_score=0.45,
    author="J\u00f6rg",
    recent_projects=("/a b/x.yowo",),
    window_geometry="AdnQywAD",
    splitter_sizes={"main": (200, 700, 300)},
    frame_cache_mb=2048,
    key_profile="cvat",
    keys={"play": ("P", "Ctrl+Space"), "delete": ()},
    recent_commands=("export", "play"),
)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "settings.json"
    assert save(FULL, path) == ""
    loaded = load(path)
    assert (loaded.settings, loaded.notice) == (FULL, "")
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]


def test_without_a_file_there_are_defaults_and_no_notice(tmp_path: Path) -> None:
    loaded = load(tmp_path / "settings.json")
    assert (loaded.settings, loaded.notice) == (Settings(), "")


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe\x00", b""])
def test_a_damaged_file_gives_defaults_and_is_kept_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    loaded = load(path)
    assert loaded.settings == Settings()
    assert str(path) in loaded.notice
    assert (tmp_path / "settings.json.damaged").read_bytes() == content
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("theme", ["dark"]),
        ("live_backend", "tensorrt"),
        ("live_score", 1.5),
        ("live_score", "high"),
        ("live_score", True),
        ("author", 7),
        ("recent_projects", [1]),
        ("recent_projects", 3),
        ("splitter_sizes", [1]),
        ("splitter_sizes", {"main": ["wide"]}),
        ("window_geometry", None),
        ("frame_cache_mb", 1),
        ("frame_cache_mb", 10**9),
        ("frame_cache_mb", True),
        ("frame_cache_mb", "512"),
        ("key_profile", "emacs"),
        ("keys", ["Ctrl+Z"]),
        ("keys", {"undo": "Ctrl+Z"}),
        ("keys", {"undo": [1]}),
        ("recent_commands", "play"),
    ],
)
def test_an_impossible_value_resets_only_its_setting(
    tmp_path: Path, name: str, value: object
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"live_device": "cuda", "of the future": 1, name: value}))
    loaded = load(path)
    assert loaded.settings == Settings(live_device="cuda")
    assert name in loaded.notice
    assert repr(value) in loaded.notice


def test_a_file_of_an_earlier_program_is_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "light", "live_score": 0.2}))
    assert load(path).settings == Settings(theme="light", live_score=0.2)
    assert load(path).notice == ""


def test_the_newest_project_comes_first_and_once(tmp_path: Path) -> None:
    settings = Settings()
    for number in [*range(MOST_RECENT + 3), 5]:
        settings = settings.with_recent(Path(f"/{number}"))
    newest = [str(Path(f"/{n}")) for n in (5, 12, 11, 10, 9, 8, 7, 6, 4, 3)]
    assert list(settings.recent_projects) == newest


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = save(FULL, tmp_path / "file" / "settings.json")
    assert "cannot be saved" in told
    assert "settings.json" in told


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems have folders of their own")
def test_they_lie_where_the_platform_wants_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("YOWO_SETTINGS", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings_path() == tmp_path / "yowo-studio" / "settings.json"
    monkeypatch.setenv("YOWO_SETTINGS", str(tmp_path / "own.json"))
    assert settings_path() == tmp_path / "own.json"
