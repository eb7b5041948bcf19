"""The slow sweep: some changes leave no time stamp, so the pairs checked longest ago are read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.model import Side
from state.records import Queue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.sync.conversation import ConversationWork
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from state.store import Store

READS_A_SIDE = 8  # what a quiet run may spend of Dashly's sixty requests a minute
PARTS_A_PAGE = 50  # Dashly's pages; a long conversation costs several reads


@dataclass(frozen=True)
class Sweep:
    """Reads the pairs that were checked longest ago, as many as the configuration and the budget allow."""

    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    clock: Clock
    conversations: ConversationWork
    most: int

    def sweep(self) -> None:
        """Work on the pairs one by one, until the budget of a sweep is spent."""
        before = self._requests()
        for pair in self.store.pairs.longest_unchecked(self.most):
            spent = max(self._requests()[side] - before[side] for side in Side)
            parts = self.store.ledger.count(pair.row, Side.DASHLY)
            reads = 2 + parts // PARTS_A_PAGE  # the conversation, and at least one page of its parts
            if spent + min(reads, READS_A_SIDE) > READS_A_SIDE:
                return
            for side in Side:
                self.store.pairs.listed(side, pair.ids[side], due=self.clock.now(), queue=Queue.SYNC)
            self.conversations.work(pair.row, whole=reads <= READS_A_SIDE)

    def _requests(self) -> dict[Side, int]:
        return {side: self.helpdesks[side].usage.requests for side in Side}
