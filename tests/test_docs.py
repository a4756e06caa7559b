"""The documentation says what is there: paths, layers, keys, options and links."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

from app.__main__ import main
from app.services.keymaps import load_profile
from app.views.window_actions import DIGITS, SPECS, _digit_specs
from yowo_core.cli.main import app

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")
GUIDE = (DOCS / "user-guide.md").read_text(encoding="utf-8")

SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
OPTION = re.compile(r"--[a-z][a-z-]*")
TOP = ("app", "yowo_core", "resources", "packaging", "tests", "docs", "benchmarks", ".ci")
COMMANDS = (
    "detect",
    "prepare",
    "train",
    "evaluate",
    "import-weights",
    "proxy",
    "see",
    "anchors",
    "models",
    "doctor",
)


def _named_paths(text: str) -> Iterator[str]:
    """Code spans that name a file or folder of the project."""
    for span in SPAN.findall(text):
        if re.fullmatch(r"[\w.-]+(/[\w.-]*)+", span) and span.split("/")[0] in TOP:
            yield span


def _section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of any level."""
    start = text.index(f"\n{heading}\n") + len(heading) + 2
    following = re.search(r"^#+ ", text[start:], re.MULTILINE)
    return text[start : start + following.start()] if following else text[start:]


def _anchors(page: Path) -> set[str]:
    """The names by which headings of a page are linked."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", h.lower()) for h in headings)
    return {h.strip().replace(" ", "-") for h in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    named = set(_named_paths(page.read_text(encoding="utf-8")))
    assert not [path for path in named if not (ROOT / path).exists()]


def test_every_slashed_name_in_the_architecture_is_a_path_of_the_project() -> None:
    slashed = {s for s in SPAN.findall(ARCHITECTURE) if "/" in s and " " not in s}
    assert len(slashed) > 60
    assert slashed == set(_named_paths(ARCHITECTURE))


@pytest.mark.parametrize("package", ["app", "yowo_core"])
def test_the_architecture_names_every_module_and_package_at_the_top(package: str) -> None:
    found = [
        f"{package}/{item.name}" + ("/" if item.is_dir() else "")
        for item in (ROOT / package).iterdir()
        if (item / "__init__.py").is_file() or (item.suffix == ".py" and item.stem != "__init__")
    ]
    assert found
    assert not [name for name in found if f"`{name}`" not in ARCHITECTURE]


def test_the_architecture_shows_the_layers_that_are_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = [c for c in project["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    assert len(layers) == 2
    for contract in layers:
        assert f"`{' > '.join(contract['layers'])}`" in ARCHITECTURE


def test_every_decision_is_listed_and_has_its_four_parts() -> None:
    decisions = sorted((DOCS / "adr").glob("*.md"))
    assert decisions
    for number, page in enumerate(decisions, start=1):
        text = page.read_text(encoding="utf-8")
        assert page.name.startswith(f"{number:04d}-")
        assert text.startswith(f"# {number:04d}. ")
        assert re.search(r"^Status: (accepted|replaced by \d{4})$", text, re.MULTILINE)
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
        ]
        assert f"(adr/{page.name})" in ARCHITECTURE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert not broken


def test_the_key_table_is_the_table_of_actions() -> None:
    rows = re.findall(
        r"^\| (.*?) \| (.*?) \| ?(.*?) ?\|$", _section(GUIDE, "## Keys"), re.MULTILINE
    )
    told = [(menu, text, tuple(SPAN.findall(keys))) for menu, text, keys in rows[1:]]
    keys = load_profile("default").keys
    single = [(spec.menu, spec.text, keys.get(spec.name, ())) for spec in SPECS]
    digits = _digit_specs()
    by_kind = (digits[: len(DIGITS)], digits[len(DIGITS) :])
    first, last = DIGITS[0], DIGITS[-1]
    many = [
        (
            kind[0].menu,
            kind[0].text.replace(first, f"{first} to {last}"),
            keys[kind[0].name] + keys[kind[-1].name],
        )
        for kind in by_kind
    ]
    assert told == single + many


def test_the_other_keymap_is_told_where_it_differs() -> None:
    default, other = load_profile("default").keys, load_profile("cvat").keys
    texts = {spec.text: spec.name for spec in SPECS}
    rows = re.findall(r"^\| ([^|]*?) \| ([^|]*?) \|$", _section(GUIDE, "## Keys"), re.MULTILINE)
    told = {texts[text]: keys for text, keys in rows if text in texts}
    written = {name: re.findall(r"`` ?(.+?) ?``|`([^`]+)`", keys) for name, keys in told.items()}
    single = {name for name in other if not name.startswith("toggle_")}
    assert {name: tuple(a or b for a, b in keys) for name, keys in written.items()} == {
        name: other[name] for name in single if other[name] != default.get(name)
    }
    assert other["toggle_9"] == ("9", "Ctrl+9")
    assert "| Action 1 to 9 from here on | `1` to `9`, `Ctrl+1` to `Ctrl+9` |" in GUIDE


@pytest.mark.parametrize("command", COMMANDS)
def test_the_guide_tells_of_every_option_of_yowo(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert done.exit_code == 0
    section = _section(GUIDE, f"### `yowo {command}`")
    assert set(OPTION.findall(section)) == set(OPTION.findall(done.output))


def test_the_guide_tells_of_every_command_of_yowo() -> None:
    names = [command.name for command in app.registered_commands]
    assert sorted(COMMANDS) == sorted(str(name) for name in names)


@pytest.mark.parametrize("arguments", [[], ["export"]], ids=["window", "export"])
def test_the_guide_tells_of_every_option_of_the_program(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main([*arguments, "--help"]) == 0
    section = _section(GUIDE, f"### `{' '.join(['yowo-studio', *arguments])}`")
    assert set(OPTION.findall(section)) == set(OPTION.findall(capsys.readouterr().out))


def test_the_guide_tells_of_every_variable_of_ours() -> None:
    code = [p for top in ("app", "yowo_core") for p in (ROOT / top).rglob("*.py")]
    code += [*(ROOT / "packaging").glob("*.sh")]
    used = {v for p in code for v in re.findall(r"YOWO_[A-Z]+", p.read_text(encoding="utf-8"))}
    assert used == set(re.findall(r"^\| `(YOWO_[A-Z]+)`", GUIDE, re.MULTILINE))


@pytest.mark.parametrize("page", ["architecture.md", "glossary.md"])
def test_every_class_that_is_named_exists(page: str) -> None:
    spans = SPAN.findall((DOCS / page).read_text(encoding="utf-8"))
    named = {
        m[1] for s in spans if (m := re.fullmatch(r"(?:[a-z_]+\.)*([A-Z]\w*[a-z])(?:\.\w+)?", s))
    }
    code = [
        p.read_text(encoding="utf-8")
        for t in ("app", "yowo_core")
        for p in (ROOT / t).rglob("*.py")
    ]
    defined = {name for text in code for name in re.findall(r"^class (\w+)", text, re.MULTILINE)}
    assert len(named) > 10
    assert named <= defined


def test_only_one_package_does_more_than_say_what_it_is() -> None:
    busy = [
        path.relative_to(ROOT).as_posix()
        for top in ("app", "yowo_core", "resources")
        for path in (ROOT / top).rglob("__init__.py")
        if len(ast.parse(path.read_text(encoding="utf-8")).body) != 1
    ]
    assert busy == ["yowo_core/video/__init__.py"]
