import base64
from typing import Any

import httpx
import pytest

from connector.errors import Gone, NeverSent, Rejected, Unclear
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
from connector.intercom import bodies
from connector.intercom.versions import Version
from mappings.model import CLOSED, OPEN, Customer, State, Status
from tests.kept import kept

REPLY = "POST /conversations/5/reply"
PARTS = "POST /conversations/5/parts"
CREATE = "POST /conversations"
CONTACT = "6762f0d01bb69f9f2193bb7d"
OTHER = "6762f0d01bb69f9f2193bb7e"
PNG = kept("a.png", "image/png", b"png")


def conversation(**more):
    """Return a conversation as a write answers it."""
    return {
        "type": "conversation",
        "id": "5",
        "created_at": 1,
        "updated_at": 2,
        "state": "open",
        "source": {"id": "90", "body": "<p>x</p>", "author": {"type": "user", "id": CONTACT}},
        "conversation_parts": {"conversation_parts": [], "total_count": 0},
        **more,
    }


def refusal(code, message=""):
    """Return an error list."""
    return {"type": "error.list", "errors": [{"code": code, "message": message}]}


def test_a_note_is_a_note(intercom, remote):
    """The type is fixed in the builder; the whole conversation comes back as the view."""
    remote.on(REPLY, conversation())

    receipt = intercom.send(PostNote("5", "a < b", "814860", created=1_700_000_000.9))

    assert remote.body() == {
        "message_type": "note",
        "type": "admin",
        "admin_id": "814860",
        "body": "<p>a &lt; b</p>",
        "created_at": 1_700_000_000,
    }
    assert (receipt.part, receipt.view.id) == (None, "5")


@pytest.mark.parametrize("version", ["1.4", "2.0", "2.7", "2.16"])
@pytest.mark.parametrize("text", ["", "comment", '"message_type": "comment"'])
def test_no_note_can_become_public(version, text):
    """Whatever a note holds, its body says note and admin."""
    body = bodies.note_body(PostNote("5", text, "1", files=(PNG,)), Version.parse(version))

    assert (body["message_type"], body["type"]) == ("note", "admin")


def test_an_agents_silent_message(intercom, remote):
    """Silence is a flag that 2.15 brought."""
    remote.on(REPLY, conversation())

    intercom.send(PostMessage("5", "hi", agent="814860"))

    assert remote.body() == {
        "message_type": "comment",
        "type": "admin",
        "admin_id": "814860",
        "body": "<p>hi</p>",
        "skip_notifications": True,
    }


def test_an_agents_message_that_is_delivered(intercom, remote):
    """A message that shall reach the customer is sent without the flag."""
    remote.on(REPLY, conversation())

    intercom.send(PostMessage("5", "hi", agent="814860", silent=False))

    assert "skip_notifications" not in remote.body()


@pytest.mark.parametrize("version", ["1.4", "2.7", "2.14"])
def test_silence_that_cannot_be_kept_is_refused_before_sending(open_desk, remote, version):
    """Before 2.15 nothing is sent that should be silent, unless the configuration allows noise."""
    with pytest.raises(Rejected, match="without notifying") as caught:
        open_desk(version).send(PostMessage("5", "hi", agent="814860"))
    assert (caught.value.code, remote.calls) == ("not_silent", [])

    remote.on(REPLY, conversation())
    open_desk(version, loud_mirror=True).send(PostMessage("5", "hi", agent="814860"))
    assert "skip_notifications" not in remote.body()


@pytest.mark.parametrize(
    ("person", "key"),
    [(Person(CONTACT), "intercom_user_id"), (Person("acct", by_external_id=True), "user_id")],
)
def test_a_customers_message(intercom, remote, person, key):
    """A contact speaks as user, by Intercom's id or by the external one."""
    remote.on(REPLY, conversation())

    intercom.send(PostMessage("5", "hi", customer=person, created=7))

    assert remote.body() == {
        "message_type": "comment",
        "type": "user",
        key: person.id,
        "body": "hi",
        "created_at": 7,
    }


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("a < b & c > d\n\n<3", "a < b & c > d\n\n<3"),
        ("<b>", "<p>&lt;b&gt;</p>"),
        ("R&amp;D", "<p>R&amp;amp;D</p>"),
    ],
)
def test_a_customers_words_suit_either_reading(text, body):
    """Text or HTML, nobody says which a reply is: words go as they are unless HTML would eat them."""
    write = PostMessage("5", text, customer=Person(CONTACT))

    assert bodies.customer_body(write, Person(CONTACT), Version(2, 16))["body"] == body


