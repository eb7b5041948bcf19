"""Whom the connector made, told from their record alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.engine.plan.shadow import is_technical, is_unreachable, speaks_as_ours
from mappings.model import Customer, Message, Side
from mappings.roles import Ours

IC = Side.INTERCOM


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        (None, False),
        (Customer("c"), False),
        (Customer("c", ours=Ours.SHADOW), False),
        (Customer("c", ours=Ours.PROBE), True),
        (Customer("c", ours=Ours.CONNECTOR), True),
    ],
)
def test_only_probes_and_the_connector_itself_are_technical(
    customer: Customer | None,
    expected: bool,  # noqa: FBT001 - a case
) -> None:
    """A conversation with one of them is nobody's, and one without a customer is still somebody's."""
    assert is_technical(customer) is expected


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        (None, False),
        (Customer("u"), False),
        (Customer("u", ours=Ours.SHADOW), True),
        (Customer("u", email="a@example.org", ours=Ours.SHADOW), False),
        (Customer("u", phone="+1", ours=Ours.SHADOW), False),
    ],
)
def test_a_shadow_user_without_an_address_is_unreachable(
    customer: Customer | None,
    expected: bool,  # noqa: FBT001 - a case
) -> None:
    """An address or a number is enough to deliver something."""
    assert is_unreachable(customer) is expected


def test_a_contact_of_ours_speaks_as_ours_only_as_the_customer(make: Any) -> None:
    """What an agent opens with such a contact is an agent's."""
    ours = Customer("c1", ours=Ours.CONTACT)

    def opened(customer: Customer | None, **more: Any) -> Any:
        view = make.view(IC, make.part(IC, 1, Message("Hi"), opening=True, **more))
        return replace(view, customer=customer)

    assert speaks_as_ours(opened(ours))
    assert not speaks_as_ours(opened(ours, by=make.agent))
    assert not speaks_as_ours(opened(Customer("c1")))
    assert not speaks_as_ours(opened(None))
