"""Reads a pickle as data: it knows no way to import, call or set anything."""

import struct
from collections.abc import Callable

from yowo_core.weights.byte_stream import ByteStream, Damaged
from yowo_core.weights.inert import Global, OddKey, Record, Reference
from yowo_core.weights.refused import could_run

MOST_STEPS = 2_000_000  # the largest known checkpoints need about 200,000
MOST_INTEGER_BYTES = 1024
_MARK = object()
_SET = Global("builtins", "set")
_DICTIONARIES = {
    ("collections", "OrderedDict"),
    ("_collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("_collections", "defaultdict"),
    ("collections", "Counter"),
    ("builtins", "dict"),
    ("__builtin__", "dict"),
}


class Refused(Exception):  # noqa: N818  # caught by whoever knows the file's name
    """A name that could run something, or an instruction that has no use but that."""


class PickleReader:
    """One pickle of a stream; `references` are those it held, in order."""

    def __init__(self, stream: ByteStream, steps: int = MOST_STEPS) -> None:
        self._in = stream
        self._steps = steps
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}
        self.references: list[Reference] = []
        self._does = self._table()

    def read(self) -> object:
        """The pickle's value: plain values, Global, Record and Reference, nothing else.

        Raises Damaged when it is no whole pickle or too large, Refused when it would run something.
        """
        try:
            return self._run()
        except (IndexError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise Damaged("holds a pickle that makes no sense") from error

    def _run(self) -> object:
        take, does = self._in.take, self._does
        for _ in range(self._steps):
            code = take(1)[0]
            if code == 0x2E:  # STOP
                return self._pop()
            action = does.get(code)
            if action is None:
                raise Damaged(f"holds no pickle that is known here (byte {code:#04x})")
            action()
        raise Damaged(f"holds a pickle of more than {self._steps:,} steps")

    # --- the stack -----------------------------------------------------------------------

    def _push(self, value: object) -> None:
        self._stack.append(value)

    def _pop(self) -> object:
        value = self._stack.pop()
        if value is _MARK:
            raise Damaged("holds a pickle that makes no sense")
        return value

    def _top(self) -> object:
        return self._stack[-1]

    def _since_mark(self) -> list[object]:
        stack = self._stack
        for place in range(len(stack) - 1, -1, -1):
            if stack[place] is _MARK:
                values = stack[place + 1 :]
                del stack[place:]
                return values
        raise Damaged("holds a pickle that makes no sense")

    def _pop_or_mark(self) -> None:
        self._stack.pop()

    # --- names and calls, none of which is made ------------------------------------------

    def _name(self, module: object, name: object) -> Global:
        if not isinstance(module, str) or not isinstance(name, str):
            raise Damaged("holds a pickle that makes no sense")
        found = Global(module[:500], name[:500])
        if could_run(found):
            raise Refused(f"names {found}, which could run a program")
        return found

    def _global(self) -> None:
        module, name = self._in.line().decode(), self._in.line().decode()
        self._push(self._name(module, name))

    def _stack_global(self) -> None:
        name, module = self._pop(), self._pop()
        self._push(self._name(module, name))

    def _extension(self) -> None:
        raise Refused("uses the registry of extensions, which no weight file needs")

    def _inst(self) -> None:
        module, name = self._in.line().decode(), self._in.line().decode()
        self._push(Record(self._name(module, name), tuple(self._since_mark())))

    def _obj(self) -> None:
        what, *args = self._since_mark()
        self._push(Record(what, tuple(args)))

    def _reduce(self) -> None:
        args, what = self._pop(), self._pop()
        self._push(called(what, args))

    def _newobj_ex(self) -> None:
        kwargs, args, what = self._pop(), self._pop(), self._pop()
        record = Record(what, args if isinstance(args, tuple) else (args,))
        record.state.append(kwargs)
        self._push(record)

    def _build(self) -> None:
        state, target = self._pop(), self._top()
        if isinstance(target, Record):
            target.state.append(state)

    def _persistent(self, key: object) -> None:
        if isinstance(key, tuple) and len(key) > 1 and key[0] == "module":
            self._push(key[1])  # old torch adds a class's source text to its name
            return
        reference = Reference(key)
        self.references.append(reference)
        self._push(reference)

    # --- lists, dictionaries, sets -------------------------------------------------------

    def _append(self, values: list[object]) -> None:
        target = self._top()
        if isinstance(target, list):
            target.extend(values)
        elif isinstance(target, Record):
            target.items.extend(values)
        else:
            raise Damaged("holds a pickle that makes no sense")

    def _set_items(self, values: list[object]) -> None:
        target = self._top()
        if isinstance(target, Record):
            target.items.extend(zip(values[::2], values[1::2], strict=True))
        elif isinstance(target, dict):
            fill(target, values)
        else:
            raise Damaged("holds a pickle that makes no sense")

    def _dict(self) -> None:
        made: dict[object, object] = {}
        fill(made, self._since_mark())
        self._push(made)

    def _two(self) -> list[object]:
        value, key = self._pop(), self._pop()
        return [key, value]

    def _tuple(self, count: int) -> None:
        values = tuple(self._pop() for _ in range(count))
        self._push(values[::-1])

    def _frozen(self) -> None:
        self._push(Record(_SET, (self._since_mark(),)))

    # --- numbers and texts ---------------------------------------------------------------

    def _long(self, count: int) -> None:
        if not 0 <= count <= MOST_INTEGER_BYTES:
            raise Damaged(f"holds an integer of {count:,} bytes")
        self._push(self._in.integer(count, signed=True))

    def _old_int(self) -> None:
        text = self._in.line()
        self._push({b"00": False, b"01": True}.get(text) if text in {b"00", b"01"} else int(text))

    def _old_text(self) -> None:
        text = self._in.line().strip()
        if len(text) < 2 or text[0] != text[-1] or text[:1] not in {b"'", b'"'}:
            raise Damaged("holds a pickle that makes no sense")
        self._push(text[1:-1].decode("latin-1"))

    def _skip(self, count: int) -> None:
        self._in.take(count)

    def _raw(self, count: int) -> bytes:
        return self._in.take(count)

    def _text(self, count: int) -> None:
        self._push(self._raw(count).decode("utf-8", "surrogatepass"))

    def _byte_text(self, count: int) -> None:
        """Python 2's str: text in most files, and bytes in some."""
        raw = self._raw(count)
        try:
            self._push(raw.decode("utf-8"))
        except UnicodeDecodeError:
            self._push(raw)

    def _get(self, index: int) -> None:
        self._push(self._memo[index])

    def _put(self, index: int) -> None:
        self._memo[index] = self._top()

    def _table(self) -> dict[int, Callable[[], None]]:
        return {**self._structure(), **self._calls(), **self._values(), **self._memory()}

    def _structure(self) -> dict[int, Callable[[], None]]:
        push, since = self._push, self._since_mark
        return {
            0x28: lambda: push(_MARK),
            0x30: self._pop_or_mark,
            0x31: lambda: since().clear(),
            0x32: lambda: push(self._top()),
            0x5D: lambda: push([]),
            0x6C: lambda: push(since()),
            0x61: lambda: self._append([self._pop()]),
            0x65: lambda: self._append(since()),
            0x7D: lambda: push({}),
            0x64: self._dict,
            0x73: lambda: self._set_items(self._two()),
            0x75: lambda: self._set_items(since()),
            0x29: lambda: push(()),
            0x74: lambda: push(tuple(since())),
            0x85: lambda: self._tuple(1),
            0x86: lambda: self._tuple(2),
            0x87: lambda: self._tuple(3),
            0x8F: lambda: push(Record(_SET, ([],))),
            0x90: lambda: self._append(since()),
            0x91: self._frozen,
        }

    def _calls(self) -> dict[int, Callable[[], None]]:
        take = self._in
        return {
            0x80: lambda: self._skip(1),
            0x95: lambda: self._skip(8),
            0x63: self._global,
            0x93: self._stack_global,
            0x82: self._extension,
            0x83: self._extension,
            0x84: self._extension,
            0x69: self._inst,
            0x6F: self._obj,
            0x52: self._reduce,
            0x81: self._reduce,
            0x92: self._newobj_ex,
            0x62: self._build,
            0x50: lambda: self._persistent(take.line().decode()),
            0x51: lambda: self._persistent(self._pop()),
        }

    def _values(self) -> dict[int, Callable[[], None]]:
        push, take, integer = self._push, self._in, self._in.integer
        return {
            0x4E: lambda: push(None),
            0x88: lambda: push(True),
            0x89: lambda: push(False),
            0x49: self._old_int,
            0x4C: lambda: push(int(take.line().rstrip(b"L"))),
            0x4A: lambda: push(integer(4, signed=True)),
            0x4B: lambda: push(integer(1)),
            0x4D: lambda: push(integer(2)),
            0x8A: lambda: self._long(integer(1)),
            0x8B: lambda: self._long(integer(4, signed=True)),
            0x46: lambda: push(float(take.line())),
            0x47: lambda: push(struct.unpack(">d", take.take(8))[0]),
            0x53: self._old_text,
            0x56: lambda: push(take.line().decode("latin-1")),
            0x54: lambda: self._byte_text(integer(4)),
            0x55: lambda: self._byte_text(integer(1)),
            0x58: lambda: self._text(integer(4)),
            0x8C: lambda: self._text(integer(1)),
            0x8D: lambda: self._text(integer(8)),
            0x42: lambda: push(self._raw(integer(4))),
            0x43: lambda: push(self._raw(integer(1))),
            0x8E: lambda: push(self._raw(integer(8))),
            0x96: lambda: push(self._raw(integer(8))),
        }

    def _memory(self) -> dict[int, Callable[[], None]]:
        take, integer = self._in, self._in.integer
        return {
            0x67: lambda: self._get(int(take.line())),
            0x68: lambda: self._get(integer(1)),
            0x6A: lambda: self._get(integer(4)),
            0x70: lambda: self._put(int(take.line())),
            0x71: lambda: self._put(integer(1)),
            0x72: lambda: self._put(integer(4)),
            0x94: lambda: self._put(len(self._memo)),
        }


def called(what: object, args: object) -> object:
    """A call as a record; dictionaries of other names become plain ones."""
    given = args if isinstance(args, tuple) else (args,)
    if not isinstance(what, Global) or (what.module, what.name) not in _DICTIONARIES:
        return Record(what, given)
    made: dict[object, object] = {}
    for pair in given[0] if given and isinstance(given[0], list) else []:
        if isinstance(pair, list | tuple) and len(pair) == 2:
            fill(made, list(pair))
    return made


def fill(target: dict[object, object], values: list[object]) -> None:
    """Set keys and values that follow each other; a key given twice is an error."""
    for key, value in zip(values[::2], values[1::2], strict=True):
        plain = key is None or isinstance(key, str | int | float | bytes | Global)
        if plain and key in target:
            raise Damaged(f"names {str(key)[:100]!r} twice in one dictionary")
        target[key if plain else OddKey(key)] = value