@pytest.mark.parametrize(
    ("version", "customer", "agent"), [("1.4", False, False), ("2.7", False, True), ("2.11", True, True)]
)
def test_times_are_sent_where_the_version_knows_them(version, customer, agent):
    """Back-dating came at different times for agents and contacts."""
    at = Version.parse(version)
    write = PostMessage("5", "x", created=7)

    assert ("created_at" in bodies.customer_body(write, Person("1"), at)) is customer
    assert ("created_at" in bodies.agent_body(write, "1", at, silent=False)) is agent


def test_files_travel_inside(intercom, remote):
    """Up to ten files as base64; more are refused."""
    remote.on(REPLY, conversation())

    intercom.send(PostNote("5", "see", "1", files=(PNG,)))

    data = base64.b64encode(b"png").decode()
    assert remote.body()["attachment_files"] == [{"content_type": "image/png", "name": "a.png", "data": data}]
    with pytest.raises(Rejected, match="11 files"):
        intercom.send(PostNote("5", "see", "1", files=(PNG,) * 11))


def test_1x_takes_no_files(open_desk, remote):
    """Nothing is sent that 1.x would drop."""
    with pytest.raises(Rejected, match="1 files"):
        open_desk("1.4").send(PostNote("5", "see", "1", files=(PNG,)))
    assert remote.calls == []


@pytest.mark.parametrize(
    ("write", "modern"),
    [
        (SetStatus("5", "1", CLOSED), {"message_type": "close", "type": "admin", "admin_id": "1"}),
        (SetStatus("5", "1", OPEN), {"message_type": "open", "admin_id": "1"}),
        (
            SetStatus("5", "1", Status(State.SNOOZED, 99.5)),
            {"message_type": "snoozed", "admin_id": "1", "snoozed_until": 99},
        ),
        (
            Assign("5", "1", assignee="2"),
            {"message_type": "assignment", "type": "admin", "admin_id": "1", "assignee_id": "2"},
        ),
        (
            Assign("5", "1", team="9"),
            {"message_type": "assignment", "type": "team", "admin_id": "1", "assignee_id": "9"},
        ),
        (
            Assign("5", "1"),
            {"message_type": "assignment", "type": "admin", "admin_id": "1", "assignee_id": "0"},
        ),
    ],
)
def test_state_and_assignment(open_desk, remote, write, modern):
    """2.x has a call of its own; 1.x does it all by reply, always as admin."""
    remote.on(PARTS, conversation())
    remote.on(REPLY, conversation())

    assert open_desk("2.16").send(write).view.id == "5"
    assert (remote.calls, remote.body()) == ([PARTS], modern)

    open_desk("1.4").send(write)
    assert (remote.calls[-1], remote.body()) == (REPLY, {**modern, "type": "admin"})


def test_a_state_that_is_so_already_counts_as_done(intercom, remote):
    """A refusal is looked into: closed is closed."""
    remote.on(PARTS, refusal("parameter_invalid", "same state"), status=400)
    remote.on("GET /conversations/5", conversation(state="closed"))

    assert intercom.send(SetStatus("5", "1", CLOSED)).view.registers.status == CLOSED
    with pytest.raises(Rejected):
        intercom.send(SetStatus("5", "1", OPEN))


@pytest.mark.parametrize(
    ("write", "so", "otherwise"),
    [
        (Assign("5", "1", assignee="2"), {"admin_assignee_id": 2}, {"admin_assignee_id": 3}),
        (Assign("5", "1", team="9"), {"team_assignee_id": 9}, {"team_assignee_id": 8}),
        (Assign("5", "1", team="9"), {"admin_assignee_id": 2, "team_assignee_id": 9}, {}),
        (Assign("5", "1"), {"team_assignee_id": 9}, {"admin_assignee_id": 2}),
    ],
    ids=["teammate", "team", "team beside a teammate", "nobody"],
)
def test_an_assignment_that_is_so_already_counts_as_done(intercom, remote, write, so, otherwise):
    """A refusal is looked into: what was asked for is compared, and nothing else."""
    remote.on(PARTS, refusal("parameter_invalid", "same assignee"), status=400)
    remote.on("GET /conversations/5", conversation(**so), conversation(**otherwise))

    assert intercom.send(write).view.id == "5"
    with pytest.raises(Rejected):
        intercom.send(write)


