"""Finds the weights in what a checkpoint holds, names them, and says what else was there."""

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from yowo_core.weights.byte_stream import Damaged
from yowo_core.weights.inert import Global, Record
from yowo_core.weights.rebuild import is_tensor
from yowo_core.weights.tensor_file import Fact

_PLACES = (  # averaged weights come first: they are what the makers evaluate
    "ema",
    "state_dict_ema",
    "model_ema",
    "ema_state_dict",
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "network",
    "module",
    "weights",
    "params",
)
_SETTINGS = ("args", "train_args", "opt", "hyp", "config", "cfg", "yaml")
_REASONS = {
    "optimizer": "the optimiser's state, needed only to go on with that training",
    "optimizer_state_dict": "the optimiser's state, needed only to go on with that training",
    "scheduler": "the schedule's state, needed only to go on with that training",
    "lr_scheduler": "the schedule's state, needed only to go on with that training",
    "args": "settings of that training; the plain ones are kept as facts",
    "train_args": "settings of that training; the plain ones are kept as facts",
}
_DEEPEST_PLACE = 3
_DEEPEST_MODULE = 100
MOST_TENSORS = 200_000
_MOST_FACTS = 2_000
_MOST_TEXT = 300
_NUMBERS = {"f2": "e", "f4": "f", "f8": "d", "i4": "i", "i8": "q", "u4": "I", "u8": "Q", "i2": "h"}


@dataclass
class Found:
    """Tensor records by name, where they were, and the rest."""

    place: str
    records: dict[str, object]
    facts: dict[str, Fact] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def find_weights(value: object) -> Found | None:
    """The weights in a checkpoint's value; None when there are none."""
    found = _inside(value, "", 0)
    if found is None:
        return None
    if isinstance(value, dict) and found.place:
        _tell_rest(value, found)
    found.place = found.place or "bare"
    return found


def _inside(value: object, place: str, depth: int) -> Found | None:
    """The weights in a value or in its entries that are known to hold some."""
    if is_module(value):
        return _of_module(value, place)
    entries = _entries(value)
    for key in _PLACES if depth < _DEEPEST_PLACE else ():
        if entries.get(key) is not None and not is_tensor(entries[key]):
            path = f"{place}.{key}" if place else key
            found = _inside(entries[key], path, depth + 1)
            if found:
                return found
    return _of_dictionary(value, place) if isinstance(value, dict) else None


def _entries(value: object) -> Mapping[object, object]:
    if isinstance(value, dict):
        return value
    return value.attributes() if isinstance(value, Record) else {}


def _of_dictionary(entries: dict[object, object], place: str) -> Found | None:
    records: dict[str, object] = {
        k: v for k, v in entries.items() if isinstance(k, str) and is_tensor(v)
    }
    if not records:
        return None
    check_count(len(records))
    left = {k[:_MOST_TEXT]: "no tensor" for k in entries if isinstance(k, str) and k not in records}
    return Found(place, records, left_out=left)


def check_count(count: int) -> None:
    """Damaged for more tensors than any network has."""
    if count > MOST_TENSORS:
        raise Damaged(f"names {count:,} tensors; the largest networks have some thousands")


# --- pickled modules -------------------------------------------------------------------------


def is_module(value: object) -> bool:
    """Whether a record is a pickled torch module of any class."""
    if not isinstance(value, Record) or is_tensor(value):
        return False
    state = value.attributes()
    return all(isinstance(state.get(k), dict) for k in ("_parameters", "_buffers", "_modules"))


def _of_module(value: object, place: str) -> Found | None:
    assert isinstance(value, Record)
    records: dict[str, object] = {}
    for name, record in _walk(value, "", 0):
        if name in records:
            raise Damaged(f"names the tensor {name[:100]} twice")
        records[name] = record
        check_count(len(records))
    found = Found(place, records)
    if isinstance(value.what, Global):
        found.facts["class"] = str(value.what)
    state = value.attributes()
    _add_facts(found.facts, {k: state[k] for k in ("names", "nc", "yaml") if k in state})
    return found if records else None


