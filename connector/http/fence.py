"""The two layers that may stop a write: all writes of a dry run, and any that is no longer allowed.

A request may wait for minutes in the pacer and between repeats, so what was true before is asked again.
Whoever asked for it learns here, in the same thread, that it is leaving now, and may still refuse: then no
byte of it was sent.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx

from connector.errors import RailTripped
from connector.http.service import asked, is_read

BeforeWrite = Callable[[], None]


class ReadOnly(httpx.BaseTransport):
    """Lets reads through and raises ``RailTripped`` for anything else: a dry run cannot write."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a read on; refuse a write."""
        if not is_read(request):
            raise RailTripped(
                f"A write was refused because this run may only read: {asked(request)}.",
                hint="This is a fault of the program: a command that only reads tried to write.",
            )
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()


class Fence(httpx.BaseTransport):
    """Calls ``before_write`` right before each attempt of a write; what that raises passes up unchanged."""

    def __init__(self, inner: httpx.BaseTransport, before_write: BeforeWrite) -> None:
        self._inner = inner
        self._before_write = before_write

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, then send; reads are not asked about."""
        if not is_read(request):
            self._before_write()
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()