def test_snoozing_needs_an_end(intercom, remote):
    """No end, no call."""
    with pytest.raises(Rejected):
        intercom.send(SetStatus("5", "1", Status(State.SNOOZED)))
    assert remote.calls == []


def test_tags_are_found_or_made_once(intercom, remote):
    """Names are looked up without regard to case, made when missing, and remembered."""
    remote.on("GET /tags", {"data": [{"id": "7", "name": "VIP"}]})
    remote.on("POST /tags", {"type": "tag", "id": "8", "name": "new"})
    remote.on("POST /conversations/5/tags", {"type": "tag", "id": "7"})

    for name in ("vip", "new", "new", "Vip "):
        assert intercom.send(AddTag("5", "1", name)) == Receipt()

    assert remote.calls.count("POST /tags") == 1
    assert remote.body() == {"id": "7", "admin_id": "1"}


def test_taking_a_tag_off(intercom, remote):
    """By id in the path; a tag that nobody knows is off already."""
    remote.on("GET /tags", {"data": [{"id": "7", "name": "VIP"}]})
    remote.on("DELETE /conversations/5/tags/7", {"type": "tag", "id": "7"})

    assert intercom.send(RemoveTag("5", "1", "none")) == Receipt()
    assert intercom.send(RemoveTag("5", "1", "vip")) == Receipt()
    assert (remote.calls[-1], remote.body()) == ("DELETE /conversations/5/tags/7", {"admin_id": "1"})


@pytest.mark.parametrize(("code", "raises"), [("tag_not_found", False), ("parameter_invalid", True)])
def test_a_tag_that_is_off_already_is_off_and_any_other_refusal_is_told(intercom, remote, code, raises):
    """Somebody took it off meanwhile, or the call was wrong."""
    remote.on("GET /tags", {"data": [{"id": "7", "name": "VIP"}]})
    remote.on("DELETE /conversations/5/tags/7", {"errors": [{"code": code, "message": "no"}]}, status=422)

    if raises:
        with pytest.raises(Rejected):
            intercom.send(RemoveTag("5", "1", "vip"))
    else:
        assert intercom.send(RemoveTag("5", "1", "vip")) == Receipt()


def test_tags_in_1x_go_with_a_newer_version_or_not_at_all(open_desk, remote):
    """Only the tag call itself wears the other version."""
    remote.on("GET /tags", {"type": "tag.list", "tags": [{"id": "7", "name": "VIP"}]})
    remote.on("POST /conversations/5/tags", {"type": "tag", "id": "7"})

    open_desk("1.4", tag_api_version="2.3").send(AddTag("5", "1", "VIP"))
    assert [r.headers["Intercom-Version"] for r in remote.requests] == ["1.4", "2.3"]

    with pytest.raises(Rejected, match="tags"):
        open_desk("1.4").send(AddTag("5", "1", "VIP"))


@pytest.mark.parametrize(
    ("part", "body"),
    [
        ("17", {"type": "conversation_part", "conversation_id": "5", "conversation_part_id": "17"}),
        ("source:90", {"type": "source", "conversation_id": "5", "source_id": "90"}),
    ],
)
def test_erasing(intercom, open_desk, remote, part, body):
    """A part or the opening message, from 2.3 on."""
    remote.on("POST /conversations/redact", conversation())

    assert intercom.send(Redact("5", part)).view.id == "5"
    assert remote.body() == body
    with pytest.raises(Rejected, match="erasing"):
        open_desk("1.4").send(Redact("5", part))


