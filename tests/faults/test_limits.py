"""Limits hold what is over them and let everything else go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.sandbox.exchange import Upload
from tests.faults.conversations import begin, bodies
from tests.faults.lab import NORA

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab


def flood(lab: Lab, count: int) -> None:
    """Let one visitor begin many conversations."""
    desk = lab.world.dashly
    visitor = desk.customer("Lively", email="lively@example.org")
    for number in range(count):
        desk.customer_starts(visitor, f"spam {number}")


def said(lab: Lab, text: str) -> int:
    """Return how many parts on Intercom hold a text that we wrote."""
    return sum(text in body for body in bodies(lab, "intercom"))


@pytest.mark.long
def test_one_visitors_conversations_stop_nobody_else(theatre: Theatre) -> None:
    """Known pairs go on, other customers' new conversations come in turn, and what is held stays held."""
    lab = theatre.bound(settings={"limits": {"max_creates": 3}})
    known = begin(lab, text="known before")
    lab.until_clean(lab.sync)
    flood(lab, 6)
    lab.world.dashly.customer_writes(known, "a known pair")
    other = lab.world.dashly.customer("Other", email="other@example.org")
    lab.world.dashly.customer_starts(other, "somebody else")
    ran = lab.sync()
    assert ran.code == 5
    assert ran.error is None
    assert (said(lab, "a known pair"), said(lab, "somebody else"), said(lab, "spam")) == (1, 1, 2)
    lab.time.sleep(600)
    assert lab.sync().code == 1  # still told with --strict, but nothing is newly held
    assert said(lab, "spam") == 2
    third = lab.world.dashly.customer("Third", email="third@example.org")
    lab.world.dashly.customer_starts(third, "and a third")
    assert lab.sync().code in {0, 1}
    assert said(lab, "and a third") == 1


@pytest.mark.long
def test_what_is_held_goes_on_when_the_limit_is_raised(theatre: Theatre) -> None:
    """Nothing of it was forgotten, and what was said meanwhile is there."""
    lab = theatre.bound(settings={"limits": {"max_creates": 2}})
    flood(lab, 5)
    assert lab.sync().code == 5
    limits = lab.config.limits.model_copy(update={"max_creates": 20})
    lab.config = lab.config.model_copy(update={"limits": limits})
    lab.time.sleep(600)
    lab.until_clean(lab.sync)
    assert said(lab, "spam") == 5


def test_what_is_held_goes_on_when_it_is_accepted(theatre: Theatre) -> None:
    """`sync --accept` lets it through once."""
    lab = theatre.bound(settings={"limits": {"max_creates": 2}})
    flood(lab, 5)
    assert lab.sync().code == 5
    lab.time.sleep(600)
    lab.accept()
    assert said(lab, "spam") == 5


@pytest.mark.long
def test_the_rest_over_max_writes_follows_in_the_next_run(theatre: Theatre) -> None:
    """Known pairs come first."""
    lab = theatre.bound(settings={"limits": {"max_writes": 4}, "sync": {"sweep": 0}})
    known = begin(lab, text="known before")
    lab.until_clean(lab.sync)
    flood(lab, 3)
    lab.world.dashly.agent_writes(known, "first of all", agent=NORA)
    assert lab.sync().code == 5
    assert said(lab, "first of all") == 1
    assert said(lab, "spam") < 3
    for _ in range(4):
        lab.time.sleep(200)
        lab.sync()
    assert said(lab, "spam") == 3


def test_many_invented_people_stop_neither_known_pairs_nor_who_comes_later(theatre: Theatre) -> None:
    """Each of them begins one conversation: what is over the limit is held, the next run is free of it."""
    lab = theatre.bound(settings={"limits": {"max_creates": 2}, "sync": {"sweep": 0}})
    known = begin(lab, text="known before")
    lab.until_clean(lab.sync)
    desk = lab.world.dashly
    for number in range(5):
        desk.customer_starts(desk.customer(f"Invented {number}"), "spam")
    desk.customer_writes(known, "a known pair")
    ran = lab.sync()
    assert (ran.code, ran.error, said(lab, "a known pair"), said(lab, "spam")) == (5, None, 1, 2)
    desk.customer_starts(desk.customer("Late"), "who comes later")
    lab.time.sleep(200)
    assert (lab.sync().code, said(lab, "who comes later"), said(lab, "spam")) == (1, 1, 2)


@pytest.mark.long
def test_a_flood_of_lines_makes_another_pair_wait_for_no_run(theatre: Theatre) -> None:
    """Over `max_writes` the flood follows in later runs; one line of somebody else is there at once."""
    lab = theatre.bound(settings={"limits": {"max_writes": 5}, "sync": {"sweep": 0}})
    flooded, calm = begin(lab, text="first"), begin(lab, text="second")
    lab.until_clean(lab.sync)
    desk = lab.world.dashly
    desk.customer_writes(calm, "one calm line")
    for number in range(8):
        desk.customer_writes(flooded, f"spam {number}")
    assert (lab.sync().code, said(lab, "one calm line")) == (5, 1)
    assert 0 < said(lab, "spam") < 8
    for _ in range(3):
        lab.time.sleep(200)
        lab.sync()
    assert said(lab, "spam") == 8


@pytest.mark.long
@pytest.mark.parametrize("files", [0, 1])
def test_several_who_flood_at_once_make_nobody_else_wait(theatre: Theatre, files: int) -> None:
    """Each of six strangers stays under the limit, all together do not; their files count as their lines."""
    lab = theatre.bound(settings={"limits": {"max_writes": 12}, "sync": {"sweep": 0}})
    desk = lab.world.dashly
    known = [desk.customer_starts(desk.customer(f"P{number}"), "first") for number in range(6)]
    calm = begin(lab, text="hello")
    lab.until_clean(lab.sync)
    small = [Upload("a.txt", b"a", "text/plain")] * files
    for number in range(5):
        for talk in known:
            desk.customer_writes(talk, f"spam {number}.", attachments=small)
    desk.customer_writes(calm, "one calm line")

    ran = lab.sync()

    assert (ran.code, said(lab, "one calm line")) == (5, 1)
    assert 0 < said(lab, "spam") < 30
    for _ in range(5):
        lab.time.sleep(200)
        lab.sync()
    assert said(lab, "spam") == 30
