"""One way first, both ways later: what was passed over arrives as history, and nobody is answered late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mappings.model import Side, State
from tests.faults.conversations import begin, bodies, mirror, parts
from tests.faults.lab import NORA_THERE

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre

ONE_WAY = {"sync": {"directions": ["dashly-to-intercom"]}}


@pytest.mark.long
def test_what_was_passed_over_is_carried_as_history(theatre: Theatre) -> None:
    """An agent's answer in the mirror, and a conversation that began on the unread side."""
    lab = theatre.bound(settings=ONE_WAY)
    talk = begin(lab, text="hello?")
    lab.until_clean(lab.sync)
    lab.world.intercom.agent_writes(mirror(lab, "intercom"), "typed meanwhile", agent=NORA_THERE)
    begin(lab, "intercom", "begun meanwhile")
    lab.world.dashly.customer_writes(talk, "anybody?")
    lab.until_clean(lab.sync)
    assert not any("meanwhile" in body for body in bodies(lab, "dashly"))

    both = lab.config.sync.model_copy(update={"directions": ("dashly-to-intercom", "intercom-to-dashly")})
    lab.config = lab.config.model_copy(update={"sync": both})
    assert lab.sync().code == 5
    lab.accept()
    lab.time.sleep(200)
    lab.until_clean(lab.sync)

    found = [part for part in parts(lab, "dashly") if "meanwhile" in part["body"]]
    assert sum(part["body"].count("typed meanwhile") for part in found) == 1
    assert sum(part["body"].count("begun meanwhile") for part in found) == 1
    assert {part["type"] for part in found if "typed" in part["body"]} == {"note"}


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_what_was_copied_before_a_pause_is_as_it_should_be(theatre: Theatre, side: str) -> None:
    """A copy from before one direction was paused is no history, and no difference, afterwards."""
    lab = theatre.bound()
    begin(lab, side, "hello?")
    lab.until_clean(lab.sync)
    way = f"{Side(side).other}-to-{side}"
    for directions in ((way,), ("dashly-to-intercom", "intercom-to-dashly")):
        sync = lab.config.sync.model_copy(update={"directions": directions})
        lab.config = lab.config.model_copy(update={"sync": sync})
        lab.accept()
        lab.time.sleep(200)
        lab.until_clean(lab.sync)

    assert lab.differences() == []


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_what_was_set_meanwhile_is_taken_up(theatre: Theatre, side: str) -> None:
    """A tag, an assignee and a closing of the side that nobody read: both sides agree afterwards."""
    there = str(Side(side).other)
    both = ("dashly-to-intercom", "intercom-to-dashly")
    lab = theatre.bound(settings={"sync": {"directions": [f"{side}-to-{there}"]}})
    talk = begin(lab, side, "hello?")
    lab.world.desk(side).tag(talk, "refund")
    lab.until_clean(lab.sync)
    desk, copied = lab.world.desk(there), mirror(lab, there)
    desk.tag(copied, "vip")
    desk.assign(copied, desk.agents()[0])
    desk.close(copied)
    lab.until_clean(lab.sync)

    lab.config = lab.config.model_copy(
        update={"sync": lab.config.sync.model_copy(update={"directions": both})}
    )
    lab.accept()
    lab.time.sleep(200)
    lab.until_clean(lab.sync)

    with lab.memory() as store:
        pair = store.pairs.find(Side(side), talk)
    assert pair is not None
    shown = pair.base[Side(side)]
    assert ({tag.casefold() for tag in shown.tags}, shown.status.state) == ({"refund", "vip"}, State.CLOSED)
    assert shown.assignee is not None
    assert lab.differences() == []
