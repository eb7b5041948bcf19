"""Finding, or creating once, the person who stands for a customer on the other side."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import Rejected
from connector.helpdesk.port import Person
from mappings.model import Customer, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.helpdesk.port import Helpdesk
    from state.store import Store


def known_on_dashly(store: Store, customer: Customer | None) -> str | None:
    """Return the real Dashly user with the contact's external id, if one was ever met; nobody is probed."""
    if customer is None or not customer.external_id:
        return None
    return store.people.by_external_id(Side.DASHLY, customer.external_id)


def person_for(
    store: Store, helpdesks: Mapping[Side, Helpdesk], target: Side, customer: Customer, *, shadow: bool
) -> Person:
    """Return who stands for a customer of the other side on ``target``, creating them when nobody does.

    ``shadow`` is what the plan was made for: then no real Dashly user may take the place.
    """
    if target is Side.DASHLY:
        known = None if shadow else known_on_dashly(store, customer)
        return (
            Person(known)
            if known
            else helpdesks[target].create_customer(_filled(helpdesks[target.other], customer))
        )
    before = store.people.counterpart(target.other, customer.id)
    if before:
        return Person(before)
    person = helpdesks[target].find_customer(customer) or helpdesks[target].create_customer(customer)
    store.people.set_counterpart(target.other, customer.id, person.id)
    return person


def _filled(helpdesk: Helpdesk, customer: Customer) -> Customer:
    """Return the customer with what a conversation does not show of them: a shadow user bears their name."""
    if customer.name and customer.email and customer.phone:
        return customer
    record: Customer | None = None
    with suppress(Rejected):
        record = helpdesk.customer(customer.id)
    if record is None:
        return customer
    return replace(
        customer,
        name=customer.name or record.name,
        email=customer.email or record.email,
        phone=customer.phone or record.phone,
    )
