"""Who stands for the customer of a conversation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.write.customers import People
from mappings.model import Customer, Side
from state.records import Queue
from tests.clock import BEGIN

if TYPE_CHECKING:
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM


@pytest.mark.parametrize(
    ("shown", "changed", "remembered"),
    [(None, False, "c1"), (Customer("c1"), False, "c1"), (Customer("c2"), True, "c2")],
)
def test_whom_a_conversation_shows_is_taken_for_its_customer(
    store: Store, shown: Customer | None, *, changed: bool, remembered: str
) -> None:
    """After a merge it is somebody else; nobody, or the same person, is no reason to try again."""
    row = store.pairs.listed(D, "d1", due=BEGIN, queue=Queue.SYNC)
    store.pairs.link(row, IC, "i1", at=BEGIN, run=None)
    store.pairs.set_person(row, IC, "c1")
    parts: Any = {"identification": None, "before_first": lambda: None}
    desk: Any = SimpleNamespace(conversation=lambda _id: SimpleNamespace(customer=shown))
    snapshot: Any = SimpleNamespace(pair=store.pairs.get(row))

    people = People(store=store, helpdesks={IC: desk}, run="r", **parts)

    assert people.take_shown(snapshot, IC) is changed
    assert store.pairs.get(row).people[IC] == remembered
