"""When the run that holds the lock last finished a step: this tells a run that hangs from one at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from state.access.peek import peek
from state.access.transactions import SET_FACT

if TYPE_CHECKING:
    from collections.abc import Callable

    from mappings.model import Seconds
    from state.access.place import Place
    from state.access.transactions import Statements

# Ten minutes without a step are a hang: seconds do not matter, and each stamp is a write.
APART: Seconds = 30.0
_KEY = "step"


class Steps:
    """Stamps steps, at most one in half a minute, inside transactions that are made anyway.

    ``alive`` hears of every step.
    """

    def __init__(self, now: Callable[[], Seconds], alive: Callable[[], None] = lambda: None) -> None:
        self._now = now
        self._alive = alive
        self._last: Seconds | None = None

    def stamp(self, db: Statements) -> None:
        """Note that something is being done."""
        self._alive()
        now = self._now()
        if self._last is None or not 0 <= now - self._last < APART:
            db.execute(SET_FACT, [_KEY, repr(now)])
            self._last = now


def last_step(place: Place) -> Seconds | None:
    """Return when a step was last finished, read beside whoever is at work; None where none is known."""
    told = peek(place, _KEY)
    try:
        return None if told is None else float(told)
    except ValueError:
        return None
