"""What a snapshot knows of each side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.engine.plan.planner import plan
from connector.engine.plan.snapshot import Freshness
from mappings.model import Message, Side
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
