"""How far long work is, as values: what is done, what is left, what it costs, what it waits for.

Whoever works tells a ``Listener``; whoever shows it is a ``Watch``. Neither knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.host.clock import Clock
    from mappings.model import Seconds, Side


class Cause(StrEnum):
    """What a wait is for."""

    LIMIT = "limit"
    ANSWER = "answer"
    SETTLING = "settling"


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait for a side, or for an unclear write of any; ``until`` is a monotonic time."""

    cause: Cause
    side: Side | None
    until: Seconds


class Work(StrEnum):
    """What takes long."""

    SYNC = "sync"
    BACKFILL = "backfill"
    VERIFY = "verify"
    RECOVER = "recover"
    PLAN = "plan"
    MAPPING = "mapping"
    UNDO = "undo"
    EXPORT = "export"
    MIGRATION = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far work is: counts of conversations, requests by side, and what is reckoned from them.

    ``left`` is None while nobody knows it. ``aside`` are those that failed and wait for a later run. ``rate``
    is in conversations a second, ``ahead`` are the requests of Dashly that the rest needs, and
    ``seconds_left`` is how long that takes within its limit. ``saved`` are the bytes of the state file that
    are copied before it is changed, and of how many; ``shrinking`` are those of one that is made smaller.
    """

    work: Work
    done: int = 0
    left: int | None = None
    aside: int = 0
    listed: int = 0
    requests: Mapping[Side, int] = field(default_factory=dict)
    ahead: int | None = None
    rate: float | None = None
    seconds_left: Seconds | None = None
    saved: tuple[int, int] | None = None
    shrinking: int | None = None
    wait: Wait | None = None


class Watch(Protocol):
    """Shows somebody how far work is."""

    def heard(self, progress: Progress) -> None:
        """Hear how far it is now; called often, from any thread."""

    def ended(self) -> None:
        """Hear that this work is over."""


@dataclass(frozen=True)
class Echoed:
    """A watch that is shown everything, and somebody else who only hears that work goes on."""

    watch: Watch
    alive: Callable[[], None]

    def heard(self, progress: Progress) -> None:
        """Hear how far it is now."""
        self.alive()
        self.watch.heard(progress)

    def ended(self) -> None:
        """Hear that this work is over."""
        self.watch.ended()


class Unwatched:
    """Nobody looks."""

    def heard(self, progress: Progress) -> None:
        """Pass it over."""

    def ended(self) -> None:
        """Pass it over."""


class Listener(Protocol):
    """Hears from those who work what they finished."""

    def listed(self) -> None:
        """Count one more conversation in a list."""

    def due(self, count: int) -> None:
        """Hear how many conversations are to be worked on."""

    def done(self, row: int) -> None:
        """Count a conversation that is finished."""

    def put_aside(self, row: int) -> None:
        """Count a conversation that failed and waits for a later run."""


class Unheard:
    """Nobody counts."""

    def listed(self) -> None:
        """Pass it over."""

    def due(self, count: int) -> None:
        """Pass it over."""

    def done(self, row: int) -> None:
        """Pass it over."""

    def put_aside(self, row: int) -> None:
        """Pass it over."""


def in_silence(_wait: Wait) -> None:
    """Wait without telling anybody."""


class AloudClock:
    """A clock whose every sleep is told before it begins."""

    def __init__(self, clock: Clock, cause: Cause, side: Side | None, tell: Callable[[Wait], None]) -> None:
        self._clock = clock
        self._cause = cause
        self._side = side
        self._tell = tell

    def now(self) -> Seconds:
        """Return this machine's time."""
        return self._clock.now()

    def monotonic(self) -> Seconds:
        """Return seconds that nobody can set."""
        return self._clock.monotonic()

    def sleep(self, seconds: Seconds) -> None:
        """Tell of the wait, and wait."""
        self._tell(Wait(self._cause, self._side, self._clock.monotonic() + seconds))
        self._clock.sleep(seconds)

    @property
    def stopped(self) -> bool:
        """Tell whether the process was asked to stop."""
        return self._clock.stopped
