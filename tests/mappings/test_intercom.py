"""Reading Intercom: the seeds' objects, both generations, and the tolerated variations."""

from collections.abc import Callable
from typing import Any

import pytest

from mappings.kinds import INTERCOM_TYPES, OPENING
from mappings.model import (
    CLOSED,
    OPEN,
    Agent,
    Assigned,
    Attachment,
    Author,
    AuthorKind,
    Customer,
    Entry,
    Event,
    LossKind,
    Message,
    Note,
    Part,
    Registers,
    Skipped,
    State,
    Status,
    StatusChanged,
    TagsChanged,
)
from mappings.reading.intercom import read_agents, read_conversation
from mappings.roles import Role
from mappings.speech import spoken
from mappings.wire.values import Unreadable
from mappings.wording import PLAIN

Example = Callable[[str], Any]
INES = "5d91f0c0a1b2c3d4e5f60718"
SEED_TYPES = (
    "comment",
    "note",
    "note_and_reopen",
    "assignment",
    "open",
    "close",
    "away_mode_assignment",
    "participant_added",
    "participant_removed",
    "conversation_rating_changed",
    "conversation_rating_remark_added",
    "snoozed",
    "unsnoozed",
    "assign_and_unsnooze",
    "timer_unsnooze",
)


def words_of(part: Part) -> Message | Note:
    """Return the words of a part that has some."""
    assert part.words is not None
    return part.words


def one(kind: str = "comment", **fields: object) -> Part:
    """Return the only part of a conversation that has this part."""
    part = {"id": 5, "part_type": kind, "created_at": 9, "author": {"type": "admin", "id": 3}, **fields}
    conversation = read_conversation({"id": 1, "conversation_parts": {"conversation_parts": [part]}})
    (read,) = conversation.parts
    return read


def test_seed_conversation(example: Example) -> None:
    """The seed's conversation is read whole: opening, part, customer, assignee, no rating."""
    conversation = read_conversation(example("seed_intercom_conversation"))
    opening, part = conversation.parts
    assert opening.opening
    assert opening.id == "source:147"
    assert opening.entries == (
        Message(
            "Hi Alice,\n\nWe noticed you using our Product, do you have any questions?\n\n- Jane",
            (Attachment("signature", "http://example.org/signature.jpg"),),
        ),
    )
    assert opening.author == conversation.started_by == Author(AuthorKind.AGENT, "25")
    assert part.entries == (Message("Hi Jane, it's all great thanks!"),)
    assert conversation.customer == Customer("536e564f316c83104c000020")
    assert conversation.registers == Registers(OPEN, "25")
    assert conversation.complete


def test_seed_parts(example: Example) -> None:
    """The seed's two parts are messages, and what Twitter's terms hid is a loss."""
    thanks, hidden = example("seed_intercom_parts")
    assert one(**{"kind": "x", **thanks}).author == Author(AuthorKind.CUSTOMER, "536e564f316c83104c000020")
    part = one(**{"kind": "x", **hidden})
    assert [loss.kind for loss in part.losses] == [LossKind.CONTENT]
    assert words_of(part).text.startswith("We've removed this part")


def test_first_generation(example: Example) -> None:
    """A 1.4 conversation yields words and state changes in order, wherever the words hide."""
    conversation = read_conversation(example("intercom_1x_conversation"))
    assert [part.entries for part in conversation.parts] == [
        (Message("The export stops at row 200"),),
        (Message("We answer within the hour."),),
        (Message("Which browser is this?"), Assigned("700101")),
        (
            Message(
                "Firefox", (Attachment("rows.png", "https://files.example.org/rows.png", "image/png", 20480),)
            ),
        ),
        (Message("Fixed in today's release."), StatusChanged(CLOSED)),
    ]
    assert conversation.customer == Customer(INES, None, "Ines Okafor", "ines@example.org", None, Role.LEAD)
    assert conversation.registers == Registers(CLOSED, "700101", None, frozenset({"export"}))
    assert (conversation.complete, conversation.parts_count) == (True, 4)


def test_first_generation_list(example: Example) -> None:
    """A 1.4 list row has registers and its opening, and nobody assigned."""
    (row,) = example("intercom_1x_list")
    conversation = read_conversation(row)
    assert conversation.parts[0].words == Message("Subject: Invoice 17\n\nPlease resend it")
    assert conversation.parts[0].losses[0].kind is LossKind.SUBJECT
    assert (conversation.complete, conversation.registers) == (False, Registers())


