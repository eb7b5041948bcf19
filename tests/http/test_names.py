"""Looking up a host beside the thread that waits for it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from connector.http import names

if TYPE_CHECKING:
    from collections.abc import Callable


def answering(*addresses: str, after: float = 0.0) -> Callable[[str, int, list[str]], None]:
    """Return a name server that takes its time."""

    def ask(_host: str, _port: int, found: list[str]) -> None:
        threading.Event().wait(after)
        found.extend(addresses)

    return ask


def test_an_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server needs some time, and whoever waits for it leaves the processor to others."""
    monkeypatch.setattr(names, "_ask", answering("192.0.2.1", "192.0.2.2", after=0.15))
    began = time.thread_time()

    assert names.look_up("example.test", 443, 5.0) == ["192.0.2.1", "192.0.2.2"]
    assert time.thread_time() - began < 0.04


def test_a_name_server_that_hangs_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no answer that there is no such host; what still waits for it keeps no process alive."""
    monkeypatch.setattr(names, "_ask", answering("192.0.2.1", after=0.2))

    with pytest.raises(TimeoutError, match="in time"):
        names.look_up("example.test", 443, 0.02)

    assert [one.daemon for one in threading.enumerate() if one.name == "look-up"] == [True]


def test_a_host_without_an_address_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name may be wrong."""
    monkeypatch.setattr(names, "_ask", answering())

    with pytest.raises(OSError, match="not known"):
        names.look_up("example.test", 443, 5.0)


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::7"])
def test_an_address_is_asked_of_nobody(host: str) -> None:
    """It is its own answer."""
    assert names.look_up(host, 443) == [host]
