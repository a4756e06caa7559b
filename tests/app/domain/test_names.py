"""Names as they are shown, and tooltips that are never markup."""

import pytest
from PySide6.QtGui import Qt, QTextDocumentFragment

from app.domain.names import BLANK, breakable, brief_name, plain_tip, readable_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("walk", "walk"),
        ("line\nbreak\tand\x00more", "line break and more"),
        ("👩‍👩‍👧 run", "👩‍👩‍👧 run"),
        ("a, \"b\"; 'c' & <d>", "a, \"b\"; 'c' & <d>"),
        ("\u05e9\u05dc\u05d5\u05dd", "\u2068\u05e9\u05dc\u05d5\u05dd\u2069"),
        ("\u3164", BLANK),
        ("\u200b\u00a0", BLANK),
        ("", BLANK),
    ],
)
def test_a_name_is_shown_on_one_line_in_its_own_direction(name: str, shown: str) -> None:
    assert readable_name(name) == shown


def test_a_long_name_keeps_its_ends() -> None:
    brief = brief_name("begin " + "x" * 300 + " end", 20)
    assert len(brief) <= 20
    assert brief.startswith("begin")
    assert brief.endswith("end")


@pytest.mark.parametrize(
    "text",
    [
        "walk",
        "<b>bold</b>",
        "R&D",
        "&lt;i&gt;",
        "a\n<br>b",
        "word " * 80,
        "x" * 300,
        "x" * 89 + "<",
    ],
)
def test_a_tooltip_shows_every_letter(text: str) -> None:
    told = plain_tip(text)
    seen = QTextDocumentFragment.fromHtml(told).toPlainText() if _is_markup(told) else told
    assert seen.replace("\u200b", "").rstrip() == text.rstrip()


def test_a_long_word_gets_places_to_break() -> None:
    broken = breakable("x" * 100 + " y")
    assert broken.replace("\u200b", "") == "x" * 100 + " y"
    assert max(len(part) for part in broken.split("\u200b")) <= 42
    assert breakable("short words only") == "short words only"


def _is_markup(text: str) -> bool:
    return bool(Qt.mightBeRichText(text))
