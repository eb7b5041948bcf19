"""One way first, both ways later: what was passed over arrives as history, and nobody is answered late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mappings.model import Side, State
from tests.faults.conversations import begin, bodies, mirror, parts
from tests.faults.lab import IC, NORA_THERE, D

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

ONE_WAY = {"sync": {"directions": ["dashly-to-intercom"]}}
BOTH = ("dashly-to-intercom", "intercom-to-dashly")


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
    """A copy from before one direction was paused is neither history nor a difference afterwards."""
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


def pause(lab: Lab, paused: Side) -> None:
    """Copy from the other side alone from now on."""
    _change(lab, (f"{paused.other}-to-{paused}",))


def resume(lab: Lab) -> None:
    """Copy both ways again, and let what was passed over be carried."""
    _change(lab, BOTH)
    lab.time.sleep(200)
    lab.until_clean(lab.sync)


def _change(lab: Lab, directions: tuple[str, ...]) -> None:
    sync = lab.config.sync.model_copy(update={"directions": directions})
    lab.config = lab.config.model_copy(update={"sync": sync})
    lab.accept()
    lab.time.sleep(200)
    lab.until_clean(lab.sync)


def copied(theatre: Theatre, side: Side) -> tuple[Lab, str, str]:
    """Return a lab in step, a conversation that began on a side, and its second part, a note."""
    lab = theatre.bound()
    talk = begin(lab, side.value, "hello?")
    note = lab.world.desk(side.value).agent_notes(talk, "noted early")
    lab.until_clean(lab.sync)
    return lab, talk, note


def stir(lab: Lab, side: Side) -> None:
    """Let the pair be read because of words on the side that is copied."""
    lab.world.desk(side.value).agent_notes(mirror(lab, side.value), "stirred")
    lab.until_clean(lab.sync)


@pytest.mark.parametrize("side", [D, IC])
def test_an_edit_on_the_side_that_is_not_read_is_told_once_it_is_read(theatre: Theatre, side: Side) -> None:
    """The conversation was read for other words meanwhile: nothing of that makes the edit known."""
    lab, talk, note = copied(theatre, side)
    pause(lab, side)
    lab.world.desk(side.value).edit_part(talk, note, "noted anew")
    stir(lab, side.other)
    assert not [body for body in bodies(lab, side.other.value) if "noted anew" in body]

    resume(lab)

    assert len([body for body in bodies(lab, side.other.value) if "noted anew" in body]) == 1
    assert lab.differences() == []


@pytest.mark.parametrize("side", [D, IC])
def test_a_removal_on_the_side_that_is_not_read_reaches_the_copy_once_it_is_read(
    theatre: Theatre, side: Side
) -> None:
    """Its hash goes at once, somebody is told that the copy stays, and both ways again it is treated."""
    lab, talk, note = copied(theatre, side)
    pause(lab, side)
    lab.world.desk(side.value).remove_part(talk, note)
    stir(lab, side.other)
    with lab.memory() as store:
        pair = store.pairs.find(side, talk)
        assert pair is not None
        row = store.ledger.of(pair.row)[side][note]
    assert (row.removed, row.text_hash) == (True, None)
    assert [body for body in bodies(lab, side.other.value) if "noted early" in body]

    resume(lab)

    there = bodies(lab, side.other.value)
    told = [body for body in there if "was removed in Intercom" in body]
    assert told if side is IC else not [body for body in there if "noted early" in body]
    again = lab.sync()
    assert (again.code, again.writes) == (0, 0)


def test_a_deletion_on_the_side_that_is_not_read_reaches_the_copies_once_it_is_read(theatre: Theatre) -> None:
    """Whoever reads the alarm learns that the copies stay; both ways again they are erased."""
    lab, talk, _ = copied(theatre, D)
    pause(lab, D)
    lab.world.dashly.delete_conversation(talk)
    lab.world.desk("intercom").agent_notes(mirror(lab, "intercom"), "stirred")
    lab.time.sleep(900)
    ran = lab.sync()
    assert [line for line in ran.attention if talk in line and "stay" in line]
    assert [body for body in bodies(lab, "intercom") if "noted early" in body]

    resume(lab)

    assert not [body for body in bodies(lab, "intercom") if "noted early" in body or "hello?" in body]
    again = lab.sync()
    assert (again.code, again.writes) == (0, 0)
