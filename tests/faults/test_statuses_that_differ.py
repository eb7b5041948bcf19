"""Statuses that one side cannot show, race each other, or flow one way only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.sandbox.switches import DashlySwitches
from mappings.model import Side
from tests.faults.conversations import begin, bodies, mirror, told
from tests.faults.lab import Crash

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab


def statuses(lab: Lab) -> tuple[bool, str]:
    """Return whether Dashly's first conversation is closed, and the state of Intercom's."""
    truth = lab.world.truth()
    return truth["dashly"]["conversations"][0]["closed"], truth["intercom"]["conversations"][0]["state"]


@pytest.mark.parametrize("reopens", [True, False])
def test_a_closing_does_not_win_over_a_later_message_of_the_customer(
    theatre: Theatre, *, reopens: bool
) -> None:
    """Also where Dashly does not open its copy: then agents there read one note about it."""
    lab = theatre.bound(dashly_switches=DashlySwitches(user_reply_reopens=reopens))
    talk = begin(lab, "intercom")
    lab.until_clean(lab.sync)
    lab.world.dashly.close(mirror(lab, "dashly"))
    lab.time.sleep(60)
    lab.world.intercom.customer_writes(talk, "one more thing.")

    lab.until_clean(lab.sync)

    assert statuses(lab) == (not reopens, "open")
    assert told(lab, "dashly", "it is now: open") == (0 if reopens else 1)
    assert lab.differences() == []


@pytest.mark.parametrize("side", ["dashly", "intercom"])
@pytest.mark.parametrize(("seconds", "closed"), [(0.0, False), (1.0, False), (30.0, True)])
def test_a_closing_in_the_second_of_a_message_does_not_close(
    theatre: Theatre, side: str, seconds: float, *, closed: bool
) -> None:
    """Two clocks of whole seconds cannot tell who came first: open is the safer side."""
    lab = theatre.bound()
    talk = begin(lab, side)
    lab.until_clean(lab.sync)
    lab.time.sleep(100)
    lab.world.desk(side).customer_writes(talk, "wait!")
    lab.time.sleep(seconds)
    other = "intercom" if side == "dashly" else "dashly"
    lab.world.desk(other).close(mirror(lab, other))

    lab.until_clean(lab.sync)

    assert statuses(lab) == ((True, "closed") if closed else (False, "open"))


@pytest.mark.parametrize("prefer", ["dashly", "intercom"])
def test_one_way_copying_settles_a_conflict_for_good(theatre: Theatre, prefer: str) -> None:
    """The preferred side's value stays, although nothing is copied from it, and no later run turns it."""
    lab = theatre.bound(settings={"sync": {"directions": ["dashly-to-intercom"], "prefer": prefer}})
    talk = begin(lab)
    lab.until_clean(lab.sync)
    lab.world.dashly.close(talk)
    lab.world.intercom.snooze(mirror(lab, "intercom"), lab.time.now() + 500_000)

    lab.until_clean(lab.sync)
    lab.world.dashly.agent_notes(talk, "looked at again.")
    lab.until_clean(lab.sync)

    assert statuses(lab)[1] == ("closed" if prefer == "dashly" else "snoozed")


def test_verify_names_a_status_that_a_side_cannot_show(theatre: Theatre) -> None:
    """A snooze that Dashly cannot take is no difference once its agents were told, but it is not hidden."""
    lab = theatre.bound()
    begin(lab)
    lab.until_clean(lab.sync)
    lab.world.intercom.snooze(mirror(lab, "intercom"), lab.time.now() + 500_000)

    before = lab.compared()
    lab.until_clean(lab.sync)
    after = lab.compared()

    assert [one.known for one in before if "status differs" in one.what] == [False]
    assert [("snoozed until" in one.what, one.known) for one in after] == [(True, True)]
    assert len([body for body in bodies(lab, "dashly") if "snoozed until" in body]) == 1


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_a_tag_that_a_mirror_got_before_anybody_read_it_is_carried(theatre: Theatre, side: str) -> None:
    """The run that made the mirror died at once: it showed no tag then, whatever it shows later."""
    lab = theatre.bound()
    there = Side(side).other.value
    begin(lab, side)
    lab.die = lambda *_: bool(lab.world.truth()[there]["conversations"])
    with pytest.raises(Crash):
        lab.sync()
    lab.die = None
    lab.world.desk(there).tag(mirror(lab, there), "vip")
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)

    tags = [lab.world.truth()[where]["conversations"][0]["tags"] for where in ("dashly", "intercom")]
    assert [[tag.casefold() for tag in shown] for shown in tags] == [["vip"], ["vip"]]
    assert lab.differences() == []
