"""What is kept of each attempt: a count, what its answer says of the server's clock, and a log event.

Every attempt is a request, every one that may have changed the remote a write. The event has method, path,
status, time and attempt; never a query, body, token or person.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from connector.host.amounts import middle
from connector.host.log import event
from connector.http.service import is_read, public_path

if TYPE_CHECKING:
    from connector.host.clock import Clock
    from connector.http.server_time import ServerTime
    from mappings.model import Seconds

_LATELY = 64  # answers; a few slow ones change little
_logger = logging.getLogger(__name__)

# Without a connection no byte of the request can have been sent; any other failure may have come after.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Tally:
    """Requests and writes of one side in this process; safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests = 0
        self.writes = 0
        self._took: deque[Seconds] = deque(maxlen=_LATELY)

    @property
    def latency(self) -> Seconds:
        """Return what half of the last answers took at most."""
        with self._lock:
            return middle(self._took) if self._took else 0.0

    def answered(self, took: Seconds) -> None:
        """Remember what an answer took."""
        with self._lock:
            self._took.append(took)

    def request(self) -> None:
        """Count an attempt."""
        with self._lock:
            self.requests += 1

    def write(self) -> None:
        """Count a write that was sent and not refused for load."""
        with self._lock:
            self.writes += 1


class Recorded(httpx.BaseTransport):
    """Counts and logs what passes, and lets the server's clock be learnt from the answers."""

    def __init__(
        self, inner: httpx.BaseTransport, tally: Tally, server_time: ServerTime, *, clock: Clock
    ) -> None:
        self._inner = inner
        self._tally = tally
        self._server_time = server_time
        self._clock = clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Count the request before it is sent, and the write unless it certainly did not arrive."""
        self._tally.request()
        sent = self._clock.monotonic()
        try:
            response = self._inner.handle_request(request)
        except Exception as error:
            self._log(request, sent, error=type(error).__name__)
            if not isinstance(error, NOT_SENT):
                self._count_write(request)
            raise
        self._log(request, sent, status=response.status_code)
        self._tally.answered(self._clock.monotonic() - sent)
        self._server_time.observe(response, sent=sent)
        if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:  # refused before it was looked at
            self._count_write(request)
        return response

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()

    def _count_write(self, request: httpx.Request) -> None:
        if not is_read(request):
            self._tally.write()

    def _log(self, request: httpx.Request, sent: Seconds, **outcome: str | int) -> None:
        event(
            _logger,
            logging.DEBUG,  # what failed is told by the error
            "http.exchange",
            host=request.url.host,
            method=request.method,
            path=public_path(request),
            ms=round((self._clock.monotonic() - sent) * 1000),
            attempt=request.extensions.get("attempt", 1),
            **outcome,
        )
