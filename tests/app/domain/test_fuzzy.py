"""A few letters find a text, and better ones are found first."""

import pytest

from app.domain.fuzzy import fit


@pytest.mark.parametrize(
    ("typed", "text", "places"),
    [
        ("", "Delete tube", ()),
        ("dt", "Delete tube", (0, 7)),
        ("DEL", "Delete tube", (0, 1, 2)),
        ("tube del", "Delete tube", (0, 1, 2, 7, 8, 9, 10)),
        ("ft", "Fine-tune", (0, 5)),
        ("tüb", "Tübe", (0, 1, 2)),
    ],
)
def test_the_letters_that_are_meant(typed: str, text: str, places: tuple[int, ...]) -> None:
    found = fit(typed, text)
    assert found is not None
    assert found[1] == places


@pytest.mark.parametrize("typed", ["x", "eltedx", "ttt", "tube tube tubes"])
def test_what_does_not_fit(typed: str) -> None:
    assert fit(typed, "Delete tube") is None


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        ("exp", "Project: Export", "Tube: Make or remove a keyframe; pause"),
        ("sp", "Split here", "Swap the people"[::-1]),
        ("play", "Play: Play / pause", "Play: One frame back"[::-1] + " play"),
        ("key", "Play: Next keyframe", "Make only"),
        ("fit", "Fit the picture", "Fit the picture and the rest of it all"),
    ],
)
def test_starts_of_words_and_letters_in_a_row_are_worth_more(
    typed: str, better: str, worse: str
) -> None:
    first, second = fit(typed, better), fit(typed, worse)
    assert first is not None
    assert second is None or first[0] > second[0]