def test_customer_without_contacts() -> None:
    """Where no contact is listed the first customer who wrote is the customer, and agents are not."""
    parts = [
        {"id": 6, "created_at": 6, "body": "a", "author": {"type": "admin", "id": "814860"}},
        {"id": 7, "created_at": 7, "body": "b", "author": {"type": "user", "id": INES, "name": "Ines"}},
    ]
    shown = {"id": 1, "conversation_parts": {"conversation_parts": parts}}

    customer = read_conversation(shown).customer

    assert customer is not None
    assert (customer.id, customer.name) == (INES, "Ines")
    assert read_conversation({"id": 1}).customer is None


def test_second_generation(example: Example) -> None:
    """A 2.16 conversation yields every entry, its customer enriched by the author of the opening."""
    conversation = read_conversation(example("intercom_2x_conversation"))
    opening, *parts = conversation.parts
    assert opening.words == Message(
        "The export button does nothing",
        (Attachment("screen 1.png", "https://downloads.intercomcdn.com/i/o/1/screen%201.png?expires=1"),),
    )
    assert [part.entries for part in parts] == [
        (Message("Anyone there?"), StatusChanged(OPEN)),
        (Note("Looks like 8841"), StatusChanged(OPEN)),
        (StatusChanged(Status(State.SNOOZED, 1772090000)),),
        (Assigned(team="9001"), StatusChanged(OPEN)),
        (TagsChanged(added=("export",)),),
        (Message("Fin says hi"),),
        (Skipped("it was removed in Intercom"),),
        (Event("Rating: 5 of 5 \N{EN DASH} quick fix"),),
        (Note("[hologram_sent] future words"),),
    ]
    assert conversation.customer == Customer(
        INES, "acct-20917", "Ines Okafor", "ines@example.org", None, Role.LEAD
    )
    assert conversation.registers == Registers(CLOSED, "814860", None, frozenset({"export"}))
    assert conversation.complete
    assert parts[5].author.kind is AuthorKind.BOT
    assert parts[5].app_code == "copier"
    assert "secret" not in repr(conversation)


@pytest.mark.parametrize("kind", [kind for kind in INTERCOM_TYPES if kind != OPENING])
@pytest.mark.parametrize("body", [None, "<p>words</p>"])
def test_notes_and_events_are_never_messages(kind: str, body: str | None) -> None:
    """No type but those that carry public words ever yields a message; every part yields something."""
    part = one(kind, body=body)
    assert part.entries
    if kind.startswith("note"):
        assert not any(isinstance(entry, Message) for entry in part.entries)
    if body is None:
        assert part.words is None


@pytest.mark.parametrize("kind", SEED_TYPES)
def test_seed_types_are_known(kind: str) -> None:
    """Every part type of the seed document has its own row."""
    part = one(kind, body="words", assigned_to="12")
    assert LossKind.TYPE not in {loss.kind for loss in part.losses}


@pytest.mark.parametrize(
    ("assigned_to", "entry"),
    [
        (12, Assigned("12")),
        ("12", Assigned("12")),
        ({"type": "admin", "id": "12"}, Assigned("12")),
        ({"type": "team", "id": 7}, Assigned(team="7")),
        ({"type": "nobody_admin", "id": None}, Assigned()),
        (0, Assigned()),
        (None, Skipped("it names no assignee")),
        ({}, Skipped("it names no assignee")),
    ],
)
def test_assignment(assigned_to: object, entry: Entry) -> None:
    """Nobody is assigned only when nobody is meant; silence about the assignee is not a change."""
    assert one("assignment", assigned_to=assigned_to).entries == (entry,)


def test_comment_that_assigns() -> None:
    """An older comment that also assigns is a message and an assignment."""
    assert one(body="hi", assigned_to={"type": "admin", "id": 4}).entries == (Message("hi"), Assigned("4"))


