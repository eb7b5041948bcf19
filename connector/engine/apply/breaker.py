"""The breaker: a conversation in which we write very fast is stopped, two systems may answer each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.apply.refusals import BreakerTripped

if TYPE_CHECKING:
    from connector.config.model import LimitsConfig
    from connector.host.clock import Clock
    from state.ledger import PartLedger


@dataclass(frozen=True)
class Breaker:
    """Counts our writes in one conversation; a backfill writes history, which nobody answers."""

    ledger: PartLedger
    clock: Clock
    limits: LimitsConfig
    backfill: bool

    def check(self, row: int) -> None:
        """Raise BreakerTripped when too many of our writes stand in a conversation of late."""
        if self.backfill:
            return
        limits = self.limits
        since = self.clock.now() - limits.breaker_window
        if self.ledger.written_since(row, since) >= limits.breaker_writes:
            raise BreakerTripped(
                f"more than {limits.breaker_writes} writes of ours in {limits.breaker_window:.0f} s: a loop?"
            )
