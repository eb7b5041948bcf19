"""Ctrl-C and SIGTERM at every kind of moment, sent to real processes: heard at once, told, and harmless."""

from __future__ import annotations

import itertools
import json
import os
import re
import select
import signal
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_json_schemas import fits

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

HEARD = 2.0
OVER = 5.0
"""Seconds in which a process ends once it heard: reads are dropped, the report is written."""
HANGS = 120.0
"""Nothing takes so long, on the slowest machine."""
HELD = 600.0
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
                self.let_go.wait(HELD)
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


def queued(process: subprocess.Popen[str]) -> float:
    """Return for how many seconds a process was ready and had no processor: that is the machine's time."""
    try:
        return int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[1]) / 1e9
    except OSError:  # only Linux tells
        return 0.0


@contextmanager
def within(seconds: float, process: subprocess.Popen[str]) -> Iterator[None]:
    """Hold a process to some seconds, however little of the machine it gets."""
    began, before = time.monotonic(), queued(process)
    yield
    took = time.monotonic() - began
    assert took - (queued(process) - before) < seconds, f"{took:.1f} s"


def heard(process: subprocess.Popen[str]) -> str:
    """Return what a process writes to stderr within the time that it has."""
    assert process.stderr is not None
    with within(HEARD, process):
        ready, _, _ = select.select([process.stderr], [], [], HANGS)
    assert ready, "nothing was said"
    return os.read(process.stderr.fileno(), 4096).decode()


def ends(process: subprocess.Popen[str], seconds: float = OVER) -> tuple[int, str, str]:
    """Return how a process ends within some seconds."""
    hung = threading.Timer(HANGS, process.kill)
    hung.start()
    with within(seconds, process):
        # It stays a zombie, whose times can still be read.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    hung.cancel()
    out, err = process.communicate(timeout=HANGS)
    assert "Traceback" not in err
    return process.returncode, out, err


MOMENTS = {
    "start": ("sync", "dashly", r"/channels|/admins"),
    "start there": ("sync", "intercom", r"/me$"),
    "listing": ("sync", "dashly", r"/conversations$"),
    "a conversation": ("sync", "dashly", r"/conversations/\d+/parts"),
    "history": ("backfill", "dashly", r"/conversations$"),
    "verify": ("verify", "dashly", r"/conversations/\d+/parts"),
    "plan": ("plan", "dashly", r"/conversations$"),
    "doctor": ("doctor", "intercom", r"/me$"),
}
ARGUMENTS = {"backfill": ("backfill", "--from", "dashly", "--yes")}


@pytest.mark.long
@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (moment, number)
        for moment, number in zip(MOMENTS, itertools.cycle((signal.SIGTERM, signal.SIGINT)), strict=False)
    ],
)
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
    assert held.reached.wait(HANGS), process.communicate(timeout=1)

    process.send_signal(number)

    assert f"next: connector {command}" in heard(process)
    code, out, err = ends(process)
    assert code == 0, (out, err)
    assert f"  next: connector {command}" in err.splitlines()[-1], err
    # Nothing failed: what was dropped was not looked at.
    assert not re.search(r"^fail\b", out, re.MULTILINE), out


@pytest.mark.long
def test_a_verify_that_compared_nothing_names_a_command_that_works(
    bound: Any, stall: Callable[..., Stall]
) -> None:
    """There is nothing to resume yet, so it begins again."""
    bound.talk()
    bound.run("sync")
    held = stall("dashly", r"/conversations/\d+/parts")
    process = bound.spawn("verify")
    assert held.reached.wait(HANGS)

    process.terminate()

    assert "next: connector verify\n" in heard(process)
    assert ends(process)[2].splitlines()[-1] == "  next: connector verify"


@pytest.mark.long
def test_a_doctor_that_is_stopped_tells_a_program_so(bound: Any, stall: Callable[..., Stall]) -> None:
    """What was dropped is left out, and the object says why."""
    held = stall("intercom", r"/me$")
    process = bound.spawn("doctor", "--json")
    assert held.reached.wait(HANGS)

    process.terminate()

    told = json.loads(ends(process)[1])
    assert (told["exit_code"], told["hint"]) == (0, "connector doctor --json")
    fits("doctor", told)
    assert [check for check in told["checks"] if check["status"] == "fail"] == []