def test_disguised_event() -> None:
    """An empty comment of an older version is skipped with its reason."""
    assert one(body="").entries == (Skipped("an event that this API version reports as an empty comment"),)


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (
            {
                "kind": "priority_changed",
                "event_details": {"previous_priority": "low", "current_priority": "high"},
            },
            "Priority changed: low to high",
        ),
        (
            {
                "kind": "conversation_attribute_updated_by_admin",
                "event_details": {"attribute": {"name": "Plan"}, "value": {"name": "Pro"}},
            },
            "Attribute changed: Plan = Pro",
        ),
        (
            {"kind": "quick_reply", "metadata": {"quick_reply_options": [{"text": "Yes"}, {"text": "No"}]}},
            "Quick replies offered: Yes, No",
        ),
        (
            {
                "kind": "custom_action_finished",
                "event_details": {"action": {"name": "Refund", "result": "success"}},
            },
            "Custom action finished: Refund: success",
        ),
        ({"kind": "participant_added"}, "Participant added"),
        ({"kind": "conversation_rating_changed"}, "Rating changed"),
    ],
)
def test_event_lines(fields: dict[str, Any], line: str) -> None:
    """An event is one clear line, with what Intercom tells about it."""
    assert one(**fields).entries == (Event(line),)


def test_event_with_words_is_a_note() -> None:
    """The words of an event are kept for agents, never shown to the customer."""
    assert one("call_summary", body="<p>They agreed</p>").entries == (Note("Call summary: They agreed"),)


EVENT_DETAILS = {"attribute": {"name": "Plan"}, "value": {"name": "Pro", "previous": "Free"}}
OPTIONS = [{"text": "Yes", "uuid": "u1"}, {"text": "No", "uuid": "u2"}]


def test_event_keeps_its_details_beside_words() -> None:
    """An event that brings words and details tells both."""
    part = one("conversation_attribute_updated_by_admin", body="<p>why</p>", event_details=EVENT_DETAILS)
    assert part.entries == (Note("Attribute changed: Plan = Pro (was Free)\n\nwhy"),)


@pytest.mark.parametrize("kind", ["timer_unsnooze", "conversation_tags_updated"])
def test_unexpected_words_are_noted(kind: str) -> None:
    """Words of a type that should have none reach the agents as a note, and what it changed is kept."""
    entries = one(kind, body="<p>words</p>").entries
    assert entries[0] == Note(f"[{kind}] words")
    assert len(entries) == 2


def test_chosen_quick_reply_is_what_the_customer_said() -> None:
    """A customer's choice among quick replies, told by its id, is their message."""
    metadata = {"quick_reply_options": OPTIONS, "quick_reply_uuid": "u2"}
    part = one("quick_reply", body=None, author={"type": "user", "id": "c"}, metadata=metadata)
    assert part.words == Message("No")


@pytest.mark.parametrize(("author", "kind"), [(INES, AuthorKind.CUSTOMER), (814860, AuthorKind.UNKNOWN)])
def test_author_that_is_an_id_alone(author: object, kind: AuthorKind) -> None:
    """An author given by id alone is the customer when it is theirs, else unknown, with the id kept."""
    part = {"id": 5, "part_type": "comment", "created_at": 9, "author": author, "body": "x"}
    contacts = {"contacts": [{"type": "contact", "id": INES}]}
    raw = {"id": 1, "contacts": contacts, "conversation_parts": {"conversation_parts": [part]}}
    (read,) = read_conversation(raw).parts
    assert (read.author.kind, read.author.id) == (kind, str(author))


def test_assignment_names_who_wrote_in_the_conversation() -> None:
    """An assignee who wrote in the conversation is told by name."""
    nora = {"type": "admin", "id": "3", "name": "Nora"}
    parts = [
        {"id": 1, "part_type": "comment", "created_at": 1, "author": nora, "body": "x"},
        {"id": 2, "part_type": "assignment", "created_at": 2, "assigned_to": {"type": "admin", "id": "3"}},
    ]
    assigned = read_conversation({"id": 1, "conversation_parts": {"conversation_parts": parts}}).parts[1]
    assert spoken(assigned.entries[0], PLAIN) == "Assigned to Nora"


