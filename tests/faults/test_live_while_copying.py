"""A long backfill makes live passes in between: what people write meanwhile never waits for history."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest

from connector.app import passes
from connector.app.runs import dry_run
from connector.engine.sync.beside import LivePasses
from connector.errors import AccessDenied, Unreadable
from connector.helpdesk.query import HistoryQuery
from connector.host.progress import Work
from state.records import Queue
from tests.faults.conversations import begin, bodies, mirror
from tests.faults.lab import IC, NORA, NORA_THERE, D

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.engine.sync.run import Run
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

TALKS = 40
EVERY = 60.0
SLOW: dict[str, dict[str, Any]] = {
    "dashly": {"requests_per_minute": 12},
    "sync": {"settle": "2s", "workers": 1, "every": "60s"},
}


def with_a_past(theatre: Theatre, workers: int = 1) -> tuple[Lab, str, str]:
    """Return a connector with much to copy, and a conversation that is in step already, on both sides."""
    lab = theatre.lab(settings={**SLOW, "sync": {**SLOW["sync"], "workers": workers}})
    desk = lab.world.dashly
    for number in range(TALKS):
        talk = desk.customer_starts(desk.customer(f"Old {number}"), f"Question {number}.")
        desk.agent_writes(talk, "Answer.", agent=NORA)
    lab.time.sleep(100_000)
    lab.init()
    live = desk.customer_starts(desk.customer("Eva", email="eva@example.org"), "hello?")
    lab.time.sleep(100)
    lab.until_clean(lab.sync)
    return lab, live, mirror(lab, "intercom")


def act_meanwhile(lab: Lab, after: int, act: Callable[[], Any]) -> list[float]:
    """Let somebody act once the backfill has made so many conversations; return when that was."""
    began: list[float] = []
    before = len(lab.world.truth()["intercom"]["conversations"])

    def look(_points: int, what: str, when: str) -> bool:
        made = len(lab.world.intercom.state.conversations) - before
        if what == "request" and when == "after" and not began and made >= after:
            began.append(lab.time.now())
            act()
        return False

    lab.die = look
    return began


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 4])
def test_an_answer_reaches_the_customer_while_history_is_copied(theatre: Theatre, workers: int) -> None:
    """As a message and not as a note, soon after it was typed, and long before the backfill ends."""
    lab, live, there = with_a_past(theatre, workers)
    began = act_meanwhile(lab, 5, lambda: lab.world.intercom.agent_writes(there, "Solved!", agent=NORA_THERE))

    ran = lab.backfill(D)

    (told,) = lab.world.notifications(via="api")
    assert (told.conversation, told.text) == (live, "Solved!")
    assert told.at - began[0] <= EVERY + 60
    assert lab.time.now() - told.at > EVERY
    assert ran.code == 0
    assert len(lab.world.truth()["intercom"]["conversations"]) == TALKS + 1
    lab.die = None
    lab.until_clean(lab.sync)
    assert lab.differences() == []


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 4])
def test_a_customer_who_writes_into_what_is_to_be_copied_is_heard(theatre: Theatre, workers: int) -> None:
    """The conversation is in both queues at once: it is copied once, with the new words."""
    lab, _live, _there = with_a_past(theatre, workers)
    waiting = [talk["id"] for talk in lab.world.truth()["dashly"]["conversations"]][TALKS // 2]
    act_meanwhile(lab, 3, lambda: lab.world.dashly.customer_writes(waiting, "and now?"))

    told = passes.backfill(lab.config, lab.environment, passes.Choice(D, HistoryQuery())).as_data()

    talks = told["conversations"]
    assert isinstance(talks, dict)
    assert (talks["done"], talks["left"]) == (talks["chosen"], 0)
    lab.die = None
    lab.until_clean(lab.sync)
    assert sum("and now?" in body for body in bodies(lab, "intercom")) == 1
    assert len(lab.world.truth()["intercom"]["conversations"]) == TALKS + 1
    assert lab.differences() == []


@pytest.mark.long
def test_a_new_conversation_is_carried_meanwhile_and_is_no_part_of_the_backfill(theatre: Theatre) -> None:
    """It is not taken back with it."""
    lab, _live, _there = with_a_past(theatre)
    desk = lab.world.dashly
    act_meanwhile(lab, 3, lambda: desk.customer_starts(desk.customer("New"), "I am new."))

    lab.backfill(D)

    with lab.memory() as store:
        made = {pair.row for pair in store.pairs.made_by(f"run-{lab.runs}")}
    assert sum("I am new." in body for body in bodies(lab, "intercom")) == 1
    assert len(made) == TALKS


@pytest.mark.long
def test_the_limit_holds_over_both(theatre: Theatre) -> None:
    """One budget: no minute has more requests than Dashly allows."""
    lab, _live, there = with_a_past(theatre, 4)
    times: list[float] = []

    def look(_points: int, what: str, when: str) -> bool:
        if what == "request" and when == "after" and lab.requests and lab.requests[-1][0] is D:
            times.append(lab.time.now())
        return False

    lab.die = look
    lab.world.intercom.agent_writes(there, "Solved!", agent=NORA_THERE)

    lab.backfill(D)

    distinct = sorted(times)
    most = max(sum(at <= other < at + 60 for other in distinct) for at in distinct)
    assert most <= 13


@pytest.mark.long
def test_a_side_that_is_away_for_the_live_pass_ends_nothing(theatre: Theatre) -> None:
    """The next pass asks again; the backfill goes on with what it can read."""
    lab, _live, there = with_a_past(theatre)
    act_meanwhile(
        lab,
        5,
        lambda: (
            lab.world.intercom.agent_writes(there, "Solved!", agent=NORA_THERE),
            lab.world.fault("status", side="intercom", path="/conversations/search", status=503, times=8),
        ),
    )

    ran = lab.backfill(D)

    assert ran.error is None
    assert [told.text for told in lab.world.notifications(via="api")] == ["Solved!"]


@pytest.mark.long
@pytest.mark.parametrize("who", ["the list", "the work"])
def test_a_conversation_in_work_is_waited_for(theatre: Theatre, who: str) -> None:
    """Nobody puts it on a queue, or works on it, before who has it is done with it."""
    lab, live, _there = with_a_past(theatre)
    with dry_run(lab.config, lab.environment, Work.SYNC) as run:
        pair = run.store.pairs.find(D, live)
        assert pair is not None
        listing = run.helpdesks[D].conversation(live)
        acts = {
            "the list": lambda: run.poll.enqueue(listing),
            "the work": lambda: run.conversations.work(pair.row),
        }
        other = threading.Thread(target=acts[who])

        with run.parties.in_hand.alone(pair.row):
            other.start()
            other.join(0.3)
            assert other.is_alive()
        other.join(5)
        assert not other.is_alive()


def test_a_pass_and_the_backfill_are_one_run(theatre: Theatre) -> None:
    """They ask once which run wrote last, count as one, and whom a pass makes is known as made by us."""
    lab = theatre.bound()
    passed: list[Run] = []

    def act(live: Run) -> None:
        passed.append(live)
        live.report.count(seen=2, changed=1)
        live.report.block(7)

    with dry_run(lab.config, lab.environment, Work.SYNC) as run:
        beside = LivePasses(run, act)
        for _ in range(2):
            lab.time.sleep(EVERY + 1)
            beside.backfill.meanwhile()
        told = run.report

    assert len(passed) == 2
    assert {id(live.generation) for live in passed} == {id(beside.backfill.generation)}
    assert {live.executor.messages.people.run for live in passed} == {run.id}
    assert (told.seen, told.changed, told.blocked) == (4, 2, 1)


def test_a_pass_waits_for_no_unclear_write(theatre: Theatre) -> None:
    """The next pass settles it: the backfill must not stand still meanwhile."""
    lab = theatre.bound()
    talk = begin(lab)
    waited: list[float] = []

    def act(live: Run) -> None:
        live.store.pairs.listed(D, talk, due=live.parties.clock.now() + 50, queue=Queue.SYNC)
        began = lab.time.now()
        live.queue.work_off()
        waited.append(lab.time.now() - began)

    with dry_run(lab.config, lab.environment, Work.SYNC) as run:
        beside = LivePasses(run, act)
        lab.time.sleep(EVERY + 1)
        beside.backfill.meanwhile()

    assert waited == [0]


@pytest.mark.long
def test_what_a_pass_does_not_trust_the_backfill_does_not_trust(theatre: Theatre) -> None:
    """A copy that the state file missed is linked again by the backfill, and not made a second time."""
    lab = theatre.bound()
    there = begin(lab, "intercom", "Is it here already?")
    lab.until_clean(lab.sync)
    with lab.memory() as store:
        pair = store.pairs.find(IC, there)
        assert pair is not None
        store.pairs.forget(pair.row)
    lab.time.sleep(100)
    doubted: list[float] = []

    def doubt(_points: int, _what: str, when: str) -> bool:
        listed = lab.requests and lab.requests[-1][2].startswith("/conversations")
        if when == "after" and listed and not doubted and lab.store is not None:
            doubted.append(lab.time.now())
            lab.store.meta.trust_from(lab.time.now())
        return False

    lab.requests.clear()
    lab.die = doubt
    lab.backfill(IC)

    assert doubted
    assert sum("Is it here already?" in body for body in bodies(lab, "dashly")) == 1


def test_a_pass_that_finds_a_side_away_is_told_in_the_log(
    theatre: Theatre, caplog: pytest.LogCaptureFixture
) -> None:
    """The backfill goes on, and the next pass is due after the same pause; a refused token ends both."""
    lab = theatre.bound()
    fails: list[Exception] = [Unreadable("odd"), AccessDenied("no", status=401)]

    def act(_live: Run) -> None:
        raise fails.pop(0)

    with dry_run(lab.config, lab.environment, Work.SYNC) as run:
        beside = LivePasses(run, act)
        lab.time.sleep(EVERY + 1)
        with caplog.at_level(logging.WARNING):
            beside.backfill.meanwhile()
            beside.backfill.meanwhile()
        assert [one.message for one in caplog.records] == ["live.failed"]
        lab.time.sleep(EVERY + 1)
        with pytest.raises(AccessDenied):
            beside.backfill.meanwhile()