@pytest.mark.long
def test_a_stop_is_heard_while_a_limit_is_waited_for(bound: Any) -> None:
    """Dashly says that the next request may come in two minutes."""
    bound.world.fault("status", side="dashly", status=429, retry_after="100", times=50)
    before = len(bound.world.requests())
    process = bound.spawn("sync")
    ends_at = time.monotonic() + HANGS
    while len(bound.world.requests()) == before and time.monotonic() < ends_at:
        time.sleep(0.02)  # noqa: TID251
    time.sleep(0.3)  # noqa: TID251

    process.terminate()

    assert "stopping" in heard(process)
    assert ends(process)[0] == 0


@pytest.mark.long
def test_a_stop_is_heard_between_two_passes(bound: Any) -> None:
    """The pause of a run that keeps going; what its pass did is told before it."""
    process = bound.spawn("sync", "--every", "600", "--json")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("{")

    process.terminate()

    assert "next: connector sync --every 600 --json\n" in heard(process)
    assert ends(process)[0] == 0


@pytest.mark.long
def test_a_write_under_way_is_waited_for(bound: Any, stall: Callable[..., Stall]) -> None:
    """Its answer comes within ten seconds: nothing is unclear, and the rest is left for the next run."""
    bound.configure("[sync]\n", "[sync]\nworkers = 1\n")
    for number in range(3):
        bound.talk(f"talk {number}")
    held = stall("intercom", "/conversations$", method="POST")
    process = bound.spawn("sync", "--json")
    assert held.reached.wait(HANGS)

    process.terminate()
    assert "stopping" in heard(process)
    time.sleep(1)  # noqa: TID251 - a process of its own
    held.let_go.set()

    code, out, _ = ends(process)
    assert code == 0, out
    with closing(sqlite3.connect(bound.state)) as file:
        assert file.execute("SELECT count(*) FROM intents WHERE state = 'sent'").fetchone() == (0,)
    bound.run("sync")
    assert len(bound.world.truth()["intercom"]["conversations"]) == 3


@pytest.mark.long
def test_no_write_leaves_after_a_stop(bound: Any, stall: Callable[..., Stall]) -> None:
    """Though its conversation has more to write: each may take ten seconds to be answered."""
    bound.talk()
    held = stall("intercom", "/contacts$", method="POST")
    process = bound.spawn("sync")
    assert held.reached.wait(HANGS)

    process.terminate()
    assert "stopping" in heard(process)
    held.let_go.set()

    assert ends(process)[0] == 0
    assert bound.world.truth()["intercom"]["conversations"] == []


@pytest.mark.long
def test_a_second_signal_leaves_at_once(bound: Any, stall: Callable[..., Stall]) -> None:
    """In the middle of a write: 130 now, and the next run finds out what became of it."""
    bound.talk()
    held = stall("intercom", "/conversations$", method="POST")
    process = bound.spawn("sync")
    assert held.reached.wait(HANGS)
    process.send_signal(signal.SIGINT)
    heard(process)

    process.send_signal(signal.SIGINT)

    assert ends(process)[0] == 130
    held.let_go.set()
    bound.wait(3)
    bound.run("sync")
    bound.wait(3)
    bound.run("sync")
    assert len(bound.world.truth()["intercom"]["conversations"]) == 1
    assert bound.run("verify", "--json").json["differences"] == []


@pytest.mark.long
def test_a_stop_is_no_news(bound: Any, stall: Callable[..., Stall]) -> None:
    """What is left is told, with 0, and nobody is alarmed."""
    bound.configure("[sync]\n", "[sync]\nworkers = 1\n")
    for number in range(3):
        bound.talk(f"talk {number}")
    held = stall("dashly", r"/conversations/\d+/parts")
    process = bound.spawn("sync", "--json", "--strict")
    assert held.reached.wait(HANGS)

    process.terminate()

    code, out, _ = ends(process)
    assert code == 0
    assert "left for the next run" in out
    assert '"new": true' not in out
