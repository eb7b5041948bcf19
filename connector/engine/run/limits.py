"""Limits: how much one run may do. A backfill stops at them, a sync holds what is over and goes on."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum

from connector.errors import ConnectorError, RailTripped


class LimitKey(StrEnum):
    """The keys in `[limits]` that count what a run does."""

    WRITES = "max_writes"
    CREATES = "max_creates"
    REMOVALS = "max_removals"


class OverLimit(ConnectorError):
    """The work on one conversation would pass a limit; the others go on."""

    def __init__(self, key: LimitKey) -> None:
        super().__init__(f"it is over [limits] {key}")
        self.key = key


@dataclass
class Limits:
    """Counts the remote writes, the conversations created and those erased in one run.

    At a limit it raises RailTripped, or OverLimit when it ``holds``. What was ``accepted`` by hand may pass
    the limits of creations and removals.
    """

    max_writes: int
    max_creates: int
    max_removals: int
    holds: bool = False
    accepted: bool = False
    writes: int = 0
    creates: int = 0
    removals: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, *, calls: int = 1, creates: bool = False, removes: bool = False) -> None:
        """Reserve the calls that one write may need, before it is made."""
        with self._lock:
            # All checks before any count: a refused write takes nothing from the others.
            if self.writes + calls > self.max_writes:
                raise self._reached(LimitKey.WRITES, self.max_writes)
            # What is accepted is what a person saw held. Writes over the limit need nobody: the next run
            # makes them.
            if creates and not self.accepted and self.creates >= self.max_creates:
                raise self._reached(LimitKey.CREATES, self.max_creates)
            if removes and not self.accepted and self.removals >= self.max_removals:
                raise self._reached(LimitKey.REMOVALS, self.max_removals)
            self.writes += calls
            self.removals += removes
            self.creates += creates

    def listed(self, *, creates: int) -> None:
        """Refuse a backfill whose list proves already that it would do too much; each creation is a write."""
        for key, limit in (
            (LimitKey.CREATES, self.max_creates),
            (LimitKey.WRITES, self.max_writes),
        ):
            if creates > limit:
                raise RailTripped(
                    f"{creates} conversations would be created, the limit is {limit} in a run ({key}); "
                    "nothing was written",
                    hint=f"raise [limits] {key}, or narrow a backfill with --limit, --since or --until",
                )

    def _reached(self, key: LimitKey, limit: int) -> ConnectorError:
        if self.holds:
            return OverLimit(key)
        return RailTripped(
            f"the run reached its limit of {limit} ({key}) and stopped",
            hint=f"look at `connector status`, then run again, or raise [limits] {key}",
        )
