import collections
import heapq
import itertools
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import NeverSent
from connector.http.adaptive import PERIOD, HeaderPace
from connector.http.pace import MemoryRequestLog, WindowPace
from connector.http.server_time import ServerTime
from tests.clock import VirtualClock
from tests.http.simulated import Jumping, Workers, most_within

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
            assert self.pace is not None
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


def test_two_processes_go_on_sharing_a_window(clock):
    """A place that the other one took is asked for again, window after window."""
    log = MemoryRequestLog()
    paces = [WindowPace(log, limit=4, clock=clock) for _ in range(2)]

    for _ in range(30):
        for pace in paces:
            pace.done(pace.admit(), None)

    assert sum(clock.sleeps) <= 60 / 4 * 61


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
    assert ticket is not None
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
    for remaining in range(1_000, 980, -1):
        learning.done(learning.admit(), limits(clock, remaining, 0.1))
    learning.admit()

    assert sum(clock.sleeps) < 0.05


def test_no_room_waits_for_the_reset(clock, learning):
    """With nothing left the next request waits until the window ends."""
    learning.done(learning.admit(), limits(clock, 0, 7))

    learning.admit()

    assert clock.sleeps == [7]


def test_requests_in_flight_count_as_used(clock, learning):
    """Room for as many as are on their way is no room."""
    learning.done(learning.admit(), limits(clock, 50, 7))
    first, _second = learning.admit(), learning.admit()
    began, slept = clock.time, len(clock.sleeps)
    learning.done(first, limits(clock, 1, 7))

    learning.admit()

    assert clock.time - began == pytest.approx(7, abs=0.01)
    assert len(clock.sleeps) > slept


def test_an_older_answer_does_not_make_room(clock, learning):
    """Answers may overtake each other: the lowest figure of a window counts."""
    learning.done(learning.admit(), limits(clock, 500_000, 7))
    tickets = [learning.admit() for _ in range(2)]
    began = clock.time
    learning.done(tickets[0], limits(clock, 0, 7))
    learning.done(tickets[1], limits(clock, 5, 7))

    learning.admit()

    assert clock.time - began == pytest.approx(7, abs=0.01)


def test_a_window_that_the_server_has_not_ended_yet_goes_on(clock):
    """The first request behind a reset may hear that it is still to come: then the next one waits for it."""
    behind = 0.0
    server_time: Any = SimpleNamespace(now=lambda: clock.time - behind)
    pace = HeaderPace(clock=clock, server_time=server_time)
    pace.done(pace.admit(), limits(clock, 0, 7))
    ticket = pace.admit()
    behind, began = 5.0, clock.time

    pace.done(ticket, limits(clock, 0, 0))
    pace.admit()

    assert clock.time - began == pytest.approx(5)


@pytest.mark.parametrize("headers", [{}, {"X-RateLimit-Remaining": "x", "X-RateLimit-Reset": "y"}])
def test_answers_without_figures_teach_nothing(clock, learning, headers):
    """Missing or broken headers never block."""
    for _ in itertools.repeat(None, 50):
        learning.done(learning.admit(), httpx.Response(200, headers=headers))

    assert clock.sleeps == []


@pytest.mark.parametrize(("workers", "latency"), [(1, 0.3), (16, 0.05), (16, 2.0)])
def test_an_hour_at_the_limit_is_used_evenly(workers, latency):
    """At least 95 % of what is allowed, no minute above it, and no bursts once the first minutes are over."""
    clock = Jumping()
    pace = WindowPace(MemoryRequestLog(), limit=60, clock=clock)
    crowd = Workers(clock, [pace] * workers, latency)

    crowd.run(3_600)

    assert len(crowd.arrivals) >= 0.95 * 3_600
    assert most_within(crowd.arrivals, WINDOW) <= 60
    late = [at for at in crowd.arrivals if at > 1_000 + 180]
    assert most_within(late, 10) <= 10 + 2 + 2 * latency
    assert max(after - before for before, after in itertools.pairwise(late)) < 2 + 2 * latency


def test_a_small_run_does_not_wait(clock):
    """Ten requests after a quiet time leave at once; the eleventh waits a second."""
    pace = WindowPace(MemoryRequestLog(), limit=60, clock=clock)
    for _ in range(10):
        pace.done(pace.admit(), None)
    assert clock.sleeps == []

    pace.admit()
    assert sum(clock.sleeps) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("at", [30, 100])
@pytest.mark.parametrize("jump", [86_400.0, -86_400.0, 40.0, -40.0])
def test_a_host_clock_that_jumps_neither_stops_nor_opens_the_window(jump, at):
    """The window holds and the requests go on, whatever the time of day is set to."""
    clock = Jumping()
    pace = WindowPace(MemoryRequestLog(), limit=60, clock=clock)
    crowd = Workers(clock, [pace] * 4, 0.3)
    crowd.run(at)

    clock.day += jump
    crowd.run(300)

    assert most_within(crowd.arrivals, WINDOW) <= 60
    assert max(after - before for before, after in itertools.pairwise(crowd.arrivals)) <= 61.5
    assert len([when for when in crowd.arrivals if when > 1_100 + at]) >= 180