def test_starting_a_conversation(intercom, remote):
    """Plain text, the contact's id, the original time; the answer names both ids."""
    remote.on(CREATE, {"type": "user_message", "id": "90", "conversation_id": "5"})

    receipt = intercom.send(StartConversation(Person(CONTACT), "a < b", created=7.2))

    assert receipt == Receipt(conversation="5", part="source:90")
    assert remote.body() == {"from": {"type": "user", "id": CONTACT}, "body": "a < b", "created_at": 7}


def test_an_answer_without_a_conversation_is_unclear(intercom, remote):
    """It exists, but nobody said which it is."""
    remote.on(CREATE, {"type": "user_message", "id": "90"})

    with pytest.raises(Unclear):
        intercom.send(StartConversation(Person(CONTACT), "hi"))


def test_a_contact_made_a_moment_ago_gets_time(intercom, remote, clock):
    """A 404 for a contact that exists is a matter of seconds."""
    remote.on(CREATE, refusal("not_found", "User Not Found"), status=404)
    remote.on(CREATE, {"id": "90", "conversation_id": "5"})
    remote.on(f"GET /contacts/{CONTACT}", {"id": CONTACT, "role": "user"})

    assert intercom.send(StartConversation(Person(CONTACT), "hi")).conversation == "5"
    assert clock.sleeps == [2]


def test_a_lead_and_a_merged_contact_are_followed(intercom, remote):
    """The conversation is started as who the contact is now."""
    remote.on(CREATE, refusal("not_found"), status=404)
    remote.on(CREATE, {"id": "90", "conversation_id": "5"})
    link = {"Link": f'</contacts/{OTHER}>; rel="canonical"'}
    remote.on(f"GET /contacts/{CONTACT}", refusal("contact_merged"), status=410, headers=link)
    remote.on(f"GET /contacts/{OTHER}", {"id": OTHER, "role": "lead"})

    intercom.send(StartConversation(Person(CONTACT), "hi"))

    assert remote.body()["from"] == {"type": "lead", "id": OTHER}


def test_a_contact_that_is_gone_ends_it(intercom, remote):
    """No contact, no conversation."""
    remote.on(CREATE, refusal("not_found"), status=404)
    remote.on(f"GET /contacts/{CONTACT}", refusal("not_found"), status=404)

    with pytest.raises(Gone):
        intercom.send(StartConversation(Person(CONTACT), "hi"))


def test_a_reply_of_a_merged_contact_is_followed(intercom, remote):
    """The message goes out as who the contact merged, once."""
    remote.on(REPLY, refusal("not_found"), status=404)
    remote.on(REPLY, conversation())
    remote.on("GET /conversations/5", conversation())
    link = {"Link": f'</contacts/{OTHER}>; rel="canonical"'}
    remote.on(f"GET /contacts/{CONTACT}", refusal("contact_merged"), status=410, headers=link)
    remote.on(f"GET /contacts/{OTHER}", {"id": OTHER, "role": "user"})

    intercom.send(PostMessage("5", "hi", customer=Person(CONTACT)))

    assert remote.body()["intercom_user_id"] == OTHER


def test_not_found_means_gone_only_when_the_conversation_is(intercom, remote):
    """An unknown teammate is not a missing conversation."""
    remote.on(REPLY, refusal("not_found"), status=404)
    remote.on("GET /conversations/5", conversation())
    with pytest.raises(Rejected) as caught:
        intercom.send(PostNote("5", "x", "1"))
    assert not isinstance(caught.value, Gone)

    remote.answers["GET /conversations/5"] = []
    remote.on("GET /conversations/5", refusal("not_found"), status=404)
    with pytest.raises(Gone):
        intercom.send(PostNote("5", "x", "1"))


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"type": "conversation"}'])
def test_an_unparsable_answer_leaves_a_write_unclear(intercom, remote, body):
    """It may have been carried out."""
    remote.on(REPLY, body)

    with pytest.raises(Unclear):
        intercom.send(PostNote("5", "x", "1"))


