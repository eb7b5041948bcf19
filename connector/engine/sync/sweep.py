"""The slow sweep: some changes move no time stamp, so the pairs checked longest ago are read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.sync.conversation import work
from mappings.model import Side
from state.records import Queue

if TYPE_CHECKING:
    from connector.engine.run.context import Context

READS_A_SIDE = 8
PARTS_A_PAGE = 50


def sweep(context: Context) -> None:
    """Read the pairs that were checked longest ago, as many as the configuration and the budget allow."""
    before = context.requests()
    for pair in context.store.pairs.longest_unchecked(context.config.sync.sweep):
        spent = max(context.requests()[side] - before[side] for side in Side)
        parts = context.store.ledger.count(pair.row, Side.DASHLY)
        reads = 2 + parts // PARTS_A_PAGE
        if spent + min(reads, READS_A_SIDE) > READS_A_SIDE:
            return
        for side in Side:
            context.store.pairs.listed(side, pair.ids[side], due=context.clock.now(), queue=Queue.SYNC)
        work(context, pair.row, whole=reads <= READS_A_SIDE)
