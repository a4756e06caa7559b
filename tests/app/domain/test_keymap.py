"""A keymap never lets one key mean two things, whatever a person changes in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.keymap import Keymap, Profile, Scope

SCOPES = {
    "play": Scope.WINDOW,
    "fit": Scope.WINDOW,
    "larger": Scope.PICTURE,
    "longer": Scope.TIMELINE,
}
USUAL = {"play": ("Space", "P"), "fit": ("Z",), "larger": ("+",), "longer": ("+",)}
PROFILE = Profile("default", "Default", USUAL)
KEYS = ("Space", "P", "Z", "+", "Q")


@pytest.fixture
def keymap() -> Keymap:
    return Keymap(PROFILE, SCOPES)


def test_a_profile_holds_as_it_is(keymap: Keymap) -> None:
    assert {name: keymap.keys(name) for name in SCOPES} == USUAL
    assert not any(keymap.changed(name) for name in SCOPES)


def test_a_key_knows_who_has_it(keymap: Keymap) -> None:
    assert keymap.holder("Z", "play") == "fit"
    assert keymap.holder("Z", "fit") is None
    assert keymap.holder("Z", "larger") == "fit"
    assert keymap.holder("+", "larger") is None  # the timeline's is another place's
    assert keymap.holder("+", "play") == "larger"


def test_a_key_moves_and_comes_back_when_it_is_given_up(keymap: Keymap) -> None:
    moved = keymap.with_key("play", "Z")
    assert moved.keys("play") == ("Space", "P", "Z")
    assert moved.keys("fit") == ()
    assert moved.changed("fit")
    assert moved.without_key("play", "Z").own == {}
    assert moved.restored("play").keys("fit") == ("Z",)


def test_restoring_takes_the_key_back_from_where_a_person_put_it(keymap: Keymap) -> None:
    moved = keymap.without_key("fit", "Z").with_key("play", "Z")
    restored = moved.restored("fit")
    assert restored.keys("fit") == ("Z",)
    assert restored.keys("play") == ("Space", "P")
    assert restored.own == {}


def test_a_window_key_silences_both_places_at_once(keymap: Keymap) -> None:
    moved = keymap.with_key("fit", "+")
    assert (moved.keys("larger"), moved.keys("longer")) == ((), ())
    assert moved.all_restored().keys("longer") == ("+",)


def test_own_keys_stay_with_another_profile_and_win_over_it(keymap: Keymap) -> None:
    other = Profile("other", "Other", {"fit": ("P",), "larger": ("Q",)})
    mine = keymap.with_key("play", "Q").with_profile(other)
    assert mine.keys("play") == ("Space", "P", "Q")
    assert (mine.keys("fit"), mine.keys("larger")) == ((), ())


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("add", "drop", "restore")),
        st.sampled_from([*SCOPES]),
        st.sampled_from(KEYS),
    )
)


@given(STEPS)
def test_no_key_ever_means_two_things(steps: list[tuple[str, str, str]]) -> None:
    keymap = Keymap(PROFILE, SCOPES)
    for step, action, key in steps:
        if step == "add":
            keymap = keymap.with_key(action, key)
            assert key in keymap.keys(action)
        elif step == "drop":
            keymap = keymap.without_key(action, key)
            assert key not in keymap.keys(action)
        else:
            keymap = keymap.restored(action)
            assert keymap.keys(action) == USUAL[action]
        for name in SCOPES:
            assert all(keymap.holder(k, name) is None for k in keymap.keys(name))
