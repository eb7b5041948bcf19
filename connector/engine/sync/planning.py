"""Looking at a conversation and planning it; with a closer look where the first is too little to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.planner import needs_rereading, plan
from connector.engine.read.observe import observe
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from connector.engine.plan.actions import Plan
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.run.context import Context
    from state.records import Pair


def read_and_plan(
    context: Context,
    pair: Pair,
    sides: Iterable[Side],
    *,
    whole: bool = False,
    fresh: bool = True,
    settled: Callable[[Snapshot], bool],
) -> tuple[Snapshot, Plan] | None:
    """Return what was seen and what is to be done; None when ``settled`` says that a look was enough."""
    snapshot = observe(context, pair, sides, whole=whole, fresh=fresh)
    if settled(snapshot):
        return None
    planned = plan(snapshot, context.policy)
    if not needs_rereading(planned, snapshot):
        return snapshot, planned
    snapshot = observe(context, pair, Side, whole=whole)
    if settled(snapshot):
        return None
    return snapshot, plan(snapshot, context.policy)
