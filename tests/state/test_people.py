"""People as the state knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mappings.model import Customer, Side
from state.records import ToTell

if TYPE_CHECKING:
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM


@pytest.mark.parametrize(
    ("external_id", "contact"),
    [("intercom:6762", "6762"), ("intercom:", None), ("my-intercom:6762", None), ("6762", None)],
)
def test_only_an_id_that_begins_as_old_shadows_did_names_their_contact(
    store: Store, external_id: str, contact: str | None
) -> None:
    """An id that merely holds that word was chosen by somebody else."""
    assert store.people.contact_of_shadow(external_id) == contact


def test_a_contact_that_is_being_made_for_a_user_is_known_until_they_are(store: Store) -> None:
    """A run that dies in between leaves word that nobody knows what became of it."""
    before = store.people.is_begun("u1")
    store.people.set_begun("u1", begun=True)
    begun = store.people.is_begun("u1"), store.people.is_begun("u2")
    store.people.set_begun("u1", begun=False)

    assert (before, begun, store.people.is_begun("u1")) == (False, (True, False), False)


def test_agents_are_told_once_of_a_person(store: Store) -> None:
    """What was told is not told again, and something else is."""
    store.people.set_to_tell(IC, "c1", ToTell.MATCHED)
    first = store.people.to_tell(IC, "c1")
    store.people.set_told(IC, "c1")
    told = store.people.to_tell(IC, "c1")
    store.people.set_to_tell(IC, "c1", ToTell.MATCHED)
    again = store.people.to_tell(IC, "c1")
    store.people.set_to_tell(IC, "c1", ToTell.WITHHELD)

    assert (first, told, again) == (ToTell.MATCHED, None, None)
    assert store.people.to_tell(IC, "c1") is ToTell.WITHHELD


def test_whether_anybody_stood_for_a_person_is_told_when_they_are_forgotten(store: Store) -> None:
    """Known from either side; the id under which a shadow stood goes with them."""
    store.people.set_counterpart(D, "u1", "c1")
    store.people.put_customer(D, Customer("u2", external_id="intercom-2"))
    store.people.set_counterpart(IC, "c2", "u2")

    found = [store.people.forget_counterpart(D, user) for user in ("u1", "u2", "u3")]

    assert found == [True, True, False]
    assert [store.people.counterpart(D, "u1"), store.people.counterpart(IC, "c2")] == [None, None]
    assert store.people.forget_external_id(D, "intercom-2") is True
    assert store.people.forget_external_id(D, "intercom-2") is False
