"""The only place that knows the time of this machine, sleeps, or makes random ids."""

from __future__ import annotations

import math
import threading
import time
import uuid
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from mappings.model import Seconds


# A waiting run stamps its step at least this often, or it would seem to hang.
_LONG_WAIT = 240.0
_MOMENT = 0.3


class Clock(Protocol):
    """Time and sleep; tests inject their own."""

    @property
    def stopped(self) -> bool:
        """Tell whether the process was asked to stop."""

    def now(self) -> Seconds:
        """Return this machine's time in seconds since 1970; somebody may set it at any moment."""

    def monotonic(self) -> Seconds:
        """Return seconds since some moment in the past; nobody can set them."""

    def sleep(self, seconds: Seconds) -> None:
        """Wait; returns early when the process was asked to stop."""


class SystemClock:
    """The machine's clock; ``stop`` wakes every sleeper.

    ``alive`` is called between the pieces of a wait, none of which is longer than ``longest``.
    """

    def __init__(self, alive: Callable[[], None] = lambda: None, *, longest: Seconds | None = None) -> None:
        self._stopped = threading.Event()
        self._longest = math.inf if longest is None else longest
        self.alive = alive

    def now(self) -> Seconds:
        """Return this machine's time in seconds since 1970."""
        return time.time()  # noqa: TID251 - this is connector.host.clock

    def monotonic(self) -> Seconds:
        """Return seconds that nobody can set."""
        return monotonic()

    def sleep(self, seconds: Seconds) -> None:
        """Wait, or return early when stopped."""
        rest = max(0.0, seconds)
        while rest > self._longest and not self._stopped.wait(self._longest):
            self.alive()
            rest -= self._longest
        self._stopped.wait(rest)

    def stop(self) -> None:
        """Wake every sleeper, now and from now on."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Tell whether the process was asked to stop."""
        return self._stopped.is_set()


class SteadyClock:
    """Runs evenly whatever is done to the clock of the machine, and may be set to the time that counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = clock.now() - clock.monotonic()
        self.waited: Callable[[], None] = lambda: None
        """Is called now and then during a long wait."""

    def set(self, now: Seconds) -> None:
        """Go on from this time."""
        self._ahead = now - self._clock.monotonic()

    def now(self) -> Seconds:
        """Return the time in seconds since 1970."""
        return self._clock.monotonic() + self._ahead

    def monotonic(self) -> Seconds:
        """Return seconds that nobody can set."""
        return self._clock.monotonic()

    def sleep(self, seconds: Seconds) -> None:
        """Wait, or return early when stopped."""
        rest = seconds
        while rest > _LONG_WAIT and not self.stopped:
            self._clock.sleep(_LONG_WAIT)
            self.waited()
            rest -= _LONG_WAIT
        self._clock.sleep(rest)

    @property
    def stopped(self) -> bool:
        """Tell whether the process was asked to stop."""
        return self._clock.stopped


class HastyClock(SteadyClock):
    """Cuts every wait short: a person waits for the answer."""

    def sleep(self, seconds: Seconds) -> None:
        """Wait a moment at most."""
        self._clock.sleep(min(seconds, _MOMENT))


def monotonic() -> Seconds:
    """Return the seconds by which sockets are timed, also where tests move the clock of the program."""
    return time.monotonic()


def new_run_id() -> str:
    """Return an id for one run: short, unique, no meaning."""
    return uuid.uuid4().hex[:12]  # noqa: TID251 - this is connector.host.clock
