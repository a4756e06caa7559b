"""Which rows of our CSV belong to one tube, and which contradict each other."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from yowo_core.annotations import Review
from yowo_core.formats.csv_values import Rows
from yowo_core.formats.problems import Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Name = TypeVar("Name", bound=Hashable)

_REVIEWS = tuple(Review)


@dataclass(frozen=True, eq=False)
class Actors:
    """Rows with numbers for what their names mean, in order of first appearance.

    video, tube, action: (N,) numbers, action -1 for none. videos, actions: the names. tube_ids:
    the tubes' ids. All rows of a tube in one frame hold the same box, each another action.
    """

    rows: Rows
    video: Ints
    tube: Ints
    action: Ints
    videos: tuple[str, ...]
    actions: tuple[str, ...]
    tube_ids: tuple[str, ...]


def find_actors(rows: Rows, problems: list[Problem]) -> Actors:
    """Number videos, tubes and actions; rows that contradict an earlier one are left out.

    A row without tube_id belongs with the rows of the same video, frame and box that name other
    actions, and with nothing else; such a tube is called after its first line.
    """
    video, videos = _numbered(rows.video)
    tube, keys = _numbered(_tube_keys(rows, video))
    action, actions = _numbered(rows.action)
    if "" in actions:
        action = _without_empty(action, actions.index(""))
        actions = tuple(a for a in actions if a)
    tube_ids = _tube_ids(rows, tube, keys)
    found = Actors(rows, video, tube, action, videos, actions, tube_ids)
    found = _only(found, ~_other_box(found, problems))
    found = _only(found, ~_said_twice(found, problems))
    _report_mixed(found, problems)
    return found


def _numbered(values: Iterable[Name]) -> tuple[Ints, tuple[Name, ...]]:
    """A number for each value (N,), counted by first appearance, and the values by number."""
    book: dict[Name, int] = {}
    codes = [book.setdefault(value, len(book)) for value in values]
    return np.array(codes, np.int64), tuple(book)


def _without_empty(action: Ints, empty: int) -> Ints:
    """Action numbers with -1 for the one called nothing and no hole where it was."""
    return np.where(action == empty, -1, np.where(action > empty, action - 1, action))


def _tube_keys(rows: Rows, video: Ints) -> Iterator[tuple[object, ...]]:
    """What tells a row's tube: video and id, or the very box and how often it was there before."""
    if all(rows.tube):
        yield from zip(video.tolist(), rows.tube, strict=True)
        return
    times: dict[tuple[object, ...], int] = {}
    places = zip(video.tolist(), rows.frame.tolist(), map(tuple, rows.boxes.tolist()), strict=True)
    for place, tube_id, action in zip(places, rows.tube, rows.action, strict=True):
        if tube_id:
            yield place[0], tube_id
        else:
            before = times.get((place, action), 0)
            times[place, action] = before + 1
            yield *place, before


def _tube_ids(rows: Rows, tube: Ints, keys: tuple[tuple[object, ...], ...]) -> tuple[str, ...]:
    _, first = np.unique(tube, return_index=True)
    named = {key for key in keys if len(key) == 2}
    ids = []
    for key, row in zip(keys, first.tolist(), strict=True):
        name = rows.tube[row] or f"line-{rows.line[row]}"
        while len(key) != 2 and (key[0], name) in named:
            name += "-"
        ids.append(name)
    return tuple(ids)


def _only(found: Actors, keep: Bools) -> Actors:
    if keep.all():
        return found
    part = (found.rows.only(keep), found.video[keep], found.tube[keep], found.action[keep])
    return Actors(*part, found.videos, found.actions, found.tube_ids)


def _firsts(*keys: Ints) -> Ints:
    """(N,) for each row the first row with the same keys."""
    order = np.lexsort((np.arange(len(keys[0])), *keys))
    new = np.zeros(len(order), dtype=np.bool_)
    new[:1] = True
    for key in keys:
        new[1:] |= key[order][1:] != key[order][:-1]
    firsts = np.empty(len(order), np.int64)
    firsts[order] = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
    return firsts


def _other_box(found: Actors, problems: list[Problem]) -> Bools:
    """(N,) rows that give another box than the first row of their tube and frame."""
    rows, first = found.rows, _firsts(found.rows.frame, found.tube)
    bad: Bools = np.any(rows.boxes != rows.boxes[first], axis=1)
    for column in (rows.source, rows.keyframe, rows.outside):
        bad |= column != column[first]
    problems += [
        Problem(
            int(rows.line[row]),
            f"{_place(found, row)} has another box in line {rows.line[first[row]]}; row left out.",
        )
        for row in np.flatnonzero(bad).tolist()
    ]
    return bad


def _said_twice(found: Actors, problems: list[Problem]) -> Bools:
    """(N,) rows that give a tube's frame an action that it has already."""
    rows, first = found.rows, _firsts(found.action, found.rows.frame, found.tube)
    bad: Bools = first != np.arange(len(rows))
    problems += [
        Problem(
            int(rows.line[row]),
            f"{_place(found, row)} has {rows.action[row] or 'no action'} already in line "
            f"{rows.line[first[row]]}; row left out.",
        )
        for row in np.flatnonzero(bad).tolist()
    ]
    return bad


def _place(found: Actors, row: int) -> str:
    return f"frame {found.rows.frame[row]} of tube {found.tube_ids[found.tube[row]]}"


def _report_mixed(found: Actors, problems: list[Problem]) -> None:
    """Name each tube whose rows disagree on what holds for the whole tube; its first row counts."""
    rows, first = found.rows, _firsts(found.tube)
    reviews = [_REVIEWS[i].value for i in rows.review.tolist()]
    facts = {"person_id": rows.person, "model": rows.model, "review": reviews}
    for name, words in facts.items():
        codes = _numbered(words)[0]
        bad = np.flatnonzero(codes != codes[first])
        problems += [
            Problem(
                int(rows.line[row]),
                f"tube {found.tube_ids[found.tube[row]]} has the {name} {words[row]!r} here "
                f"and {words[first[row]]!r} in line {rows.line[first[row]]}, which counts.",
            )
            for row in bad[np.unique(found.tube[bad], return_index=True)[1]].tolist()
        ]
