"""The breaker holds a conversation in which our copies are answered at once: two systems may be talking.

A machine answers within seconds, a person seldom does. Each copy of ours counts once, so that many lines of
one person, pieces and files do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.apply.refusals import BreakerTripped
from connector.engine.plan.reasons import Reason
from mappings.model import Side
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.config.model import LimitsConfig
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from mappings.model import Seconds
    from state.breaker import BreakerMemory
    from state.records import LedgerRow

AT_ONCE: Seconds = 5.0  # no person reads a message and types an answer in less
WHOLE_SECOND: Seconds = 1.0


@dataclass(frozen=True)
class Breaker:
    """Counts answers to our copies in one conversation; a backfill writes history, which nobody answers."""

    memory: BreakerMemory
    helpdesks: Mapping[Side, Helpdesk]
    clock: Clock
    limits: LimitsConfig
    backfill: bool

    def check(self, row: int) -> None:
        """Raise BreakerTripped when too many of our recent copies were answered at once."""
        window = self.limits.breaker_window
        now = self.clock.now()
        if self.backfill or self.memory.count(row, now - window) < self.limits.breaker_writes:
            return
        until = self.memory.trip(row, now, window)
        most = self.limits.breaker_writes
        raise BreakerTripped(Reason.LOOP.tell(Side.DASHLY, why=str(most)), until=until)

    def wrote(self, row: int, target: Side, sources: tuple[LedgerRow, ...]) -> None:
        """Remember a copy, and whether what it copies answered one of ours; times are those of one side."""
        if self.backfill:
            return
        now = self.clock.now()
        for source in sources:
            # A transcript tells the past in one note: none of its lines answers anything.
            if source.disposition is not Disposition.TRANSCRIPT:
                since = source.created - AT_ONCE
                until = source.created + WHOLE_SECOND  # Intercom's times are cut to the second
                self.memory.answered(row, source.side, since, until, now=now)
        # By the target's own clock, since an answer will show its time: two clocks are not compared.
        self.memory.arrived(row, target, self.helpdesks[target].now(), since=now - self._kept)

    def refused(self, row: int, target: Side) -> None:
        """Count a second write for one source."""
        self.memory.refused(row, target, now=self.clock.now())

    @property
    def _kept(self) -> Seconds:
        """Return how long copies are remembered: an answer may be read long after it was given."""
        return max(self.limits.breaker_window, 3600.0)
