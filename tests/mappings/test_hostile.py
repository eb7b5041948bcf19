"""Hostile input: whatever a side sends, the readers return or raise Unreadable, and parts fail alone."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.model import Conversation, Message, Side
from mappings.reading import dashly, intercom
from mappings.reading.content import leaves
from mappings.wire.legacy import lift
from mappings.wire.values import (
    Unreadable,
    read_count,
    read_flag,
    read_id,
    read_moment,
    read_names,
    read_optional_id,
    read_text,
)

DATA = Path(__file__).parent / "data"
NUMBERS = st.integers() | st.floats() | st.just(10**400)
SCALARS = (
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5) | st.sampled_from(["0", "²", "1e9", "\ud800"])
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)
SETTINGS = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150, deadline=None)


def example(name: str) -> Any:
    """Load an example object."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


ROW, PARTS = example("dashly_conversation"), example("dashly_parts")
MODERN, LEGACY = example("intercom_2x_conversation"), example("intercom_1x_conversation")


def dig(value: object, path: list[int], junk: object) -> object:
    """Return the value with junk put somewhere inside it."""
    if not path or not isinstance(value, dict | list) or not value:
        return junk
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = keys[path[0] % len(keys)]
    copy = value.copy()
    copy[key] = dig(copy[key], path[1:], junk)
    return copy


def sound(conversation: Conversation) -> None:
    """Check what holds for every conversation that was read."""
    assert list(conversation.parts) == sorted(conversation.parts, key=lambda part: part.order)
    assert len({part.id for part in conversation.parts}) == len(conversation.parts)
    for part in conversation.parts:
        assert part.entries
        assert math.isfinite(part.created)
        assert not (part.type.startswith("note") and any(isinstance(e, Message) for e in part.entries))
        assert not (part.removed and part.words)
    repr(conversation).encode()


def reads(read: Callable[[], Conversation]) -> None:
    """Check that reading gives a sound conversation or Unreadable."""
    try:
        conversation = read()
    except Unreadable as error:
        assert str(error).startswith("the conversation")  # noqa: PT017 - either outcome is fine
    else:
        sound(conversation)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6), JUNK)
@SETTINGS
def test_junk_anywhere_in_dashly(path: list[int], junk: object) -> None:
    """Junk in any field of a Dashly conversation or its parts never escapes the reader."""
    row, parts = dig(ROW, path, junk), dig(PARTS, path, junk)
    reads(lambda: dashly.read_conversation(row, PARTS))  # type: ignore[arg-type]
    if isinstance(parts, list):
        sound(dashly.read_conversation(ROW, parts))


@given(st.sampled_from([MODERN, LEGACY]), st.lists(st.integers(0, 50), min_size=1, max_size=7), JUNK)
@SETTINGS
def test_junk_anywhere_in_intercom(raw: dict[str, object], path: list[int], junk: object) -> None:
    """Junk in any field of an Intercom conversation of either generation never escapes the reader."""
    reads(lambda: intercom.read_conversation(dig(raw, path, junk)))  # type: ignore[arg-type]


@given(JUNK)
@SETTINGS
def test_junk_instead_of_anything(junk: object) -> None:
    """Junk in place of whole objects or lists is read as nothing, or is unreadable."""
    reads(lambda: dashly.read_conversation(junk, []))  # type: ignore[arg-type]
    reads(lambda: intercom.read_conversation(junk))  # type: ignore[arg-type]
    dashly.read_channels(junk)
    dashly.read_teams(junk)
    intercom.read_agents(junk, junk)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part["type"])
def test_nulls_in_dashly(part: dict[str, object]) -> None:
    """Null in every field but id and time is read as empty."""
    nulls = dict.fromkeys(part) | {"id": part["id"], "created": part["created"], "type": part["type"]}
    sound(dashly.read_conversation({"id": 1}, [nulls]))


