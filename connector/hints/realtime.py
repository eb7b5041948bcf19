"""Dashly's realtime service: one thread hears for all pairs; what it says is a hint to look, and no more.

A connection that breaks is made again, ever later while it fails, and resumed behind the last message. What
the buffer of the service does not hold any more is found by the ordinary passes.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from connector.hints.address import PING
from connector.host.log import event

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.hints.address import Line
    from mappings.model import Seconds

_LOG = logging.getLogger(__name__)
_LARGEST = 1024 * 1024
_LONGEST_PLACE = 200
_OPENED_WITHIN: Seconds = 10.0
_HANGS_UP_WITHIN: Seconds = 2.0
_FIRST_PAUSE: Seconds = 1.0
# Passes by their interval find everything meanwhile.
_LONGEST_PAUSE: Seconds = 300.0
# The service closes with these for good: asked again, it would say the same.
_WRONG_TOKEN, _WRONG_CHANNEL = 3401, 3403
_REFUSED_BY_HTTP = {401, 402, 403}


class Realtime:
    """The lines of all pairs; ``heard`` is called with a pair's name, in the thread of the lines."""

    def __init__(self, heard: Callable[[str], None]) -> None:
        self._heard = heard
        self._lines: dict[str, tuple[Line, asyncio.Task[None]]] = {}
        self._open: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to hear."""
        opened = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._hear(opened)), daemon=True, name="realtime"
        )
        self._thread.start()
        opened.wait(_OPENED_WITHIN)  # without it nothing is heard, and passes come by their interval

    def stop(self) -> None:
        """Hang up every line."""
        if self._open is not None and self._thread is not None:
            loop, over = self._open
            self._open = None
            loop.call_soon_threadsafe(over.set)
            self._thread.join(_HANGS_UP_WITHIN)

    def listen(self, name: str, line: Line | None) -> None:
        """Hear on this line for a pair from now on, or not at all; the same line stays as it is."""
        opened = self._open  # once: another thread may hang up meanwhile
        if opened is not None:
            with suppress(RuntimeError):  # it has hung up
                opened[0].call_soon_threadsafe(self._listen, name, line)

    async def _hear(self, opened: threading.Event) -> None:
        over = asyncio.Event()
        self._open = asyncio.get_running_loop(), over
        opened.set()
        await over.wait()  # what still hears then is cancelled by the end of this

    def _listen(self, name: str, line: Line | None) -> None:
        before = self._lines.get(name)
        if before is not None and before[0] == line:
            return
        if before is not None:
            self._lines.pop(name)[1].cancel()
        if line is not None:
            follower = _Follower(name, line, self._heard)
            self._lines[name] = line, asyncio.get_running_loop().create_task(follower.follow())


class _Connect(connect):
    """A connection that has a token, and so goes to no other address than the one it was given."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow no redirect."""
        return exc


class _Follower:
    """Follows one line until the service refuses it."""

    def __init__(self, name: str, line: Line, heard: Callable[[str], None]) -> None:
        self._name = name
        self._line = line
        self._heard = heard
        self._since: tuple[str, str] | None = None
        self._pause = _FIRST_PAUSE
        self._told = False
        self._connected = False

    async def follow(self) -> None:
        """Hear, and connect again after whatever ends the connection."""
        while True:
            reason, refused = await self._hear()
            if refused:
                self._tell("realtime.refused", reason)
                return
            if reason:
                self._tell("realtime.away", reason)
            # Not all at once when the service comes back: it has many listeners.
            await asyncio.sleep(self._pause * random.uniform(0.5, 1.0))  # noqa: S311 - nothing secret
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    async def _hear(self) -> tuple[str, bool]:
        """Hear until the connection ends; return why there was none, and whether the line was refused."""
        token = self._line.token.get_secret_value()
        try:
            async with _Connect(
                self._line.address(self._since),
                additional_headers={"Authorization": f"Token {token}"},
                proxy=None,
                open_timeout=_OPENED_WITHIN,
                close_timeout=_FIRST_PAUSE,
                max_size=_LARGEST,
            ) as connection:
                if self._connected:  # something may have been said meanwhile
                    self._heard(self._name)
                self._connected = True
                async for message in connection:
                    self._take(message)
                code = connection.close_code
        except InvalidStatus as error:
            status = error.response.status_code
            return f"status {status}", status in _REFUSED_BY_HTTP
        except Exception as error:  # noqa: BLE001 - whatever ends a connection, the next one may be better
            code = getattr(getattr(error, "rcvd", None), "code", None)
            return type(error).__name__, code in {_WRONG_TOKEN, _WRONG_CHANNEL}
        refused = code in {_WRONG_TOKEN, _WRONG_CHANNEL}
        return (f"code {code}" if refused else ""), refused

    def _take(self, message: str | bytes) -> None:
        """Take a hint; what a message says is read no further than to tell a ping."""
        self._pause, self._told = _FIRST_PAUSE, False
        with suppress(ValueError, AttributeError, RecursionError):
            told = json.loads(message)
            tag, time = told.get("tag"), told.get("time")
            if isinstance(tag, str | int) and isinstance(time, str):
                since = str(tag), time
                # It goes into the next address, which would be refused, or could not be written, for ever.
                place = "".join(since)
                self._since = since if place.isascii() and len(place) <= _LONGEST_PLACE else None
            if str(told.get("channel", "")).partition(".")[0] != PING:
                self._heard(self._name)

    def _tell(self, what: str, reason: str) -> None:
        if not self._told:
            event(_LOG, logging.WARNING, what, pair_name=self._name, reason=reason)
        self._told = True