def _walk(module: Record, prefix: str, depth: int) -> Iterator[tuple[str, object]]:
    """Names and tensors in the order of a state dict: own ones, then those of the parts."""
    if depth > _DEEPEST_MODULE:
        raise Damaged(f"holds modules nested deeper than {_DEEPEST_MODULE}")
    state = module.attributes()
    passing = _names(state.get("_non_persistent_buffers_set"))
    for kind in ("_parameters", "_buffers"):
        for name, value in _named(state.get(kind)):
            if is_tensor(value) and not (kind == "_buffers" and name in passing):
                yield prefix + name, value
    for name, value in _named(state.get("_modules")):
        if is_module(value):
            assert isinstance(value, Record)
            yield from _walk(value, f"{prefix}{name}.", depth + 1)


def _named(entries: object) -> Iterator[tuple[str, object]]:
    for key, value in entries.items() if isinstance(entries, dict) else ():
        if isinstance(key, str):
            yield key, value


def _names(value: object) -> set[str]:
    """The texts of a pickled set."""
    inside = value.args[0] if isinstance(value, Record) and value.args else []
    both = [*(inside if isinstance(inside, list) else []), *_items(value)]
    return {name for name in both if isinstance(name, str)}


def _items(value: object) -> list[object]:
    return value.items if isinstance(value, Record) else []


# --- what else is there ----------------------------------------------------------------------


def _tell_rest(entries: dict[object, object], found: Found) -> None:
    """Entries beside the weights: plain ones become facts, of others it is said why not."""
    taken = found.place.split(".", 1)[0]
    rest = {k: v for k, v in entries.items() if isinstance(k, str) and k != taken}
    told = _add_facts(found.facts, rest)
    for key, value in rest.items():
        if key in told or value is None:
            continue
        averaged = "other weights; the averaged ones were taken"
        weights = "other weights" if found.place == key else averaged
        reason = weights if _inside(value, key, 1) and key in _PLACES else "no weights"
        found.left_out[key[:_MOST_TEXT]] = _REASONS.get(key, reason)


def _add_facts(facts: dict[str, Fact], entries: Mapping[str, object]) -> set[str]:
    """Add what is plain; the names of what was."""
    told: set[str] = set()
    for key, value in entries.items():
        if (fact := plain(value)) is not None and len(facts) < _MOST_FACTS:
            facts[key[:_MOST_TEXT]] = fact
            told.add(key)
        elif key in _SETTINGS:
            _add_settings(facts, key, _entries(value))
    return told


def _add_settings(facts: dict[str, Fact], group: str, entries: Mapping[object, object]) -> None:
    for key, value in entries.items():
        fact = plain(value)
        if isinstance(key, str) and fact is not None and len(facts) < _MOST_FACTS:
            facts[f"{group}.{key}"[:_MOST_TEXT]] = fact


def plain(value: object) -> Fact | None:
    """A number, a short text or a list of names; None for anything else."""
    if isinstance(value, Record):
        value = _scalar(value)
    if isinstance(value, bool) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, int) and value.bit_length() <= 64:
        return value
    if isinstance(value, str):
        return value if len(value) <= _MOST_TEXT else None
    return _label_names(value)


def _label_names(value: object) -> tuple[str, ...] | None:
    """Class names: texts in a list, or numbered from 0 in a dictionary."""
    if isinstance(value, dict) and list(value) == list(range(len(value))):
        value = list(value.values())
    if not isinstance(value, list | tuple) or not 0 < len(value) <= 10_000:
        return None
    names = [v for v in value if isinstance(v, str) and len(v) <= _MOST_TEXT]
    return tuple(names) if len(names) == len(value) else None


def _scalar(record: Record) -> object:
    """A numpy number: numpy.core.multiarray.scalar(dtype('f8'), eight bytes)."""
    what, args = record.what, record.args
    if not isinstance(what, Global) or what.name != "scalar" or len(args) != 2:
        return None
    kind = args[0].args[0] if isinstance(args[0], Record) and args[0].args else None
    data = _as_bytes(args[1])
    code = _NUMBERS.get(kind) if isinstance(kind, str) else None
    if code is None or data is None or len(data) != struct.calcsize(code):
        return None
    number: object = struct.unpack(f"<{code}", data)[0]
    return number


def _as_bytes(value: object) -> bytes | None:
    """Bytes, also as protocol 2 writes them: _codecs.encode(text, 'latin1')."""
    if isinstance(value, Record) and value.is_call_of("_codecs", "encode") and value.args:
        text = value.args[0]
        return text.encode("latin-1", "replace") if isinstance(text, str) else None
    return value if isinstance(value, bytes) else None
