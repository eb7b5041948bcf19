"""Putting into a rebuilt state file what people had decided: what was left out, linked and unlinked."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from connector.engine.recover.link import link, unlink
from connector.errors import ConfigError, Gone
from connector.host.decisions import Tie
from mappings.model import Side
from state.records import Disposition, LedgerRow, Queue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.engine.recover.recovery import Recovery
    from connector.host.decisions import LeftOut, PairDecision
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


def tie_again(recovery: Recovery, decided: Iterable[PairDecision]) -> None:
    """Link and unlink again what somebody linked and unlinked by hand."""
    for one in decided:
        with suppress(Gone):  # nothing is kept in step with a conversation that was deleted since
            _tie_again(recovery, one)


def _tie_again(recovery: Recovery, one: PairDecision) -> None:
    found = [recovery.store.pairs.find(side, talk) for side, talk in one.ids.items()]
    linked = [pair for pair in found if pair is not None and pair.linked]
    if not linked:
        try:
            link(recovery, one.ids[Side.DASHLY], one.ids[Side.INTERCOM], at=one.at)
        except ConfigError:  # one of them was worked on by itself since; the other decisions still hold
            return
    elif any(pair.ids != one.ids for pair in linked):
        return  # one of them mirrors another conversation by now: its marks say so
    if one.tie is Tie.UNLINKED:
        unlink(recovery, one.ids[Side.DASHLY], Side.DASHLY)
