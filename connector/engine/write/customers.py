"""Finding, or creating once, the person who stands for a customer on the other side."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.errors import Rejected
from connector.helpdesk.port import Person
from mappings.model import Customer, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.plan.snapshot import Snapshot
    from connector.helpdesk.port import Helpdesk
    from state.store import Store


def known_on_dashly(store: Store, customer: Customer | None) -> str | None:
    """Return the real Dashly user with the contact's external id, if one was ever met; nobody is probed."""
    if customer is None or not customer.external_id:
        return None
    return store.people.by_external_id(Side.DASHLY, customer.external_id)


@dataclass(frozen=True)
class People:
    """Finds who stands for the customer of a conversation, and remembers them."""

    store: Store
    helpdesks: Mapping[Side, Helpdesk]

    def voice_of(self, snapshot: Snapshot, target: Side) -> Person:
        """Return the person on ``target`` in whose voice the customer of a pair speaks there."""
        row = snapshot.pair.row
        known = self.store.pairs.get(row).people.get(target)
        if known:
            return Person(known)
        person = self._person_for(target, self._customer(snapshot, target.other), shadow=snapshot.shadow)
        if not person.by_external_id:
            self.store.pairs.set_person(row, target, person.id)
        return person

    def forget(self, snapshot: Snapshot, target: Side) -> bool:
        """Forget who stood for the customer, since they were deleted; tell whether anybody was remembered."""
        customer = self._customer(snapshot, target.other)
        self.store.pairs.forget_person(snapshot.pair.row, target)
        return self.store.people.forget_counterpart(target.other, customer.id)

    def _customer(self, snapshot: Snapshot, side: Side) -> Customer:
        view = snapshot.views.get(side)
        if view is not None and view.customer is not None:
            return view.customer
        row = snapshot.pair.row
        return Customer(id=self.store.pairs.get(row).people.get(side) or f"nobody-{row}")

    def _person_for(self, target: Side, customer: Customer, *, shadow: bool) -> Person:
        """Return who stands for a customer of the other side on ``target``, creating them when nobody does.

        ``shadow`` is what the plan was made for: then no real Dashly user may take the place.
        """
        helpdesk, source = self.helpdesks[target], target.other
        if target is Side.DASHLY:
            known = None if shadow else known_on_dashly(self.store, customer)
            if known:
                return Person(known)
            return helpdesk.create_customer(_filled(self.helpdesks[source], customer))
        before = self.store.people.counterpart(source, customer.id)
        if before:
            return Person(before)
        person = helpdesk.find_customer(customer) or helpdesk.create_customer(customer)
        self.store.people.set_counterpart(source, customer.id, person.id)
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
