from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from connector.host.clock import Clock
from connector.http.pace import MemoryRequestLog, WindowPace
from connector.http.server_time import ServerTime
from connector.http.service import Service
from connector.http.stack import Meters, build_client

if TYPE_CHECKING:
    from connector.http.fence import BeforeWrite

Handler = Callable[[httpx.Request], httpx.Response]


class Stack:
    """A client with all layers over a handler, and what it measured."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.service = Service(
            base_url="https://api.dashly.test",
            section="dashly",
            token_place="DASHLY_TOKEN",
            headers={"Authorization": "Token app.1.secret"},
        )
        self.meters = Meters(ServerTime(clock))
        self.sent: list[httpx.Request] = []
        self.before_write: BeforeWrite | None = None

    def over(self, handler: Handler, *, read_only: bool = False) -> httpx.Client:
        """Return a client whose requests the handler answers."""

        def serve(request: httpx.Request) -> httpx.Response:
            self.sent.append(request)
            return handler(request)

        return build_client(
            self.service,
            pace=WindowPace(MemoryRequestLog(), limit=60, clock=self.clock),
            clock=self.clock,
            meters=self.meters,
            before_write=self.before_write,
            read_only=read_only,
            transport=httpx.MockTransport(serve),
        )

    def script(self, *steps: httpx.Response | Exception, read_only: bool = False) -> httpx.Client:
        """Return a client that meets these outcomes in turn, the last one for ever."""
        outcomes = list(steps)

        def play(_request: httpx.Request) -> httpx.Response:
            step = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
            if isinstance(step, Exception):
                raise step
            return httpx.Response(step.status_code, headers=step.headers, content=step.content)

        return self.over(play, read_only=read_only)


@pytest.fixture
def stack(clock: Clock) -> Stack:
    """The whole stack over a manual clock."""
    return Stack(clock)
