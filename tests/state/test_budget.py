"""The request window that processes share."""

from __future__ import annotations

import heapq
from contextlib import ExitStack, closing
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.http.pace import WindowPace
from mappings.model import Side
from state import store as states
from tests.http.simulated import Jumping, Workers, most_within
from tests.keys import KEY
from tests.stores import file_of

if TYPE_CHECKING:
    from pathlib import Path

    from state.budget import Budget
    from state.store import Store

WINDOW = 60.0
NUMBERS = count()


def most_in_a_window(arrivals: list[float]) -> int:
    """Return the largest number of arrivals in any window."""
    ordered = sorted(arrivals)
    return max(sum(1 for at in ordered[i:] if at - start < WINDOW) for i, start in enumerate(ordered))


def request(budget: Budget, at: float, *, limit: int) -> None:
    """Send a request that is answered at once."""
    ticket, _ = budget.take(now=at, limit=limit, window=WINDOW)
    assert ticket is not None
    budget.finish(ticket, at)


class Processes:
    """Two processes with one state file, under a time in which requests in flight end."""

    def __init__(self, stores: list[Store]) -> None:
        self.budgets = [store.budgets[Side.DASHLY] for store in stores]
        self.time = 1_000.0
        self.running: list[tuple[float, int, int]] = []

    def sleep(self, seconds: float) -> None:
        """Let the time pass; what ends meanwhile is finished by whoever sent it."""
        until = self.time + seconds
        while self.running and self.running[0][0] <= until:
            self.time, ticket, owner = heapq.heappop(self.running)
            self.budgets[owner].finish(ticket, self.time)
        self.time = until

    def send(self, process: int, *, limit: int, duration: float) -> float:
        """Wait for a place as the pace does, send, and return when."""
        while True:
            ticket, wait = self.budgets[process].take(now=self.time, limit=limit, window=WINDOW)
            if ticket is not None:
                heapq.heappush(self.running, (self.time + duration, ticket, process))
                return self.time
            self.sleep(wait)


@pytest.mark.long
@given(
    limit=st.integers(1, 5),
    requests=st.lists(
        st.tuples(st.integers(0, 1), st.floats(0, 40), st.floats(0, 100), st.floats(0, 1)),
        min_size=1,
        max_size=25,
    ),
)
def test_no_window_exceeds_the_limit_with_two_processes(
    tmp_path_factory: pytest.TempPathFactory,
    limit: int,
    requests: list[tuple[int, float, float, float]],
) -> None:
    """Whoever asks when, and however long answers take: the server never counts above the limit."""
    path = tmp_path_factory.getbasetemp() / f"budget-{next(NUMBERS)}.db"
    arrivals: list[float] = []
    with ExitStack() as stack:
        stores = [states.create(path, key=KEY), states.open_existing(path, key=KEY)]
        for store in stores:
            stack.callback(store.close)
            store.file.read("PRAGMA synchronous = OFF")
        processes = Processes(stores)

        for process, pause, duration, share in requests:
            processes.sleep(pause)
            arrivals.append(processes.send(process, limit=limit, duration=duration) + duration * share)

    assert most_in_a_window(arrivals) <= limit


def test_a_full_window_says_how_long_to_wait(store: Store) -> None:
    """The wait ends when the oldest request leaves the window."""
    budget = store.budgets[Side.DASHLY]
    for at in (0.0, 10.0):
        request(budget, at, limit=2)

    assert budget.take(now=15.0, limit=2, window=WINDOW) == (None, 45.0)
    assert budget.take(now=59.5, limit=2, window=WINDOW) == (None, 0.5)
    assert budget.take(now=60.0, limit=2, window=WINDOW)[0] is not None


def test_a_request_holds_its_place_until_a_window_after_its_answer(store: Store) -> None:
    """The server may have counted a slow request as late as its answer came."""
    budget = store.budgets[Side.DASHLY]
    ticket, _ = budget.take(now=0.0, limit=1, window=WINDOW)
    assert ticket is not None

    budget.finish(ticket, 20.0)

    assert budget.take(now=65.0, limit=1, window=WINDOW) == (None, 15.0)


