"""What people decided, put into a rebuilt state file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.recover.decisions import put_back
from connector.host.decisions import LeftOut
from mappings.model import Side
from state.records import Disposition
from tests.clock import BEGIN

if TYPE_CHECKING:
    from state.store import Store


def test_what_was_left_out_of_an_unknown_conversation_waits_until_that_is_listed(store: Store) -> None:
    """The part stays left out, and no run looks at a conversation that no list has shown yet."""
    assert put_back(store, [LeftOut(Side.DASHLY, "d1", "p1")], now=BEGIN) == 1

    pair = store.pairs.find(Side.DASHLY, "d1")
    assert pair is not None
    assert pair.due == {}
    assert store.ledger.of(pair.row)[Side.DASHLY]["p1"].disposition is Disposition.SKIPPED
