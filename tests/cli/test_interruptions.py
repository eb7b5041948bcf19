"""Runs that are cut short: by a polite signal, and by a kill at any request."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.outcome import outcome

if TYPE_CHECKING:
    from collections.abc import Callable

NORA, NORA_THERE = "151204", "814860"
PATIENCE = 60.0


def story(place: Any) -> None:
    """Let something of everything happen on both sides."""
    world = place.world
    talk = place.talk("first")
    world.dashly.agent_notes(talk, "secret", agent=NORA)
    world.dashly.tag(talk, "VIP", agent=NORA)
    contact = world.intercom.customer("Max", email="max@example.org")
    begun = world.intercom.customer_starts(contact, "Signed out")
    world.intercom.agent_notes(begun, "secret too", agent=NORA_THERE)
    world.intercom.customer_writes(begun, "ok")
    world.intercom.customer_writes(begun, "ok")
    world.intercom.close(begun, agent=NORA_THERE)


def words(side: str, body: object) -> str:
    """Return what a part says without its markup."""
    text = str(body or "")
    return text.replace("<p>", "").replace("</p>", "") if side == "intercom" else text


def held(place: Any) -> list[Any]:
    """Return what both sides hold in the end."""
    return outcome(place.world, since=0)


def copied(place: Any) -> list[str]:
    """Return what the parts of the only conversation on Intercom say."""
    (mirror,) = place.world.truth()["intercom"]["conversations"]
    return [words("intercom", part["body"]) for part in mirror["parts"] if part["body"]]


def finish(place: Any) -> None:
    """Run until nothing is left to do."""
    for _ in range(4):
        place.wait(3)
        done = place.run("sync", "--json")
        assert done.code in (0, 1), done.err
        if not any(done.json["writes"].values()):
            return


def watch(place: Any, act: Callable[[int, str], None]) -> None:
    """Call ``act`` with the number of every API request, before and after it takes effect."""
    exchange = place.world.exchange
    lock = threading.Lock()
    count = 0

    def watched(side: str, request: Any) -> Any:
        nonlocal count
        with lock:
            count += 1
            number = count
        act(number, "before")
        answer = exchange(side, request)
        act(number, "after")
        return answer

    place.world.exchange = watched


def undisturbed(settle_in: Callable[..., Any]) -> tuple[list[Any], int]:
    """Return how the story ends when nothing disturbs it, and after how many requests."""
    place = settle_in()
    place.run("init")
    place.wait(5)
    story(place)
    numbers = [0]
    watch(place, lambda number, _when: numbers.append(number))
    place.run("sync")
    requests = max(numbers)
    finish(place)
    return held(place), requests


def killed(settle_in: Callable[..., Any], at: int, when: str) -> list[Any]:
    """Return how the story ends when the first run is killed at a request."""
    place = settle_in()
    place.configure('settle = "2s"', 'settle = "2s"\nworkers = 1')
    place.run("init")
    place.wait(5)
    story(place)
    ready = threading.Event()
    process: list[Any] = []

    def act(number: int, moment: str) -> None:
        if (number, moment) == (at, when):
            ready.wait(PATIENCE)
            os.kill(process[0].pid, signal.SIGKILL)
            process[0].wait(PATIENCE)

    exchange = place.world.exchange
    watch(place, act)
    process.append(place.spawn("sync"))
    ready.set()
    process[0].communicate(timeout=PATIENCE)
    place.world.exchange = exchange
    finish(place)
    assert place.run("verify", "--json").json["differences"] == []
    return held(place)


@pytest.mark.long
@pytest.mark.parametrize(("at", "when"), [(9, "after"), (12, "before"), (15, "after")])
def test_a_killed_run_leaves_no_trace(settle_in: Callable[..., Any], at: int, when: str) -> None:
    """Kill -9 at a request, then a new run: both sides end as if nothing had happened."""
    expected, _ = undisturbed(settle_in)

    assert killed(settle_in, at, when) == expected


@pytest.mark.sweep
def test_a_run_killed_at_any_request_leaves_no_trace(settle_in: Callable[..., Any]) -> None:
    """The same at every single request, before and after it took effect."""
    expected, requests = undisturbed(settle_in)

    for at in range(1, requests + 1):
        for when in ("before", "after"):
            assert killed(settle_in, at, when) == expected, f"killed {when} request {at}"


@pytest.mark.long
@pytest.mark.parametrize("arguments", [["sync", "--every", "1"], ["sync"]])
def test_a_polite_signal_ends_a_run_cleanly(settle_in: Callable[..., Any], arguments: list[str]) -> None:
    """SIGTERM in the middle: the write in hand is finished and recorded, the run has an end."""
    place = settle_in()
    place.run("init")
    place.wait(5)
    for number in range(5):
        place.talk(f"talk {number}")
    writing = threading.Event()
    exchange = place.world.exchange

    def watched(side: str, request: Any) -> Any:
        answer = exchange(side, request)
        if request.method == "POST" and not request.path.endswith("/search"):
            writing.set()
        return answer

    place.world.exchange = watched
    process = place.spawn(*arguments)
    assert writing.wait(PATIENCE)
    process.terminate()
    _, err = process.communicate(timeout=PATIENCE)

    assert process.returncode in (0, 1), err
    assert "Traceback" not in err
    with closing(sqlite3.connect(place.state)) as file:
        (ended,) = file.execute("SELECT count(finished) = count(*) FROM runs").fetchone()
        (unclear,) = file.execute("SELECT count(*) FROM intents WHERE state = 'sent'").fetchone()
    assert (ended, unclear) == (1, 0)
    finish(place)
    assert len(place.world.truth()["intercom"]["conversations"]) == 5
    assert place.run("verify", "--json").json["differences"] == []


def test_an_answer_that_is_lost_is_looked_for(settle_in: Callable[..., Any]) -> None:
    """A write whose answer never came is found again within the same run: once, and nothing is open."""
    place = settle_in()
    place.run("init")
    place.wait(5)
    place.talk()
    lost = place.world.fault("drop_after", side="intercom", method="POST", path="/reply$", times=1)

    done = place.run("sync", "--json")

    assert (lost.used, done.code) == (1, 0)
    (mirror,) = place.world.truth()["intercom"]["conversations"]
    assert [words("intercom", part["body"]) for part in mirror["parts"] if part["body"]] == [
        "Answer to Hello"
    ]
    assert place.run("status", "--json").json["open_intents"] == 0


def test_a_write_that_never_arrived_is_sent_again(settle_in: Callable[..., Any]) -> None:
    """After settling and looking, what is not there is sent once more."""
    place = settle_in()
    place.run("init")
    place.wait(5)
    place.talk()
    place.world.fault("drop_before", side="intercom", method="POST", path="/reply$", times=1)

    done = place.run("sync", "--json")

    assert done.code == 0
    (mirror,) = place.world.truth()["intercom"]["conversations"]
    assert [words("intercom", part["body"]) for part in mirror["parts"] if part["body"]] == [
        "Answer to Hello"
    ]
