"""Doubt: a mark of ours that the ledger does not know. A run that meets one stops before any delivery.

It means that an older state was restored, or that a second connector is at work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import WriteLedger
from connector.engine.run.doubt import doubting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.plan.actions import Plan
    from connector.engine.plan.policy import Policy
    from state.records import LedgerRow
    from state.store import Store


def stop_on_unknown_marks(store: Store, policy: Policy, planned: Plan) -> None:
    """Raise PersonNeeded when a plan rests on copies that nobody can forge and the ledger does not know.

    What was made before the state could be trusted is expected to be unknown. The next run trusts nothing
    that is older than itself.
    """
    unknown = [row for row in _found(planned) if row.created >= policy.trusted_from]
    if not unknown or all(row.ours for row in unknown):  # a stray of ours alone may have arrived far too late
        return
    what = f"{len(unknown)} parts had copies that the state file did not know"
    raise doubting(store, what, max(row.created for row in unknown))


def _found(planned: Plan) -> Iterator[LedgerRow]:
    for action in planned.actions:
        if isinstance(action, WriteLedger) and action.found:
            yield from action.rows
