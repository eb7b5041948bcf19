"""What other people's clients ask first: log-in, versions, searches and filters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.sandbox.conftest import UNUSED

if TYPE_CHECKING:
    from tests.sandbox.conftest import Served

DANA: dict[str, Any] = {"name": "Dana", "email": "dana@example.org", "user_id": "acct-1"}
BEN: dict[str, Any] = {"name": "Ben", "phone": "15550100"}


@pytest.mark.parametrize("version", ["1.4", "2.16"])
@pytest.mark.parametrize(("password", "status"), [("", 200), ("x", 401)])
def test_the_token_may_be_a_user_name_without_a_password(
    served: Served, version: str, password: str, status: int
) -> None:
    """As all clients of 1.x send it."""
    access = served.sandbox.intercom
    headers = {"Intercom-Version": version}
    answer = httpx.get(f"{access.base_url}/me", auth=(access.token, password), headers=headers, verify=UNUSED)
    assert answer.status_code == status


@pytest.mark.parametrize("version", ["2.17", "Preview"])
def test_what_is_newer_than_the_description_is_answered_as_the_newest(served: Served, version: str) -> None:
    """2.17 has a changelog that names nothing about conversations."""
    _, talk = served.customer_talk()
    shown = served.as_version(version).get(f"/conversations/{talk}")
    newest = served.as_version("2.16").get(f"/conversations/{talk}")
    assert (shown.status_code, shown.json()) == (200, newest.json())


def test_contacts_are_found_by_the_second_from_2_17(served: Served) -> None:
    """Before, a date counts by its day."""
    contact = served.world.intercom.customer("Ines", email="ines@example.net")
    moment = int(served.world.clock.now()) - 30
    body = {"query": {"field": "created_at", "operator": ">", "value": moment}}
    found = [
        [item["id"] for item in served.as_version(v).post("/contacts/search", json=body).json()["data"]]
        for v in ("2.16", "2.17")
    ]
    assert [[], [contact]] == found


@pytest.mark.parametrize("path", ["/conversations/search", "/contacts/search"])
def test_everything_comes_after_an_empty_text(served: Served, path: str) -> None:
    """A well-known extractor begins with `id > ""`."""
    served.customer_talk()
    served.customer_talk(email="eva@example.net")
    query = {"field": "id", "operator": ">", "value": ""}
    sort = {"field": "id", "order": "ascending"}
    found = served.intercom.post(path, json={"query": query, "sort": sort}).json()
    ids = [row["id"] for row in found.get("conversations") or found["data"]]
    query["value"] = ids[-1]
    rest = served.intercom.post(path, json={"query": query}).json()
    assert (len(ids), ids[-1:]) == (2, [row["id"] for row in rest.get("conversations") or rest["data"]])


def test_a_lead_is_converted_by_its_user_id(served: Served) -> None:
    """The server's UUID names it as well as its id."""
    served.as_version("1.4")
    lead, talk = served.customer_talk(role="lead")
    uuid = served.intercom.get(f"/contacts/{lead}").json()["user_id"]
    body = {"contact": {"user_id": uuid}, "user": {"user_id": "acct-1"}}
    user = served.intercom.post("/contacts/convert", json=body).json()
    assert (user["type"], user["user_id"]) == ("user", "acct-1")
    assert user["id"] == served.intercom.get(f"/conversations/{talk}").json()["user"]["id"]


def test_a_contact_is_renamed_in_every_version(served: Served) -> None:
    """By PUT in 2.x; in 1.x by POST for a user, by PUT or POST for a lead."""
    desk = served.world.intercom
    user, lead = desk.customer("A", user_id="u-1"), desk.customer("A", role="lead")
    for version in ("2.0", "2.17"):
        served.as_version(version).put(f"/contacts/{user}", json={"name": version})
        assert served.intercom.get(f"/contacts/{user}").json()["name"] == version
    for version in ("1.0", "1.4"):
        served.as_version(version).post("/users", json={"user_id": "u-1", "name": version})
        served.intercom.put(f"/contacts/{lead}", json={"name": version})
        shown = [served.intercom.get(path).json() for path in (f"/users/{user}", f"/contacts/{lead}")]
        assert [item["name"] for item in shown] == [version] * 2


def single(kind: str, name: str, **value: object) -> dict[str, Any]:
    """Return one filter."""
    return {"type": kind, "property_name": name, "value": value}


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        (single("str_eq", "$email", value="DANA@example.org"), ["Dana"]),
        (single("str_neq", "$email", value="dana@example.org"), ["Ben"]),
        (single("str_eq", "$user_id", value="acct-1"), ["Dana"]),
        (single("known", "$phone"), ["Ben"]),
        (single("unknown", "$phone"), ["Dana"]),
        (single("gt", "visits", value=2), ["Dana"]),
        (single("gt_or_unknown", "visits", value=2), ["Ben", "Dana"]),
        (single("lt", "visits", value=3), []),
        (single("lt_or_unknown", "visits", value=3), ["Ben"]),
        (single("eq", "visits", value=3), ["Dana"]),
        (single("neq", "visits", value=3), ["Ben"]),
        (single("range", "visits", value1=3, value2=4), ["Dana"]),
    ],
)
@pytest.mark.parametrize("joint", ["and", "or"])
def test_the_list_of_users_applies_filters(
    served: Served, chosen: dict[str, Any], names: list[str], joint: str
) -> None:
    """Each kind of filter, alone in a group."""
    desk = served.world.dashly
    dana = desk.customer(**DANA)
    desk.customer(**BEN)
    visits = json.dumps([{"op": "add", "key": "visits", "value": 3}])
    served.dashly.post(f"/users/{dana}/props", data={"operations": visits})
    filters = json.dumps({"type": joint, "filters": [chosen]})
    data = served.dashly.get("/apps/48213/users", params={"filters": filters}).json()["data"]
    assert (len(names), names) == (data["total"], sorted(user["props"]["$name"] for user in data["users"]))


def test_filters_join_by_and_or(served: Served) -> None:
    """Groups may nest; a filter of no known kind is a ValidationError."""
    served.world.dashly.customer(**DANA)
    served.world.dashly.customer(**BEN)
    both = [single("known", "$phone"), single("known", "$email")]

    def ask(filters: dict[str, Any]) -> dict[str, Any]:
        return served.dashly.get("/apps/48213/users", params={"filters": json.dumps(filters)}).json()

    assert ask({"type": "and", "filters": both})["data"]["total"] == 0
    assert ask({"type": "or", "filters": both})["data"]["total"] == 2
    assert ask({"type": "and", "filters": [{"type": "or", "filters": both}]})["data"]["total"] == 2
    assert ask(single("sounds_like", "$name", value="x"))["meta"]["error"] == "ValidationError"


def test_only_one_of_two_reads_by_own_id_creates_and_it_is_noted(served: Served) -> None:
    """The list of conversations is the safe question; GET of the user is a write."""
    by_own_id = {"by_user_id": "true"}
    asked = served.dashly.get("/users/acct-9/conversations", params=by_own_id).json()
    before = len(served.world.truth()["dashly"]["users"]), list(served.world.record.made_by_reading)
    made = served.dashly.get("/users/acct-9", params=by_own_id).json()["data"]["id"]
    (user,) = served.world.truth()["dashly"]["users"]
    assert (asked["meta"]["error"], before) == ("LookupError", (0, []))
    assert ([made], True) == (served.world.record.made_by_reading, user["made_by_reading"])
