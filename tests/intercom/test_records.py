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


def test_the_record_of_a_person_in_1x_is_a_users_or_a_leads(open_desk: Any, remote: Any) -> None:
    """Who is not among the users is looked for among the leads; one who is gone has none."""
    gone = {"type": "error.list", "errors": [{"code": "not_found", "message": ""}]}
    remote.on("GET /users/1", {"type": "user", "id": "1"})
    remote.on("GET /users/2", gone, status=404)
    remote.on("GET /contacts/2", {"type": "contact", "id": "2"})
    remote.on("GET /users/3", gone, status=404)
    remote.on("GET /contacts/3", gone, status=404)
    records = open_desk("1.4").records

    found = [records.person(one, NOBODY) for one in ("1", "2", "3")]

    assert found == [{"type": "user", "id": "1"}, {"type": "contact", "id": "2"}, None]


def test_a_record_reads_as_the_conversation_that_was_taken(open_desk: Any, remote: Any) -> None:
    """Once asked for, its view costs no further request."""
    remote.on("GET /conversations/5", {"type": "conversation", "id": "5", "created_at": 1, "updated_at": 2})
    records = open_desk().records

    view = records.view(records.take("5"))

    assert (view.id, view.updated) == ("5", 2.0)
    assert remote.calls == ["GET /conversations/5"]
