"""The server's clock, from the Date header of its newest answer and the time passed since.

The header has whole seconds and is written before the answer arrives, so the estimate lags by up to a
second and a round trip; it never runs ahead, as a watermark needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.http.waiting import parse_http_date

if TYPE_CHECKING:
    import httpx

    from connector.host.clock import Clock
    from mappings.model import Seconds


class ServerTime:
    """Knows how far the server's clock is from this machine's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._skew: Seconds | None = None

    def observe(self, response: httpx.Response) -> None:
        """Learn from an answer that just arrived."""
        date = parse_http_date(response.headers.get("Date", ""))
        if date is not None:
            self._skew = date - self._clock.now()

    def now(self) -> Seconds:
        """Return the server's time; this machine's until a server told its own."""
        return self._clock.now() + (self._skew or 0.0)

    @property
    def skew(self) -> Seconds | None:
        """Return server minus machine, to about a second; None when no answer had a date."""
        return self._skew
