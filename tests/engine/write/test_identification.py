"""Who stands for whom: what two threads find out about the same contact at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.write.identification import SPARE_IDS, Identification
from connector.helpdesk.port import Person
from mappings.model import Customer, Side
from mappings.roles import Ours, Role
from state.records import ToTell

if TYPE_CHECKING:
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
EVA = "eva@example.org"


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


class Desk:
    """A side that knows one person, and counts how often it is asked."""

    def __init__(self, found: Any, *, searched: bool = True) -> None:
        self.found, self.asked = found, 0
        self.capabilities = SimpleNamespace(searched=searched)

    def customer(self, _id: str) -> Customer:
        """Return their record."""
        self.asked += 1
        found: Customer = self.found
        return found

    def find_customer(self, *_ids: str) -> Person:
        """Find them."""
        self.asked += 1
        found: Person = self.found
        return found


@pytest.mark.parametrize(
    ("contact", "searched", "reads", "user"),
    [
        (Customer("c1", "acct-1", role=Role.USER), True, 0, "u1"),
        (Customer("c1", "acct-1", role=Role.UNKNOWN), True, 1, "u1"),
        (Customer("c1", role=Role.USER), True, 0, None),
        (Customer("c1", role=Role.UNKNOWN), True, 0, None),
        (Customer("c1", role=Role.USER), False, 1, "u1"),
        (Customer("c1", role=Role.UNKNOWN), False, 1, "u1"),
        (Customer("c1", "acct-1", role=Role.LEAD), True, 0, None),
        (Customer("c1", "acct-1", role=Role.USER, ours=Ours.CONTACT), True, 0, None),
    ],
    ids=["shown", "role unknown", "no own id", "nothing shown", "1.x", "1.x, role unknown", "lead", "ours"],
)
def test_a_record_is_read_only_where_the_own_id_may_be_hidden(
    store: Store, contact: Customer, reads: int, user: str | None, *, searched: bool
) -> None:
    """1.x shows it nowhere else; a lead's is whatever a visitor typed."""
    record = Customer("c1", "acct-1", role=Role.USER)
    intercom, dashly = Desk(record, searched=searched), Desk(Person("u1"))
    helpdesks: Any = {IC: intercom, D: dashly}

    found = Identification(store, helpdesks).user_of(contact)

    assert (found.id if found else None, intercom.asked) == (user, reads)
    assert store.people.counterpart(IC, "c1") == user


def test_whom_a_list_showed_costs_no_request(store: Store) -> None:
    """And a look remembers nobody."""
    contact = Customer("c1", "acct-1", role=Role.USER)
    store.people.put_customer(D, Customer("u7", "acct-1"))
    dashly = Desk(Person("u1"))
    helpdesks: Any = {IC: Desk(None), D: dashly}

    found = Identification(store, helpdesks, remember=False).user_of(contact)

    assert (found, dashly.asked) == (Person("u7"), 0)
    assert store.people.counterpart(IC, "c1") is None


def test_a_contact_who_was_deleted_again_and_again_gets_another_id_each_time(store: Store) -> None:
    """A deleted one may hold its id for long, so none of the spare ones was used before."""
    known, user = Identification(store, {}), Customer("u1")

    ids = {*known.user_ids(user), *known.spare_ids(user)}

    assert len(ids) == 1 + SPARE_IDS


class Searched(Desk):
    """A side on which nobody has an own id, and one person the address."""

    def find_customer(self, *_ids: str) -> Any:
        """Find nobody."""

    def find_by_email(self, *addresses: str) -> dict[str, Person]:
        """Find who has it."""
        self.asked += 1
        return dict.fromkeys(addresses, self.found)


@pytest.mark.parametrize(
    ("match", "email", "taken", "found"),
    [
        (True, EVA, False, "c1"),
        (True, EVA.upper(), False, None),
        (True, EVA, True, None),
        (True, None, False, None),
        (False, EVA, False, None),
    ],
    ids=["theirs", "searched as it is written", "somebody's already", "no address", "not to be matched"],
)
def test_an_address_finds_a_contact_who_is_nobody_elses(
    store: Store, email: str | None, found: str | None, *, match: bool, taken: bool
) -> None:
    """Only where the configuration says so; agents are told of it."""
    if taken:
        store.people.set_counterpart(D, "u9", "c1")
    helpdesks: Any = {IC: Searched(Person("c1", by_email=True)), D: Desk(None)}

    contact = Identification(store, helpdesks, match_email=match).contact_of(Customer("u1", email=email))

    assert (contact.id if contact else None) == found
    assert (store.people.to_tell(IC, "c1") is ToTell.MATCHED) is (found is not None)


@pytest.mark.parametrize(("shown", "withheld"), [(None, True), (EVA, False)])
def test_a_contact_of_whom_a_run_died_is_looked_at_again(
    store: Store, shown: str | None, *, withheld: bool
) -> None:
    """Agents hear of an address that the record does not have."""
    store.people.set_begun("u1", begun=True)

    class Found(Desk):
        def find_customer(self, *_ids: str) -> Person:
            return Person("c1")

    helpdesks: Any = {IC: Found(Customer("c1", email=shown)), D: Desk(None)}

    Identification(store, helpdesks).contact_of(Customer("u1", email=EVA))

    assert (store.people.to_tell(IC, "c1") is ToTell.WITHHELD) is withheld
    assert not store.people.is_begun("u1")


@pytest.mark.parametrize(
    ("contact", "searched", "reads"),
    [
        (Customer("c1", name="Eva", email=EVA, phone="+1"), True, 0),
        (Customer("c1", name="Eva", email=EVA), True, 1),
        (Customer("c1", name="Eva", email=EVA, phone="+1"), False, 0),
    ],
)
def test_a_record_that_shows_all_is_not_read(
    store: Store, contact: Customer, reads: int, *, searched: bool
) -> None:
    """A forecast counts what is missing in it."""
    helpdesks: Any = {IC: Desk(contact, searched=searched), D: Desk(None)}

    assert Identification(store, helpdesks).reads_of(contact) == reads
