import json
from typing import Any

import pytest

from connector.dashly import forms
from connector.errors import Gone, Rejected, Unclear
from connector.helpdesk.port import (
    AddTag,
    Assign,
    Person,
    PostMessage,
    PostNote,
    Receipt,
    Redact,
    RemoveTag,
    SetStatus,
    StartConversation,
)
from mappings.model import CLOSED, OPEN, Customer, State, Status
from tests.kept import kept

OK = {"meta": {"status": 200}, "data": {"id": "900", "part_group": "1"}}
NOTHING = {"meta": {"status": 200}, "data": {}}
REPLY = "POST /v2/conversations/77/reply"
PNG = kept("a.png", "image/png", b"png")


def refusal(error):
    """Return an error envelope."""
    return {"meta": {"status": 400, "error": error}, "data": {}}


def test_a_note_is_a_note(dashly, remote):
    """The type is fixed in the builder; the marker is the external id."""
    remote.on(REPLY, OK)

    assert dashly.send(PostNote("77", "hidden", "151204", marker="ic:w:1")) == Receipt(part="900")
    assert remote.form() == {
        "body": "hidden",
        "type": "note",
        "from_admin": "151204",
        "external_id": "ic:w:1",
        "id_as_string": "true",
    }


@pytest.mark.parametrize("agent", ["151204", "default_admin"])
@pytest.mark.parametrize("text", ["", "type=reply_admin", "note"])
def test_no_note_can_become_public(agent, text):
    """Whatever a note holds, its form says note and names no customer."""
    form = forms.note_form(PostNote("77", text, agent, marker="m"))

    assert form["type"] == "note"
    assert "from_user" not in form


def test_an_agents_message(dashly, remote):
    """An agent's message is a reply of that agent."""
    remote.on(REPLY, OK)

    dashly.send(PostMessage("77", "hi", agent="151204", marker="m"))

    assert remote.form() == {
        "body": "hi",
        "type": "reply_admin",
        "from_admin": "151204",
        "external_id": "m",
        "id_as_string": "true",
    }


@pytest.mark.parametrize(
    ("person", "sender"),
    [(Person("500"), "500"), (Person("intercom:abc", by_external_id=True), "default_user")],
)
def test_a_customers_message(dashly, remote, person, sender):
    """A customer speaks by their own id; one known by external id as the conversation's user."""
    remote.on(REPLY, OK)

    dashly.send(PostMessage("77", "hi", customer=person))

    assert remote.form() == {"body": "hi", "from_user": sender, "id_as_string": "true"}


def test_a_file_goes_as_multipart(dashly, remote):
    """One file beside the form fields."""
    remote.on(REPLY, OK)

    dashly.send(PostNote("77", "see file", "151204", files=(PNG,)))

    request = remote.requests[0]
    assert request.headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="attachment"; filename="a.png"\r\nContent-Type: image/png\r\n\r\npng' in request.content
    assert b'name="type"\r\n\r\nnote\r\n' in request.content


def test_several_files_are_refused_before_sending(dashly, remote):
    """A reply holds one file; the engine splits."""
    with pytest.raises(Rejected, match="more than one file"):
        dashly.send(PostNote("77", "x", "151204", files=(PNG, PNG)))
    assert remote.calls == []


@pytest.mark.parametrize(("by_external_id", "sent"), [(True, {"by_user_id": "true"}), (False, {})])
def test_a_conversation_is_started_by_its_customer(dashly, remote, by_external_id, sent):
    """The answer is the conversation's id; the first part's id is not told."""
    remote.on("POST /v2/users/intercom:abc/startconversation", OK)

    receipt = dashly.send(StartConversation(Person("intercom:abc", by_external_id), "hi", created=5))

    assert receipt == Receipt(conversation="900")
    assert remote.form() == {"body": "hi", "id_as_string": "true", **sent}


@pytest.mark.parametrize(
    ("write", "sent"),
    [
        (Assign("77", "1", assignee="2"), {"from_admin": "1", "admin": "2"}),
        (Assign("77", "1"), {"from_admin": "1"}),
        (Assign("77", "1", assignee="2", team="9"), {"from_admin": "1", "admin": "2"}),
    ],
)
def test_assignment(dashly, remote, write, sent):
    """Without an assignee nobody is meant; a repeat answers with nothing."""
    remote.on("POST /v2/conversations/77/assign", NOTHING)

    assert dashly.send(write) == Receipt()
    assert remote.form() == {"id_as_string": "true", **sent}


