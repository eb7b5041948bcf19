"""The slow sweep: some changes move no time stamp, so the pairs checked longest ago are read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.work import work
from mappings.model import Side

if TYPE_CHECKING:
    from connector.engine.context import Context

READS_A_SIDE = 8
READS_A_PAIR = 2


def sweep(context: Context) -> None:
    """Read the pairs that were checked longest ago, as many as the configuration and the budget allow."""
    before = context.requests()
    for pair in context.store.pairs.longest_unchecked(context.config.sync.sweep):
        spent = {side: context.requests()[side] - before[side] for side in Side}
        if any(spent[side] + READS_A_PAIR > READS_A_SIDE for side in Side):
            return
        context.store.pairs.set_due(pair.row, dict.fromkeys(Side, context.clock.now()))
        work(context, pair.row, whole=True)
