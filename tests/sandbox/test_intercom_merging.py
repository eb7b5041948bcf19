"""Intercom: conversations and contacts that agents merge, and messages that share an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.sandbox.switches import IntercomSwitches, MergedContact, MergedParts

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.exchange import JsonObject
    from tests.sandbox.conftest import Served


def told(served: Served, talk: str) -> dict[str, JsonObject]:
    """Return the parts that the API shows of a conversation, by id."""
    shown = served.intercom.get(f"/conversations/{talk}").json()["conversation_parts"]["conversation_parts"]
    return {part["id"]: part for part in shown}


def truth(served: Served, talk: str) -> JsonObject:
    """Return what really became of a conversation."""
    return next(item for item in served.world.truth()["intercom"]["conversations"] if item["id"] == talk)


@pytest.mark.parametrize("how", list(MergedParts))
def test_merged_parts_stay_move_or_are_copied(serve: Callable[..., Served], how: MergedParts) -> None:
    """The opening message comes along as a part under its own id; the other conversation is closed."""
    served = serve(intercom_switches=IntercomSwitches(merge_parts=how))
    _, first = served.customer_talk("First")
    _, second = served.customer_talk("Second", email="eva@example.net")
    part = served.world.intercom.customer_writes(second, "More")
    source = served.intercom.get(f"/conversations/{second}").json()["source"]["id"]

    served.world.intercom.merge_conversations(second, first)

    survivor, gone = told(served, first), told(served, second)
    bodies = [item["body"] for item in survivor.values() if item["body"]]
    assert (part in gone) is (how is not MergedParts.MOVED)
    assert (part in survivor) is (how in {MergedParts.MOVED, MergedParts.COPIED})
    assert (source in survivor) is (part in survivor)
    assert bodies == ([] if how is MergedParts.STAY else ["<p>Second</p>", "<p>More</p>"])
    assert list(survivor.values())[-1]["part_type"] == "merged_primary_conversation"
    assert (first, "closed") == (truth(served, second)["merged_into"], truth(served, second)["state"])
    assert len(truth(served, first)["contacts"]) == 2


def test_a_copy_has_a_life_of_its_own(serve: Callable[..., Served]) -> None:
    """An edit of the copy leaves the original, though both have one id."""
    served = serve(intercom_switches=IntercomSwitches(merge_parts=MergedParts.COPIED))
    (_, first), (_, second) = served.customer_talk(), served.customer_talk(email="eva@example.net")
    part = served.world.intercom.agent_notes(second, "old")
    served.world.intercom.merge_conversations(second, first)

    served.world.intercom.edit_part(first, part, "new")

    assert (told(served, first)[part]["body"], told(served, second)[part]["body"]) == (
        "<p>new</p>",
        "<p>old</p>",
    )


def test_the_api_merges_from_2_16(served: Served) -> None:
    """It answers with the survivor, which is linked to the other; nothing is merged twice or into itself."""
    (_, first), (_, second) = served.customer_talk(), served.customer_talk(email="eva@example.net")
    body = {"merge_into_conversation_id": first}
    early = served.as_version("2.15").post(f"/conversations/{second}/merge", json=body)
    merged = served.as_version("2.16").post(f"/conversations/{second}/merge", json=body)
    again = served.intercom.post(f"/conversations/{second}/merge", json=body)
    itself = served.intercom.post(f"/conversations/{first}/merge", json=body)
    assert (early.status_code, merged.json()["id"]) == (400, first)
    assert [item["id"] for item in merged.json()["linked_objects"]["data"]] == [second]
    assert [answer.json()["errors"][0]["code"] for answer in (again, itself)] == ["merge_failed"] * 2


def test_a_mailing_begins_conversations_with_one_message(served: Served) -> None:
    """They share its id, and nothing else."""
    desk = served.world.intercom
    people = [desk.customer("Eva"), desk.customer("Ben")]
    talks = desk.mailing(people, "<p>New!</p>")
    shown = [served.intercom.get(f"/conversations/{talk}").json() for talk in talks]
    assert len({item["source"]["id"] for item in shown}) == 1
    assert people == [item["contacts"]["contacts"][0]["id"] for item in shown]


@pytest.mark.parametrize(
    ("reading", "status", "followed"),
    [(MergedContact.GONE, 410, True), (MergedContact.MOVED, 404, True), (MergedContact.LOST, 404, False)],
)
def test_a_merged_contact_is_answered_in_three_ways(
    serve: Callable[..., Served], reading: MergedContact, status: int, followed: object
) -> None:
    """Whether the conversation shows the survivor is one of them; the customer writes as the survivor."""
    served = serve(intercom_switches=IntercomSwitches(merged_contact=reading))
    lead, talk = served.customer_talk(role="lead")
    user = served.world.intercom.customer("Ines", email="ines@example.net")

    served.world.intercom.merge_contacts(lead, user)

    shown = served.intercom.get(f"/conversations/{talk}").json()["contacts"]["contacts"][0]["id"]
    part = served.world.intercom.customer_writes(talk, "still me")
    assert status == served.intercom.get(f"/contacts/{lead}").status_code
    assert shown == (user if followed else lead)
    assert user == told(served, talk)[part]["author"]["id"]
    (gone,) = [item for item in served.world.truth()["intercom"]["contacts"] if item["id"] == lead]
    assert user == gone["merged_into"]


@pytest.mark.parametrize(("gone", "status"), [(True, 410), (False, 404)])
def test_writing_as_a_merged_contact_is_refused(
    serve: Callable[..., Served], gone: object, status: int
) -> None:
    """By 410 or by 404."""
    served = serve(intercom_switches=IntercomSwitches(merged_writer_is_gone=bool(gone)))
    lead, talk = served.customer_talk(role="lead")
    served.world.intercom.merge_contacts(lead, served.world.intercom.customer("Ines"))
    body = {"type": "user", "intercom_user_id": lead, "message_type": "comment", "body": "x"}
    assert served.intercom.post(f"/conversations/{talk}/reply", json=body).status_code == status


def test_a_deleted_contact_is_not_found_and_an_archived_one_is(served: Served) -> None:
    """The conversations show both as before; nobody writes as either."""
    statuses = []
    for act in ("delete_contact", "archive_contact"):
        contact, talk = served.customer_talk(email=f"{act}@example.net")
        getattr(served.world.intercom, act)(contact)
        body = {"type": "user", "intercom_user_id": contact, "message_type": "comment", "body": "x"}
        reply = served.intercom.post(f"/conversations/{talk}/reply", json=body)
        shown = served.intercom.get(f"/conversations/{talk}").json()["contacts"]["contacts"][0]["id"]
        assert shown == contact
        statuses.append((served.intercom.get(f"/contacts/{contact}").status_code, reply.status_code))
    assert statuses == [(404, 404), (200, 404)]
