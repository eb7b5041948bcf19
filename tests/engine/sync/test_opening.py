"""What a run decides by, and what it takes up when a side is read again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from connector.engine.sync.opening import open_sides
from mappings.model import Registers, Side
from tests.clock import BEGIN

if TYPE_CHECKING:
    from state.records import Pair
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM


def config(*reads: Side) -> Any:
    """Return a configuration under which these sides are read."""
    return SimpleNamespace(sync=SimpleNamespace(copies_from=reads.__contains__))


def test_a_tag_that_was_put_on_while_nobody_read_the_side_is_worked_on(store: Store, pair: Pair) -> None:
    """It counts as added since the sides agreed, and its conversation is due on both of them."""
    store.pairs.set_base(pair.row, D, Registers(tags=frozenset({"vip"})))
    store.pairs.set_base(pair.row, IC, Registers())
    store.pairs.set_due(pair.row, {})
    open_sides(config(IC), store, BEGIN)

    open_sides(config(D, IC), store, BEGIN + 60)

    found = store.pairs.get(pair.row)
    assert found.base[D].tags == frozenset()
    assert found.due == dict.fromkeys(Side, BEGIN + 60)


def test_a_pair_that_agrees_is_not_worked_on_when_a_side_is_read_again(store: Store, pair: Pair) -> None:
    """Nothing was set there meanwhile."""
    for side in Side:
        store.pairs.set_base(pair.row, side, Registers())
    store.pairs.set_due(pair.row, {})
    open_sides(config(IC), store, BEGIN)

    open_sides(config(D, IC), store, BEGIN + 60)

    assert store.pairs.get(pair.row).due == {}
