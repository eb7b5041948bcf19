"""In which order, how often and how long a run works on what is due."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.plan.notices import NoticeKind
from connector.engine.run.crew import Crew
from connector.engine.run.report import Reached, Report
from connector.engine.run.rows import Rows
from connector.engine.sync.failures import Result
from connector.engine.sync.queue import MARGIN, MOST_FAILURES, MOST_ROUNDS, SECOND_LOOK, SHORT, WorkQueue
from connector.errors import RemoteError
from mappings.model import Side
from state.records import Queue
from tests.clock import BEGIN, VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
SETTLE, EVERY = 120.0, 300.0


class Work:
    """Work on conversations that ends as a test says, and is written down."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self.store, self.clock = store, clock
        self.order: list[int] = []
        self.when: list[float] = []
        self.ends: Callable[[int], Result] = lambda _row: Result.DONE
        self.later: list[int] = []
        self.failures = SimpleNamespace(wait_for_later_run=self._wait_for_later_run)

    def work(self, row: int) -> Result:
        """Work on a conversation; what is done is not due any more."""
        self.order.append(row)
        self.when.append(self.clock.now() - BEGIN)
        result = self.ends(row)
        if result is Result.DONE:
            self.store.pairs.set_due(row, {})
        return result

    def _wait_for_later_run(self, row: int) -> None:
        self.later.append(row)
        self.store.pairs.set_due(row, {})


@pytest.fixture
def work(store: Store) -> Work:
    """The work on the conversations of a state file."""
    return Work(store, VirtualClock())


def queue(work: Work, **more: Any) -> Any:
    """Return the queue of a run with one thread."""
    given: Any = {
        "conversations": work,
        "config": SimpleNamespace(settle=SETTLE, every=EVERY),
        "listener": SimpleNamespace(due=lambda _n: None, done=lambda _r: None, put_aside=lambda _r: None),
        "report": Report("r", "sync", BEGIN),
        "crew": Crew(1, {}),
        **more,
    }
    return WorkQueue(store=work.store, clock=work.clock, name=Queue.SYNC, **given)


def due(store: Store, *names: str, at: float = BEGIN, linked: bool = False) -> list[int]:
    """Let conversations be due, and return their rows."""
    rows = []
    for name in names:
        row = store.pairs.listed(D, name, due=at, queue=Queue.SYNC)
        if linked:
            store.pairs.link(row, IC, f"i{name}", at=BEGIN, run=None)
        rows.append(row)
    return rows


def test_known_pairs_come_before_new_conversations(work: Work, store: Store) -> None:
    """Somebody waits for an answer there."""
    new, known = due(store, "1", "2"), due(store, "3", linked=True)

    assert queue(work).work_off()

    assert work.order == [*known, *new]


def test_once_a_run_is_asked_to_stop_nothing_is_begun(work: Work, store: Store) -> None:
    """What is left is told, with its number; neither a later half nor a retry begins."""
    rows = due(store, "1", "2", "3")

    def stop(_row: int) -> Result:
        work.clock.stopped = True
        return Result.DONE

    work.ends = stop
    made = queue(work)

    assert not made.work_off()

    assert work.order == rows[:1]
    assert [(one.kind, one.detail) for one in made.report.notices] == [(NoticeKind.STOPPED_EARLY, "2")]


def test_a_thread_that_gets_a_conversation_after_the_stop_leaves_it(work: Work, store: Store) -> None:
    """It was handed over a moment before."""
    (row,) = due(store, "1")

    class Late:
        def hand(self, row: int, do: Callable[[int], Result]) -> Any:
            work.clock.stopped = True
            yield row, do(row)

        def rest(self) -> Any:
            return ()

    made = queue(work, crew=SimpleNamespace(team=lambda _meanwhile: nullcontext(Late())))

    assert not made.work_off()
    assert work.order == []
    assert row not in made.finished


