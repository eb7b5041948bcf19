"""Which people the connector itself made. Pure.

A name, an address or a chosen id proves nothing: only an id that needs our key, or what the state remembers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mappings.keyed import is_keyed_id
from mappings.roles import Ours

if TYPE_CHECKING:
    from collections.abc import Callable

    from mappings.model import Conversation, Customer

# What the keyed id of a person of ours was made for: on Dashly a contact of Intercom, on Intercom a user of
# Dashly, on both the people of `doctor --probe` and the one that keeps the generation.
FOR_CONTACT, FOR_USER, FOR_PROBE, FOR_CONNECTOR = "intercom", "dashly", "probe", "connector"
_KINDS = {
    FOR_CONTACT: Ours.SHADOW,
    FOR_USER: Ours.CONTACT,
    FOR_PROBE: Ours.PROBE,
    FOR_CONNECTOR: Ours.CONNECTOR,
}


_LOST = "\ufffd"  # stands for what could not be read

TECHNICAL_NAME = "Sync connector"


def is_own_id(key: bytes, external_id: str) -> bool:
    """Tell whether an id that a person has can be their own and nobody else's.

    What nobody sees in an id makes it look like another's, and a side may leave it out. An id of ours stands
    for whom it was made for, and for nobody who learnt it.
    """
    seen = external_id.isprintable() and external_id == external_id.strip() and _LOST not in external_id
    return seen and bool(external_id) and not any(is_keyed_id(key, kind, external_id) for kind in _KINDS)


def _nobody(_user: str, _external_id: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class OurPeople:
    """Recognises people of ours by the key of the pair, and shadow users without a keyed id by the state.

    ``remembered`` is asked with a Dashly user's id and external id. Without a key nobody is recognised.
    """

    key: bytes = b""
    remembered: Callable[[str, str], bool] = _nobody

    def in_conversation(self, view: Conversation) -> Conversation:
        """Return a conversation whose customer says whether we made them."""
        customer = view.customer
        return view if customer is None else replace(view, customer=self.marked(customer))

    def marked(self, customer: Customer) -> Customer:
        """Return a customer that says whether we made them."""
        found = self._ours(customer)
        return customer if found is customer.ours else replace(customer, ours=found)

    def _ours(self, customer: Customer) -> Ours:
        external_id = customer.external_id
        if not external_id or not self.key:
            return Ours.NO
        for kind, found in _KINDS.items():
            if is_keyed_id(self.key, kind, external_id):
                return found
        return Ours.SHADOW if self.remembered(customer.id, external_id) else Ours.NO


NOBODY = OurPeople()
