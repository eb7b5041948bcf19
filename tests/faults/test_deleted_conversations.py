"""Conversations that are deleted on one side: their copies follow as configured, and nothing is made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.engine.sync.poll import SELDOM
from connector.sandbox import IntercomSwitches
from state.records import Operation
from tests.faults.conversations import begin, bodies, mirror, told
from tests.faults.lab import IC, Crash, D

if TYPE_CHECKING:
    from mappings.model import Side
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

LIST = "/conversations/deleted"
NO_SWEEP = {"sync": {"sweep": 0}}


def in_step(lab: Lab, side: str) -> str:
    """Let a conversation with a question, an answer and a note be copied, and return its id."""
    talk = begin(lab, side)
    desk = lab.world.desk(side)
    desk.agent_writes(talk, "answer.")
    desk.agent_notes(talk, "secret.")
    lab.until_clean(lab.sync)
    return talk


def texts(lab: Lab, side: Side) -> list[str]:
    """Return what is in a side's conversations, whoever wrote it."""
    return bodies(lab, side.value) + bodies(lab, side.value, via="human")


def remembered(lab: Lab) -> list[tuple[Side, bool, str | None]]:
    """Return of every part in the ledger the side, whether it is a tombstone, and its hash."""
    with lab.memory() as store:
        pairs = store.pairs.linked_pairs()
        rows = [row for pair in pairs for rows in store.ledger.of(pair.row).values() for row in rows.values()]
    return [(row.side, row.removed, row.text_hash) for row in rows]


def test_the_copies_of_a_conversation_removed_on_dashly_are_erased(theatre: Theatre) -> None:
    """Every copy, the opening too; the state file keeps no hash of them, and it is told once."""
    lab = theatre.bound()
    talk = in_step(lab, "dashly")
    lab.world.dashly.delete_conversation(talk)

    ran = lab.sync()
    lab.time.sleep(300)
    again = lab.sync()

    assert not [text for text in texts(lab, IC) if "question" in text or "answer" in text or "secret" in text]
    assert {(removed, digest) for _, removed, digest in remembered(lab)} == {(True, None)}
    assert [line for line in ran.attention if talk in line and "its copies in Intercom were erased" in line]
    assert (again.code, again.writes) == (0, 0)


def test_a_conversation_deleted_on_intercom_is_missed_at_once(theatre: Theatre) -> None:
    """Intercom lists what was deleted; Dashly cannot erase, so agents and whoever runs this are told."""
    lab = theatre.bound(settings=NO_SWEEP)
    talk = in_step(lab, "intercom")
    lab.world.intercom.delete_conversation(talk)

    ran = lab.sync()
    lab.time.sleep(300)
    again = lab.sync()

    assert told(lab, "dashly", "was deleted in Intercom: its copy here should be removed too") == 1
    assert [line for line in ran.attention if talk in line and "by hand" in line]
    assert (ran.code, again.code, again.writes) == (1, 0, 0)


@pytest.mark.parametrize("by_time", [True, False])
def test_a_deletion_is_found_in_whatever_order_they_are_listed(theatre: Theatre, *, by_time: bool) -> None:
    """Far more deletions than a page holds are in the list; an order of time that is seen ends it early."""
    lab = theatre.bound(settings=NO_SWEEP, intercom_switches=IntercomSwitches(deleted_by_time=by_time))
    talk = in_step(lab, "intercom")
    earlier = int(lab.time.now()) - 10_000
    # Nobody deletes in the order of the ids.
    lab.world.intercom.state.deleted = {10**8 + n: earlier + n * 7 % 301 for n in range(301)}
    lab.time.sleep(SELDOM)
    lab.world.intercom.delete_conversation(talk)
    lab.requests.clear()

    ran = lab.sync()

    assert [line for line in ran.attention if talk in line and "by hand" in line]
    assert len([path for _, _, path in lab.requests if path == LIST]) == (1 if by_time else 6)


@pytest.mark.long
def test_deletions_are_asked_for_every_ten_minutes(theatre: Theatre) -> None:
    """A deletion in between is found by the next asking, with its time long behind the watermark."""
    lab = theatre.bound(settings=NO_SWEEP)
    talk, other = in_step(lab, "intercom"), in_step(lab, "intercom")
    lab.time.sleep(SELDOM)
    lab.sync()
    lab.world.intercom.delete_conversation(talk)
    lab.requests.clear()
    told = []
    for _ in range(12):
        lab.time.sleep(SELDOM / 10)
        told += [line for line in lab.sync().attention if talk in line]

    assert len(told) == 1
    assert len([path for _, _, path in lab.requests if path == LIST]) == 1
    assert not [line for line in told if other in line]


def test_a_quiet_side_without_any_conversation_is_asked_what_was_deleted(theatre: Theatre) -> None:
    """Between two askings as well: its last conversation may be among them, and that is no emptied side."""
    lab = theatre.bound(settings=NO_SWEEP)
    talk = in_step(lab, "intercom")
    lab.time.sleep(SELDOM)
    lab.sync()
    lab.world.intercom.delete_conversation(talk)
    lab.time.sleep(SELDOM / 10)

    ran = lab.sync()

    assert ran.error is None
    assert [line for line in ran.attention if talk in line]


