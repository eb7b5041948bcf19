"""Counts of what was sent: every attempt is a request, every one that may have changed the remote a write."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from connector.http.service import is_read

if TYPE_CHECKING:
    from connector.host.clock import Clock
    from connector.http.server_time import ServerTime

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Tally:
    """Requests and writes of one side in this process; safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests = 0
        self.writes = 0

    def request(self) -> None:
        """Count an attempt."""
        with self._lock:
            self.requests += 1

    def write(self) -> None:
        """Count a write that was sent and not refused for load."""
        with self._lock:
            self.writes += 1


class Counted(httpx.BaseTransport):
    """Counts what passes and lets the server's clock be learnt from the answers."""

    def __init__(
        self, inner: httpx.BaseTransport, tally: Tally, server_time: ServerTime, *, clock: Clock
    ) -> None:
        self._inner = inner
        self._tally = tally
        self._server_time = server_time
        self._clock = clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Count the request before it leaves, and the write unless it surely did not arrive."""
        self._tally.request()
        sent = self._clock.monotonic()
        try:
            response = self._inner.handle_request(request)
        except NOT_SENT:
            raise
        except Exception:
            self._count_write(request)
            raise
        self._server_time.observe(response, sent=sent)
        if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            self._count_write(request)
        return response

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()

    def _count_write(self, request: httpx.Request) -> None:
        if not is_read(request):
            self._tally.write()
