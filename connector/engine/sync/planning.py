"""Reading a conversation and planning it, with a closer look where the first is not enough to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.planner import needs_rereading, plan
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from connector.engine.plan.actions import Plan
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.read.reader import Reader
    from state.records import Pair


def read_and_plan(
    reader: Reader,
    policy: Policy,
    pair: Pair,
    sides: Iterable[Side],
    *,
    whole: bool = False,
    unless: Callable[[Snapshot], bool],
) -> tuple[Snapshot, Plan] | None:
    """Return what was read and what is to be done; None when ``unless`` says that no plan is needed."""
    snapshot = reader.observe(pair, sides, whole=whole)
    if unless(snapshot):
        return None
    planned = plan(snapshot, policy)
    # Most rounds end here: the other side is read only where a plan has to know it.
    if not needs_rereading(planned, snapshot):
        return snapshot, planned
    # The other side may show more than work: that the conversation is deleted there, or ours.
    snapshot = reader.observe(pair, Side, whole=whole, before=snapshot)
    if unless(snapshot):
        return None
    return snapshot, plan(snapshot, policy)
