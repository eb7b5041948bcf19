"""What was true before a wait is asked again after it: the last question before a write leaves.

A request may wait for minutes in the pacer and between repeats. Whoever asked for it learns here, in the same
thread, that it is leaving now, and may still refuse: then no byte of it was sent.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx

from connector.http.service import is_read

BeforeWrite = Callable[[], None]


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
