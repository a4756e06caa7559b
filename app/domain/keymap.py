"""Which keys start which actions: a ready profile, and what a person made different in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property


class Scope(StrEnum):
    """Where a key acts: in the whole window, or only while one view has the keyboard."""

    WINDOW = "window"
    PICTURE = "picture"
    TIMELINE = "timeline"

    def meets(self, other: "Scope") -> bool:
        """Whether one key could mean both."""
        return self is other or Scope.WINDOW in (self, other)


@dataclass(frozen=True)
class Profile:
    """A ready keymap: every action's keys by its name. title is what people call it."""

    name: str
    title: str
    keys: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Keymap:
    """The keys in force. scopes: every action there is; own: what a person made different.

    No key means two things in one scope: a person's own keys win over the profile's, and of equal
    claims the first action's. Keys are texts such as "Ctrl+Shift+Z".
    """

    profile: Profile
    scopes: Mapping[str, Scope]
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def keys(self, action: str) -> tuple[str, ...]:
        """All keys of an action, the one that is shown first."""
        return self._resolved.get(action, ())

    def changed(self, action: str) -> bool:
        """Whether its keys are others than the profile's."""
        return self.keys(action) != self.profile.keys.get(action, ())

    def holder(self, key: str, action: str) -> str | None:
        """The other action that has this key where it would act for the given one."""
        scope = self.scopes[action]
        for other, keys in self._resolved.items():
            if other != action and key in keys and scope.meets(self.scopes[other]):
                return other
        return None

    def with_key(self, action: str, key: str) -> "Keymap":
        """The same with one more key for an action, taken from whichever other action has it."""
        keys = tuple(k for k in self.keys(action) if k != key)
        return self._with(action, (*keys, key), taking=True)

    def without_key(self, action: str, key: str) -> "Keymap":
        """The same with one key less for an action."""
        return self._with(action, tuple(k for k in self.keys(action) if k != key), taking=False)

    def restored(self, action: str) -> "Keymap":
        """The same with the profile's keys for an action, taken back from others if need be."""
        return self._with(action, self.profile.keys.get(action, ()), taking=True)

    def all_restored(self) -> "Keymap":
        """The profile as it is."""
        return replace(self, own={})

    def with_profile(self, profile: Profile) -> "Keymap":
        """Another profile with the same changes of one's own."""
        return replace(self, profile=profile)

    @cached_property
    def _resolved(self) -> dict[str, tuple[str, ...]]:
        """Keys by action, each key once where it acts."""
        taken: list[tuple[str, Scope]] = []
        found: dict[str, tuple[str, ...]] = {}
        for action, keys in self._claims():
            scope = self.scopes[action]
            free = [k for k in keys if not any(k == t and scope.meets(s) for t, s in taken)]
            found[action] = tuple(dict.fromkeys(free))
            taken += [(key, scope) for key in free]
        return {action: found[action] for action in self.scopes}

    def _claims(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        mine = [action for action in self.scopes if action in self.own]
        yield from ((action, self.own[action]) for action in mine)
        for action in self.scopes:
            if action not in self.own:
                yield action, self.profile.keys.get(action, ())

    def _with(self, action: str, keys: tuple[str, ...], taking: bool) -> "Keymap":
        """The same with those keys for an action; taking: also from whom a person gave them."""
        own = {name: held for name, held in self.own.items() if name != action}
        if taking:
            own = {name: self._left(name, held, action, keys) for name, held in own.items()}
        own[action] = keys
        usual = self.profile.keys
        return replace(self, own={n: k for n, k in own.items() if k != usual.get(n, ())})

    def _left(
        self, name: str, held: tuple[str, ...], action: str, taken: tuple[str, ...]
    ) -> tuple[str, ...]:
        """What is left of an action's keys when another one takes some where both act."""
        if not self.scopes[name].meets(self.scopes[action]):
            return held
        return tuple(key for key in held if key not in taken)