def test_a_lowered_limit_holds_at_once(store: Store) -> None:
    """After the limit went down, enough requests must leave the window first."""
    budget = store.budgets[Side.DASHLY]
    for at in (0.0, 10.0, 20.0):
        request(budget, at, limit=3)

    assert budget.take(now=30.0, limit=1, window=WINDOW) == (None, 50.0)


def test_the_sides_have_windows_of_their_own(store: Store) -> None:
    """A full window of one side does not hold up the other."""
    store.budgets[Side.DASHLY].take(now=0.0, limit=1, window=WINDOW)

    assert store.budgets[Side.INTERCOM].take(now=0.0, limit=1, window=WINDOW)[0] is not None
    assert store.budgets[Side.DASHLY].used(now=1.0, window=WINDOW) == 1


def test_a_clock_that_went_back_does_not_block_for_ever(store: Store) -> None:
    """Requests stamped in the future count as made now."""
    budget = store.budgets[Side.DASHLY]
    budget.take(now=90_000.0, limit=1, window=WINDOW)

    assert budget.take(now=0.0, limit=1, window=WINDOW) == (None, WINDOW)


def test_stamps_of_a_clock_that_was_a_day_ahead_are_healed(store: Store) -> None:
    """They count as made now, so that the next one waits for a window at most, not for a day."""
    budget = store.budgets[Side.DASHLY]
    for second in range(3):
        request(budget, 86_400.0 + second, limit=3)
    budget.take(now=86_400.0, limit=4, window=WINDOW)

    assert budget.take(now=0.0, limit=4, window=WINDOW) == (None, WINDOW)
    assert budget.take(now=30.0, limit=4, window=WINDOW) == (None, 30.0)
    assert budget.take(now=60.0, limit=4, window=WINDOW)[0] is not None


def test_stamps_of_before_a_restart_do_not_look_used(store: Store) -> None:
    """The clock begins again with the machine: what it cannot have shown yet was long ago."""
    budget = store.budgets[Side.DASHLY]
    request(budget, 90_000.0, limit=2)
    assert budget.used(now=90_059.0, window=WINDOW) == 1

    assert budget.used(now=30.0, window=WINDOW) == 0


@pytest.mark.long
def test_two_processes_use_an_hour_of_the_limit(tmp_path: Path) -> None:
    """Together they send at least 95 % of what is allowed, and never more in any minute."""
    clock = Jumping()
    with closing(states.create(tmp_path / "shared.db", key=KEY)) as first:
        first.file.read("PRAGMA synchronous = OFF")
        with closing(states.open_existing(tmp_path / "shared.db", key=KEY)) as second:
            second.file.read("PRAGMA synchronous = OFF")
            logs = [one.budgets[Side.DASHLY] for one in (first, second)]
            paces = [WindowPace(log, limit=60, clock=clock) for log in logs]
            crowd = Workers(clock, paces * 2, 0.3)
            crowd.run(3_600)

    assert most_within(crowd.arrivals, WINDOW) <= 60
    assert len(crowd.arrivals) >= 0.95 * 3_600


@pytest.mark.parametrize("place", ["file"], indirect=True)
def test_a_full_window_costs_no_reading_of_it(store: Store) -> None:
    """Whether there is room is asked of the index: not one row of the window comes to the program."""
    asked: list[str] = []
    file_of(store)._db.set_trace_callback(asked.append)
    for second in (0.0, 0.1):
        store.budgets[Side.DASHLY].take(now=second, limit=2, window=WINDOW)
    store.budgets[Side.DASHLY].take(now=0.2, limit=2, window=WINDOW)
    file_of(store)._db.set_trace_callback(None)

    queries = [sql for sql in asked if sql.startswith(("SELECT", "UPDATE", "DELETE")) and "budget" in sql]
    plans = [str(tuple(row)) for sql in queries for row in store.file.read(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(queries) == 10
    assert all("INDEX budget_at" in plan for plan in plans)


def test_the_log_of_requests_does_not_grow(store: Store) -> None:
    """Requests that left the window leave the file."""
    budget = store.budgets[Side.DASHLY]
    for second in range(0, 1_000, 5):
        request(budget, float(second), limit=60)

    assert len(store.file.read("SELECT 1 FROM budget")) <= 13
