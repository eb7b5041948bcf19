"""What finding and remembering pairs needs."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.errors import Rejected
from connector.helpdesk.port import Person
from connector.helpdesk.query import HistoryQuery
from connector.host.progress import Unheard
from mappings.keyed import is_keyed_id, keyed_id
from mappings.model import Side
from mappings.persons import FOR_CONTACT, FOR_USER
from mappings.roles import Role

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from connector.engine.plan.policy import Policy
    from connector.engine.read.reader import Reader
    from connector.engine.run.report import Report
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from connector.host.progress import Listener
    from mappings.model import Conversation, Customer, Seconds
    from state.store import Store

REMEMBERED_FOR: Seconds = 300.0  # a mirror that somebody else made meanwhile is seen soon enough
PEOPLE_REMEMBERED = 200  # many more than are worked on at once; the next of a customer often comes soon
MOST_REMEMBERED = 50  # conversations of one person; memory must not grow with what they hold


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """The memory that pairs are written to, and the sides and the rules by which they are found.

    ``due`` says that a pair that was found is worked on by this run. ``one_at_a_time`` is held while a pair
    is written: two threads may hold the two ends of one.
    """

    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    clock: Clock
    policy: Policy
    reader: Reader
    report: Report
    due: bool = True
    listener: Listener = field(default_factory=Unheard)
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)
    _begun: dict[Person, tuple[Seconds, tuple[Conversation, ...]]] = field(default_factory=dict, init=False)
    _contacts: dict[str, str] = field(default_factory=dict, init=False)
    _of_absent: dict[str, list[Conversation]] = field(default_factory=dict, init=False)

    def begun_by(self, side: Side, person: Person) -> tuple[Conversation, ...]:
        """Return a person's conversations on a side; Intercom is asked once for several of the same person.

        What we begin for them meanwhile is in the state file, and is not a candidate.
        """
        if side is Side.DASHLY:  # with all their parts: too much to hold
            return tuple(self.helpdesks[side].begun_by(person, 0.0))
        now = self.clock.monotonic()
        known = self._begun.get(person)
        if known is not None and now - known[0] < REMEMBERED_FOR:
            return known[1]
        found = tuple(self.helpdesks[side].begun_by(person, 0.0))
        if len(self._begun) >= PEOPLE_REMEMBERED:
            self._begun.clear()
        if len(found) <= MOST_REMEMBERED:
            self._begun[person] = now, found
        return found

    def contact_by_key(self, external_id: str) -> Person | None:
        """Find the contact for whom a shadow user of ours stands, by trying the key on all; remember them.

        The list of Intercom's conversations is walked once, and only when the state file does not know.
        """
        if not self._contacts:
            for listing in self.helpdesks[Side.INTERCOM].history(HistoryQuery()):
                if listing.customer is not None:
                    keyed = keyed_id(self.store.key, FOR_CONTACT, listing.customer.id)
                    self._contacts[keyed] = listing.customer.id
        found = self._contacts.get(external_id)
        if found is None:
            return None
        if self.reader.remember:
            self.store.people.set_shadow(external_id, found)
        return Person(found)

    def look_for_absent(self, external_ids: Container[str]) -> None:
        """Find the conversations of deleted and archived contacts by the external ids that they still show.

        The list of Intercom's conversations is walked once; in 1.x it shows no ids of that kind.
        """
        intercom, theirs = self.helpdesks[Side.INTERCOM], dict[str, bool]()
        for listing in intercom.history(HistoryQuery()) if intercom.capabilities.searched else ():
            contact = listing.customer
            shown = contact.external_id if contact is not None else None
            if contact is None or shown is None or shown not in external_ids:
                continue
            if contact.id not in theirs:
                theirs[contact.id] = self._bears_own_id(contact)
            if theirs[contact.id]:
                self._of_absent.setdefault(shown, []).append(listing)

    def of_absent(self, user: Customer) -> tuple[Conversation, ...]:
        """Return the conversations of a Dashly user's absent contacts that were found."""
        ids = self.reader.identification.ids_ever_given(user) if self._of_absent else ()
        return tuple(talk for external_id in ids for talk in self._of_absent.get(external_id, ()))

    def _bears_own_id(self, contact: Customer) -> bool:
        """Tell whether a contact's external id is more than a claim: made by our key, or a user's."""
        if is_keyed_id(self.store.key, FOR_USER, contact.external_id or ""):
            return True
        record = None
        with suppress(Rejected):
            record = self.helpdesks[Side.INTERCOM].customer(contact.id)
        # Of a deleted one only the conversation tells what they were.
        return (record or contact).role is Role.USER
