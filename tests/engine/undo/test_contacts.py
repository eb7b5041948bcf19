"""What of a contact did not come from the Dashly user for whom they were made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.engine.undo.contacts import details_of_others
from mappings.model import Customer
from mappings.roles import Role

USER = Customer("u1", "acct-1", name="Eva Long", email="Eva@shop.example", phone="+7 (900) 123-45-67")
SHOWN = replace(USER, id="c1", email="eva@shop.example", phone="+79001234567")


@pytest.mark.parametrize("less", [{}, {"email": None}, {"phone": None}, {"name": None}])
def test_what_the_user_has_is_ours_in_intercoms_spelling(less: dict[str, Any]) -> None:
    """Also when Intercom refused a part of it."""
    assert not details_of_others(replace(SHOWN, **less), USER, "acct-1")


@pytest.mark.parametrize(
    "more",
    [
        {"name": "Eve"},
        {"email": "eva@other.example"},
        {"phone": "+79001234568"},
        {"external_id": "acct-2"},
        {"role": Role.LEAD},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_the_user_has_not_is_somebody_elses(more: dict[str, Any]) -> None:
    """Another value of anything that we may have given."""
    assert details_of_others(replace(SHOWN, **more), USER, "acct-1")


@pytest.mark.parametrize("name", ["name", "email", "phone"])
def test_what_the_user_never_gave_is_somebody_elses(name: str) -> None:
    """An agent typed it, or the user has taken it back since: nobody can tell."""
    assert details_of_others(SHOWN, replace(USER, **dict[str, Any]({name: None})), "acct-1")
