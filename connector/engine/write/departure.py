"""The moment at which a write is really sent, after every wait for its turn: here its intent is recorded."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from connector.host.clock import Clock
    from mappings.model import Seconds
    from state.records import Intent
    from state.store import Store


@dataclass
class Departure:
    """A write that is about to leave, or has left: then its intent is in the journal."""

    intent: Intent
    run: str | None
    left: bool = False


# The transport knows no conversation; only the worker's thread tells it which write it sends.
class _Here(threading.local):
    departure: Departure | None = None


@dataclass(frozen=True)
class Departures:
    """Which write each thread is sending."""

    store: Store
    clock: Clock
    _here: _Here = field(default_factory=_Here, init=False)

    @contextmanager
    def of(self, intent: Intent, run: str | None) -> Generator[Departure]:
        """Let the requests of this thread be those of one intent."""
        self._here.departure = departure = Departure(intent, run)
        try:
            yield departure
        finally:
            self._here.departure = None

    def before_write(self) -> None:
        """Record this thread's intent, on the disk; TakenOver when another run holds the pair.

        The transport calls this right before each request leaves: pacing and repeats may hold it back for
        minutes, and what is looked for too early is sent twice. Settling counts from here.
        """
        departure, now = self._here.departure, self.clock.now()
        if departure is None:  # it makes a person or a tag, which is found by its name
            self.store.file.step()
        elif departure.left:
            self.store.journal.left(departure.intent.marker, now)
        else:
            self.store.journal.begin(_as_of(departure.intent, now), departure.run)
            departure.left = True


def _as_of(intent: Intent, now: Seconds) -> Intent:
    settle = intent.settle_at - intent.sent_at
    return replace(intent, sent_at=now, settle_at=now + settle)