def test_an_old_message_is_followed_to_its_conversation(open_desk, remote):
    """1.x names only the message; the conversation is found by it."""
    remote.on("POST /messages", {"type": "user_message", "id": "90"})
    rows = [
        {"id": "4", "conversation_message": {"id": "89"}},
        {"id": "5", "conversation_message": {"id": 90}},
    ]
    remote.on("GET /conversations", {"conversations": rows, "pages": {"total_pages": 1}})

    receipt = open_desk("1.4").send(StartConversation(Person(CONTACT), "hi", created=7))

    assert receipt == Receipt(conversation="5", part="source:90")
    assert remote.body(0) == {"from": {"type": "user", "id": CONTACT}, "body": "hi"}


@pytest.mark.parametrize("failure", [httpx.ConnectError("no"), httpx.ReadTimeout("no")])
def test_failing_to_follow_an_old_message_never_looks_unsent(open_desk, remote, monkeypatch, failure):
    """The message was sent: a failure to find its conversation is Unclear, not NeverSent."""
    remote.on("POST /messages", {"type": "user_message", "id": "90"})
    serve = remote.serve

    def failing(request):
        if request.method == "GET":
            raise failure
        return serve(request)

    monkeypatch.setattr(remote, "serve", failing)

    with pytest.raises(Unclear) as caught:
        open_desk("1.4").send(StartConversation(Person(CONTACT), "hi"))
    assert not isinstance(caught.value, NeverSent)


def test_a_customer_is_found_by_own_ids_only(intercom, remote):
    """The best id of one user; never a lead, never one of several, never who is archived."""
    rows = [
        {"id": "1", "role": "lead", "external_id": "acct-1"},
        {"id": "2", "role": "user", "external_id": "ACCT-1"},
        {"id": "3", "role": "user", "external_id": "sync-1"},
        {"id": "4", "role": "user", "external_id": "acct-1", "archived": True},
    ]
    right = {"id": "5", "role": "user", "external_id": "acct-1"}
    pages = [rows, rows[:2], [right, rows[2]], [right, right | {"id": "6"}]]
    remote.on("POST /contacts/search", *({"data": page} for page in pages))

    found = [intercom.find_customer("acct-1", "sync-1") for _ in pages]
    assert found == [Person("3"), None, Person("5"), None]
    assert remote.body()["query"] == {
        "operator": "OR",
        "value": [
            {"field": "external_id", "operator": "=", "value": "acct-1"},
            {"field": "external_id", "operator": "=", "value": "sync-1"},
        ],
    }


@pytest.mark.parametrize(
    ("customer", "body"),
    [
        (Customer("500", "sync-1"), {"role": "user", "external_id": "sync-1"}),
        (
            Customer("500", external_id="acct-1", name="Dana", email="d@x.test", phone="+1"),
            {
                "role": "user",
                "external_id": "acct-1",
                "name": "Dana",
                "email": "d@x.test",
                "phone": "+1",
            },
        ),
    ],
)
def test_a_customer_is_created_with_what_is_known(intercom, remote, customer, body):
    """Nothing unknown is sent."""
    remote.on("POST /contacts", {"type": "contact", "id": CONTACT, "role": "user"})

    assert intercom.create_customer(customer) == Person(CONTACT)
    assert remote.body() == body


def test_a_conflict_is_adopted_when_it_is_they(intercom, remote):
    """The contact in the way is a user with the very id, which search may not show yet."""
    message = f"A contact matching those details already exists with id={OTHER}"
    remote.on("POST /contacts", refusal("conflict", message), status=409)
    remote.on(f"GET /contacts/{OTHER}", {"id": OTHER, "role": "user", "external_id": "sync-1"})

    assert intercom.create_customer(Customer("500", "sync-1")) == Person(OTHER)


@pytest.mark.parametrize(
    "other",
    [{"role": "lead", "external_id": "acct-1"}, {"role": "user", "external_id": "acct-2"}, {"role": "user"}],
)
def test_a_conflict_with_somebody_else_is_not_adopted(intercom, remote, other):
    """Whoever has the address or, as a lead, the id is a stranger: the address goes, then the id."""
    message = f"A contact matching those details already exists with id={OTHER}"
    remote.on("POST /contacts", refusal("conflict", message), status=409)
    remote.on(f"GET /contacts/{OTHER}", {"id": OTHER, **other})

    assert intercom.create_customer(Customer("500", "acct-1", email="d@x.test")) is None
    sent = [remote.body(n) for n, call in enumerate(remote.calls) if call.startswith("POST")]
    assert sent == [
        {"role": "user", "external_id": "acct-1", "email": "d@x.test"},
        {"role": "user", "external_id": "acct-1"},
    ]


