"""Finding, or creating once, the person who stands for a customer on the other side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.errors import Rejected
from connector.helpdesk.port import Person
from mappings.model import Customer, Side
from mappings.roles import Ours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.write.identification import Identification
    from connector.helpdesk.port import Helpdesk
    from state.store import Store


@dataclass(frozen=True)
class People:
    """Finds who stands for the customer of a conversation, and remembers them.

    ``before_first`` is called before anybody is made.
    """

    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    identification: Identification
    before_first: Callable[[], None]
    run: str

    def voice_of(self, snapshot: Snapshot, target: Side) -> Person:
        """Return the person on ``target`` in whose voice the customer of a pair speaks there."""
        row = snapshot.pair.row
        known = self.store.pairs.get(row).people.get(target)
        if known:
            return Person(known)
        shown = snapshot.views.get(target)
        if shown is not None and shown.customer is not None:  # they answer in the mirror of their own words
            return Person(shown.customer.id)
        person = self._person_for(target, self._customer(snapshot, target.other), shadow=snapshot.shadow)
        # A shadow user's own id is not known before their first conversation shows it.
        if not person.by_external_id:
            self.store.pairs.set_person(row, target, person.id)
        return person

    def take_shown(self, snapshot: Snapshot, target: Side) -> bool:
        """Let whom a conversation shows now be its customer; tell whether that is somebody else."""
        row = snapshot.pair.row
        pair = self.store.pairs.get(row)
        shown = self.helpdesks[target].conversation(pair.ids[target]).customer
        # The same person would be refused again.
        if shown is None or shown.id == pair.people.get(target):
            return False
        self.store.pairs.set_person(row, target, shown.id)
        return True

    def forget(self, snapshot: Snapshot, target: Side) -> bool:
        """Forget who stood for the customer, since they were deleted; tell whether anybody was remembered."""
        customer = self._customer(snapshot, target.other)
        self.store.pairs.forget_person(snapshot.pair.row, target)
        known = self.store.people.forget_counterpart(target.other, customer.id)
        if target is Side.DASHLY:
            shadow = self.identification.shadow_id(customer)
            known = self.store.people.forget_external_id(target, shadow) or known
        return known

    def _customer(self, snapshot: Snapshot, side: Side) -> Customer:
        view = snapshot.views.get(side)
        if view is not None and view.customer is not None:
            return view.customer
        row = snapshot.pair.row
        # A stand-in for each pair: two conversations without a customer must not end with one person.
        return Customer(id=self.store.pairs.get(row).people.get(side) or f"nobody-{row}")

    def _person_for(self, target: Side, customer: Customer, *, shadow: bool) -> Person:
        """Return who stands for a customer of the other side on ``target``, creating them when nobody does.

        ``shadow`` is what the plan was made for: then no real Dashly user may be used instead.
        """
        if target is Side.DASHLY:
            known = None if shadow else self.identification.user_of(customer)
        else:
            known = self.identification.contact_of(customer)
        if known is not None:
            return known
        self.before_first()
        return self._shadow_for(customer) if target is Side.DASHLY else self._own_contact(customer)

    def _shadow_for(self, contact: Customer) -> Person:
        external_id = self.identification.shadow_id(contact)
        met = self.store.people.by_external_id(Side.DASHLY, external_id)
        if met is not None:  # nobody but us can have made them: the id is keyed
            return Person(met)
        # Before they exist: a crash leaves an unused name, never a user of ours whom we do not know.
        self.store.people.set_shadow(external_id, contact.id)
        shown = contact.name and contact.email and contact.phone
        filled = contact if shown else self.identification.completed(contact)
        self.helpdesks[Side.DASHLY].create_customer(replace(filled, external_id=external_id))
        return Person(external_id, by_external_id=True)

    def _own_contact(self, user: Customer) -> Person:
        """Return a contact of ours: under the user's own id, or the keyed one when a stranger has that."""
        if user.ours is Ours.SHADOW:  # they stand for a contact: a second one would be somebody else
            why = "It is not known for which contact this user was made."
            raise Rejected(why, status=409, code="unknown_contact")
        people = self.store.people
        # Before they exist: after a crash they are found, and only this tells that we began them.
        people.set_begun(user.id, begun=True)
        ids = (*self.identification.user_ids(user), *self.identification.spare_ids(user))
        # One at a time: an id that is taken leads to the next, the first free one ends it.
        tried = ((one, self._made(replace(user, external_id=one))) for one in ids)
        found = next(((one, person) for one, person in tried if person is not None), None)
        if found is None:
            raise Rejected(
                "No id is free under which the customer could be made.", status=409, code="conflict"
            )
        external_id, person = found
        with self.store.transaction():
            if not person.by_email:
                people.put_customer(Side.INTERCOM, Customer(person.id, external_id=external_id))
            if person.made:
                people.set_made(Side.INTERCOM, person.id, self.run)
            recorded = self.identification.record_contact(user, person)
        return person if recorded else self._own_contact(user)

    def _made(self, user: Customer) -> Person | None:
        """Return the contact under a user's external id, or who has their address where that is enough."""
        helpdesk = self.helpdesks[Side.INTERCOM]
        person = helpdesk.create_customer(user, by_email=self.identification.match_email)
        if person is not None and person.by_email and not self.identification.is_free(person):
            return helpdesk.create_customer(user)
        return person
