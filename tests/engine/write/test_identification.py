"""Who stands for whom: what two threads find out about the same contact at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.engine.write.identification import Identification
from connector.helpdesk.port import Person
from mappings.model import Customer, Side
from state import store as states
from state.records import ToTell
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
EVA = "eva@example.org"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new state file."""
    made = states.create(tmp_path / "connector.db", key=KEY)
    yield made
    made.close()


def test_one_address_makes_a_contact_only_one_user(store: Store) -> None:
    """Two users with one address are not one person, though both were found while nobody had the contact."""
    known = Identification(store, {}, match_email=True)
    contact = Person("c1", by_email=True)

    taken = [known.record_contact(Customer(user, email=EVA), contact) for user in ("u1", "u2")]

    assert taken == [True, False]
    assert (store.people.counterpart(D, "u1"), store.people.counterpart(D, "u2")) == ("c1", None)
    assert store.people.to_tell(IC, "c1") is ToTell.MATCHED


def test_an_id_makes_a_contact_everybody_who_has_it(store: Store) -> None:
    """Dashly may keep two users of one account: the site says that they are one person."""
    known = Identification(store, {})

    assert all(known.record_contact(Customer(user), Person("c1")) for user in ("u1", "u2"))
