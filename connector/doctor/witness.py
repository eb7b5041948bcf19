"""A transport that keeps what the answers' headers say about limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from connector.http.waiting import number

if TYPE_CHECKING:
    from mappings.model import Seconds


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many requests a side says that its window allows, how many are left, and when it ends."""

    limit: int
    remaining: int
    reset: Seconds


class Witness(httpx.BaseTransport):
    """Passes everything on and remembers the newest allowance."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.allowance: Allowance | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on and look at the answer's headers."""
        response = self._inner.handle_request(request)
        read = [number(response.headers.get(f"X-RateLimit-{n}", "")) for n in ("Limit", "Remaining", "Reset")]
        limit, remaining, reset = read
        # How many are left says nothing without how many there were, and when the window ends.
        if limit is not None and remaining is not None and reset is not None:
            self.allowance = Allowance(int(limit), int(remaining), reset)
        return response

    def close(self) -> None:
        """Close the network below."""
        self._inner.close()