@pytest.mark.parametrize(
    ("bearers", "taken"),
    [
        ([{"id": OTHER, "role": "user", "email": "D@x.test"}], True),
        (
            [
                {"id": OTHER, "role": "user", "email": "D@x.test"},
                {"id": "7", "role": "lead", "email": "d@x.test"},
            ],
            True,
        ),
        (
            [
                {"id": OTHER, "role": "user", "email": "D@x.test"},
                {"id": "7", "role": "user", "email": "d@x.test"},
            ],
            False,
        ),
        ([{"id": OTHER, "role": "user", "email": "D@x.test", "external_id": "acct-9"}], False),
        ([{"id": OTHER, "role": "lead", "email": "D@x.test"}], False),
    ],
)
def test_a_conflict_is_taken_for_the_bearer_of_an_address_by_the_rule_of_the_search(
    intercom, remote, bearers, taken
):
    """The one user with it and without an id, where that was asked for; search may not show them."""
    message = f"A contact matching those details already exists with id={OTHER}"
    remote.on("POST /contacts", refusal("conflict", message), status=409)
    remote.on("POST /contacts", {"id": CONTACT, "role": "user"})
    remote.on(f"GET /contacts/{OTHER}", bearers[0])
    remote.on("POST /contacts/search", {"data": bearers[1:]})
    dana = Customer("500", "sync-1", email="d@x.test")

    asked = intercom.create_customer(dana, by_email=True)

    assert (asked.id, asked.by_email, asked.withheld) == (
        (OTHER, True, False) if taken else (CONTACT, False, True)
    )


def test_addresses_are_searched_for_fifteen_at_a_time(intercom, remote):
    """That is how many filters a search takes; leads and whoever has an id are found and not taken."""
    rows = [
        {"id": "1", "role": "user", "email": "A1@x.test"},
        {"id": "2", "role": "lead", "email": "a2@x.test"},
        {"id": "3", "role": "user", "email": "a3@x.test", "external_id": "3"},
        {"id": "4", "role": "user", "email": "a4@x.test"},
        {"id": "5", "role": "user", "email": "a4@x.test"},
    ]
    remote.on("POST /contacts/search", {"data": rows}, {"data": []})

    found = intercom.find_by_email(*(f"a{number}@x.test" for number in range(20)))

    assert found == {"a1@x.test": Person("1")}
    assert [len(remote.body(n)["query"]["value"]) for n in range(2)] == [15, 5]


def test_a_conflict_without_an_id_is_searched_for(intercom, remote):
    """Without an id in the message the search decides; when it finds nobody the id is somebody else's."""
    remote.on("POST /contacts", refusal("conflict", "taken"), status=409)
    row = {"id": "3", "role": "user", "external_id": "sync-1"}
    remote.on("POST /contacts/search", {"data": [row]}, {"data": []})

    assert intercom.create_customer(Customer("500", "sync-1")) == Person("3")
    assert intercom.create_customer(Customer("500", "sync-1")) is None


def test_an_archived_contact_in_the_way_is_brought_back(intercom, remote):
    """Nobody can write as an archived contact."""
    message = f"An archived contact matching those details already exists with id={OTHER}"
    remote.on("POST /contacts", refusal("conflict", message), status=409)
    remote.on(f"POST /contacts/{OTHER}/unarchive", {"id": OTHER, "archived": False})
    remote.on(f"GET /contacts/{OTHER}", {"id": OTHER, "role": "user", "external_id": "sync-1"})

    assert intercom.create_customer(Customer("500", "sync-1")) == Person(OTHER)
    assert remote.calls[-1] == f"POST /contacts/{OTHER}/unarchive"


def test_details_that_intercom_finds_invalid_are_left_out(intercom, remote):
    """A bad phone number must not keep a conversation out."""
    remote.on("POST /contacts", refusal("parameter_invalid"), status=400)
    remote.on("POST /contacts", {"id": CONTACT})

    customer = Customer("500", "sync-1", email="d@x.test", phone="five")

    assert intercom.create_customer(customer) == Person(CONTACT)
    assert remote.body() == {"role": "user", "external_id": "sync-1", "email": "d@x.test"}


