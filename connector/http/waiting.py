"""How long to wait, and waiting that ends when the process is asked to stop."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from connector.errors import STOPPED, Stopped

if TYPE_CHECKING:
    import httpx

    from connector.host.clock import Clock
    from mappings.model import Seconds

# Limits last a minute: longer advice is a mistake, or a way to stop the connector for good.
LONGEST_ADVICE: Seconds = 120.0
# An advice of 0 would be asked again at once, eight times.
_SHORTEST_ADVICE: Seconds = 1.0


def wait(clock: Clock, seconds: Seconds) -> None:
    """Sleep; raise ``Stopped`` when the process was asked to stop, since a wake-up is not a permission."""
    clock.sleep(seconds)
    if clock.stopped:
        raise Stopped(STOPPED)


def parse_http_date(text: str) -> Seconds | None:
    """Return an HTTP date in seconds since 1970, or None."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def advised_wait(response: httpx.Response, server_now: Seconds) -> Seconds | None:
    """Return how long the server says to wait: Retry-After, else X-RateLimit-Reset of a 429; capped."""
    advice = _retry_after(response.headers.get("Retry-After", ""), server_now)
    if advice is None and response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        advice = _until_reset(response.headers.get("X-RateLimit-Reset", ""), server_now)
    return None if advice is None else min(max(advice, _SHORTEST_ADVICE), LONGEST_ADVICE)


def _retry_after(text: str, server_now: Seconds) -> Seconds | None:
    seconds = number(text)
    if seconds is not None:
        return seconds
    date = parse_http_date(text) if text else None
    return None if date is None else max(0.0, date - server_now)


def _until_reset(text: str, server_now: Seconds) -> Seconds | None:
    reset = moment(text, server_now)
    return reset - server_now if reset is not None and reset > server_now else None


def moment(text: str, server_now: Seconds) -> Seconds | None:
    """Return a header's time in seconds since 1970, which may be given in milli- or microseconds.

    None unless it is near the server's own time: nothing is waited for that a remote only claims.
    """
    value = number(text)
    if value is None:
        return None
    given = (value / unit for unit in (1, 1_000, 1_000_000))
    return next((at for at in given if abs(at - server_now) <= LONGEST_ADVICE), None)


def number(text: str) -> Seconds | None:
    """Return a header's non-negative number, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
