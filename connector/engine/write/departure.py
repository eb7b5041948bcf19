"""The moment at which a write is really sent, after every wait for its turn."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from connector.host.clock import Clock
    from state.store import Store


# The transport knows no conversation; only the worker's thread tells it which write it sends.
class _Here(threading.local):
    marker: str | None = None


@dataclass(frozen=True)
class Departures:
    """Which write each thread is sending."""

    store: Store
    clock: Clock
    _here: _Here = field(default_factory=_Here, init=False)

    @contextmanager
    def of(self, marker: str) -> Generator[None]:
        """Let the requests of this thread be those of one intent."""
        self._here.marker = marker
        try:
            yield
        finally:
            self._here.marker = None

    def before_write(self) -> None:
        """Count the settling of this thread's write from now; TakenOver when another run holds the pair.

        The transport calls this right before the request leaves: pacing and repeats may hold it back for
        minutes, and what is looked for too early is sent twice.
        """
        self.store.journal.left(self._here.marker or "", self.clock.now())
