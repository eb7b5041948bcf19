"""One log event per exchange: method, path, status, time, attempt. Never a query, body, token or person."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import httpx

from connector.host.log import event
from connector.http.service import public_path

if TYPE_CHECKING:
    from connector.host.clock import Clock
    from mappings.model import Seconds

_logger = logging.getLogger(__name__)


class Traced(httpx.BaseTransport):
    """Logs every exchange at debug level: what failed is told by the error."""

    def __init__(self, inner: httpx.BaseTransport, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on and log how it ended."""
        started = self._clock.now()
        try:
            response = self._inner.handle_request(request)
        except Exception as error:
            self._log(request, started, error=type(error).__name__)
            raise
        self._log(request, started, status=response.status_code)
        return response

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()

    def _log(self, request: httpx.Request, started: Seconds, **outcome: str | int) -> None:
        event(
            _logger,
            logging.DEBUG,
            "http.exchange",
            host=request.url.host,
            method=request.method,
            path=public_path(request),
            ms=round((self._clock.now() - started) * 1000),
            attempt=request.extensions.get("attempt", 1),
            **outcome,
        )
