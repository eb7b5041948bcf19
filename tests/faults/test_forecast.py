"""What `plan` says of the requests of a run is what the run then needs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from connector.app import inspecting
from connector.engine.past.choice import Choice
from connector.helpdesk.query import HistoryQuery
from tests.faults.lab import IC, ILYA, ILYA_THERE, D

if TYPE_CHECKING:
    from mappings.model import Side
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

DAY = 86_400.0
TALKS = 6
AGENT = {D: ILYA, IC: ILYA_THERE}


def talks(lab: Lab, side: Side, *, one_customer: bool, acted: bool, age: float) -> list[str]:
    """Let conversations of nine messages lie on a side, with a tag, an assignee and a closing when acted."""
    desk, then, begun = lab.world.desk(side.value), lab.time.now() - age, []
    eva = desk.customer("Eva", created=then)
    for number in range(TALKS):
        who = eva if one_customer else desk.customer(f"P{number}", created=then)
        talk = desk.customer_starts(who, f"question {number}", created=then + number)
        for line in range(4):
            desk.customer_writes(talk, f"more {line}", created=then + 100 + 10 * line)
            desk.agent_writes(talk, f"answer {line}", agent=AGENT[side], created=then + 105 + 10 * line)
        if acted:
            desk.tag(talk, "VIP", created=then + 300)
            desk.assign(talk, AGENT[side], created=then + 301)
            desk.close(talk, created=then + 302)
        begun.append(talk)
    return begun


def spent(lab: Lab) -> Counter[Side]:
    """Return how many requests each side had since this was asked last."""
    found = Counter(side for side, _, _ in lab.requests)
    lab.requests.clear()
    return found


@pytest.mark.parametrize("acted", [False, True])
@pytest.mark.parametrize("one_customer", [False, True])
@pytest.mark.parametrize("side", [D, IC])
def test_a_backfill_needs_what_was_said(
    theatre: Theatre, side: Side, *, one_customer: bool, acted: bool
) -> None:
    """Exactly, with the searches, the making of customers, and what is read back."""
    lab = theatre.bound()
    talks(lab, side, one_customer=one_customer, acted=acted, age=5 * DAY)

    planned = inspecting.plan_backfill(lab.config, lab.environment, Choice(side, HistoryQuery()))
    spent(lab)
    lab.backfill(side)

    assert dict(planned.requests) == dict(spent(lab))


@pytest.mark.parametrize("acted", [False, True])
@pytest.mark.parametrize("side", [D, IC])
def test_a_sync_needs_what_was_said(theatre: Theatre, side: Side, *, acted: bool) -> None:
    """Within a tenth: the sweep, and what writes may have changed and is read again, are not planned."""
    lab = theatre.bound(settings={"sync": {"settle": "120s", "workers": 1, "sweep": 0}})
    lab.world.advance(1200)
    talks(lab, side, one_customer=False, acted=acted, age=1000.0)

    planned = inspecting.plan_sync(lab.config, lab.environment)
    spent(lab)
    lab.sync()

    assert planned.forecast.created == TALKS
    assert dict(planned.requests) == pytest.approx(dict(spent(lab)), rel=0.1)
