"""Who on one side is a customer of the other: by our state, our key, or equal own ids; never by a claim."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connector.engine.plan.shadow import is_stand_in
from connector.errors import Rejected
from connector.helpdesk.port import Person
from mappings.keyed import is_keyed_id, keyed_id
from mappings.model import Customer, Side
from mappings.persons import FOR_CONTACT, FOR_USER, is_own_id
from mappings.roles import Ours, Role
from mappings.text import address_key
from state.records import ToTell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.helpdesk.port import Helpdesk
    from state.store import Store

ABSENT_KEPT = 1000  # memory is not endless: whoever is beyond this is looked for again
SPARE_IDS = 3  # one for each time that the contact was deleted; more often is no accident


@dataclass(frozen=True)
class Identification:
    """Finds people who are there already. Unless it is to ``match_email``, no address is looked at.

    One that does not ``remember`` leaves the state file as it is.
    """

    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    remember: bool = True
    match_email: bool = False
    _records: dict[str, Customer] = field(default_factory=dict, init=False)
    _absent: set[str] = field(default_factory=set, init=False)

    def user_ids(self, user: Customer) -> tuple[str, ...]:
        """Return the external ids of a Dashly user's contact, best first: the own id, then the keyed one."""
        own, keyed = user.external_id or "", keyed_id(self.store.key, FOR_USER, user.id)
        return (own, keyed) if is_own_id(self.store.key, own) else (keyed,)

    def spare_ids(self, user: Customer) -> tuple[str, ...]:
        """Return ids for a contact whose predecessor was deleted: a deleted one may hold its id for long."""
        return tuple(keyed_id(self.store.key, FOR_USER, f"{user.id}#{n}") for n in range(2, SPARE_IDS + 2))

    def ids_ever_given(self, user: Customer) -> tuple[str, ...]:
        """Return every external id that a contact of a Dashly user may have got from us."""
        return (*self.user_ids(user), *self.spare_ids(user))

    def shadow_id(self, contact: Customer) -> str:
        """Return the external id of the shadow user who stands for a contact."""
        return keyed_id(self.store.key, FOR_CONTACT, contact.id)

    def is_ours(self, side: Side, customer: Customer) -> bool:
        """Tell whether the connector made somebody; what 1.x shows in no conversation is remembered."""
        if is_stand_in(customer) or self.store.people.is_made(side, customer.id):
            return True
        own_id = self.store.people.own_id(side, customer.id)
        return side is Side.INTERCOM and is_keyed_id(self.store.key, FOR_USER, own_id or "")

    def contact_of(self, user: Customer) -> Person | None:
        """Return the contact who is a Dashly user, or for whom a shadow user stands."""
        people = self.store.people
        # The way back from our own stand-in leads to its contact, never to a second one.
        if user.ours is Ours.SHADOW:
            known = people.contact_of_shadow(user.external_id or "")
            return None if known is None else Person(known)
        known = self._known_contact(user)
        if known is not None:
            return Person(known)
        if user.id in self._absent:  # if they came meanwhile, the call that would create them says so
            self._absent.discard(user.id)
            return None
        found = self.helpdesks[Side.INTERCOM].find_customer(*self.user_ids(user)) or self._by_email(user)
        if found is not None and self._remember_contact(user, found):
            return found
        if len(self._absent) < ABSENT_KEPT:
            self._absent.add(user.id)
        return None

    def _by_email(self, user: Customer) -> Person | None:
        """Return the contact with a user's address, unless they are taken for another user already."""
        if not (self.match_email and user.email):
            return None
        found = self.helpdesks[Side.INTERCOM].find_by_email(user.email).get(address_key(user.email))
        return found if found is not None and self.is_free(found) else None

    def is_known(self, user: Customer) -> bool:
        """Tell whether it is known who a Dashly user is in Intercom."""
        return self._known_contact(user) is not None

    def _known_contact(self, user: Customer) -> str | None:
        people = self.store.people
        return people.counterpart(Side.DASHLY, user.id) or people.standing_for(Side.INTERCOM, user.id)

    def is_free(self, contact: Person) -> bool:
        """Tell whether no Dashly user is known to be a contact: two who typed one address are two people."""
        people = self.store.people
        return not (people.bearers(contact.id) or people.counterpart(Side.INTERCOM, contact.id))

    def user_of(self, contact: Customer | None) -> Person | None:
        """Return the real Dashly user who is a contact; asking creates nobody."""
        if contact is None:
            return None
        people = self.store.people
        known = people.counterpart(Side.INTERCOM, contact.id) or people.standing_for(Side.DASHLY, contact.id)
        if known is not None:
            return Person(known)
        external_id = self._own_id(contact)
        if external_id is None:
            return None
        # Whom a list has shown costs no request; Dashly allows sixty a minute.
        met = people.by_external_id(Side.DASHLY, external_id)
        found = Person(met) if met else self._asked(external_id)
        if found is not None and self.remember and not found.by_external_id:
            people.set_counterpart(Side.INTERCOM, contact.id, found.id)
        return found

    def reads_of(self, contact: Customer) -> int:
        """Return how many reads it takes until a contact's record is known."""
        if contact.id in self._records or (contact.name and contact.email and contact.phone):
            return 0
        # 1.x keeps leads apart, and finds one only where no user is.
        apart = not self.helpdesks[Side.INTERCOM].capabilities.searched
        return 2 if apart and contact.role is Role.LEAD else 1

    def completed(self, contact: Customer) -> Customer:
        """Return a contact with what a conversation does not show of them; their record is read once."""
        # Taken out, not kept: a long run meets many people once.
        record = self._records.pop(contact.id, None) or self._record(contact)
        if record is None:
            return contact
        return replace(
            contact,
            name=contact.name or record.name,
            email=contact.email or record.email,
            phone=contact.phone or record.phone,
            external_id=contact.external_id or record.external_id,
            role=record.role,
        )

    def _own_id(self, contact: Customer) -> str | None:
        """Return the external id of a contact who is a user; a lead's is whatever a visitor typed."""
        if contact.role is Role.LEAD or contact.ours is not Ours.NO:
            return None
        # 1.x, which has no search, shows a person's own id in their record only
        hidden = not contact.external_id and not self.helpdesks[Side.INTERCOM].capabilities.searched
        if hidden or (contact.external_id and contact.role is Role.UNKNOWN):
            contact = self.completed(contact)
            self._records[contact.id] = contact
        own = contact.external_id or ""
        is_theirs = is_own_id(self.store.key, own) and self.store.people.contact_of_shadow(own) is None
        return own if is_theirs and contact.role is Role.USER else None

    def _record(self, contact: Customer) -> Customer | None:
        try:
            return self.helpdesks[Side.INTERCOM].customer(contact.id)
        except Rejected:
            return None

    def _asked(self, external_id: str) -> Person | None:
        try:
            return self.helpdesks[Side.DASHLY].find_customer(external_id)
        except Rejected:
            return None

    def _remember_contact(self, user: Customer, found: Person) -> bool:
        if not self.remember:
            return True
        if self.store.people.is_begun(user.id):  # a run died before it knew what became of them
            record = self._record(Customer(found.id))
            if record is not None:
                self.store.people.put_customer(Side.INTERCOM, record)
                found = replace(found, withheld=bool(user.email) and not record.email)
        return self.record_contact(user, found)

    def record_contact(self, user: Customer, contact: Person) -> bool:
        """Remember who a Dashly user is in Intercom, and what agents are to be told of them.

        Tells whether they may be: another thread may have taken the one with their address meanwhile.
        """
        people = self.store.people
        with self.store.transaction():
            if contact.by_email and not self.is_free(contact):
                return False
            if contact.by_email or contact.withheld:
                what = ToTell.MATCHED if contact.by_email else ToTell.WITHHELD
                people.set_to_tell(Side.INTERCOM, contact.id, what)
            people.set_begun(user.id, begun=False)
            people.set_counterpart(Side.DASHLY, user.id, contact.id)
        return True
