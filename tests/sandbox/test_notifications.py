"""Who would really have been told what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from tests.sandbox.conftest import Served


def dashly_reply(served: Served, talk: str, kind: str) -> None:
    """Write as an operator through the API."""
    served.dashly.post(
        f"/conversations/{talk}/reply", data={"body": "x", "from_admin": "151204", "type": kind}
    )


@pytest.mark.parametrize(("kind", "told"), [("reply_admin", 1), ("article", 1), ("note", 0)])
def test_a_reply_on_dashly_reaches_a_real_visitor(served: Served, kind: str, told: int) -> None:
    """Even one without an address, who is on the site; a note never."""
    talk = served.world.dashly.customer_starts(served.world.dashly.customer(None), "Hi")
    dashly_reply(served, talk, kind)
    assert told == len(served.world.notifications("dashly", "api"))


@pytest.mark.parametrize(
    ("contact", "told"), [({}, 0), ({"$name": "Z"}, 0), ({"$email": "z@x.example"}, 1), ({"$phone": "1"}, 1)]
)
def test_a_user_made_through_the_api_is_reached_only_by_an_address(
    served: Served, contact: JsonObject, told: int
) -> None:
    """A shadow without e-mail and phone is told nothing."""
    operations = [{"op": "update_or_create", "key": key, "value": value} for key, value in contact.items()]
    data = {"by_user_id": "true", "operations": json.dumps(operations)}
    served.dashly.post("/users/intercom:1/props", data=data)
    made = served.dashly.post("/users/intercom:1/startconversation", data={"by_user_id": "true", "body": "x"})
    dashly_reply(served, made.json()["data"]["id"], "reply_admin")
    assert told == len(served.world.notifications())


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"message_type": "comment"}, 1),
        ({"message_type": "comment", "skip_notifications": True}, 0),
        ({"message_type": "note"}, 0),
        ({"message_type": "comment", "admin_id": "814899"}, 1),
        ({"message_type": "quick_reply", "reply_options": [{"text": "a", "uuid": "b"}]}, 1),
    ],
)
def test_a_comment_on_intercom_is_told_unless_silent(served: Served, fields: JsonObject, told: int) -> None:
    """Bots tell too; notes do not."""
    _, talk = served.customer_talk()
    body = {"type": "admin", "admin_id": "814860", "body": "x", **fields}
    served.intercom.post(f"/conversations/{talk}/reply", json=body)
    assert told == len(served.world.notifications("intercom"))


def test_a_text_in_a_closing_or_assigning_part_is_told(served: Served) -> None:
    """Messages hide in parts that are not comments."""
    _, talk = served.customer_talk()
    for fields in ({"message_type": "close"}, {"message_type": "assignment", "assignee_id": "814872"}):
        body = {"type": "admin", "admin_id": "814860", "body": "bye", **fields}
        served.intercom.post(f"/conversations/{talk}/parts", json=body)
    served.world.intercom.close(talk)
    assert len(served.world.notifications("intercom", "api")) == 2


def test_a_notification_names_part_recipient_and_doer(served: Served) -> None:
    """People's own messages are told apart from the API's."""
    contact, talk = served.customer_talk()
    part = served.world.intercom.agent_writes(talk, "<p>human</p>")
    (told,) = served.world.notifications()
    assert ("intercom", talk, part, contact, "human", "human") == (
        told.side,
        told.conversation,
        told.part,
        told.recipient,
        told.via,
        told.text,
    )
    parts = served.world.truth()["intercom"]["conversations"][0]["parts"]
    assert [[contact]] == [item["notified"] for item in parts]
