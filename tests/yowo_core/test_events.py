"""Events survive the way through a line of text."""

import pytest

from yowo_core import events
from yowo_core.errors import DataError

ONE_OF_EACH = [
    events.Started("train", 10),
    events.Progress(1, 10, 2.5, 3.6, "training"),
    events.TrainLoss(5, 1, 2, 4.0, 1.0, 2.0, 1.0, 1e-3),
    events.Evaluated(5, 1, 71.0, {"walk": 50.0}, "epoch", True),
    events.Classes(("walk",), ("sit",), ()),
    events.Notice("Zeile mit\nUmbruch"),
    events.Finished("best", True, {"a": 1}),
    events.Failed("no"),
]


@pytest.mark.parametrize("item", ONE_OF_EACH, ids=lambda e: type(e).__name__)
def test_every_kind_comes_back(item: events.Event) -> None:
    line = events.to_line(item)
    assert "\n" not in line
    assert events.from_line(line) == item


@pytest.mark.parametrize("line", ["", "{}", "[1]", '{"event": "dance"}', '{"event": "failed"}'])
def test_other_lines_are_refused(line: str) -> None:
    with pytest.raises(DataError, match="Not an event"):
        events.from_line(line)
