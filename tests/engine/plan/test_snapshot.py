"""What a snapshot knows of each side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.engine.plan.planner import plan
from connector.engine.plan.snapshot import Freshness
from mappings.model import CLOSED, Message, Registers, Side
from state.records import Disposition, LedgerRow
from tests.engine.plan.plans import conversation, dispositions

D, IC = Side.DASHLY, Side.INTERCOM


def test_a_backfill_leaves_fresh_parts_of_a_linked_pair_to_the_sync(make: Any) -> None:
    """What came after the watermark is live and would otherwise be copied silently."""
    old, fresh = make.part(D, 1, Message("old"), ago=500), make.part(D, 2, Message("fresh"), ago=5)
    limits = {D: make.now - 100}

    planned = plan(conversation(make, old, fresh, backfill=True, history_until=limits), make.policy())

    assert dispositions(planned) == {"1": "copied"}


def test_how_old_a_view_may_be_is_known_of_each_side(make: Any) -> None:
    """Read now, taken from a list of the run, or not read at all."""
    snapshot = make.snapshot(make.pair(D, linked=True), make.view(D))

    assert [snapshot.freshness(side) for side in Side] == [Freshness.READ, Freshness.UNREAD]
    assert replace(snapshot, listed=frozenset({D})).freshness(D) is Freshness.LISTED
    assert replace(snapshot, listed=frozenset({IC})).freshness(IC) is Freshness.UNREAD


def row(number: int, **more: Any) -> LedgerRow:
    """Return a ledger row of Dashly."""
    given: dict[str, Any] = {"created": 5.5, "disposition": Disposition.COPIED, **more}
    return LedgerRow(D, str(number), "reply_user", **given)


def test_new_is_what_the_ledger_does_not_know_or_holds_in_quarantine(make: Any) -> None:
    """A quarantined part is tried again when a person lets it; what moved here has its rows."""
    parts = [make.part(D, number, Message("Hi")) for number in (1, 2, 3)]
    known = (row(1), row(2, disposition=Disposition.QUARANTINED))
    moved = {D: {"1": row(1), "3": row(3)}}

    snapshot = conversation(make, *parts, known=known, moved=moved)

    assert [part.id for part in snapshot.new_parts(D)] == ["2", "3"]
    assert snapshot.new_parts(IC) == ()
    assert snapshot.moved_rows() == (row(3),)
    assert [part.id for part in snapshot.with_rows([row(2), row(3)]).new_parts(D)] == []


def test_a_snapshot_of_an_earlier_moment_shows_what_was_said_until_then(make: Any) -> None:
    """The moment itself belongs to it."""
    first, second = make.part(D, 1, Message("a"), ago=20), make.part(D, 2, Message("b"), ago=10)
    snapshot = conversation(make, first, second)

    assert [part.id for part in snapshot.until(D, second.created).views[D].parts] == ["1", "2"]
    assert [part.id for part in snapshot.until(D, first.created).views[D].parts] == ["1"]
    assert snapshot.until(IC, 0.0) is snapshot


def test_a_conversation_begins_where_its_customer_is_reached(make: Any) -> None:
    """Nobody stands in for them there."""
    begun = conversation(make, make.part(D, 1), origin=IC, stand_in=True).begun_on(D)

    assert (begun.pair.origin, begun.pair.stand_in, begun.stand_in) == (D, False, False)


def test_seconds_of_what_is_shown_no_more_are_known(make: Any) -> None:
    """Ours do not count, nor what is still shown."""
    known = (row(1), row(2, created=7.9), row(3, ours=True, created=9.0))

    assert conversation(make, make.part(D, 1), known=known).hidden_seconds(D) == {7}
    assert make.snapshot(make.pair(D), known=known).hidden_seconds(D) == {5, 7}


def test_a_side_that_was_not_read_counts_as_unchanged(make: Any) -> None:
    """A new conversation is open and empty."""
    shown, agreed = Registers(CLOSED), Registers(assignee="7")
    pair = make.pair(D, linked=True, base={IC: agreed})
    snapshot = make.snapshot(pair, make.view(D, registers=shown))

    assert (snapshot.registers(D), snapshot.base(D)) == (shown, Registers())
    assert (snapshot.registers(IC), snapshot.base(IC)) == (agreed, agreed)


def test_live_parts_are_held_back_from_a_backfill(make: Any) -> None:
    """Unless the ledger knows them already."""
    limits = {D: make.now - 100}
    fresh = make.part(D, 1, Message("fresh"), ago=5)

    assert conversation(make, fresh, history_until=limits).holds_back(D)
    assert not conversation(make, fresh, history_until=limits, known=(row(1),)).holds_back(D)
    assert not conversation(make, fresh).holds_back(D)
    assert not conversation(make, fresh, history_until=limits).holds_back(IC)
