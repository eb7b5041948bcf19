import heapq
import itertools

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import NeverSent
from connector.http.adaptive import HeaderPace
from connector.http.pace import MemoryRequestLog, WindowPace
from connector.http.server_time import ServerTime

WINDOW = 60.0


class Simulated:
    """A clock under which requests in flight end when their time comes."""

    stopped = False

    def __init__(self) -> None:
        self.time = 1_000.0
        self.running: list[tuple[float, int]] = []
        self.pace: WindowPace | None = None

    def now(self) -> float:
        """Return the time."""
        return self.time

    def monotonic(self) -> float:
        """Return the time: nobody sets it here."""
        return self.now()

    def sleep(self, seconds) -> None:
        """Let the time pass and end what ends meanwhile."""
        until = self.time + seconds
        while self.running and self.running[0][0] <= until:
            self.time, ticket = heapq.heappop(self.running)
            self.pace.done(ticket, None)
        self.time = until


def most_in_a_window(arrivals) -> int:
    """Return the largest number of arrivals in any minute, both ends included."""
    ordered = sorted(arrivals)
    return max(sum(1 for other in ordered[i:] if other - start <= WINDOW) for i, start in enumerate(ordered))


@settings(deadline=None)
@given(
    limit=st.integers(1, 12),
    requests=st.lists(
        st.tuples(st.floats(0, 30), st.floats(0, 100), st.floats(0, 1)), min_size=1, max_size=60
    ),
)
def test_no_minute_ever_holds_more_than_the_limit(limit, requests):
    """Whatever the pauses, durations and moments of arrival: the server never counts above the limit."""
    clock = Simulated()
    clock.pace = pace = WindowPace(MemoryRequestLog(), limit=limit, clock=clock)
    arrivals: list[float] = []

    for pause, duration, share in requests:
        clock.sleep(pause)
        ticket = pace.admit()
        arrivals.append(clock.time + duration * share)
        heapq.heappush(clock.running, (clock.time + duration, ticket))

    assert most_in_a_window(arrivals) <= limit


def test_two_processes_share_a_window(clock):
    """A second pace on the same log, seconds later, waits for the first one's requests."""
    log = MemoryRequestLog()
    first = WindowPace(log, limit=3, clock=clock)
    for _ in range(3):
        first.done(first.admit(), None)
    clock.time += 5

    WindowPace(log, limit=3, clock=clock).admit()

    assert sum(clock.sleeps) == pytest.approx(55.5, abs=0.1)


def test_a_request_in_flight_keeps_its_place(clock):
    """Nothing makes room for a request that has no answer yet."""
    log = MemoryRequestLog()
    taken, _ = log.take(now=clock.now(), limit=1, window=WINDOW)
    assert taken is not None
    clock.time += 1_000

    assert log.take(now=clock.now(), limit=1, window=WINDOW)[0] is None


def test_a_clock_that_was_set_back_does_not_block(clock):
    """Requests from the future count as made now."""
    log = MemoryRequestLog()
    ticket, _ = log.take(now=clock.now(), limit=1, window=WINDOW)
    log.finish(ticket, clock.now())

    assert log.take(now=clock.now() - 90_000, limit=1, window=WINDOW) == (None, WINDOW)


def test_a_stopped_process_does_not_send_early(clock):
    """Waiting for room ends in NeverSent when the process is asked to stop."""
    pace = WindowPace(MemoryRequestLog(), limit=1, clock=clock)
    pace.admit()
    clock.stopped = True

    with pytest.raises(NeverSent):
        pace.admit()


def limits(clock, remaining, reset) -> httpx.Response:
    """Return an answer with these figures."""
    headers = {"X-RateLimit-Remaining": str(remaining), "X-RateLimit-Reset": str(clock.time + reset)}
    return httpx.Response(200, headers=headers)


@pytest.fixture
def learning(clock) -> HeaderPace:
    """A pace that has seen no answer yet."""
    return HeaderPace(clock=clock, server_time=ServerTime(clock))


def test_room_is_used_without_waiting(clock, learning):
    """While there is room nobody waits."""
    for remaining in (2, 1):
        learning.done(learning.admit(), limits(clock, remaining, 10))
    learning.admit()

    assert clock.sleeps == []


def test_no_room_waits_for_the_reset(clock, learning):
    """With nothing left the next request waits until the window ends."""
    learning.done(learning.admit(), limits(clock, 0, 7))

    learning.admit()

    assert clock.sleeps == [7]


def test_requests_in_flight_count_as_used(clock, learning):
    """Room for as many as are on their way is no room."""
    first, _second = learning.admit(), learning.admit()
    learning.done(first, limits(clock, 1, 7))

    learning.admit()

    assert clock.sleeps == [7]


def test_an_older_answer_does_not_make_room(clock, learning):
    """Answers may overtake each other: the lowest figure of a window counts."""
    tickets = [learning.admit() for _ in range(2)]
    learning.done(tickets[0], limits(clock, 0, 7))
    learning.done(tickets[1], limits(clock, 5, 7))

    learning.admit()

    assert clock.sleeps == [7]


@pytest.mark.parametrize("headers", [{}, {"X-RateLimit-Remaining": "x", "X-RateLimit-Reset": "y"}])
def test_answers_without_figures_teach_nothing(clock, learning, headers):
    """Missing or broken headers never block."""
    for _ in itertools.repeat(None, 50):
        learning.done(learning.admit(), httpx.Response(200, headers=headers))

    assert clock.sleeps == []
