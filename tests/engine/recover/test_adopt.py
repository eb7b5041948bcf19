"""Pairing two conversations that the state file does not know."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from connector.engine.plan.recognition.matches import Matching
from connector.engine.recover.adopt import adopt_mirror, adopt_pair
from connector.helpdesk.port import Person
from mappings.model import Message, Side
from state.records import Queue
from tests.clock import VirtualClock

if TYPE_CHECKING:
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM


def recovery(make: Any, store: Store, **more: Any) -> Any:
    """Return what recovery needs, between sides on which the customer is known."""
    matching = SimpleNamespace(contact_of=lambda _user: Person("c1"))
    return SimpleNamespace(
        store=store,
        clock=VirtualClock(),
        policy=make.policy(),
        due=True,
        one_at_a_time=nullcontext(),
        reader=SimpleNamespace(identification=matching, remember_people=lambda _view: None),
        **more,
    )


def test_both_customers_of_a_pair_are_remembered(make: Any, store: Store) -> None:
    """Whoever speaks later is found without asking who they are."""
    views = {side: make.view(side, make.part(side, 1, Message("Hi"))) for side in Side}

    adopt_pair(recovery(make, store), views, D, Matching())

    found = store.pairs.find(D, "d1")
    assert found is not None
    assert found.people == {D: "u1", IC: "c1"}


def test_a_mirror_that_another_thread_took_is_not_taken_twice(make: Any, store: Store) -> None:
    """It was free when it was chosen, and is linked with another conversation by the time it is written."""
    view = make.view(D, make.part(D, 1, Message("Hi")))
    mirror = make.view(IC, make.part(IC, 1, Message("Hi")))

    def taken(_conversation: str) -> Any:
        row = store.pairs.listed(D, "d2", due=make.now, queue=Queue.SYNC)
        store.pairs.link(row, IC, mirror.id, at=make.now, run=None)
        return mirror

    found = recovery(
        make,
        store,
        begun_by=lambda _side, _person: [replace(mirror, complete=False)],
        helpdesks={IC: SimpleNamespace(conversation=taken)},
    )

    assert not adopt_mirror(found, view, lax=True)
    assert store.pairs.find(D, view.id) is None
