"""What a side cannot show."""

from __future__ import annotations

from typing import Any

import pytest

from connector.engine.plan.planner import plan
from mappings.model import CLOSED, OPEN, Author, AuthorKind, Side, State, Status, StatusChanged
from tests.engine.plan.plans import dispositions, register_writes, said, statuses

D, IC = Side.DASHLY, Side.INTERCOM
DAY = 86_400.0
SNOOZED = Status(State.SNOOZED, 1_900_000_000.0)


def test_what_dashly_cannot_do_is_told_once(make: Any) -> None:
    """A snooze on Intercom is one note on Dashly and no write that would fail."""
    part = make.part(IC, 1, StatusChanged(SNOOZED), by=Author(AuthorKind.AGENT, "11", "Anna"))

    planned = plan(statuses(make, OPEN, SNOOZED, parts={D: (), IC: (part,)}), make.policy())

    assert register_writes(planned) == []
    ((form, text, _),) = said(planned)
    assert form == "note"
    assert "snoozed until 2030-03-17" in text
    assert dispositions(planned) == {"1": "unsupported"}


@pytest.mark.parametrize("why", ["backfill", "old", "timer"])
def test_a_difference_of_no_news_makes_no_note(make: Any, why: str) -> None:
    """History, an old event and a timer are remembered as unsupported without a word."""
    part = make.part(
        IC,
        1,
        StatusChanged(OPEN),
        by=make.nobody,
        ago=2 * DAY if why == "old" else 60,
        type="timer_unsnooze" if why == "timer" else "open",
    )
    snapshot = statuses(
        make, CLOSED, OPEN, base=CLOSED, parts={D: (), IC: (part,)}, backfill=why == "backfill"
    )

    planned = plan(snapshot, make.policy())

    assert (said(planned), register_writes(planned), dispositions(planned)) == ([], [], {"1": "unsupported"})


def test_whoever_closed_is_not_said_to_have_opened(make: Any) -> None:
    """An answer reopens without an event of its own: the closing before it names nobody."""
    closing = make.part(IC, 1, StatusChanged(CLOSED), by=Author(AuthorKind.AGENT, "11", "Anna"))

    planned = plan(statuses(make, CLOSED, OPEN, base=CLOSED, parts={D: (), IC: (closing,)}), make.policy())

    ((_, text, _),) = said(planned)
    assert text.startswith("Somebody changed the status")
