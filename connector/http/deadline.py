"""One deadline over a whole request: connecting, the head of the answer, and its body.

The library's own timeouts are for one operation each: an answer that drips never meets them. Sockets ask the
deadline of their thread before each short wait, which is also how a stop reaches them.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from typing import TYPE_CHECKING

from connector.host.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from connector.host.clock import Clock
    from mappings.model import Seconds

GRACE: Seconds = 10.0
"""How long a write that is under way may still be answered after a stop."""
# A stop must take effect within two seconds, and a blocked socket cannot notice it.
_SLICE: Seconds = 0.5


class Deadline:
    """When a request must have ended; after a stop there are only ``grace`` seconds left."""

    def __init__(self, seconds: Seconds, clock: Clock, *, grace: Seconds = 0.0) -> None:
        self._ends = monotonic() + seconds
        self._clock = clock
        self._grace = grace
        self._stop_noticed = False

    def left(self) -> Seconds:
        """Return how long may still be waited; 0 or less when it is over."""
        if self._clock.stopped and not self._stop_noticed:
            self._stop_noticed = True
            self._ends = min(self._ends, monotonic() + self._grace)
        return self._ends - monotonic()

    @property
    def over(self) -> bool:
        """Tell whether nothing may be waited for any more."""
        return self.left() <= 0


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(deadline: Deadline) -> Generator[None]:
    """Make every socket that this thread uses meanwhile keep to a deadline."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def slices(timeout: Seconds | None) -> Iterator[Seconds]:
    """Yield short times to wait until the timeout, or the deadline of this thread, is over."""
    ends = inf if timeout is None else monotonic() + timeout
    while True:
        deadline = _current.get()
        left = min(_SLICE, ends - monotonic(), inf if deadline is None else deadline.left())
        if left <= 0:
            return
        yield left
