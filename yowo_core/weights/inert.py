"""What stands in a pickle, as plain data: names and records that can do nothing."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Global:
    """The name of a class or function; it is never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False, repr=False)
class Record:
    """A call that a pickle asks for, written down and not made.

    what: whom it would call; args: with what; state: what it would set afterwards, one entry
    a time; items: what it would append (values) or set (pairs of key and value).
    """

    what: object
    args: tuple[object, ...] = ()
    state: list[object] = field(default_factory=list)
    items: list[object] = field(default_factory=list)

    def is_call_of(self, module: str, *names: str) -> bool:
        """Whether it would call one of a module's names."""
        return (
            isinstance(self.what, Global) and self.what.module == module and self.what.name in names
        )

    def attributes(self) -> dict[object, object]:
        """Attributes that the state would set, as `object.__reduce__` writes them."""
        found: dict[object, object] = {}
        for state in self.state:
            parts = state if isinstance(state, tuple) and len(state) == 2 else (state,)
            for part in parts:
                if isinstance(part, dict):
                    found.update(part)
        return found


@dataclass(slots=True, eq=False, repr=False)
class Reference:
    """Something outside the pickle, such as a torch storage."""

    key: object


@dataclass(slots=True, eq=False, repr=False)
class OddKey:
    """A dictionary key that is no plain value, so that nothing of it is ever hashed."""

    value: object
