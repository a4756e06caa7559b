"""Numbers and durations as people read them."""

from fractions import Fraction

import pytest

from app.domain.wording import about, clock, counted, one_line, rate, short_number, shortened


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "00:00"), (139.4, "02:19"), (3599.9, "59:59"), (4939, "1:22:19")]
)
def test_a_clock_rounds_down(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (20, "under a minute"),
        (61, "about 1 minute"),
        (640, "about 11 minutes"),
        (9000, "about 2.5 hours"),
    ],
)
def test_a_rough_duration_has_no_false_precision(seconds: float, text: str) -> None:
    assert about(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.0 k"),
        (9999, "9.9 k"),
        (61234, "61 k"),
        (999_999, "999 k"),
        (1_250_000, "1.2 M"),
    ],
)
def test_a_short_number_has_at_most_three_digits(value: int, text: str) -> None:
    assert short_number(value) == text


def test_counted_things_take_their_plural() -> None:
    assert counted(1, "box", "boxes") == "1 box"
    assert counted(0, "box", "boxes") == "0 boxes"
    assert counted(61234, "tube") == "61 k tubes"


def test_a_rate_keeps_two_places_only_where_needed() -> None:
    assert rate(Fraction(30)) == "30 fps"
    assert rate(Fraction(30000, 1001)) == "29.97 fps"
    assert rate(Fraction(0)) == ""


def test_names_lose_line_breaks_and_doubled_blanks() -> None:
    assert one_line("  pick \n up\t ") == "pick up"


def test_a_long_name_keeps_both_ends() -> None:
    assert shortened("abcdefghij", 10) == "abcdefghij"
    short = shortened("abcdefghijk", 7)
    assert short == "abc\u2026ijk"
    assert len(short) == 7
