"""The one place where the layers are put on top of each other.

From the engine to the wire: read-only guard, retry, pace, fence, record, bound. Each attempt of a retry
waits for its own turn, passes the fence and is recorded. Redirects are never followed; every timeout is set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from connector.http.attempts import Recorded, Tally
from connector.http.bounded import ENCODINGS, Bounded
from connector.http.fence import BeforeWrite, Fence, ReadOnly
from connector.http.network import network, no_cookies
from connector.http.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.host.clock import Clock
    from connector.http.server_time import ServerTime
    from connector.http.service import Service
    from connector.http.turns import Pace

_LONGEST_CONNECT = 10.0


class Meters:
    """What a client measures while it works: counts, the server's clock, the requests a second."""

    def __init__(self, server_time: ServerTime) -> None:
        self.tally = Tally()
        self.rate: Callable[[], float] = lambda: 0.0
        self.server_time = server_time


def build_client(  # noqa: PLR0913 - all that a client is made of
    service: Service,
    *,
    pace: Pace,
    clock: Clock,
    meters: Meters,
    before_write: BeforeWrite | None = None,
    read_only: bool = False,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """Return the client of one remote with all layers in place; ``transport`` replaces the network."""
    meters.rate = pace.rate
    layers: httpx.BaseTransport = Bounded(transport or network(), service, clock=clock)
    layers = Recorded(layers, meters.tally, meters.server_time, clock=clock)
    if before_write is not None:
        layers = Fence(layers, before_write)
    layers = Paced(layers, pace)
    layers = Retry(layers, service, clock=clock, server_time=meters.server_time)
    if read_only:
        layers = ReadOnly(layers)
    return httpx.Client(
        base_url=service.base_url,
        headers={
            "User-Agent": "dashly-intercom-connector",
            "Accept-Encoding": ENCODINGS,
            **service.headers,
        },
        cookies=no_cookies(),
        timeout=httpx.Timeout(service.timeout, connect=min(service.timeout, _LONGEST_CONNECT)),
        follow_redirects=False,
        trust_env=False,
        transport=layers,
    )


class Paced(httpx.BaseTransport):
    """Sends each attempt when its pace admits it."""

    def __init__(self, inner: httpx.BaseTransport, pace: Pace) -> None:
        self._inner = inner
        self._pace = pace

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for a turn, then pass the request on."""
        ticket = self._pace.admit()
        response: httpx.Response | None = None
        try:
            response = self._inner.handle_request(request)
        finally:
            self._pace.done(ticket, response)
        return response

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()
