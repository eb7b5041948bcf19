"""The one clock of all tests: time passes only when somebody sleeps, or when a test lets it pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.sandbox import World

BEGIN = 1_800_000_000.0


class VirtualClock:
    """The time of this machine, and of the helpdesks that it drives."""

    def __init__(self, at: float = BEGIN) -> None:
        self.time = at
        self.sleeps: list[float] = []
        self.stopped = False
        self._world: World | None = None

    def drive(self, world: World) -> None:
        """Be the clock of a world as well: what is under way there arrives when its time has come."""
        world.clock.now = self.now  # type: ignore[method-assign]
        world.clock.advance = self.advance  # type: ignore[method-assign]
        self._world = world

    def now(self) -> float:
        """Return the time."""
        return self.time

    def monotonic(self) -> float:
        """Return the time: nobody sets it here."""
        return self.now()

    def advance(self, seconds: float) -> float:
        """Let the time pass, and nothing else happen."""
        self.time += max(0.0, seconds)
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once, also for the requests that are still under way."""
        self.sleeps.append(seconds)
        if self._world is None:
            self.advance(seconds)
        else:
            self._world.advance(max(0.0, seconds))


@dataclass
class WrongClock:
    """This machine's clock, set wrong: it goes on evenly, and waits last as long as ever."""

    true: VirtualClock
    ahead: float

    @property
    def stopped(self) -> bool:
        """Tell whether the process was asked to stop."""
        return self.true.stopped

    def now(self) -> float:
        """Return the wrong time."""
        return self.true.now() + self.ahead

    def monotonic(self) -> float:
        """Return what nobody can set."""
        return self.true.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.true.sleep(seconds)
