"""A clock of this machine that somebody set wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.clock import VirtualClock


@dataclass
class WrongClock:
    """It goes on evenly, and waits last as long as ever."""

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