@pytest.mark.parametrize(
    ("delivered_as", "kind"),
    [
        ("admin_initiated", AuthorKind.AGENT),
        ("automated", AuthorKind.BOT),
        ("campaigns_initiated", AuthorKind.BOT),
    ],
)
def test_campaign_openings_are_a_bots(delivered_as: str, kind: AuthorKind) -> None:
    """What a campaign sent in a teammate's name was not written by them."""
    source = {"id": 4, "body": "x", "author": {"type": "admin", "id": 3}, "delivered_as": delivered_as}
    assert read_conversation({"id": 1, "created_at": 5, "source": source}).started_by.kind is kind


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"state": "open", "open": True}, OPEN),
        ({"state": "closed"}, CLOSED),
        ({"state": "snoozed", "open": True, "snoozed_until": 50}, Status(State.SNOOZED, 50)),
        ({"state": "snoozed"}, Status(State.SNOOZED)),
        ({"state": "sleeping", "open": False}, CLOSED),
        ({"open": None}, OPEN),
        ({"snoozed_until": "1970-01-01T00:01:00Z"}, Status(State.SNOOZED, 60)),
        ({"snoozed_until": 64654125776}, OPEN),
    ],
)
def test_status(fields: dict[str, Any], status: Status) -> None:
    """The state decides, then the end of a snooze, then the open flag; a sentinel date means never."""
    assert read_conversation({"id": 1, **fields}).registers.status == status


@pytest.mark.parametrize(
    ("shown", "total", "counted", "complete"),
    [(2, 2, None, True), (2, 3, None, False), (2, 2, 3, True), (2, 2, 4, False), (500, 500, 500, False)],
)
def test_truncation(shown: int, total: int, counted: int | None, *, complete: bool) -> None:
    """A conversation is incomplete at 500 parts, or when a count beyond the opening says there are more."""
    parts = [{"id": n, "created_at": n, "part_type": "close"} for n in range(1, shown + 1)]
    row = {
        "id": 1,
        "source": {"id": 3},
        "statistics": {"count_conversation_parts": counted},
        "conversation_parts": {"conversation_parts": parts, "total_count": total},
    }
    assert read_conversation(row).complete is complete


def test_missing_parts_are_incomplete() -> None:
    """A row without parts, as lists have, is not a conversation without parts."""
    assert not read_conversation({"id": 1}).complete
    assert read_conversation({"id": 1, "conversation_parts": []}).complete


def test_inline_image_names() -> None:
    """An inline image is named by its alternative text, else by its address."""
    sources = ('src="https://x/a%20b.png?q=1" alt="Plan"', 'src="https://x/c.png"')
    part = one(body="".join(f"<img {source}>" for source in sources))
    assert [file.name for file in words_of(part).attachments] == ["Plan.png", "c.png"]


@pytest.mark.parametrize(
    ("image", "kept"),
    [
        ('src="data:image/png;base64,aGVsbG8="', Attachment("image.png", "", "image/png", 5)),
        ('src=" DATA:image/gif;base64,aGVs bG8=" alt="Plan"', Attachment("Plan.gif", "", "image/gif", 5)),
        ('src="data:,a%20b"', Attachment("image", "", None, 3)),
        ('src="data:"', Attachment("image", "", None, 0)),
        ('src="cid:scan.jpg@01D9"', Attachment("scan.jpg", "")),
        ('src="cid:scan.jpg@01D9" alt="Plan"', Attachment("Plan", "")),
        ('src="blob:https://x/1"', Attachment("image", "")),
        ("", Attachment("image", "")),
    ],
)
def test_an_image_without_address_is_kept(image: str, kept: Attachment) -> None:
    """A message made only of an image that cannot be fetched stays one, with the image's name and size."""
    assert one(body=f"<p><img {image}></p>").entries == (Message("", (kept,)),)


def test_an_image_of_a_body_is_told_from_a_listed_file() -> None:
    """Anybody may write an address into a body; what the API lists is the side's own word."""
    file = {"name": "a.pdf", "url": "https://files.test/a.pdf", "content_type": "application/pdf"}
    part = one(body='<p><img src="https://elsewhere.test/b.png"></p>', attachments=[file])

    assert {file.name: file.inline for file in words_of(part).attachments} == {"a.pdf": False, "b.png": True}


def test_an_attachment_without_address_is_kept() -> None:
    """It keeps its name, type and size."""
    file = {"name": "a.pdf", "url": None, "content_type": "application/pdf", "filesize": 9}
    assert words_of(one(body="", attachments=[file])).attachments == (
        Attachment("a.pdf", "", "application/pdf", 9),
    )


