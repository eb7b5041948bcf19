"""Who goes first when many wait for one place."""

from __future__ import annotations

import threading
import time

import pytest

from connector.errors import Stopped
from connector.host.clock import SystemClock
from connector.http.turns import Priority, Turns, priority


class Gate:
    """A pace that lets one request through when it is told to."""

    def __init__(self) -> None:
        self.places = threading.Semaphore(0)
        self.numbers = iter(range(1_000))

    def offer(self) -> tuple[int | None, float]:
        """Return a ticket when there is a place."""
        return (next(self.numbers), 0.0) if self.places.acquire(blocking=False) else (None, 0.01)


def crowd(turns: Turns, gate: Gate, levels: list[Priority]) -> tuple[list[Priority], list[threading.Thread]]:
    """Let one thread after another line up, and return in which order they got through."""
    through: list[Priority] = []

    def go(level: Priority) -> None:
        with priority(level):
            try:
                turns.take(gate.offer)
            except Stopped:
                return
        through.append(level)

    threads = []
    for number, level in enumerate(levels, start=1):
        thread = threading.Thread(target=go, args=(level,))
        thread.start()
        threads.append(thread)
        while len(turns._line) < number:
            time.sleep(0.001)  # noqa: TID251 - real threads line up
    return through, threads


def test_the_more_urgent_overtakes() -> None:
    """A live message does not wait behind history, even when history already sleeps in front."""
    turns, gate = Turns(SystemClock()), Gate()
    levels = [Priority.BACKFILL, Priority.VERIFY, Priority.BACKFILL, Priority.LIVE, Priority.RECOVERY]
    levels += [Priority.POLL, Priority.LIVE]

    through, threads = crowd(turns, gate, levels)
    for thread in threads:
        gate.places.release()
        expected = len(threads) - len([t for t in threads if t.is_alive()])
        deadline = time.monotonic() + 5
        while len(through) <= expected and time.monotonic() < deadline and thread.is_alive():
            time.sleep(0.005)  # noqa: TID251 - real threads run
    for thread in threads:
        thread.join(5)

    assert through == sorted(levels)


def test_equals_go_in_the_order_in_which_they_came() -> None:
    """Nobody of one priority starves."""
    turns, gate = Turns(SystemClock()), Gate()
    tickets: list[tuple[int, int]] = []

    def go(number: int) -> None:
        tickets.append((turns.take(gate.offer), number))

    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=go, args=(number,)))
        threads[-1].start()
        while len(turns._line) <= number:
            time.sleep(0.001)  # noqa: TID251 - real threads line up
    gate.places.release(8)
    for thread in threads:
        thread.join(5)

    assert sorted(tickets) == [(number, number) for number in range(8)]


def test_a_stop_lets_everybody_go() -> None:
    """Who waits is told that nothing was sent, whoever is first."""
    clock = SystemClock()
    turns, gate = Turns(clock), Gate()
    through, threads = crowd(turns, gate, [Priority.LIVE] * 5)

    clock.stop()
    for thread in threads:
        thread.join(2)

    assert not any(thread.is_alive() for thread in threads)
    assert through == []


def test_after_a_stop_nobody_goes_though_there_is_room() -> None:
    """A conversation in hand would go on writing as long as no limit holds it up."""
    clock = SystemClock()
    clock.stop()

    with pytest.raises(Stopped):
        Turns(clock).take(lambda: (1, 0.0))


def test_a_priority_holds_for_its_block_and_thread() -> None:
    """Outside of it requests are live; a new thread begins again."""
    turns = Turns(SystemClock())
    ranks: list[int] = []

    def look() -> tuple[int | None, float]:
        ranks.append(turns._line[0].rank[0])
        return 1, 0.0

    with priority(Priority.VERIFY):
        turns.take(look)
        thread = threading.Thread(target=turns.take, args=(look,))
        thread.start()
        thread.join(5)
    turns.take(look)

    assert ranks == [Priority.VERIFY, Priority.LIVE, Priority.LIVE]


def test_a_failing_pace_leaves_the_line_in_order() -> None:
    """An error of the log reaches its caller and nobody else."""
    turns = Turns(SystemClock())

    def broken() -> tuple[int | None, float]:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        turns.take(broken)
    assert turns.take(lambda: (5, 0.0)) == 5
