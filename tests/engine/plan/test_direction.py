"""What is left out of a direction, and why."""

from __future__ import annotations

from typing import Any

from connector.config.choices import HistoryMode
from connector.engine.plan.actions import WriteLedger
from connector.engine.plan.planner import plan
from mappings.model import Message, Side, Skipped
from state.records import Disposition
from tests.engine.plan.plans import conversation, dispositions, posts, said

D, IC = Side.DASHLY, Side.INTERCOM
DAY = 86_400.0


def test_a_skipped_part_keeps_its_reason(make: Any) -> None:
    """What the table leaves out is in the ledger, with why."""
    part = make.part(D, 1, Skipped("service message"), by=make.nobody)

    planned = plan(conversation(make, part), make.policy())

    (record,) = planned.actions
    assert isinstance(record, WriteLedger)
    assert [(row.disposition, row.reason) for row in record.rows] == [
        (Disposition.SKIPPED, "service message")
    ]


def test_a_removed_part_is_never_copied(make: Any) -> None:
    """A tombstone that was not copied in time stays uncopied, whatever words it still shows."""
    part = make.part(D, 1, Message("gone"), removed=True)

    planned = plan(conversation(make, part), make.policy())

    assert posts(planned) == []
    assert dispositions(planned) == {"1": "skipped"}


def test_a_direction_that_is_off_writes_nothing(make: Any) -> None:
    """The parts of a side that is not copied are in the ledger as skipped."""
    part = make.part(D, 1, Message("Hi"))

    planned = plan(conversation(make, part), make.policy(sources=frozenset({IC})))

    assert (planned.writes, dispositions(planned)) == ((), {"1": "skipped"})


def test_without_history_only_what_is_live_is_copied(make: Any) -> None:
    """With history = none old parts are skipped, and the mirror begins with a live one."""
    old, live = make.part(D, 1, Message("old"), ago=2 * DAY), make.part(D, 2, Message("live"))
    policy = make.policy(history={IC: HistoryMode.NONE, D: HistoryMode.NONE})

    planned = plan(make.snapshot(make.pair(D), make.view(D, old, live)), policy)

    assert said(planned) == [("start", "live", None)]
    assert dispositions(planned) == {"1": "skipped", "2": "copied"}


def test_a_conversation_of_unwanted_history_is_not_mirrored(make: Any) -> None:
    """With history = none a conversation without live words is left alone."""
    old = make.part(D, 1, Message("old"), ago=2 * DAY)
    policy = make.policy(history={IC: HistoryMode.NONE, D: HistoryMode.NONE})

    assert plan(make.snapshot(make.pair(D), make.view(D, old)), policy).writes == ()
