"""How well a few typed letters fit a text, as in a command palette."""

_START = 8.0
_NEXT = 5.0
_ANY = 1.0
_FAR = 0.1


def fit(typed: str, text: str) -> tuple[float, tuple[int, ...]] | None:
    """How well the typed words fit, larger is better, and which letters of the text they mean.

    Every word's letters have to come in the text in their order, whatever their case. Letters at
    the start of a word count most, then those that follow each other. None when they do not fit.
    """
    score, places = 0.0, set[int]()
    for word in typed.casefold().split():
        found = _fit_word(word, text.casefold())
        if found is None:
            return None
        score += found[0]
        places |= set(found[1])
    return score - _FAR * len(text) / 10, tuple(sorted(places))


def _fit_word(word: str, text: str) -> tuple[float, list[int]] | None:
    """The best of the fits that begin at each place of the word's first letter."""
    starts = [n for n in range(len(text)) if text[n] == word[0]]
    fits = [found for n in starts if (found := _from(word, text, n)) is not None]
    return max(fits, key=lambda found: found[0], default=None)


def _from(word: str, text: str, start: int) -> tuple[float, list[int]] | None:
    """The fit whose first letter is there; further letters at starts of words if possible."""
    places = [start]
    for letter in word[1:]:
        last = places[-1]
        if last + 1 < len(text) and text[last + 1] == letter:
            places.append(last + 1)
            continue
        later = [n for n in range(last + 1, len(text)) if text[n] == letter]
        if not later:
            return None
        places.append(next((n for n in later if _begins(text, n)), later[0]))
    return sum(_worth(text, places, n) for n in range(len(places))), places


def _worth(text: str, places: list[int], number: int) -> float:
    place = places[number]
    if _begins(text, place):
        return _START - _FAR * place / 10
    follows = number > 0 and places[number - 1] == place - 1
    return (_NEXT if follows else _ANY) - _FAR * place / 10


def _begins(text: str, place: int) -> bool:
    return place == 0 or not text[place - 1].isalnum()
