"""Dashly users whom the connector made: shadow users for contacts, and the people of `doctor --probe`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.model import Customer

# How the external id begins that we give to a Dashly user of ours; the contact's own id follows.
SHADOW = "intercom:"
PROBE = "probe:"


def is_shadow(customer: Customer | None) -> bool:
    """Tell whether a Dashly user is one that the connector made for an Intercom contact."""
    return customer is not None and (customer.external_id or "").startswith(SHADOW)


def is_probe(customer: Customer | None) -> bool:
    """Tell whether a person was made by `doctor --probe`: their conversations are never mirrored."""
    return customer is not None and (customer.external_id or "").startswith(PROBE)


def is_unreachable(customer: Customer | None) -> bool:
    """Tell whether a Dashly user is a shadow to whom nothing can be delivered: no address ever came to it."""
    return customer is not None and is_shadow(customer) and not (customer.email or customer.phone)