def test_people_in_1x(open_desk, remote):
    """Users by external id and nobody else; users are created, without the address that merges them."""
    desk = open_desk("1.4")
    remote.on("GET /users", refusal("not_found"), status=404)
    remote.on("GET /users", refusal("not_found"), status=404)
    remote.on("POST /users", {"type": "user", "id": CONTACT})
    dana = Customer("500", external_id="acct-1", email="d@x.test", name="Dana", phone="+1")

    assert desk.find_customer("acct-1", "sync-1") is None
    assert [remote.query(n) for n in range(2)] == [{"user_id": "acct-1"}, {"user_id": "sync-1"}]
    assert desk.create_customer(dana) == Person(CONTACT)
    assert remote.body() == {"user_id": "acct-1", "name": "Dana", "phone": "+1"}


def test_a_lead_in_1x_speaks_as_contact(open_desk, remote):
    """Who is not a user is looked for among the leads and named as 1.x wants it."""
    remote.on("POST /messages", refusal("not_found"), status=404)
    remote.on("POST /messages", {"id": "90"})
    remote.on(f"GET /users/{CONTACT}", refusal("not_found"), status=404)
    remote.on(f"GET /contacts/{CONTACT}", {"type": "contact", "id": CONTACT})
    remote.on("GET /conversations", {"conversations": [{"id": "5", "conversation_message": {"id": "90"}}]})

    receipt = open_desk("1.4").send(StartConversation(Person(CONTACT), "hi"))

    assert receipt.conversation == "5"
    assert {"type": "contact", "id": CONTACT} in [
        remote.body(n).get("from") for n, call in enumerate(remote.calls) if call.startswith("POST")
    ]


@pytest.mark.parametrize("version", ["2.16", "1.4"])
def test_a_person_known_by_external_id(open_desk, remote, version):
    """Intercom's own id is found before a conversation is started; without one nobody is written as."""
    desk = open_desk(version)
    found = {"id": CONTACT, "role": "user", "external_id": "acct"}
    remote.on("POST /contacts/search", {"data": [found]}, {"data": []})
    remote.on("GET /users", {"type": "user", "id": CONTACT})
    remote.on("GET /users", refusal("not_found"), status=404)
    remote.on(CREATE, {"id": "90", "conversation_id": "5"})
    remote.on("POST /messages", {"id": "90"})
    remote.on("GET /conversations", {"conversations": [{"id": "5", "conversation_message": {"id": "90"}}]})
    write = StartConversation(Person("acct", by_external_id=True), "hi")

    assert desk.send(write).conversation == "5"
    with pytest.raises(Gone):
        desk.send(write)
    assert list(desk.begun_by(Person("acct", by_external_id=True), 0)) == []


def test_a_conflict_in_1x_is_looked_up_by_id(open_desk, remote):
    """Whoever the answer names, only the user with the very id is adopted."""
    remote.on("POST /users", refusal("conflict", f"exists with id={OTHER}"), status=409)
    remote.on("GET /users", {"type": "user", "id": CONTACT, "user_id": "sync-1"})
    remote.on("GET /users", refusal("not_found"), status=404)

    desk = open_desk("1.4")

    assert desk.create_customer(Customer("500", "sync-1")) == Person(CONTACT)
    assert desk.create_customer(Customer("500", "sync-1")) is None


def test_an_invalid_detail_that_is_not_ours_stands(intercom, remote):
    """When leaving out phone and e-mail does not help, the refusal is told."""
    remote.on("POST /contacts", refusal("parameter_invalid"), status=422)

    with pytest.raises(Rejected):
        intercom.create_customer(Customer("500", "sync-1", email="d@x.test", phone="five"))
    assert len(remote.calls) == 3


def test_a_message_has_one_author(intercom):
    """Neither both nor none."""
    both: tuple[dict[str, Any], ...] = ({}, {"agent": "1", "customer": Person("2")})
    for authors in both:
        with pytest.raises(ValueError, match="one author"):
            intercom.send(PostMessage("5", "x", **authors))
