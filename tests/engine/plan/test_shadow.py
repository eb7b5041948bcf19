"""Whom the connector made, told from their record alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.engine.plan.shadow import is_copy, is_technical, is_unreachable, speaks_as_ours
from mappings.model import Customer, Message, Side
from mappings.roles import Ours

D, IC = Side.DASHLY, Side.INTERCOM


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


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        ({"by_api": True}, True),
        ({"by_api": None}, True),
        ({"by_api": False}, False),
        ({"by_api": True, "by": "agent"}, False),
        ({"by_api": False, "by": "agent"}, False),
        ({"by_api": True, "by": "bot"}, False),
        (None, True),
    ],
    ids=[
        "by us",
        "not told",
        "by hand",
        "by an operator's program",
        "by an operator",
        "a campaign",
        "hidden",
    ],
)
def test_a_shadow_users_conversation_is_a_copy_unless_somebody_else_opened_it(
    make: Any, opened: dict[str, Any] | None, *, expected: bool
) -> None:
    """In the customer's voice and by the API, or where nothing else is shown; a real user's is never one."""
    given = dict(opened or {})
    voice = getattr(make, given.pop("by", "customer"))
    parts = () if opened is None else (make.part(D, 1, Message("Hi"), by=voice, opening=True, **given),)
    view = make.view(D, *parts)

    assert is_copy(replace(view, customer=Customer("u1", ours=Ours.SHADOW))) is expected
    assert not is_copy(view)
    assert not is_copy(replace(view, customer=None))
