"""Looking at a conversation and planning it; with a closer look where the first is too little to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.observe import observe
from connector.engine.plan import needs_a_closer_look, plan
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from connector.engine.actions import Plan
    from connector.engine.context import Context
    from connector.engine.snapshot import Snapshot
    from state.pairs import Pair


def decide(
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
    if not needs_a_closer_look(planned, snapshot):
        return snapshot, planned
    snapshot = observe(context, pair, Side, whole=whole)
    if settled(snapshot):
        return None
    return snapshot, plan(snapshot, context.policy)