@pytest.mark.parametrize("address", ["data:text/html,x", "cid:1", "DATA:x"])
def test_a_link_to_what_came_along_is_its_label(address: str) -> None:
    """Only addresses that can be opened are in the text."""
    assert words_of(one(body=f'<a href="{address}">the plan</a>')).text == "the plan"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ({"name": "a.pdf", "url": "https://x/1"}, "a.pdf"),
        ({"name": "", "url": "https://x/%D7%A9.pdf?e=1#f"}, "\u05e9.pdf"),
        ({"name": "scan", "url": "https://x/1", "content_type": "image/png"}, "scan.png"),
        ({"name": "v1.2", "url": "https://x/1", "content_type": "image/png"}, "v1.2"),
        ({"name": "scan", "url": "https://x/1", "content_type": "application/x-own"}, "scan"),
        ({"name": " ", "url": "https://x/", "content_type": "text/plain; charset=utf-8"}, "file.txt"),
    ],
)
def test_file_names(file: dict[str, str], name: str) -> None:
    """A file without a name is called by its address, one without extension gets that of its type."""
    assert words_of(one(body="x", attachments=[file])).attachments[0].name == name


def test_removed_opening() -> None:
    """A redacted opening keeps no words and is still the opening."""
    row = {"id": 1, "created_at": 5, "source": {"id": 3, "body": "secret", "redacted": True}}
    (opening,) = read_conversation(row).parts
    assert (opening.removed, opening.opening) == (True, True)
    assert "secret" not in repr(opening)


def test_redacted_close_still_closes() -> None:
    """A state change survives the removal of its words."""
    assert one("close", body="secret", redacted=True).entries[-1] == StatusChanged(CLOSED)


def test_part_named_like_the_opening_is_unknown() -> None:
    """A part cannot pass itself off as the opening by its type."""
    assert one("source", body="x").entries == (Note("[source] x"),)


def test_bad_parts_fail_alone() -> None:
    """A part that cannot be read is reported, and the others are read."""
    parts = [{"id": 5, "created_at": "soon", "body": "secret"}, {"id": 6, "created_at": 6}]
    conversation = read_conversation({"id": 1, "conversation_parts": {"conversation_parts": parts}})
    assert [part.id for part in conversation.parts] == ["6"]
    assert [bad.id for bad in conversation.bad] == ["5"]
    assert "secret" not in conversation.bad[0].reason


def test_opening_without_time_is_a_bad_part() -> None:
    """An opening that cannot be placed in time is reported, not lost."""
    assert len(read_conversation({"id": 1, "source": {"id": 3, "body": "x"}}).bad) == 1


def test_no_conversation_without_id() -> None:
    """A conversation without an id is unreadable."""
    with pytest.raises(Unreadable, match="id"):
        read_conversation({})


@pytest.mark.parametrize(
    "change",
    [{"updated_at": 2}, {"state": "closed"}, {"admin_assignee_id": 4}, {"tags": {"tags": [{"name": "x"}]}}],
)
def test_revision(change: dict[str, Any]) -> None:
    """The revision changes with the time of change and with every register, and only then."""
    row = {"id": 1, "updated_at": 1, "state": "open"}
    assert read_conversation(row).revision == read_conversation(row | {"read": True}).revision
    assert read_conversation(row | change).revision != read_conversation(row).revision


def test_agents() -> None:
    """People, bots and teams come from lists or list objects, without junk; old mixed lists are sorted."""
    admins = {
        "admins": [
            {"type": "admin", "id": 25, "name": "Jane", "email": "jane@example.org"},
            {"type": "admin", "id": 26, "name": "Fin", "email": "operator+ab1@intercom.io"},
            {"type": "team", "id": "9", "name": "Sales"},
            {"type": "nobody_admin", "id": None},
            None,
        ]
    }
    assert read_agents(admins, [{"type": "team", "id": 8}]) == (
        Agent("25", "Jane", "jane@example.org"),
        Agent("26", "Fin", "operator+ab1@intercom.io", AuthorKind.BOT),
        Agent("9", "Sales", None, AuthorKind.TEAM),
        Agent("8", "8", None, AuthorKind.TEAM),
    )
