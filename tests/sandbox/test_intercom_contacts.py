"""Intercom 2.x: contacts that collide, merge and vanish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

    from connector.sandbox.exchange import JsonObject
    from tests.sandbox.conftest import Served


def create(served: Served, **fields: object) -> httpx.Response:
    """Create a contact."""
    return served.intercom.post("/contacts", json=fields)


def find(served: Served, *filters: tuple[str, str, object]) -> list[str]:
    """Search contacts and return their ids."""
    value = [dict(zip(("field", "operator", "value"), item, strict=True)) for item in filters]
    answer = served.intercom.post("/contacts/search", json={"query": {"operator": "AND", "value": value}})
    return [contact["id"] for contact in answer.json()["data"]]


@pytest.mark.parametrize("same", [{"email": "a@example.net"}, {"external_id": "u-1"}])
def test_a_second_user_with_the_same_identity_is_a_conflict(served: Served, same: JsonObject) -> None:
    """The message names the contact that exists."""
    first = create(served, email="a@example.net", external_id="u-1").json()["id"]
    answer = create(served, **same)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "conflict")
    assert answer.json()["errors"][0]["message"].endswith(f"id={first}")


def test_leads_may_share_an_address(served: Served) -> None:
    """Only users are unique by e-mail."""
    create(served, email="a@example.net", role="user")
    assert [create(served, email="a@example.net", role="lead").status_code for _ in range(2)] == [200, 200]


def test_an_archived_contact_still_blocks_its_identity(served: Served) -> None:
    """Search does not find it, creating collides all the same."""
    contact = create(served, external_id="u-1").json()["id"]
    served.intercom.post(f"/contacts/{contact}/archive")
    assert find(served, ("external_id", "=", "u-1")) == []
    assert "archived" in create(served, external_id="u-1").json()["errors"][0]["message"]


def test_search_finds_by_address_and_role(served: Served) -> None:
    """Fields combine; the address matches whatever its case."""
    user = create(served, email="a@example.net").json()["id"]
    lead = create(served, email="a@example.net", role="lead").json()["id"]
    assert [user] == find(served, ("email", "=", "A@example.net"), ("role", "=", "user"))
    assert {user, lead} == set(find(served, ("email_domain", "=", "example.net")))
    assert find(served, ("created_at", ">", int(served.world.clock.now()) - 60)) == []


def test_a_wrong_sort_order_is_named(served: Served) -> None:
    """Only ascending and descending exist."""
    body = {"query": {"field": "role", "operator": "=", "value": "user"}, "sort": {"order": "desc"}}
    answer = served.intercom.post("/contacts/search", json=body)
    assert answer.json()["errors"][0]["code"] == "invalid_sort_order"


def test_updates_keep_what_is_not_named(served: Served) -> None:
    """PUT changes the given fields; unknown attributes are refused; an update can collide too."""
    contact = create(served, email="a@example.net", name="A").json()["id"]
    create(served, email="b@example.net")
    changed = served.intercom.put(f"/contacts/{contact}", json={"phone": "+15550100"}).json()
    assert (changed["name"], changed["phone"], changed["email"]) == ("A", "+15550100", "a@example.net")
    assert (
        served.intercom.put(f"/contacts/{contact}", json={"custom_attributes": {"x": 1}}).status_code == 400
    )
    assert served.intercom.put(f"/contacts/{contact}", json={"email": "b@example.net"}).status_code == 409


def test_a_contact_needs_an_identity(served: Served) -> None:
    """E-mail, external id or role."""
    assert create(served, name="Nobody").status_code == 400


def test_a_merged_contact_is_gone_and_points_to_the_survivor(served: Served) -> None:
    """Its conversations and messages belong to the other from then on."""
    lead, talk = served.customer_talk(role="lead", email="a@example.net")
    user = create(served, email="a@example.net").json()["id"]
    served.world.intercom.customer_writes(talk, "x")
    served.intercom.post("/contacts/merge", json={"from": lead, "into": user})
    gone = served.intercom.get(f"/contacts/{lead}")
    shown = served.intercom.get(f"/conversations/{talk}").json()
    assert (gone.status_code, gone.json()["errors"][0]["code"]) == (410, "contact_merged")
    assert f'</contacts/{user}>; rel="canonical"' == gone.headers["link"]
    assert user == shown["contacts"]["contacts"][0]["id"]
    assert user == shown["conversation_parts"]["conversation_parts"][0]["author"]["id"]
    assert served.as_version("2.15").get(f"/contacts/{lead}").status_code == 404


def test_strangers_are_merged_only_by_force(served: Served) -> None:
    """Without a shared address the merge needs a flag."""
    lead, _ = served.customer_talk(role="lead")
    user = create(served, email="other@example.net").json()["id"]
    body = {"from": lead, "into": user}
    refused = served.intercom.post("/contacts/merge", json=body)
    forced = served.intercom.post("/contacts/merge", json={**body, "skip_duplicate_validation": True})
    assert (refused.json()["errors"][0]["code"], forced.status_code) == ("invalid_merge", 200)


def test_users_are_found_by_external_id(served: Served) -> None:
    """Leads are not."""
    user = create(served, external_id="u-1").json()["id"]
    create(served, external_id="l-1", role="lead")
    path = "/contacts/find_by_external_id/"
    assert user == served.intercom.get(f"{path}u-1").json()["id"]
    assert served.intercom.get(f"{path}l-1").status_code == 404


def test_contacts_are_listed_by_cursor(served: Served) -> None:
    """Deleted ones are not."""
    made = [create(served, email=f"{number}@example.net").json()["id"] for number in range(3)]
    served.intercom.delete(f"/contacts/{made[0]}")
    answer = served.intercom.get("/contacts", params={"per_page": 1}).json()
    cursor = answer["pages"]["next"]["starting_after"]
    rest = served.intercom.get("/contacts", params={"starting_after": cursor}).json()
    assert set(made[1:]) == {contact["id"] for contact in answer["data"] + rest["data"]}
