"""Which conversations may be copies of each other when nothing but words and times says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.engine.plan.recognition.mirrors import (
    may_mirror,
    moved_origin,
    origin_of,
)
from mappings.model import Customer, Message, Note, Ref, Side
from mappings.roles import Ours

D, IC = Side.DASHLY, Side.INTERCOM
SHADOW = Customer("u1", name="Carla", ours=Ours.SHADOW)
STUB = Message("Conversation copied from Dashly.")


def talk(make: Any, side: Side, text: str | Message = "Hi", *, ago: float, **more: Any) -> Any:
    """Return a conversation of one message."""
    message = text if isinstance(text, Message) else Message(text)
    return make.view(side, make.part(side, 1, message, ago=ago, **more))


@pytest.mark.parametrize(
    ("text", "ago", "strict", "lax"),
    [
        ("Hi", 100.0, True, True),
        ("Hi", 40.0, False, True),
        ("Hi", 300.0, False, False),
        ("Hello", 100.0, False, False),
        (STUB, 100.0, True, True),
    ],
    ids=["same second", "later", "earlier", "other words", "a stub"],
)
def test_a_copy_on_intercom(make: Any, text: Any, ago: float, *, strict: bool, lax: bool) -> None:
    """The same words in the same second; later only where nothing surer is known."""
    dashly, intercom = talk(make, D, ago=100.0, by_api=False), talk(make, IC, text, ago=ago)

    assert may_mirror(dashly, intercom, lax=False) is strict
    assert may_mirror(dashly, intercom, lax=True) is lax


def test_a_copy_at_a_real_user_was_made_by_a_program(make: Any) -> None:
    """What a person typed on Dashly later is not a copy, whatever its words are."""
    intercom = talk(make, IC, ago=100.0)

    assert may_mirror(talk(make, D, ago=50.0, by_api=True), intercom, lax=True)
    assert not may_mirror(talk(make, D, ago=50.0, by_api=False), intercom, lax=True)
    assert not may_mirror(talk(make, D, ago=50.0, by_api=True), intercom, lax=False)


def test_a_shadow_users_conversation_is_a_copy_whenever_it_was_made(make: Any) -> None:
    """Its words alone say of what; a stub says nothing."""
    shadowed = replace(talk(make, D, ago=1.0), customer=SHADOW)
    intercom = talk(make, IC, ago=1e6)

    assert may_mirror(shadowed, intercom, lax=False)
    assert origin_of({D: shadowed, IC: intercom}) is IC
    assert not may_mirror(
        replace(talk(make, D, STUB, ago=1.0), customer=SHADOW), talk(make, IC, STUB, ago=9.0), lax=True
    )


def test_what_an_operator_opens_with_a_shadow_user_is_no_copy(make: Any) -> None:
    """It began on Dashly, and its mirror opens with a stub in the same second."""
    opening = make.part(D, 1, Message("Hi"), by=make.agent, ago=100.0, opening=True, by_api=False)
    dashly = replace(make.view(D, opening), customer=SHADOW)

    assert may_mirror(dashly, talk(make, IC, STUB, ago=100.0), lax=False)
    assert not may_mirror(dashly, talk(make, IC, "Hi there", ago=100.0), lax=True)
    assert origin_of({D: dashly, IC: talk(make, IC, STUB, ago=100.0)}) is D


def test_a_conversation_that_shows_nothing_mirrors_nothing(make: Any) -> None:
    """Without parts there is nothing to compare."""
    assert not may_mirror(make.view(D), talk(make, IC, ago=1.0), lax=True)


@pytest.mark.parametrize(
    ("words", "ours", "expected"),
    [
        (Message("It's me"), (), D),
        (Message("It's me"), (Ref(D, "1"),), IC),
        (Note("aside"), (), IC),
        (Note("aside"), (Ref(D, "1"),), IC),
    ],
    ids=["an answer", "a copy of ours", "no message", "neither"],
)
def test_a_pair_belongs_where_the_customer_behind_a_stand_in_answered(
    make: Any, words: Message | Note, ours: tuple[Ref, ...], expected: Side
) -> None:
    """A message of theirs that is not a copy of ours shows that they are reached there."""
    begun = replace(talk(make, IC, ago=100.0), customer=Customer("c1", ours=Ours.CONTACT))
    views = {IC: begun, D: make.view(D, make.part(D, 1, words, ago=50.0))}

    assert moved_origin(views, IC, ours) is expected
    assert moved_origin({**views, IC: talk(make, IC, ago=100.0)}, IC, ours) is IC
