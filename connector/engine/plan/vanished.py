"""Planning parts of Dashly that are not there any more, though nothing says that they were removed. Pure.

Dashly's documents leave open whether a removed part stays in the list. One that is in no list is kept in step
no more; its copy is not erased, since to be missing says less than to be removed: a person decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import Plan, WriteLedger
from connector.engine.plan.notices import Notice, NoticeKind
from mappings.model import Side
from state.records import tombstone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.plan.snapshot import Snapshot
    from state.records import LedgerRow


def plan_vanished(snapshot: Snapshot) -> Plan:
    """Plan the parts that vanished: a tombstone each, and who has to look at the copy."""
    rows = tuple(_vanished(snapshot))
    if not rows:
        return Plan()
    told = tuple(_notice(snapshot, row) for row in rows if row.counterpart is not None)
    return Plan((WriteLedger(tuple(map(tombstone, rows))),), told)


def _vanished(snapshot: Snapshot) -> Iterator[LedgerRow]:
    # Intercom marks what was removed, and lets parts move to another conversation when two are merged.
    view = snapshot.views.get(Side.DASHLY)
    # The row of the conversation and the list of its parts must agree that all are here.
    if view is None or not view.complete or view.parts_count != len(view.parts):
        return
    shown = {part.id for part in view.parts}
    for row in snapshot.ledger[Side.DASHLY].values():
        if row.id not in shown and row.text_hash is not None and not (row.ours or row.removed):
            yield row


def _notice(snapshot: Snapshot, row: LedgerRow) -> Notice:
    ids = snapshot.pair.ids
    return Notice(
        NoticeKind.PART_VANISHED,
        row.side,
        ids.get(row.side, ""),
        row.id,
        row.counterpart or "",
        mirror=ids.get(row.side.other, ""),
    )