def test_nulls_in_intercom() -> None:
    """Null in every field but the id is read as empty."""
    for raw in (MODERN, LEGACY):
        conversation = intercom.read_conversation(dict.fromkeys(raw) | {"id": raw["id"]})
        assert (conversation.parts, conversation.bad, conversation.customer) == ((), (), None)


def test_repeated_part_counts_once() -> None:
    """A part that two pages both show is one part."""
    assert len(dashly.read_conversation(ROW, [*PARTS, *PARTS]).parts) == len(PARTS)


def test_lifting_is_idempotent() -> None:
    """Lifting what is lifted, or what already is 2.x, changes nothing that is read."""
    lifted = lift(LEGACY)
    assert lift(lifted) == lifted
    assert intercom.read_conversation(lifted) == intercom.read_conversation(LEGACY)
    assert lift(MODERN)["contacts"] == MODERN["contacts"]


def test_person_in_two_fields_is_one_contact() -> None:
    """The user of a 1.x conversation comes before the customers, each once."""
    lifted = lift({"user": {"id": "1", "name": "A"}, "customers": [{"id": 2}, {"id": "1"}, None]})
    assert lifted["contacts"] == {"type": "contact.list", "contacts": [{"id": "1", "name": "A"}, {"id": 2}]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1772001122, 1772001122),
        (1772001122.5, 1772001122.5),
        ("1772001122", 1772001122),
        (1772001122000, 1772001122),
        (1772001122000000, 1772001122),
        ("2026-02-25T06:32:02", 1772001122),
        ("2026-02-25T06:32:02Z", 1772001122),
        ("2026-02-25T09:32:02+03:00", 1772001122),
        (64654125776, None),
        (64654125776000, None),
        (None, None),
        (True, None),
        ("soon", None),
        (math.nan, None),
        (math.inf, None),
        (10**400, None),
        ([], None),
        (-5, -5),
    ],
)
def test_moments(value: object, expected: float | None) -> None:
    """Times come in seconds, finer units, and text; sentinels and junk are no time."""
    assert read_moment(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2180141522614313059, "2180141522614313059"),
        (" 7 ", "7"),
        (7.0, "7"),
        ({"id": 7}, "7"),
        (None, None),
        ("", None),
        (True, None),
        ([], None),
        ("x" * 300, None),
        (10**400, None),
    ],
)
def test_ids(value: object, expected: str | None) -> None:
    """Ids are text whatever they came as."""
    assert read_optional_id(value) == expected


def test_missing_id_is_an_error() -> None:
    """A required id has no empty value."""
    with pytest.raises(ValueError, match="no id"):
        read_id(None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (0, False),
        ("false", False),
        ("True", True),
        (1772001122, True),
        (None, False),
        ({}, False),
    ],
)
def test_flags(value: object, *, expected: bool) -> None:
    """Flags come as booleans, numbers, text and times."""
    assert read_flag(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(5, 5), ("5", 5), (5.0, 5), (True, None), (-1, None), ("many", None), (None, None)],
)
def test_counts(value: object, expected: int | None) -> None:
    """Counts come as numbers and text."""
    assert read_count(value) == expected


def test_small_values() -> None:
    """Texts are repaired, numbers are texts, names are distinct."""
    values: tuple[object, ...] = ("a\ud800", 5, None, {}, True)
    assert [read_text(value) for value in values] == ["a\ufffd", "5", "", "", ""]
    assert read_names(["a", {"name": "b"}, {"name": "a"}, 5, None, " "]) == ("a", "b", "5")


def test_endless_content_is_bounded() -> None:
    """Deep and wide structured content is read up to a bound."""
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    assert list(leaves(deep)) == []
    assert len(list(leaves({str(n): "x" for n in range(100_000)}))) < 3000


def test_sides_have_titles() -> None:
    """Reasons name the sides as their vendors write them."""
    assert [side.title() for side in Side] == ["Dashly", "Intercom"]
