"""A side that suddenly shows nothing at all is not believed: nothing counts as deleted because of it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from connector.errors import Gone, RailTripped
from connector.helpdesk.query import HistoryQuery
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from connector.helpdesk.port import Helpdesk
    from mappings.model import Side
    from state.store import Store


def refuse_empty(store: Store, helpdesk: Helpdesk, side: Side, gone: Callable[[], Collection[int]]) -> None:
    """Raise RailTripped when a side shows no conversation at all, although pairs are known.

    A list may lag behind, so a known conversation is asked for as well; ``gone`` asks the side which were
    deleted, and returns their rows.
    """
    known = next(store.pairs.in_step(), None)
    if known is None or next(iter(helpdesk.history(HistoryQuery())), None) is not None:
        return
    deleted = gone()
    known = next((pair for pair in store.pairs.in_step() if pair.row not in deleted), None)
    if known is None:
        return
    # A conversation that answers proves that the list lags.
    with suppress(Gone):
        helpdesk.conversation(known.ids[side], known=frozenset(store.ledger.of(known.row)[side]))
        return
    raise RailTripped(
        f"{TITLES[side]} suddenly shows no conversation at all, although the state file knows some",
        hint=f"check [{side}] and its token; if that is right, start with a new [state] path",
    )
