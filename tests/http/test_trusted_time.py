"""Whose clock counts: servers' dates, a host clock that jumps, and three clocks that disagree."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.http.server_time import ServerTime
from connector.http.trusted_time import MOST_APART, trusted_now

if TYPE_CHECKING:
    from tests.clock import VirtualClock

NOW = 1_800_000_000.0
FAR = 3_600.0


def dated(at: float) -> httpx.Response:
    """Return an answer whose Date header is cut to the second, as servers do."""
    return httpx.Response(200, headers={"Date": formatdate(int(at), usegmt=True)})


def test_the_estimate_is_sharpened_and_never_runs_ahead(clock: VirtualClock) -> None:
    """Many answers find the moment at which the server's second begins."""
    known = ServerTime(clock)
    ahead = 5_000.25
    for _ in range(40):
        sent = clock.time
        clock.time += 0.03
        written = clock.time + ahead
        clock.time += 0.03
        known.observe(dated(written), sent=sent)
        assert known.now() <= clock.time + ahead

    assert clock.time + ahead - known.now() < 0.1


def test_a_server_whose_clock_is_set_is_followed(clock: VirtualClock) -> None:
    """One answer that contradicts the others counts as it is, back and forth."""
    known = ServerTime(clock)
    for ahead in (0.0, 365 * 86_400.0, 0.0, -40.0):
        known.observe(dated(clock.time + ahead), sent=clock.time)
        assert known.skew == pytest.approx(ahead, abs=1)


def test_a_slow_answer_does_not_blur_what_is_known(clock: VirtualClock) -> None:
    """A date that is old when it arrives says less, not more."""
    known = ServerTime(clock)
    known.observe(dated(clock.time), sent=clock.time)
    sent = clock.time
    clock.time += 30
    known.observe(dated(sent), sent=sent)

    assert known.now() == clock.time


class Jumping:
    """A clock whose time of day is set while it runs."""

    stopped = False

    def __init__(self) -> None:
        self.time, self.passed = NOW, 0.0

    def now(self) -> float:
        """Return the time of day."""
        return self.time

    def monotonic(self) -> float:
        """Return what nobody sets."""
        return self.passed

    def sleep(self, seconds: float) -> None:
        """Let both go on."""
        self.time += seconds
        self.passed += seconds


def test_a_host_clock_that_jumps_does_not_move_the_servers_time() -> None:
    """The server's time goes on evenly; only the distance to this machine's changes."""
    clock = Jumping()
    known = ServerTime(clock)
    known.observe(dated(NOW), sent=0.0)
    clock.sleep(10)
    clock.time += 86_400

    reading = known.reading()
    assert reading is not None
    assert (reading.time, reading.age, known.skew) == (NOW + 10, 10, -86_400)


@pytest.mark.parametrize(
    ("host", "dashly", "intercom", "now", "doubted"),
    [
        (0, 5, 9, 0, ()),
        (5, 0, 9, 0, ()),
        (5, 9, 0, 0, ()),
        (FAR, 5, 9, 5, ("host",)),
        (-FAR, 5, 9, 5, ("host",)),
        (5, FAR, 9, 5, ("dashly",)),
        (5, 9, -FAR, 5, ("intercom",)),
        (0, FAR, 2 * FAR, None, ("host", "dashly", "intercom")),
        (0, 600, 1_200, 0, ()),
        (0, 601, 1_202, None, ("host", "dashly", "intercom")),
        (9, 5, None, 5, ()),
        (0, FAR, None, None, ("host", "dashly")),
        (7, None, None, 7, ()),
    ],
)
def test_the_smallest_clock_that_has_company_counts(
    host: float, dashly: float | None, intercom: float | None, now: float | None, doubted: tuple[str, ...]
) -> None:
    """A clock that is over ten minutes from all others is named and does not count."""
    at = [None if time is None else NOW + time for time in (host, dashly, intercom)]

    found = trusted_now(at[0] or 0.0, at[1], at[2])

    assert (found.now, found.doubted) == (None if now is None else NOW + now, doubted)


@given(times=st.tuples(*[st.integers(0, 4_000)] * 3))
def test_no_single_clock_moves_the_time_far(times: tuple[int, int, int]) -> None:
    """Whatever one of three says: the time is never after the middle one, and near another clock."""
    found = trusted_now(*map(float, times))

    if found.now is not None:
        assert found.now <= sorted(times)[1]
        assert sum(abs(found.now - time) <= MOST_APART for time in times) > 1


@pytest.mark.parametrize(
    ("host", "dashly", "intercom", "middle"),
    [
        (-300, 0, 1, 0),
        (300, 0, 1, 1),
        (0, 40, 0, 0),
        (-FAR, 0, 1, 0),
        (0, None, 9, 0),
        (-FAR, 0, FAR, None),
    ],
)
def test_a_run_stamps_by_the_clock_in_the_middle(
    host: float, dashly: float | None, intercom: float | None, middle: float | None
) -> None:
    """One that is minutes off counts still, and may be set right before the next run."""
    times = [None if at is None else NOW + at for at in (dashly, intercom)]

    found = trusted_now(NOW + host, *times)

    assert found.middle == (None if middle is None else NOW + middle)
