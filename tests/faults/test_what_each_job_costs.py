"""How many requests each job costs, as exact numbers: whoever adds one sees it here.

Both sides are counted, Dashly first. The jobs of a sync are counted over two passes, beside two quiet ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.costs import Cost, settle, spent, two_passes
from tests.faults.lab import IC, ILYA, ILYA_THERE, NORA, NORA_THERE, D

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mappings.model import Side
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

NO_SWEEP = {"sync": {"sweep": 0, "workers": 1}}
AGENT = {"dashly": NORA, "intercom": NORA_THERE}
OTHER_AGENT = {"dashly": ILYA, "intercom": ILYA_THERE}


def talk(lab: Lab, side: str, parts: int, customer: str | None = None) -> str:
    """Begin a conversation in which customer and agent take turns, a minute apart."""
    desk = lab.world.desk(side)
    found = desk.customer_starts(customer or desk.customer("Eva", email="eva@example.org"), "question.")
    for number in range(parts - 1):
        lab.time.sleep(60)
        if number % 2:
            desk.agent_writes(found, f"answer {number}.", agent=AGENT[side])
        else:
            desk.customer_writes(found, f"more {number}.")
    return found


@pytest.mark.parametrize(("side", "cost"), [(D, (5, 13)), (IC, (7, 4))])
def test_a_past_conversation_of_ten_parts(theatre: Theatre, side: Side, cost: Cost) -> None:
    """A backfill of one conversation, its customer's first; two requests are the run's own."""
    lab = theatre.lab(settings=NO_SWEEP)
    talk(lab, side.value, 10)
    lab.time.sleep(100)
    lab.init()
    lab.time.sleep(900)
    lab.sync()

    assert spent(lab, lambda: lab.backfill(side)) == cost


@pytest.mark.parametrize(("side", "cost"), [(D, 25), (IC, 13)])
def test_commits_of_a_past_conversation_of_ten_parts(theatre: Theatre, side: Side, cost: int) -> None:
    """What a second conversation adds: two for each write, when it leaves and when it is confirmed."""
    lab = theatre.bound(settings=NO_SWEEP)
    commits: list[int] = []

    def count(number: int, what: str, when: str) -> bool:
        if (what, when) == ("commit", "after"):
            commits.append(number)
        return False

    lab.die = count
    counts = []
    for conversations in (1, 2):
        for number in range(conversations):
            desk = lab.world.desk(side.value)
            talk(lab, side.value, 10, desk.customer("Eva", email=f"eva{conversations}{number}@example.org"))
        commits.clear()
        lab.backfill(side)
        counts.append(len(commits))

    assert counts[1] - counts[0] == cost


@pytest.mark.long
@pytest.mark.parametrize(("side", "cost"), [(D, (35, 66)), (IC, (95, 35))])
def test_thirty_past_conversations_of_one_customer(theatre: Theatre, side: Side, cost: Cost) -> None:
    """A backfill of thirty conversations of two parts."""
    lab = theatre.lab(settings=NO_SWEEP)
    customer = lab.world.desk(side.value).customer("Eva", email="eva@example.org")
    for _ in range(30):
        talk(lab, side.value, 2, customer)
    lab.time.sleep(100)
    lab.init()

    assert spent(lab, lambda: lab.backfill(side)) == cost


JOBS: dict[str, Callable[[Any, str, str], object]] = {
    "nothing": lambda _desk, _talk, _side: None,
    "customer": lambda desk, talk, _side: desk.customer_writes(talk, "one more."),
    "agent": lambda desk, talk, side: desk.agent_writes(talk, "an answer.", agent=AGENT[side]),
    "note": lambda desk, talk, side: desk.agent_notes(talk, "a note.", agent=AGENT[side]),
    "assign": lambda desk, talk, side: desk.assign(talk, OTHER_AGENT[side]),
    "close": lambda desk, talk, side: desk.close(talk, agent=AGENT[side]),
    "tag": lambda desk, talk, _side: desk.tag(talk, "vip"),
}


@pytest.mark.parametrize(
    ("side", "job", "cost"),
    [
        ("dashly", "nothing", (6, 8)),
        ("dashly", "customer", (8, 9)),
        ("dashly", "agent", (8, 9)),
        ("dashly", "note", (8, 9)),
        ("dashly", "assign", (9, 10)),
        ("dashly", "close", (9, 10)),
        ("dashly", "tag", (9, 12)),
        ("intercom", "nothing", (6, 8)),
        ("intercom", "customer", (10, 8)),
        ("intercom", "agent", (11, 8)),
        ("intercom", "note", (10, 8)),
        ("intercom", "assign", (11, 8)),
        ("intercom", "close", (11, 8)),
        ("intercom", "tag", (11, 8)),
    ],
)
def test_what_happens_in_a_known_conversation(theatre: Theatre, side: str, job: str, cost: Cost) -> None:
    """One act on the side where the conversation began, over two passes."""
    lab = theatre.bound(settings=NO_SWEEP)
    lab.time.sleep(60)
    known = talk(lab, side, 3)
    settle(lab)

    JOBS[job](lab.world.desk(side), known, side)

    assert two_passes(lab) == cost


@pytest.mark.long
@pytest.mark.parametrize(("side", "cost"), [("dashly", (8, 58)), ("intercom", (59, 57))])
def test_fifty_changed_conversations(theatre: Theatre, side: str, cost: Cost) -> None:
    """A new part in each of fifty conversations, over two passes."""
    lab = theatre.bound(settings=NO_SWEEP)
    lab.time.sleep(60)
    desk = lab.world.desk(side)
    known = [talk(lab, side, 3, desk.customer(f"P{number}")) for number in range(50)]
    settle(lab)

    for one in known:
        desk.customer_writes(one, "one more.")

    assert two_passes(lab) == cost


@pytest.mark.long
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_a_quiet_pass_with_its_sweep(theatre: Theatre, side: str) -> None:
    """Five pairs are read again on both sides."""
    lab = theatre.bound(settings={"sync": {"sweep": 5, "workers": 1}})
    lab.time.sleep(60)
    desk = lab.world.desk(side)
    for number in range(10):
        talk(lab, side, 3, desk.customer(f"P{number}"))
    settle(lab)

    assert spent(lab, lab.sync) == (11, 8)
