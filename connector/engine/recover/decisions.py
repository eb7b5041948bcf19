"""Putting into a rebuilt state file what people had decided: parts that are left out stay left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from state.records import Disposition, LedgerRow, Queue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.host.decisions import LeftOut
    from mappings.model import Seconds
    from state.store import Store

REASON = "left out by hand, before the state file was rebuilt"


def put_back(store: Store, decided: Iterable[LeftOut], *, now: Seconds) -> int:
    """Leave out what was left out before, unless a copy of it was found; return how many parts that is."""
    return sum(_leave_out(store, one, now) for one in decided)


def _leave_out(store: Store, one: LeftOut, now: Seconds) -> bool:
    pair = store.pairs.find(one.side, one.conversation)
    with store.transaction():
        # A conversation that waits for its first copy is not known to a rebuilt file: it gets its row here,
        # and is worked on when it is listed.
        row = pair.row if pair else store.pairs.listed(one.side, one.conversation, due=now, queue=Queue.SYNC)
        known = store.ledger.of(row)[one.side].get(one.part)
        if known is not None:
            return False
        if pair is None:
            store.pairs.set_due(row, {})
        store.ledger.put(row, [LedgerRow(one.side, one.part, "", now, Disposition.SKIPPED, REASON)], None)
        return True
