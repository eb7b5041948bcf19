"""Safety limits: limits that stop a run before it does more than anybody meant."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from connector.errors import RailTripped


@dataclass
class Limits:
    """Counts the remote writes and the conversations created in one run; raises RailTripped at a limit."""

    max_writes: int
    max_creates: int
    max_removals: int
    writes: int = 0
    creates: int = 0
    removals: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, *, calls: int = 1, creates: bool = False, removes: bool = False) -> None:
        """Reserve the calls that one write may need, before it is made."""
        with self._lock:
            if self.writes + calls > self.max_writes:
                raise _tripped("max_writes", self.max_writes)
            if creates and self.creates >= self.max_creates:
                raise _tripped("max_creates", self.max_creates)
            if removes and self.removals >= self.max_removals:
                raise _tripped("max_removals", self.max_removals)
            self.writes += calls
            self.removals += removes
            self.creates += creates

    def listed(self, *, creates: int, removals: int = 0) -> None:
        """Refuse a run whose lists prove already that it would do too much; each creation is a write."""
        narrow = "narrow a backfill with --limit, --since or --until"
        look = "look at `connector plan` whether so many were really deleted"
        for what, count, key, limit, instead in (
            ("created", creates, "max_creates", self.max_creates, narrow),
            ("created", creates, "max_writes", self.max_writes, narrow),
            ("erased", removals, "max_removals", self.max_removals, look),
        ):
            if count > limit:
                raise RailTripped(
                    f"{count} conversations would be {what}, the limit is {limit} in a run ({key}); "
                    "nothing was written",
                    hint=f"raise [limits] {key}, or {instead}",
                )


def _tripped(key: str, limit: int) -> RailTripped:
    return RailTripped(
        f"the run reached its limit of {limit} ({key}) and stopped",
        hint=f"look at `connector status`, then run again, or raise [limits] {key}",
    )
