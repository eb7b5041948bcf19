"""People whom the connector made: shadow users for contacts, and those who stand for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.roles import Ours

if TYPE_CHECKING:
    from mappings.model import Customer


def is_shadow(customer: Customer | None) -> bool:
    """Tell whether a Dashly user is one that the connector made for an Intercom contact."""
    return customer is not None and customer.ours is Ours.SHADOW


def is_technical(customer: Customer | None) -> bool:
    """Tell whether a person serves the connector alone: conversations with them are never mirrored."""
    return customer is not None and customer.ours in {Ours.PROBE, Ours.CONNECTOR}


def is_unreachable(customer: Customer | None) -> bool:
    """Tell whether a Dashly user is a shadow to whom nothing can be delivered: no address ever came to it."""
    return customer is not None and is_shadow(customer) and not (customer.email or customer.phone)