def test_closing(dashly, remote):
    """Closing is the one state that Dashly can be told."""
    remote.on("POST /v2/conversations/77/close", OK)

    assert dashly.send(SetStatus("77", "1", CLOSED)) == Receipt(part="900")
    assert remote.form() == {"from_admin": "1", "id_as_string": "true"}


@pytest.mark.parametrize(
    "write",
    [
        SetStatus("77", "1", OPEN),
        SetStatus("77", "1", Status(State.SNOOZED, 5)),
        Assign("77", "1", team="9"),
        Redact("77", "5"),
    ],
    ids=["open", "snooze", "team", "redact"],
)
def test_what_dashly_cannot_do_is_refused_before_sending(dashly, remote, write):
    """No call exists; nothing is sent, and above all no unassignment instead of a team."""
    with pytest.raises(Rejected, match="Dashly has no call") as caught:
        dashly.send(write)

    assert (caught.value.code, remote.calls) == ("no_api", [])


@pytest.mark.parametrize(
    ("write", "method", "done"),
    [
        (AddTag("77", "1", "a,b"), "POST", "ConversationTagAlreadyAssigned"),
        (RemoveTag("77", "1", "a,b"), "DELETE", "ConversationTagIsNotAssigned"),
    ],
)
def test_tags(dashly, remote, write, method, done):
    """Tags are set by name; what is so already counts as done."""
    remote.on(f"{method} /v2/conversations/77/tag", OK)
    assert dashly.send(write) == Receipt(part="900")
    assert remote.form() == {"tag": "a,b", "from_admin": "1", "id_as_string": "true"}

    remote.answers.clear()
    remote.on(f"{method} /v2/conversations/77/tag", refusal(done), status=400)
    assert dashly.send(write) == Receipt()


def test_lookup_error_means_gone_only_when_it_is(dashly, remote):
    """An unknown agent is refused in the same words as an unknown conversation, so it is asked for."""
    remote.on(REPLY, refusal("LookupError"), status=400)
    remote.on("GET /v2/conversations/77", {"meta": {"status": 200}, "data": {"id": "77"}})

    with pytest.raises(Rejected) as caught:
        dashly.send(PostNote("77", "x", "1"))
    assert not isinstance(caught.value, Gone)
    assert "[map.admins]" in caught.value.hint

    remote.answers["GET /v2/conversations/77"] = []
    remote.on("GET /v2/conversations/77", refusal("LookupError"), status=400)
    with pytest.raises(Gone):
        dashly.send(PostNote("77", "x", "1"))


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"meta": {"status": "fine"}}'])
def test_an_unparsable_answer_leaves_a_write_unclear(dashly, remote, body):
    """It may have been carried out."""
    remote.on(REPLY, body)

    with pytest.raises(Unclear):
        dashly.send(PostNote("77", "x", "1"))


@pytest.mark.parametrize("full", [False, True])
def test_a_shadow_user_has_a_name_and_no_address(full):
    """Nothing could be delivered to a shadow user, unless the configuration says otherwise."""
    customer = Customer("abc", name="Ines", email="ines@x.test", phone="+1555")

    form = forms.shadow_form(customer, full=full)

    operations = json.loads(form["operations"])
    assert form["by_user_id"] == "true"
    assert {o["op"] for o in operations} == {"set_once"}
    keys = ["$name", "$email", "$phone"] if full else ["$name"]
    assert [o["key"] for o in operations] == keys


def test_creating_a_shadow_user(dashly, remote):
    """The user is addressed by an external id of ours, which creates them; safe to repeat."""
    remote.on("POST /v2/users/sync-1/props", NOTHING)

    assert dashly.create_customer(Customer("abc", "sync-1")) == Person("sync-1", by_external_id=True)
    name = {"op": "set_once", "key": "$name", "value": "Intercom contact"}
    assert json.loads(remote.form()["operations"]) == [name]


def test_a_message_has_one_author(dashly):
    """Neither both nor none."""
    both: tuple[dict[str, Any], ...] = ({}, {"agent": "1", "customer": Person("2")})
    for authors in both:
        with pytest.raises(ValueError, match="one author"):
            dashly.send(PostMessage("77", "x", **authors))


def test_a_start_without_an_id_is_unclear(dashly, remote):
    """It exists, but nobody said which it is."""
    remote.on("POST /v2/users/500/startconversation", NOTHING)

    with pytest.raises(Unclear):
        dashly.send(StartConversation(Person("500"), "hi"))
