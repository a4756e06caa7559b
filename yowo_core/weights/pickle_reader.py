"""Reads a pickle as data: it knows no way to import, call or set anything."""

import pickletools
import struct
from collections.abc import Callable

from yowo_core.weights.byte_stream import ByteStream, Damaged
from yowo_core.weights.inert import Global, OddKey, Record, Reference
from yowo_core.weights.refused import could_run

MOST_STEPS = 2_000_000  # the largest known checkpoints need about 200,000
MOST_INTEGER_BYTES = 1024
_MARK = object()
_CODES = {known.name: ord(known.code) for known in pickletools.opcodes}
_STOP = _CODES["STOP"]
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
            if code == _STOP:
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
        named = {**self._structure(), **self._calls(), **self._values(), **self._memory()}
        return {_CODES[name]: action for name, action in named.items()}

    def _structure(self) -> dict[str, Callable[[], None]]:
        push, since = self._push, self._since_mark
        return {
            "MARK": lambda: push(_MARK),
            "POP": self._pop_or_mark,
            "POP_MARK": lambda: since().clear(),
            "DUP": lambda: push(self._top()),
            "EMPTY_LIST": lambda: push([]),
            "LIST": lambda: push(since()),
            "APPEND": lambda: self._append([self._pop()]),
            "APPENDS": lambda: self._append(since()),
            "EMPTY_DICT": lambda: push({}),
            "DICT": self._dict,
            "SETITEM": lambda: self._set_items(self._two()),
            "SETITEMS": lambda: self._set_items(since()),
            "EMPTY_TUPLE": lambda: push(()),
            "TUPLE": lambda: push(tuple(since())),
            "TUPLE1": lambda: self._tuple(1),
            "TUPLE2": lambda: self._tuple(2),
            "TUPLE3": lambda: self._tuple(3),
            "EMPTY_SET": lambda: push(Record(_SET, ([],))),
            "ADDITEMS": lambda: self._append(since()),
            "FROZENSET": self._frozen,
        }

    def _calls(self) -> dict[str, Callable[[], None]]:
        take = self._in
        return {
            "PROTO": lambda: self._skip(1),
            "FRAME": lambda: self._skip(8),
            "GLOBAL": self._global,
            "STACK_GLOBAL": self._stack_global,
            "EXT1": self._extension,
            "EXT2": self._extension,
            "EXT4": self._extension,
            "INST": self._inst,
            "OBJ": self._obj,
            "REDUCE": self._reduce,
            "NEWOBJ": self._reduce,
            "NEWOBJ_EX": self._newobj_ex,
            "BUILD": self._build,
            "PERSID": lambda: self._persistent(take.line().decode()),
            "BINPERSID": lambda: self._persistent(self._pop()),
        }

    def _values(self) -> dict[str, Callable[[], None]]:
        push, take, integer = self._push, self._in, self._in.integer
        return {
            "NONE": lambda: push(None),
            "NEWTRUE": lambda: push(True),
            "NEWFALSE": lambda: push(False),
            "INT": self._old_int,
            "LONG": lambda: push(int(take.line().rstrip(b"L"))),
            "BININT": lambda: push(integer(4, signed=True)),
            "BININT1": lambda: push(integer(1)),
            "BININT2": lambda: push(integer(2)),
            "LONG1": lambda: self._long(integer(1)),
            "LONG4": lambda: self._long(integer(4, signed=True)),
            "FLOAT": lambda: push(float(take.line())),
            "BINFLOAT": lambda: push(struct.unpack(">d", take.take(8))[0]),
            "STRING": self._old_text,
            "UNICODE": lambda: push(take.line().decode("raw_unicode_escape")),
            "BINSTRING": lambda: self._byte_text(integer(4)),
            "SHORT_BINSTRING": lambda: self._byte_text(integer(1)),
            "BINUNICODE": lambda: self._text(integer(4)),
            "SHORT_BINUNICODE": lambda: self._text(integer(1)),
            "BINUNICODE8": lambda: self._text(integer(8)),
            "BINBYTES": lambda: push(self._raw(integer(4))),
            "SHORT_BINBYTES": lambda: push(self._raw(integer(1))),
            "BINBYTES8": lambda: push(self._raw(integer(8))),
            "BYTEARRAY8": lambda: push(self._raw(integer(8))),
        }

    def _memory(self) -> dict[str, Callable[[], None]]:
        take, integer = self._in, self._in.integer
        return {
            "GET": lambda: self._get(int(take.line())),
            "BINGET": lambda: self._get(integer(1)),
            "LONG_BINGET": lambda: self._get(integer(4)),
            "PUT": lambda: self._put(int(take.line())),
            "BINPUT": lambda: self._put(integer(1)),
            "LONG_BINPUT": lambda: self._put(integer(4)),
            "MEMOIZE": lambda: self._put(len(self._memo)),
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