@pytest.mark.parametrize("jumps", [(3_600.0,), (-3_600.0,), (3_600.0, -3_600.0), (-3_600.0, 3_600.0)])
def test_processes_under_a_host_clock_that_is_set_share_a_window(jumps):
    """Whatever each takes for the time of day, the next one counts the requests of those before it."""
    clock = Jumping()
    log = MemoryRequestLog()
    arrivals = []
    for jump in (0.0, *jumps):
        clock.day += jump
        pace = WindowPace(log, limit=3, clock=clock)
        for _ in range(3):
            pace.done(pace.admit(), None)
            arrivals.append(clock.monotonic())

    assert most_within(arrivals, WINDOW) <= 3
    assert max(arrivals) - min(arrivals) <= 61 * len(jumps) + 60


@pytest.mark.long
@pytest.mark.parametrize("limit", [1_666, 166])
@pytest.mark.parametrize("latency", [0.05, 0.3])
def test_intercoms_windows_are_used_and_never_exceeded(limit, latency):
    """64 workers, windows of ten seconds: at least 95 % of each, evenly, and not one refusal."""
    clock = Jumping()
    known = ServerTime(clock)
    taken: collections.Counter[int] = collections.Counter()

    def answer(_at: float) -> httpx.Response:
        there = clock.now()
        window = int(there) // 10 * 10
        taken[window] += 1
        headers = {
            "X-RateLimit-Remaining": str(max(limit - taken[window], 0)),
            "X-RateLimit-Reset": str(window + 10),
            "Date": formatdate(int(there), usegmt=True),
        }
        return httpx.Response(200, headers=headers)

    pace = HeaderPace(clock=clock, server_time=known)
    crowd = Workers(clock, [pace] * 64, latency, answer, known)
    crowd.run(33)

    whole = [taken[window] for window in sorted(taken)[1:-1]]
    assert max(taken.values()) <= limit
    assert min(whole) >= 0.95 * limit
    later = [at for at in crowd.arrivals if at > 1_010]
    assert most_within(later, 1) <= 0.2 * limit


@pytest.mark.parametrize(
    "reset",
    [
        lambda clock: (clock.time + 7) * 1_000,
        lambda clock: (clock.time + 7) * 1_000_000,
        lambda clock: clock.time + 90_000_000,
        lambda clock: clock.time - 5,
        lambda clock: clock.time - 90_000_000,
        lambda _clock: 0,
        lambda clock: clock.time + 119,
    ],
    ids=["milliseconds", "microseconds", "years ahead", "just past", "long past", "zero", "near the cap"],
)
def test_no_reset_stops_the_requests(clock, learning, reset):
    """Whatever an answer says of the reset: with nothing left the next one leaves within two minutes."""
    for _ in range(20):
        ticket = learning.admit()
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset(clock))}
        learning.done(ticket, httpx.Response(200, headers=headers))

        began = clock.time
        learning.done(learning.admit(), None)

        assert clock.time - began <= 120
    assert max(clock.sleeps) <= 120


def test_the_first_answer_is_waited_for(clock, learning):
    """Nobody knows what other programs used up: one request asks, and a crowd follows when there is room."""
    ticket, _ = learning.offer()

    assert learning.offer()[0] is None
    learning.done(ticket, limits(clock, 100, 10))
    assert learning.offer()[0] is not None


def test_the_last_answers_of_a_window_say_nothing_of_the_next(clock, learning):
    """An answer that was slow tells what was left of a window that is over."""
    learning.done(learning.admit(), limits(clock, 1_000, 5))
    late, _ = learning.offer()
    old = limits(clock, 0, 5)
    clock.time += 6
    learning.done(learning.admit(), None)

    learning.done(late, old)

    began = clock.time
    for _ in range(5):
        learning.admit()
    assert clock.time - began < 1


def test_a_request_without_an_answer_holds_nobody_up(clock, learning):
    """A failure is an outcome: the others go on."""
    learning.done(learning.admit(), None)

    learning.admit()
    learning.admit()
    assert clock.sleeps == []


def test_a_machine_that_has_just_started_need_not_wait():
    """Its clock begins at nought."""
    clock = VirtualClock(0.0)
    pace = HeaderPace(clock=clock, server_time=ServerTime(clock))
    pace.done(pace.admit(), limits(clock, 100, 7))

    pace.admit()

    assert clock.sleeps == []


def test_a_window_whose_figures_have_not_come_is_as_large_as_the_last(clock, learning):
    """The next request waits until it must be over."""
    learning.done(learning.admit(), limits(clock, 3, 7))
    clock.advance(8)
    began = clock.time

    left = []
    for _ in range(5):
        learning.admit()
        left.append(clock.time - began)

    assert left[3] < 1
    assert left[4] > PERIOD - 1


def test_a_second_window_without_figures_is_used_by_one_request(clock, learning):
    """Nothing is known of it any more."""
    learning.done(learning.admit(), limits(clock, 3, 7))
    clock.advance(8)
    learning.admit()
    clock.advance(130)
    learning.admit()
    began = clock.time

    learning.admit()

    assert clock.time - began == pytest.approx(PERIOD, abs=0.1)
