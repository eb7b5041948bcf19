"""What systemd hears of us, over a real datagram socket."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from connector.host import service_manager
from connector.host.clock import SystemClock
from connector.host.service_manager import ServiceManager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ABSTRACT = f"@connector-test-{os.getpid()}"


@pytest.fixture
def listen(tmp_path: Path) -> Iterator[Callable[..., tuple[str, Callable[[], list[str]]]]]:
    """Return a function that opens a socket as systemd does, and gives its name and what was heard."""
    opened: list[socket.socket] = []

    def make(address: str | None = None) -> tuple[str, Callable[[], list[str]]]:
        name = address or str(tmp_path / "notify")
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        opened.append(ear)
        ear.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        ear.settimeout(0.0)

        def heard() -> list[str]:
            found = []
            try:
                while True:
                    found.append(ear.recv(4096).decode())
            except BlockingIOError:
                return found

        return name, heard

    yield make
    for ear in opened:
        ear.close()


@pytest.mark.parametrize("address", [None, ABSTRACT], ids=["in a folder", "abstract"])
def test_ready_alive_and_stopping_are_one_datagram_each(
    listen: Callable[..., tuple[str, Callable[[], list[str]]]], address: str | None
) -> None:
    """On a path and in the abstract namespace."""
    name, heard = listen(address)
    manager = ServiceManager.of({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "60000000"})

    manager.ready()
    manager.alive()
    manager.stopping()

    assert heard() == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_steps_are_told_twice_within_the_patience_and_no_oftener_than_needed(
    listen: Callable[..., tuple[str, Callable[[], list[str]]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step every second for five minutes, with a patience of a minute: a datagram every 15 seconds."""
    name, heard = listen()
    now = [0.0]
    monkeypatch.setattr(service_manager, "monotonic", lambda: now[0])
    manager = ServiceManager.of({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "60000000"})

    told: list[str] = []
    for second in range(300):
        now[0] = float(second)
        manager.alive()
        told += heard()

    assert told == ["WATCHDOG=1"] * 20


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"NOTIFY_SOCKET": "", "WATCHDOG_USEC": "60000000"},
        {"NOTIFY_SOCKET": "/nonexistent/notify"},
        {"NOTIFY_SOCKET": "/nonexistent/notify", "WATCHDOG_USEC": "60000000"},
        {"NOTIFY_SOCKET": "/nonexistent/notify", "WATCHDOG_USEC": "soon"},
        {"NOTIFY_SOCKET": "/nonexistent/notify", "WATCHDOG_USEC": "0"},
    ],
)
def test_nobody_has_to_listen(environment: dict[str, str]) -> None:
    """From a shell, under cron, or when the manager went away: nothing happens, and nothing fails."""
    manager = ServiceManager.of(environment)

    manager.ready()
    manager.alive()
    manager.stopping()


def test_a_watchdog_that_means_another_process_is_not_ours(
    listen: Callable[..., tuple[str, Callable[[], list[str]]]],
) -> None:
    """A shell that started us is watched itself."""
    name, heard = listen()
    manager = ServiceManager.of({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"})

    manager.alive()

    assert (heard(), manager.longest_silence) == ([], None)


def test_a_long_wait_is_made_of_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """No piece is longer than half of the patience, and after each the manager hears of us."""
    waited: list[float] = []
    told: list[int] = []
    clock = SystemClock(lambda: told.append(len(waited)), longest=30.0)

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return False

    monkeypatch.setattr(clock._stopped, "wait", wait)

    clock.sleep(100.0)

    assert waited == [30.0, 30.0, 30.0, 10.0]
    assert told == [1, 2, 3]


def test_a_stop_ends_a_long_wait_at_once() -> None:
    """Also one that is made of pieces."""
    clock = SystemClock(longest=0.01)
    clock.stop()

    clock.sleep(1_000.0)

    assert clock.stopped
