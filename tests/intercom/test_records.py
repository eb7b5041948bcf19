"""Contacts as they were sent, read back."""

from __future__ import annotations

from typing import Any, cast

import pytest

from connector.intercom.records import IntercomRecords
from mappings.roles import Role

NOBODY = cast("Any", None)


@pytest.mark.parametrize(
    ("told", "role"),
    [({"role": "user"}, Role.USER), ({"role": "lead"}, Role.LEAD), ({"type": "user"}, Role.USER)],
)
def test_a_contact_is_read_with_its_role_in_either_generation(told: dict[str, str], role: Role) -> None:
    """1.x tells by the type what 2.x tells by the role."""
    found = IntercomRecords(NOBODY, NOBODY, NOBODY).customer({"id": "6762", "name": "Eva", **told})

    assert found is not None
    assert (found.id, found.name, found.role) == ("6762", "Eva", role)


def test_a_contact_without_an_id_is_nobody() -> None:
    """Nothing could be written to them."""
    assert IntercomRecords(NOBODY, NOBODY, NOBODY).customer({"name": "Eva"}) is None