@pytest.mark.parametrize("between", [Result.DONE, Result.QUARANTINED, Result.LEFT])
def test_a_side_that_answers_in_between_is_not_away(work: Work, store: Store, between: Result) -> None:
    """Only so many failures in a row end the run; what is left out says nothing of the side."""
    rows = due(store, *map(str, range(2 * MOST_FAILURES - 1)))

    def ends(row: int) -> Result:
        return between if row == rows[MOST_FAILURES - 1] else Result.POSTPONED

    work.ends = ends

    if between is Result.LEFT:
        with pytest.raises(RemoteError, match=f"{MOST_FAILURES} conversations in a row"):
            queue(work).work_off()
        assert len(work.order) == MOST_FAILURES + 1
    else:
        queue(work).work_off()
        assert set(work.order) == set(rows)


def test_a_conversation_that_is_due_again_and_again_waits_for_the_next_run(work: Work, store: Store) -> None:
    """Others have their turn meanwhile."""
    often, once = due(store, "1", "2", linked=True)
    work.ends = lambda row: Result.LEFT if row == often else Result.DONE

    queue(work).work_off()

    assert Counter(work.order[: MOST_ROUNDS + 1]) == {often: MOST_ROUNDS, once: 1}
    assert work.order[1] == once


@pytest.mark.parametrize(
    ("patient", "after", "waits"),
    [
        (True, SETTLE + MARGIN, True),
        (True, SETTLE + MARGIN + 1, False),
        (False, SECOND_LOOK, True),
        (False, SECOND_LOOK + 1, False),
    ],
)
def test_what_is_due_soon_is_waited_for(
    work: Work, store: Store, after: float, *, patient: bool, waits: bool
) -> None:
    """As long as a write may take to become clear; a pass beside a backfill waits for a second look alone."""
    due(store, "1", at=BEGIN + after)

    assert queue(work, patient=patient).work_off() is waits

    assert work.when == ([pytest.approx(after, abs=0.1)] if waits else [])
    assert all(at >= after for at in work.when)


def test_a_short_settling_still_waits_for_a_minute(work: Work, store: Store) -> None:
    """A side may not show at once what was written."""
    due(store, "1", at=BEGIN + SHORT)

    assert queue(work, config=SimpleNamespace(settle=1.0, every=EVERY)).work_off()


def test_others_are_served_while_a_run_waits(work: Work, store: Store) -> None:
    """Never longer than the pause between two passes."""
    due(store, "1", at=BEGIN + SETTLE)
    passed: list[float] = []
    made = queue(
        work,
        config=SimpleNamespace(settle=SETTLE, every=50.0),
        meanwhile=lambda: passed.append(work.clock.now() - BEGIN),
    )

    made.work_off()

    assert passed[:2] == [50.0, 100.0]
    assert max(work.clock.sleeps) == 50.0


def test_an_unclear_write_is_waited_for_a_few_times(work: Work, store: Store) -> None:
    """The first time whatever it takes, again only for moments; then a later run goes on with it."""
    long, short = due(store, "1", "2", linked=True)
    pause = {long: SHORT + 1, short: SHORT}

    def blocked(row: int) -> Result:
        store.pairs.set_due(row, {D: work.clock.now() + pause[row]})
        return Result.BLOCKED

    work.ends = blocked
    made = queue(work)
    made.work_off()

    assert Counter(work.order) == {long: 2, short: 5}
    assert work.later == [long, short]
    assert set(made.put_aside) == {long, short}


def test_what_was_learnt_counts_from_the_next_run_on(work: Work, store: Store) -> None:
    """The conversation is left to it: neither finished nor put aside."""
    due(store, "1")
    work.ends = lambda _row: Result.LEARNT
    made = queue(work)

    assert not made.work_off()

    assert (set(made.finished), set(made.put_aside)) == (set(), set())


def test_a_run_that_goes_on_counts_what_the_one_before_reached(work: Work, store: Store) -> None:
    """Of those that were chosen: done, left, and put aside; what was done later is not aside any more."""
    one, two, three, four = due(store, "1", "2", "3", "4")
    made = queue(work)
    made.go_on(Reached(Rows.of([one, two, three, four]), Rows.of([one]), Rows.of([two, three])))
    store.pairs.set_due(one, {})
    work.ends = lambda row: Result.DONE if row == three else Result.LEFT if row == two else Result.LEARNT

    made.work_off()
    account = made.account_of(Rows.of([one, two, three, four]))

    assert (account.chosen, account.done, account.put_aside, account.left) == (4, 2, 1, 1)
