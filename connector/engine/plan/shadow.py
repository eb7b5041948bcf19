"""People whom the connector created, and which conversations with them are copies of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import AuthorKind
from mappings.roles import Ours

if TYPE_CHECKING:
    from mappings.model import Conversation, Customer


def is_shadow(customer: Customer | None) -> bool:
    """Tell whether a Dashly user is one that the connector created for an Intercom contact."""
    return customer is not None and customer.ours is Ours.SHADOW


def is_stand_in(customer: Customer | None) -> bool:
    """Tell whether a person was made for somebody of the other side, who is reached there alone."""
    return customer is not None and customer.ours in {Ours.SHADOW, Ours.CONTACT}


def is_copy(view: Conversation) -> bool:
    """Tell whether a Dashly conversation is a copy of ours, by its customer and by who opened it.

    Operators and campaigns open conversations with shadow users too. We open one in the customer's voice and
    by the API; where the opening is not shown, a shadow user's conversation counts as ours.
    """
    opening = view.opening
    by_us = opening is None or (opening.author.kind is AuthorKind.CUSTOMER and opening.by_api is not False)
    return by_us and is_shadow(view.customer)


def speaks_as_ours(view: Conversation) -> bool:
    """Tell whether a conversation of Intercom was opened in the voice of a contact that the connector made.

    We open one so; whoever writes to an address that such a contact has does too.
    """
    ours = view.customer is not None and view.customer.ours is Ours.CONTACT
    return ours and view.opening is not None and view.opening.author.kind is AuthorKind.CUSTOMER


def is_technical(customer: Customer | None) -> bool:
    """Tell whether a person serves the connector alone: conversations with them are never mirrored."""
    return customer is not None and customer.ours in {Ours.PROBE, Ours.CONNECTOR}


def is_unreachable(customer: Customer | None) -> bool:
    """Tell whether a Dashly user is a shadow to whom nothing can be delivered: it never got an address."""
    return customer is not None and is_shadow(customer) and not (customer.email or customer.phone)
