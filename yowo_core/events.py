"""What a worker says while it runs: dataclasses, one JSON object a line."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from yowo_core.errors import DataError


@dataclass(frozen=True)
class Started:
    """A run begins; total counts the run's units (updates, frames)."""

    task: str
    total: int
    resumed_at: int = 0


@dataclass(frozen=True)
class Progress:
    """done of total units, how many a second, and the seconds that are left by that rate."""

    done: int
    total: int
    rate: float
    seconds_left: float
    stage: str = ""


@dataclass(frozen=True)
class TrainLoss:
    """Mean losses of the updates since the last such event, and the learning rate now."""

    update: int
    epoch: int
    epochs: int
    total: float
    box: float
    cls: float
    dfl: float
    learning_rate: float


@dataclass(frozen=True)
class Evaluated:
    """Frame-mAP at IoU 0.5 in percent on the held-out part; when is 'before' or 'epoch'."""

    update: int
    epoch: int
    frame_map: float
    per_class: dict[str, float] = field(default_factory=dict)
    when: str = "epoch"
    best: bool = False


@dataclass(frozen=True)
class Classes:
    """Which classes kept their rows of the base model's last layer and which start fresh."""

    kept: tuple[str, ...]
    fresh: tuple[str, ...]
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notice:
    """A sentence that the person should see; the run goes on."""

    message: str


@dataclass(frozen=True)
class Finished:
    """The run is over; stopped means that it was asked to stop early. result names its file."""

    result: str
    stopped: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The run ended with an error, as a sentence."""

    message: str


Event = Started | Progress | TrainLoss | Evaluated | Classes | Notice | Finished | Failed

KINDS: dict[str, type[Event]] = {
    "started": Started,
    "progress": Progress,
    "train_loss": TrainLoss,
    "evaluated": Evaluated,
    "classes": Classes,
    "notice": Notice,
    "finished": Finished,
    "failed": Failed,
}
_NAMES = {kind: name for name, kind in KINDS.items()}


def to_line(item: Event) -> str:
    """One JSON object without line breaks, its kind under the key 'event'.

    A text that is not Unicode, as file names may be, is written in ASCII and comes back as it was.
    """
    values = {"event": _NAMES[type(item)], **asdict(item)}
    line = json.dumps(values, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(values)
    return line


def from_line(line: str) -> Event:
    """The inverse of `to_line`; DataError quotes a line that is none."""
    try:
        values = json.loads(line)
        kind: Callable[..., Event] = KINDS[values["event"]]
        known = {f.name for f in fields(KINDS[values["event"]])}
        parts = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known}
        return kind(**parts)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"Not an event: {line[:200]!r} ({error}).") from error
