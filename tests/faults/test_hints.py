"""A hint names a conversation that no list shows yet; it is fetched by its id and never taken for data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.app.machine import mailbox
from connector.sandbox import IntercomSwitches
from tests.faults.conversations import begin, bodies
from tests.faults.lab import IC, D

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

LATE = IntercomSwitches(search_delay=90.0)
NO_SWEEP = {"sync": {"sweep": 0}}


def lagging(theatre: Theatre) -> Lab:
    """Return a connector whose Intercom finds a change a minute and a half late."""
    return theatre.bound(intercom_switches=LATE, settings=NO_SWEEP)


def test_a_named_conversation_is_carried_before_the_search_finds_it(theatre: Theatre) -> None:
    """Once: the search that shows it later shows nothing new."""
    lab = lagging(theatre)
    talk = begin(lab, "intercom")
    lab.sync()
    assert bodies(lab, "dashly") == []

    mailbox.leave(lab.path, IC, talk)
    lab.until_clean(lab.sync)
    carried = bodies(lab, "dashly")
    lab.time.sleep(200)
    lab.until_clean(lab.sync)

    assert len(carried) == 1
    assert bodies(lab, "dashly") == carried


def test_a_named_answer_in_a_known_conversation_is_carried(theatre: Theatre) -> None:
    """Not only new conversations are late in a search."""
    lab = lagging(theatre)
    talk = begin(lab, "intercom")
    lab.time.sleep(100)
    lab.until_clean(lab.sync)
    lab.world.intercom.customer_writes(talk, "and another thing.")

    mailbox.leave(lab.path, IC, talk)
    lab.until_clean(lab.sync)

    assert any("another thing" in body for body in bodies(lab, "dashly"))


@pytest.mark.parametrize("forged", ["99999999", "nothing", "1"])
def test_a_forged_hint_costs_a_request_and_nothing_else(theatre: Theatre, forged: str) -> None:
    """A conversation that is not there ends no run, makes no notice, and is not asked for twice."""
    lab = theatre.bound()
    for side in (D, IC):
        mailbox.leave(lab.path, side, forged)

    ran = lab.sync()
    asked = len(lab.requests)
    lab.sync()

    assert (ran.code, ran.writes, ran.attention) == (0, 0, ())
    assert len(lab.requests) - asked <= asked


def test_a_hint_never_opens_the_past(theatre: Theatre) -> None:
    """A conversation from before the binding belongs to a backfill, whoever names it."""
    lab = theatre.lab()
    talk = begin(lab, "intercom")
    lab.time.sleep(3600)
    lab.init()

    mailbox.leave(lab.path, IC, talk)
    lab.until_clean(lab.sync)

    assert bodies(lab, "dashly") == []


def test_an_echo_that_is_hinted_at_writes_nothing(theatre: Theatre) -> None:
    """Our own copy comes back as a webhook."""
    lab = theatre.bound()
    begin(lab, "dashly")
    lab.until_clean(lab.sync)
    (copy,) = lab.world.intercom.state.conversations

    mailbox.leave(lab.path, IC, str(copy))
    ran = lab.sync()

    assert (ran.code, ran.writes) == (0, 0)


def test_a_hint_moves_no_watermark_past_what_it_did_not_name(theatre: Theatre) -> None:
    """What the search shows late is still found by the overlap of the next polls."""
    lab = lagging(theatre)
    first, second = begin(lab, "intercom"), begin(lab, "intercom")
    mailbox.leave(lab.path, IC, first)
    lab.until_clean(lab.sync)
    lab.time.sleep(100)
    lab.until_clean(lab.sync)

    assert len(bodies(lab, "dashly")) == 2
    assert first != second