@pytest.mark.long
@pytest.mark.parametrize("origin", [D, IC])
def test_a_deleted_mirror_takes_nothing_along(theatre: Theatre, origin: Side) -> None:
    """What agents typed in the mirror was delivered to the customer: it stays where it was delivered."""
    lab = theatre.bound()
    in_step(lab, origin.value)
    gone = mirror(lab, origin.other.value)
    lab.world.desk(origin.other.value).agent_writes(gone, "delivered.")
    lab.until_clean(lab.sync)
    begin(lab, origin.value, "another one.")
    lab.until_clean(lab.sync)
    before = texts(lab, origin)
    lab.world.desk(origin.other.value).delete_conversation(gone)

    ran = lab.sync()
    lab.time.sleep(300)

    assert told(lab, origin.value, "delivered.") == 1
    assert texts(lab, origin) == before
    assert [line for line in ran.attention if gone in line]
    assert lab.sync().writes == 0


@pytest.mark.parametrize(("removals", "notes", "left"), [("note", 1, 2), ("ignore", 0, 2), ("redact", 0, 0)])
def test_the_copies_are_treated_as_configured(theatre: Theatre, removals: str, notes: int, left: int) -> None:
    """Erased, left with a note, or left alone; the state file forgets the words in any case."""
    lab = theatre.bound(settings={"sync": {"removals": removals}})
    talk = in_step(lab, "dashly")
    lab.world.dashly.delete_conversation(talk)

    lab.until_clean(lab.sync)

    copies = [text for text in texts(lab, IC) if "question" in text or "answer" in text]
    assert (told(lab, "intercom", "should be removed too"), len(copies)) == (notes, left)
    assert {digest for side, _, digest in remembered(lab) if side is D} == {None}


@pytest.mark.long
def test_a_death_between_two_erasures_leaves_nothing_behind(theatre: Theatre) -> None:
    """Whenever the process dies, the next run erases what is left and ends in the same state."""
    ends, points = set(), 1
    for number in range(1, 200):
        lab = theatre.bound()
        talk = in_step(lab, "dashly")
        lab.world.dashly.delete_conversation(talk)
        lab.points = 0
        lab.die = lambda at, _what, when, number=number: (at, when) == (number, "after")
        try:
            lab.sync()
        except Crash:
            lab.time.sleep(200)
        else:
            points = number
            break
        finally:
            lab.die = None
        lab.until_clean(lab.sync)
        ends.add(repr((lab.outcome(), remembered(lab))))

    assert points > 20
    assert len(ends) == 1


def test_deletions_over_the_limit_are_held(theatre: Theatre) -> None:
    """Whole conversations count, not their parts; the others are erased, what is held waits for a person."""
    lab = theatre.bound(settings={**NO_SWEEP, "limits": {"max_removals": 2}, "history": {}})
    desk = lab.world.intercom
    talks = [desk.customer_starts(desk.customer(f"P{n}"), f"question {n}.") for n in range(3)]
    lab.until_clean(lab.sync)
    for talk in talks:
        desk.delete_conversation(talk)

    ran = lab.sync()

    assert ran.error is None
    assert ran.code == 5
    assert [line for line in ran.attention if line == "conversations over [limits] max_removals, and held: 1"]
    assert len([line for line in ran.attention if "was deleted in Intercom" in line]) == 2
    lab.time.sleep(200)
    lab.accept()
    lab.time.sleep(200)
    assert not [line for line in lab.sync().attention if "over [limits]" in line]


def test_a_token_that_may_not_see_deletions_does_not_stop_the_run(theatre: Theatre) -> None:
    """The list is a help only: without it the sweep finds what was deleted."""
    lab = theatre.bound()
    talk = in_step(lab, "intercom")
    begin(lab, "intercom", "another question.")
    lab.world.intercom.delete_conversation(talk)
    lab.world.fault("status", side="intercom", path="/conversations/deleted", status=403)

    ran = lab.sync()

    assert ran.error is None
    assert [line for line in ran.attention if talk in line]


def test_a_copy_that_cannot_be_erased_is_left_to_people(theatre: Theatre) -> None:
    """One part that Intercom does not let go is named, and the others are erased."""
    lab = theatre.bound()
    talk = in_step(lab, "dashly")
    lab.world.dashly.delete_conversation(talk)
    lab.world.fault("status", side="intercom", path="/conversations/redact", status=400)

    ran = lab.sync()

    assert [line for line in ran.attention if "could not be erased, remove it by hand" in line]
    assert len([text for text in texts(lab, IC) if "deleted" not in text and "copied" not in text]) == 1
    assert lab.sync().writes == 0


def test_a_plan_tells_of_deletions_and_writes_nothing(theatre: Theatre) -> None:
    """What would be done about them is counted before anything is."""
    lab = theatre.bound(settings=NO_SWEEP)
    talk = in_step(lab, "intercom")
    lab.world.intercom.delete_conversation(talk)
    lab.requests.clear()

    forecast = lab.planned()

    assert forecast.writes == {(D, Operation.NOTE): 1}
    assert [notice for notice in forecast.notices if talk in notice.sentence()]
    assert {method for side, method, _ in lab.requests if side is D} <= {"GET"}
