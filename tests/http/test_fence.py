"""What is asked right before a write leaves."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.clock import VirtualClock
    from tests.http.conftest import Stack


class TakenOver(Exception):
    """Another run holds the pair."""


def test_a_write_is_asked_about_after_its_waits(stack: Stack, clock: VirtualClock) -> None:
    """Each attempt is asked about when its turn came, in the thread that wants it."""
    asked: list[tuple[float, int, int]] = []

    def ask() -> None:
        asked.append((clock.time, len(stack.sent), threading.get_ident()))

    stack.before_write = ask
    client = stack.script(httpx.Response(429, headers={"Retry-After": "40"}), httpx.Response(200))
    began = clock.time

    client.post("/v2/x")

    me = threading.get_ident()
    assert asked == [(began, 0, me), (began + 40, 1, me)]


def test_a_write_waits_for_its_turn_before_it_is_asked_about(stack: Stack, clock: VirtualClock) -> None:
    """The pacer's wait lies before the question, not after it."""
    asked: list[float] = []
    stack.before_write = lambda: asked.append(clock.time)
    client = stack.script(httpx.Response(200))
    for _ in range(70):
        client.get("/v2/x")

    client.post("/v2/x")

    assert asked == [clock.time]


def test_a_refused_write_is_not_sent(stack: Stack) -> None:
    """What the question raises comes out unchanged; nothing left, nothing is counted, nothing is repeated."""
    asked: list[int] = []

    def refuse() -> None:
        asked.append(1)
        raise TakenOver

    stack.before_write = refuse
    client = stack.script(httpx.Response(200))

    for method in ("POST", "PUT", "DELETE"):
        with pytest.raises(TakenOver):
            client.request(method, "/v2/x")

    assert (stack.sent, len(asked)) == ([], 3)
    assert (stack.meters.tally.requests, stack.meters.tally.writes) == (0, 0)


def test_reads_are_not_asked_about(stack: Stack) -> None:
    """A search is a read, though it is a POST."""
    stack.before_write = lambda: pytest.fail("a read changes nothing")
    client = stack.script(httpx.Response(200))

    client.get("/v2/x")
    client.post("/conversations/search")

    assert len(stack.sent) == 2
