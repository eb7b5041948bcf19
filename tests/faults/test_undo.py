"""An undo that dies, or whose answers are lost, comes to the same end when it is repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.app import undoing
from tests.faults.lab import NORA, Crash, D

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab


def with_a_past(theatre: Theatre, talks: int = 3) -> tuple[Lab, str]:
    """Return a connector that carried some conversations over, and the run that did."""
    lab = theatre.lab()
    desk = lab.world.dashly
    for number in range(talks):
        talk = desk.customer_starts(desk.customer(f"Eva {number}", user_id=f"acct-{number}"), "Hello.")
        desk.agent_writes(talk, "Answer.", agent=NORA)
        desk.tag(talk, "vip")
    lab.time.sleep(100_000)
    lab.init()
    assert lab.backfill(D).code == 0
    return lab, f"run-{lab.runs}"


def until_undone(lab: Lab, run: str) -> int:
    """Repeat an undo until it has nothing left to do; return how often it died."""
    died = 0
    for _ in range(8):
        lab.dead = False
        try:
            found, result = undoing.undo(lab.config, lab.environment, run)
        except Crash:
            died += 1
            lab.die = None
            lab.time.sleep(200)
            continue
        lab.time.sleep(200)
        if result.exit_code == 0 and not found.kept:
            return died
    raise AssertionError("it never ends")


def left(lab: Lab) -> tuple[int, int, int]:
    """Return how many conversations, contacts and pairs are left."""
    truth = lab.world.truth()["intercom"]
    with lab.memory() as store:
        pairs = len(store.pairs.linked_pairs(limit=99))
    contacts = lab.world.intercom.state.contacts.values()
    return len(truth["conversations"]), sum(not one.deleted for one in contacts), pairs


def points_of_an_undo(theatre: Theatre) -> int:
    """Return how many moments an undisturbed undo passes."""
    lab, run = with_a_past(theatre, 1)
    lab.points = 0
    until_undone(lab, run)
    return lab.points


@pytest.mark.long
@pytest.mark.parametrize("when", ["before", "after"])
def test_it_may_die_at_any_moment(theatre: Theatre, when: str) -> None:
    """Repeated, it ends as if nothing had happened; a sync in between changes nothing."""
    for moment in range(1, points_of_an_undo(theatre) + 1):
        lab, run = with_a_past(theatre, 1)
        before = sum(not one.deleted for one in lab.world.intercom.state.contacts.values()) - 1
        lab.points = 0
        lab.die = lambda points, _what, passed, moment=moment: points == moment and passed == when

        died = until_undone(lab, run)
        lab.sync()

        assert left(lab) == (0, before, 0), (moment, died)


@pytest.mark.parametrize("fault", ["drop_after", "status"])
def test_a_lost_answer_is_found_out(theatre: Theatre, fault: str) -> None:
    """The copy is left in this run, and is gone after the next."""
    lab, run = with_a_past(theatre)
    details = {"status": 503} if fault == "status" else {}
    lab.world.fault(fault, side="intercom", method="DELETE", path="/conversations/", times=1, **details)

    found, _result = undoing.undo(lab.config, lab.environment, run)

    assert (len(found.gone), len(found.kept)) == (2, 1)
    lab.time.sleep(200)
    until_undone(lab, run)
    assert left(lab)[0] == 0


def test_a_contact_whose_user_cannot_be_read_is_left(theatre: Theatre) -> None:
    """Nobody can tell then what an agent gave them; the next undo finds out, and they go."""
    lab, run = with_a_past(theatre)
    (user, *_) = lab.world.dashly.state.users
    lab.world.fault("status", side="dashly", path=f"/users/{user}/conversations", times=1, status=404)

    found, result = undoing.undo(lab.config, lab.environment, run)

    assert (len(found.contacts), len(found.contacts_kept), result.exit_code) == (2, 1, 1)
    until_undone(lab, run)
    assert undoing.undo(lab.config, lab.environment, run)[0].contacts_kept == []


def test_a_sync_between_two_halves_of_an_undo_harms_nothing(theatre: Theatre) -> None:
    """It meets a copy that is gone and a write that nobody settled, and leaves the rest to the next undo."""
    lab, run = with_a_past(theatre)
    deleted = []

    def die(_points: int, what: str, passed: str) -> bool:
        if what == "request" and passed == "after" and lab.requests[-1][1] == "DELETE":
            deleted.append(1)
        return bool(deleted)

    lab.die = die
    with pytest.raises(Crash):
        undoing.undo(lab.config, lab.environment, run)
    lab.die = None
    lab.time.sleep(200)
    lab.sync()
    lab.time.sleep(200)
    lab.sync()

    until_undone(lab, run)

    assert left(lab)[0] == 0
    assert len(lab.world.truth()["dashly"]["conversations"]) == 3
