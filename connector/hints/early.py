"""When a pair is looked at early, by the hints that came. Pure.

Hints are gathered for a moment; early passes keep a distance; a pass that found nothing may have come before
the lists showed what the hint was about, so one more look follows. What came out of an early pass itself, the
echo of its own writes, costs one quiet pass and no further look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.model import Seconds

QUIET: Seconds = 0.5
"""Hints are gathered until none came for so long …"""
GATHERED: Seconds = 2.0
"""… but no longer than this."""
FLOOR: Seconds = 10.0
"""From one early pass to the next."""
AGAIN: Seconds = 30.0
"""The time after which a list surely shows what a hint was about."""


@dataclass(slots=True)
class Early:
    """The hints of one pair; times are those of a clock that nobody sets."""

    _first: Seconds | None = None
    _newest: Seconds = 0.0
    _began: Seconds | None = None
    _hinted: bool = False
    _echo: bool = False
    _again: Seconds | None = None

    def heard(self, now: Seconds) -> None:
        """Take a hint."""
        self._first = now if self._first is None else self._first
        self._newest = now

    def due(self) -> Seconds | None:
        """Return when an early pass is due, or None."""
        gathered = self._gathered()
        return min((at for at in (gathered, self._again) if at is not None), default=None)

    def _gathered(self) -> Seconds | None:
        if self._first is None:
            return None
        due = min(self._newest + QUIET, self._first + GATHERED)
        return due if self._began is None else max(due, self._began + FLOOR)

    def began(self, now: Seconds) -> None:
        """Hear that a pass begins, early or not: it sees whatever was hinted at so far."""
        self._hinted = self._first is not None
        self._echo = self._hinted and self._began is not None and now - self._began < AGAIN
        if self._hinted:
            self._began = now
        self._first = None
        if self._hinted or (self._again is not None and self._again <= now):
            self._again = None

    def ended(self, now: Seconds, *, changed: bool) -> None:
        """Hear how a pass ended; ``changed`` is whether it wrote anything."""
        # A quiet pass right behind an early one is that one's second look, and mostly its echo.
        if self._hinted and (changed or not self._echo):
            self._again = now + AGAIN
        self._hinted = False
