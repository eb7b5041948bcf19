"""All hints of all pairs in one place: from Dashly's realtime service, and from the file of each pair."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING

from connector.app.machine import mailbox
from connector.errors import ExitCode
from connector.hints.early import Early

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from connector.host.clock import Clock
    from mappings.model import Seconds

TICK: Seconds = 0.25
"""How often somebody who waits looks whether a hint has come."""
HEARD_AFTER = frozenset({ExitCode.CLEAN, ExitCode.ATTENTION, ExitCode.RAIL})
"""How a pass must end for a hint to bring the next one early: what failed is mended by no hint."""


class Ears:
    """What was hinted at, and who is to be passed early; any thread may call."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pairs: defaultdict[str, Early] = defaultdict(Early)

    def heard(self, name: str) -> None:
        """Take a hint for a pair."""
        with self._lock:
            self._pairs[name].heard(self._clock.monotonic())

    def look(self, name: str, state: Path) -> None:
        """Take a hint that lies in the file of a pair; it stays there for the pass."""
        if mailbox.waits(state):
            self.heard(name)

    def due(self) -> Iterator[str]:
        """Yield who is to be passed early now."""
        now = self._clock.monotonic()
        with self._lock:
            known = [(name, early.due()) for name, early in self._pairs.items()]
        yield from (name for name, at in known if at is not None and at <= now)

    def began(self, name: str) -> None:
        """Hear that a pass of a pair begins."""
        with self._lock:
            self._pairs[name].began(self._clock.monotonic())

    def ended(self, name: str, *, changed: bool) -> None:
        """Hear how a pass of a pair ended."""
        with self._lock:
            self._pairs[name].ended(self._clock.monotonic(), changed=changed)

    def keep(self, names: Collection[str]) -> set[str]:
        """Keep only these pairs and return who is gone."""
        with self._lock:
            gone = self._pairs.keys() - names
            for name in gone:
                del self._pairs[name]
        return gone
