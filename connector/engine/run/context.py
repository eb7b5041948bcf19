"""Everything that the steps of one run share."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mappings.model import Side
from state.records import Queue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.config.model import Config
    from connector.engine.plan.policy import Policy
    from connector.engine.run.limits import Limits
    from connector.engine.run.report import Report
    from connector.engine.write.protocol import Protocol
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from mappings.model import Seconds
    from state.store import Store


@dataclass(frozen=True)
class Parties:
    """Who takes part in a run: the configuration, the memory, both sides, and the time."""

    config: Config
    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Context(Parties):
    """One run: its parties, the policy, the limits, and what was counted.

    ``listed`` are conversations that a list of this run showed and that were not worked on since.
    """

    policy: Policy
    protocol: Protocol
    limits: Limits
    report: Report
    run: str
    backfill: bool = False
    dry: bool = False
    skew: Seconds = 0.0
    listed: set[int] = field(default_factory=set)
    adopting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def queue(self) -> Queue:
        """Return the name of the work queue of this kind of run."""
        return Queue.BACKFILL if self.backfill else Queue.SYNC

    def requests(self) -> dict[Side, int]:
        """Return how many API calls each side had in this run."""
        return {side: self.helpdesks[side].usage.requests for side in Side}

    def server_times(self) -> dict[Side, Seconds]:
        """Return what time it is on each side."""
        return {side: self.helpdesks[side].now() for side in Side}
