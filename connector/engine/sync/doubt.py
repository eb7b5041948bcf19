"""Doubt: a mark of ours that the ledger does not know. Whoever meets one stops before anything is delivered.

It says that an older state was put back, or that a second connector is at work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import WriteLedger
from connector.errors import PersonNeeded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.plan.actions import Plan
    from connector.engine.plan.policy import Policy
    from mappings.model import Seconds
    from state.records import LedgerRow
    from state.store import Store

# Runs that failed or still go on have no end: one of twenty will have finished.
RUNS_LOOKED_AT = 20


def stop_on_unknown_marks(store: Store, policy: Policy, planned: Plan) -> None:
    """Raise PersonNeeded when a plan rests on copies that nobody can forge and the ledger does not know.

    What was made before the state could be trusted is expected to be unknown. The next run trusts nothing
    that is older than itself.
    """
    unknown = [row for row in _found(planned) if row.created >= policy.trusted_from]
    if not unknown or all(row.ours for row in unknown):  # a stray of ours alone may have arrived far too late
        return
    store.meta.doubt()
    newest = max(row.created for row in unknown)
    raise PersonNeeded(
        f"{len(unknown)} parts had copies that the state file did not know: {_likely(store, newest)}; "
        "nothing was delivered",
        hint="stop the other connector if there is one; then connector recover, or connector sync, "
        "which copies nothing that seems to be there",
    )


def _found(planned: Plan) -> Iterator[LedgerRow]:
    for action in planned.actions:
        if isinstance(action, WriteLedger) and action.found:
            yield from action.rows


def _likely(store: Store, newest: Seconds) -> str:
    """Say which of the two it looks like: a file in use has been there when the copies were made."""
    finished = [run["finished"] for run in store.runs.last(RUNS_LOOKED_AT)]
    last = max((float(str(at)) for at in finished if at is not None), default=0.0)
    if newest < last:
        return "it looks as if a second connector works on this pair"
    return "it looks as if an older state file was put back"
