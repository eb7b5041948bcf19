"""What a conversation is, told from what was read and remembered alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.engine.plan.recognition.fingerprint import Expected
from connector.engine.plan.snapshot import Snapshot
from connector.engine.sync.triage import (
    Deleted,
    LinkedMeanwhile,
    Memory,
    PerhapsMirrored,
    PerhapsOurOwnCopy,
    Plannable,
    UnreadablePart,
    triage,
)
from mappings.model import (
    Author,
    AuthorKind,
    BadPart,
    Conversation,
    Customer,
    Message,
    Part,
    Ref,
    Registers,
    Side,
)
from mappings.roles import Ours
from state.records import Intent, Operation, Pair, PairState, Queue
from tests.clock import BEGIN
from tests.keys import KEY

D, IC = Side.DASHLY, Side.INTERCOM
ANYBODY, SOMEBODY_ELSE, SHADOW = Customer("c1"), Customer("c2"), Customer("u1", ours=Ours.SHADOW)


def read(side: Side, *, linked: bool = False, **more: Any) -> Snapshot:
    """Return what was read of a conversation on one side."""
    opening = Part(
        side=side,
        id="1",
        type="comment",
        entries=(Message("Hello"),),
        author=Author(AuthorKind.CUSTOMER, "c1", "Carla"),
        created=BEGIN,
        opening=True,
    )
    view = Conversation(
        side=side,
        id="talk",
        created=BEGIN,
        updated=BEGIN,
        registers=Registers(),
        customer=ANYBODY,
        parts=(opening,),
    )
    ids = {side: "talk"} | ({side.other: "mirror"} if linked else {})
    pair = Pair(1, ids, side, PairState.ACTIVE, {}, {}, {}, False, {}, Queue.SYNC, 0.0)  # noqa: FBT003 - no shadow
    return Snapshot(pair, {side: replace(view, **more)}, {D: {}, IC: {}}, {D: BEGIN, IC: BEGIN})


def start(side: Side, person: str) -> Intent:
    """Return an unclear start of another conversation, as a person."""
    expected = Expected("", public=True, text_hash="h", sent_at=BEGIN, person=person)
    return Intent("m", 2, side, Operation.START, "h", expected.dump(KEY), "[]", BEGIN, BEGIN + 120)


TRUSTED = Memory(trusted_from=0.0)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("linked", [True, False])
def test_a_deleted_conversation_is_nothing_else(side: Side, linked: bool) -> None:  # noqa: FBT001 - a case
    """Deletion comes before every other question."""
    memory = Memory(0.0, (start(side, "c1"),), frozenset({Ref(side, "1")}))

    assert triage(read(side, linked=linked, deleted=True), memory) == Deleted(side)


def test_what_we_began_and_linked_meanwhile_is_never_mirrored() -> None:
    """Its opening is ours."""
    assert triage(read(IC), Memory(0.0, (), frozenset({Ref(IC, "1")}))) == LinkedMeanwhile()


def test_an_opening_of_the_other_side_with_the_same_id_says_nothing() -> None:
    """Ids of two sides never mix."""
    assert triage(read(IC), Memory(0.0, (), frozenset({Ref(D, "1")}))) == Plannable()


@pytest.mark.parametrize(
    ("customer", "same_person"), [(ANYBODY, True), (None, None)], ids=["the same person", "not told"]
)
def test_what_an_unclear_start_may_have_made_is_asked_about(
    customer: Customer | None,
    same_person: bool | None,  # noqa: FBT001 - a case
) -> None:
    """Only a person who is surely another one frees a conversation of the suspicion."""
    found = triage(read(IC, customer=customer), Memory(0.0, (start(IC, "c1"),)))

    assert isinstance(found, PerhapsOurOwnCopy)
    assert (found.view.id, found.intent.marker, found.same_person) == ("talk", "m", same_person)


@pytest.mark.parametrize(
    "snapshot",
    [read(IC, customer=SOMEBODY_ELSE), read(IC, linked=True), read(D, linked=True)],
    ids=["another person", "linked", "linked, on the other side"],
)
def test_a_start_elsewhere_delays_nobody_else(snapshot: Snapshot) -> None:
    """Another person's conversation, and every pair in step, go on."""
    assert triage(snapshot, Memory(0.0, (start(IC, "c1"),))) == Plannable()


def test_an_unreadable_part_stops_its_conversation() -> None:
    """Linked or not; the part is named."""
    bad = (BadPart(IC, "7", "no body"),)

    assert triage(read(IC, linked=True, bad=bad), TRUSTED) == UnreadablePart(IC, "7", "no body")


@pytest.mark.parametrize(
    ("snapshot", "trusted_from", "doubtful"),
    [
        (read(D), 0.0, False),
        (read(D, customer=SHADOW), 0.0, False),
        (read(D), BEGIN + 1, True),
        (read(IC), BEGIN + 1, True),
    ],
    ids=["of Dashly", "of a shadow user", "old, of Dashly", "old, of Intercom"],
)
def test_a_mirror_is_looked_for_before_one_is_made(
    snapshot: Snapshot,
    trusted_from: float,
    doubtful: bool,  # noqa: FBT001 - a case
) -> None:
    """Dashly's are always asked for, Intercom's only when the state file may have missed them."""
    found = triage(snapshot, Memory(trusted_from))

    assert isinstance(found, PerhapsMirrored)
    assert found.doubtful is doubtful


@pytest.mark.parametrize("snapshot", [read(IC), read(D, linked=True), read(IC, linked=True)])
def test_all_else_is_planned(snapshot: Snapshot) -> None:
    """Nothing stands in the way."""
    assert triage(snapshot, TRUSTED) == Plannable()
