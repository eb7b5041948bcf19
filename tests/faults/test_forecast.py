"""What `plan` says of the requests of a run is what the run then needs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from connector.app import inspecting
from connector.engine.past.choice import Choice
from connector.helpdesk.query import HistoryQuery
from connector.sandbox.scenario import populate
from connector.sandbox.staging import picture
from tests.faults.conversations import begin
from tests.faults.lab import IC, ILYA, ILYA_THERE, D

if TYPE_CHECKING:
    from collections.abc import Callable

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


@pytest.mark.long
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


@pytest.mark.long
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


def long_ones(lab: Lab, side: Side) -> None:
    """Let conversations of many long messages lie on a side."""
    desk, then = lab.world.desk(side.value), lab.time.now() - 5 * DAY
    for number in range(3):
        talk = desk.customer_starts(desk.customer(f"P{number}", created=then), "long", created=then)
        for line in range(70):
            desk.customer_writes(talk, f"more {line} {'x' * 300}", created=then + 100 + 10 * line)
            desk.agent_writes(talk, f"{line} {'y' * 300}", agent=AGENT[side], created=then + 105 + 10 * line)


def short_ones(lab: Lab, side: Side) -> None:
    """Let conversations of one message lie on a side, more than a page of them."""
    desk, then = lab.world.desk(side.value), lab.time.now() - 5 * DAY
    for number in range(60):
        desk.customer_starts(desk.customer(f"P{number}", created=then), "short", created=then + number)


def with_files(lab: Lab, side: Side) -> None:
    """Let conversations with many files, notes and a snooze lie on a side."""
    desk, then = lab.world.desk(side.value), lab.time.now() - 5 * DAY
    for number in range(5):
        who = desk.customer(f"P{number}", created=then)
        talk = desk.customer_starts(who, "see", attachments=[picture("a.png")], created=then + number)
        files = [picture(f"{one}.png") for one in range(13)]
        desk.agent_writes(talk, "these", agent=AGENT[side], attachments=files, created=then + 100)
        desk.agent_notes(talk, "a note", agent=AGENT[side], created=then + 101)
        desk.snooze(talk, lab.time.now() + DAY, agent=AGENT[side], created=then + 102)


def campaigns(lab: Lab, side: Side) -> None:
    """Let conversations that nobody asked for lie on a side, some of them answered, tagged and closed."""
    desk, then = lab.world.desk(side.value), lab.time.now() - 5 * DAY
    for number in range(8):
        who = desk.customer(f"P{number}", email=f"p{number}@shop.example", created=then)
        talk = desk.campaign_starts(who, f"news {number}", created=then + number)
        if number % 2:
            desk.customer_writes(talk, "thanks", created=then + 200)
            desk.tag(talk, f"new {number % 3}", created=then + 300)
            desk.close(talk, created=then + 302)
        desk.campaign_starts(who, f"again {number}", agent=AGENT[side], created=then + 400 + number)


def a_week(lab: Lab, _side: Side) -> None:
    """Let the sandbox's week lie on both sides."""
    populate(lab.world)


WORLDS = (long_ones, short_ones, with_files, campaigns, a_week)
SETTINGS: dict[str, dict[str, dict[str, str]]] = {
    "2.16": {},
    "2.13": {"intercom": {"api_version": "2.13"}},
    "1.4": {"intercom": {"api_version": "1.4"}},
    "transcripts": {"history": {"to_intercom": "transcript"}},
    "by address": {"people": {"match_email": "users"}},
}
FEW = 4
"""A request more or less in ten says nothing."""


@pytest.mark.long
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("past", WORLDS)
@pytest.mark.parametrize("side", [D, IC])
def test_a_backfill_of_anything_needs_what_was_said(
    theatre: Theatre, side: Side, past: Callable[[Lab, Side], None], settings: str
) -> None:
    """Within a tenth on each side, whatever lies there, in every generation."""
    lab = theatre.lab(settings={"sync": {"settle": "120s", "workers": 1}, **SETTINGS[settings]})
    past(lab, side)
    lab.init()

    planned = inspecting.plan_backfill(lab.config, lab.environment, Choice(side, HistoryQuery()))
    done = lab.backfill(side)

    assert planned.forecast.created > 0
    assert dict(planned.requests) == pytest.approx(done.requests, rel=0.1, abs=FEW)


@pytest.mark.long
@pytest.mark.parametrize("side", [D, IC])
def test_a_backfill_takes_as_long_as_was_said(theatre: Theatre, side: Side) -> None:
    """Within a tenth, at Dashly's limit, with the live passes that are made meanwhile."""
    settings = {"sync": {"settle": "120s", "workers": 1}, "dashly": {"requests_per_minute": 6}}
    lab = theatre.lab(settings=settings, dashly_limit=6)
    talks(lab, side, one_customer=False, acted=side is IC, age=5 * DAY)
    lab.init()
    lab.time.sleep(60)

    planned = inspecting.plan_backfill(lab.config, lab.environment, Choice(side, HistoryQuery()))
    lab.time.sleep(60)
    began = lab.time.now()
    done = lab.backfill(side)

    assert planned.requests[D] == pytest.approx(done.requests[D], rel=0.1)
    assert planned.duration.longest == pytest.approx(lab.time.now() - began, rel=0.1)


@pytest.mark.parametrize("acted", [False, True])
def test_a_sync_with_1x_needs_what_was_said(theatre: Theatre, *, acted: bool) -> None:
    """It makes nobody with an address, and agents are told of that, unless a register is set as well."""
    lab = theatre.bound(settings={"intercom": {"api_version": "1.4"}})
    talk = begin(lab)
    if acted:
        lab.world.dashly.close(talk)
    forecast = lab.planned()

    assert forecast.calls[D] == (2 if acted else 3)


def test_a_contact_s_record_is_counted_once(theatre: Theatre) -> None:
    """It is read before the user is made who stands for them, and not for their next conversation."""
    lab = theatre.bound()
    desk, calls = lab.world.intercom, []
    ann, eva = desk.customer("Ann"), desk.customer("Eva")
    for number, who in enumerate((ann, eva, eva)):
        desk.customer_starts(who, f"question {number}.")
        calls.append(lab.planned().calls[IC])

    assert [calls[1] - calls[0], calls[2] - calls[1]] == [1, 0]


def test_looking_for_an_address_is_counted(theatre: Theatre) -> None:
    """Once before the contact is made, and once more by the call that makes them."""
    calls = {}
    for match in ("never", "users"):
        lab = theatre.bound(settings={"people": {"match_email": match}})
        begin(lab)
        calls[match] = lab.planned().calls[IC]

    assert calls["users"] - calls["never"] == 2


def test_what_would_come_is_counted_by_what_it_is(theatre: Theatre) -> None:
    """New mirrors and their customers, agents without a counterpart, channels without a team, new tags."""
    lab = theatre.bound()
    known = begin(lab, text="known before")
    lab.until_clean(lab.sync)
    desk = lab.world.dashly
    desk.customer_writes(known, "one more.")
    channel = str(next(iter(desk.state.channels)))
    for number in range(2):
        talk = begin(lab, text=f"question {number}.")
        desk.change_channel(talk, channel, agent=ILYA)
        desk.tag(talk, "brand new", agent=ILYA)

    forecast = lab.planned()

    assert (forecast.conversations, forecast.created) == (3, 2)
    assert [(named.side, named.id, count) for named, count in forecast.channels.items()] == [(D, channel, 2)]
    assert dict(forecast.tags) == {"brand new": 2}
    assert sum(forecast.dispositions.values()) > 2
