"""Everything that the steps of one run share."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.clock import Clock
    from connector.config import Config
    from connector.engine.policy import Policy
    from connector.engine.protocol import Protocol
    from connector.engine.rails import Rails
    from connector.engine.report import Report
    from connector.ports import Helpdesk
    from mappings.model import Seconds
    from state.store import Store


@dataclass(frozen=True)
class Parties:
    """Who takes part in a run: the configuration, the memory, both sides, and the time."""

    config: Config
    store: Store
    desks: Mapping[Side, Helpdesk]
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Context(Parties):
    """One run: its parties, the policy, the rails, and what was counted.

    ``listed`` are conversations that a list of this run showed and that were not worked on since.
    """

    policy: Policy
    protocol: Protocol
    rails: Rails
    report: Report
    run: str
    backfill: bool = False
    dry: bool = False
    skew: Seconds = 0.0
    listed: set[int] = field(default_factory=set)
    adopting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def queue(self) -> str:
        """Return the name of the work queue of this kind of run."""
        return "backfill" if self.backfill else "sync"

    def requests(self) -> dict[Side, int]:
        """Return how many API calls each side had in this run."""
        return {side: self.desks[side].usage.requests for side in Side}

    def server_times(self) -> dict[Side, Seconds]:
        """Return what time it is on each side."""
        return {side: self.desks[side].now() for side in Side}
