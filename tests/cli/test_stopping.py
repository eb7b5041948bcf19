"""Ctrl-C and SIGTERM at every kind of moment, sent to real processes: heard at once, told, and harmless."""

from __future__ import annotations

import re
import select
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

HEARD = 2.0
GRACE = 10.0
PATIENCE = 30.0
NORA = "151204"


class Stall:
    """Holds the requests that fit back until it is let go."""

    def __init__(self, place: Any, side: str, pattern: str, *, method: str = "GET") -> None:
        self.reached = threading.Event()
        self.let_go = threading.Event()
        exchange = place.world.exchange

        def held(at: str, request: Any) -> Any:
            if at == side and request.method == method and re.search(pattern, request.path):
                self.reached.set()
                self.let_go.wait(PATIENCE)
            return exchange(at, request)

        place.world.exchange = held


@pytest.fixture
def stall(bound: Any) -> Iterator[Callable[..., Stall]]:
    """Return a function that stalls requests."""
    made: list[Stall] = []

    def make(side: str, pattern: str, **more: str) -> Stall:
        made.append(Stall(bound, side, pattern, **more))
        return made[-1]

    yield make
    for one in made:
        one.let_go.set()


def heard(process: subprocess.Popen[str]) -> str:
    """Return what a process writes to stderr within the time that it has."""
    assert process.stderr is not None
    ready, _, _ = select.select([process.stderr], [], [], HEARD)
    assert ready, "nothing was said in time"
    return process.stderr.readline()


def ends(process: subprocess.Popen[str], seconds: float) -> tuple[int, str, str]:
    """Return how a process ends within some seconds."""
    out, err = process.communicate(timeout=seconds)
    assert "Traceback" not in err
    return process.returncode, out, err


MOMENTS = {
    "start": ("sync", "dashly", r"/apps|/active|/admins|/django"),
    "start there": ("sync", "intercom", r"/me$"),
    "listing": ("sync", "dashly", r"/conversations$"),
    "a conversation": ("sync", "dashly", r"/conversations/\d+/parts"),
    "history": ("backfill", "dashly", r"/conversations$"),
    "verify": ("verify", "dashly", r"/conversations/\d+/parts"),
    "plan": ("plan", "dashly", r"/conversations$"),
    "doctor": ("doctor", "intercom", r"/me$"),
}
ARGUMENTS = {"backfill": ("backfill", "--from", "dashly", "--yes")}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_stop_is_heard_while_a_read_is_not_answered(
    bound: Any, stall: Callable[..., Stall], moment: str, number: signal.Signals
) -> None:
    """Reads are dropped at once, whatever they are for; the run ends with 0 and says what goes on."""
    command, side, pattern = MOMENTS[moment]
    bound.talk()
    if command == "verify":
        bound.run("sync")
    held = stall(side, pattern)
    process = bound.spawn(*ARGUMENTS.get(command, (command,)))
    assert held.reached.wait(PATIENCE), process.communicate(timeout=1)

    process.send_signal(number)

    assert "stopping" in heard(process)
    code, out, err = ends(process, HEARD + 2)
    assert code == 0, (out, err)
    assert f"connector {command}" in err


def test_a_stop_is_heard_while_a_limit_is_waited_for(bound: Any) -> None:
    """Dashly says that the next request may come in two minutes."""
    bound.world.fault("status", side="dashly", status=429, headers={"Retry-After": "100"}, times=50)
    before = len(bound.world.requests())
    process = bound.spawn("sync")
    ends_at = time.monotonic() + PATIENCE  # noqa: TID251 - a process of its own
    while len(bound.world.requests()) == before and time.monotonic() < ends_at:  # noqa: TID251
        time.sleep(0.02)  # noqa: TID251
    time.sleep(0.3)  # noqa: TID251

    process.terminate()

    assert "stopping" in heard(process)
    assert ends(process, HEARD + 2)[0] == 0


def test_a_stop_is_heard_between_two_passes(bound: Any) -> None:
    """The pause of a run that keeps going."""
    process = bound.spawn("sync", "--every", "60", "--json")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("{")

    process.terminate()

    assert "stopping" in heard(process)
    code, _, err = ends(process, HEARD)
    assert (code, "connector sync --every 60" in err) == (0, True)


def test_a_write_under_way_is_waited_for(bound: Any, stall: Callable[..., Stall]) -> None:
    """Its answer comes within ten seconds: nothing is unclear, and the rest is left for the next run."""
    bound.configure("[sync]\n", "[sync]\nworkers = 1\n")
    for number in range(3):
        bound.talk(f"talk {number}")
    held = stall("intercom", "/conversations$", method="POST")
    process = bound.spawn("sync", "--json")
    assert held.reached.wait(PATIENCE)

    process.terminate()
    assert "stopping" in heard(process)
    time.sleep(1)  # noqa: TID251 - a process of its own
    held.let_go.set()

    code, out, _ = ends(process, GRACE)
    assert code == 0, out
    assert bound.run("status", "--json").json["open_intents"] == 0
    bound.run("sync")
    assert len(bound.world.truth()["intercom"]["conversations"]) == 3


def test_a_second_signal_leaves_at_once(bound: Any, stall: Callable[..., Stall]) -> None:
    """In the middle of a write: 130 now, and the next run finds out what became of it."""
    bound.talk()
    held = stall("intercom", "/conversations$", method="POST")
    process = bound.spawn("sync")
    assert held.reached.wait(PATIENCE)
    process.send_signal(signal.SIGINT)
    heard(process)

    process.send_signal(signal.SIGINT)

    assert ends(process, 1.0)[0] == 130
    held.let_go.set()
    bound.wait(3)
    bound.run("sync")
    bound.wait(3)
    bound.run("sync")
    assert len(bound.world.truth()["intercom"]["conversations"]) == 1
    assert bound.run("verify", "--json").json["differences"] == []


def test_a_stop_is_no_news(bound: Any, stall: Callable[..., Stall]) -> None:
    """What is left is told, with 0, and nobody is alarmed."""
    bound.configure("[sync]\n", "[sync]\nworkers = 1\n")
    for number in range(3):
        bound.talk(f"talk {number}")
    held = stall("dashly", r"/conversations/\d+/parts")
    process = bound.spawn("sync", "--json", "--strict")
    assert held.reached.wait(PATIENCE)

    process.terminate()

    code, out, _ = ends(process, HEARD + 2)
    assert code == 0
    assert "left for the next run" in out
    assert '"new": true' not in out
