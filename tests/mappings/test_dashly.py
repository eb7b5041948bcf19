"""Reading Dashly: the seed's reply, the reference's examples, and the tolerated variations."""

from collections.abc import Callable
from typing import Any

import pytest

from mappings.model import (
    CLOSED,
    Agent,
    Assigned,
    Attachment,
    Author,
    AuthorKind,
    ChannelChanged,
    Customer,
    Entry,
    Event,
    LossKind,
    Message,
    Note,
    Registers,
    Side,
    Skipped,
    State,
    Status,
    StatusChanged,
    TagsChanged,
)
from mappings.reading.dashly import read_channels, read_conversation, read_teams
from mappings.reading.dashly_parts import read_part
from mappings.speech import spoken
from mappings.table import DEFAULT
from mappings.wire.values import Unreadable
from mappings.wording import PLAIN

Example = Callable[[str], Any]
DANA = Customer("2180140503138308711", "acct-20917", "Dana Ortiz", "dana@example.test", "15550100")


def raw(kind: str, **fields: object) -> dict[str, object]:
    """Return a raw part of a type."""
    return {"id": "7", "created": 1772001122, "type": kind, "body": "", **fields}


def test_seed_reply(example: Example) -> None:
    """The seed's sample, with its stale type and numeric ids, is the customer's opening message."""
    part = read_part(example("seed_dashly_reply"))
    file = Attachment("hello.txt", "https://files.dashly.app/hello.txt", "text/plain", 5)
    assert (part.id, part.opening, part.created) == ("2030901", True, 1436620221)
    assert part.entries == (Message("Hello", (file,)),)
    assert part.author == Author(AuthorKind.CUSTOMER, "1882111")


def test_whole_conversation(example: Example) -> None:
    """All parts of the reference's conversation come out in order with their entries."""
    conversation = read_conversation(example("dashly_conversation"), example("dashly_parts"))
    assert [part.entries[0] for part in conversation.parts] == [
        Message(
            "The export button does nothing",
            (
                Attachment(
                    "screen.png",
                    "https://files.dashly.app/attachments/48213/5f0c/screen.png",
                    "image/png",
                    48211,
                ),
            ),
        ),
        Assigned("151204"),
        TagsChanged(added=("export",)),
        Note("Looks like ticket 8841, checking with dev"),
        Message("Thanks, we are looking into it."),
        StatusChanged(Status(State.SNOOZED)),
        TagsChanged(removed=("export",)),
        ChannelChanged("3012"),
        StatusChanged(CLOSED),
        Event("Rating: 5 \N{EN DASH} quick fix"),
    ]
    assert conversation.registers == Registers(CLOSED, "151204", "3012")
    assert conversation.customer == DANA
    assert conversation.started_by == Author(AuthorKind.CUSTOMER, DANA.id, DANA.name, DANA.email)
    assert (conversation.complete, conversation.parts_count, conversation.bad) == (True, 10, ())


def test_marker_and_api(example: Example) -> None:
    """A part tells the client's marker and whether an API call made it."""
    parts = read_conversation(example("dashly_conversation"), example("dashly_parts")).parts
    reply = next(part for part in parts if part.type == "reply_admin")
    assert (reply.external_id, reply.by_api) == ("tkt-8841-c3", True)
    assert parts[0].by_api is False


def test_list_rows(example: Example) -> None:
    """A list row gives registers, but its shortened newest part is no part to work with."""
    closed, snoozed = (read_conversation(row) for row in example("dashly_list"))
    assert (closed.parts, closed.complete) == ((), False)
    assert snoozed.registers == Registers(Status(State.SNOOZED, 1772090000), tags=frozenset({"vip"}))


def test_newest_part_serves_when_whole(example: Example) -> None:
    """A single read's newest part is used, and is the whole conversation only when it is the only one."""
    row = example("dashly_conversation")
    conversation = read_conversation(row)
    assert [part.id for part in conversation.parts] == ["2180176593446502411"]
    assert not conversation.complete
    assert read_conversation(row | {"parts_count": 1}).complete


def test_webhook_part(example: Example) -> None:
    """A webhook's copy of a reply reads like the reply, its extra fields ignored."""
    part = read_part(example("dashly_webhook_part"))
    assert part.entries == (Message("The export button does nothing"),)
    assert part.author == Author(AuthorKind.CUSTOMER, DANA.id)


def test_first_of_a_complete_list_opens() -> None:
    """Without a flag the oldest part of a complete list is the opening; of an incomplete one none is."""
    parts = [raw("reply_user", id="2", created=20), raw("note", id="1", created=10)]
    complete = read_conversation({"id": 1}, parts)
    partial = read_conversation({"id": 1}, parts, complete=False)
    assert [part.opening for part in complete.parts] == [True, False]
    assert not any(part.opening for part in partial.parts)


def test_only_the_latest_delay_gets_the_end() -> None:
    """The conversation's end of delay belongs to its latest delay, unless that part has its own."""
    parts = [raw("delayed", id=1, created=1), raw("delayed", id=2, created=2)]
    read = read_conversation({"id": 1, "delayed_until": 99}, parts).parts
    assert [
        entry.status.until for part in read for entry in part.entries if isinstance(entry, StatusChanged)
    ] == [
        None,
        99,
    ]
    assert [len(part.entries) for part in read] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "sender", "sent_via", "author"),
    [
        ("reply_user", 12, "web_user", Author(AuthorKind.CUSTOMER, "12")),
        ("reply_user", None, "", Author(AuthorKind.CUSTOMER)),
        ("reply_user", {"type": "admin", "id": 3}, "", Author(AuthorKind.CUSTOMER)),
        ("reply_admin", {"type": "admin", "id": 3, "name": "N"}, "api", Author(AuthorKind.AGENT, "3", "N")),
        (
            "reply_admin",
            {"type": "default_admin", "name": "Team"},
            "",
            Author(AuthorKind.AGENT, None, "Team"),
        ),
        ("reply_admin", {"type": "message_sender", "id": 3}, "", Author(AuthorKind.BOT)),
        ("reply_admin", {"type": "message_sender", "id": 3}, "web_panel", Author(AuthorKind.AGENT)),
        ("reply_admin", {"type": "bot", "id": 3}, "", Author(AuthorKind.BOT, "3")),
        ("reply_admin", {"type": "admin", "id": 3}, "message_auto", Author(AuthorKind.BOT, "3")),
        ("auto_reply", {"type": "admin", "id": 3}, "", Author(AuthorKind.BOT, "3")),
        ("closed", None, "", Author(AuthorKind.NOBODY)),
        ("closed", "5", "", Author(AuthorKind.UNKNOWN, "5")),
        (
            "note",
            {"type": "admin", "id": 3, "name": "N", "name_internal": "n@example.org"},
            "",
            Author(AuthorKind.AGENT, "3", "N", "n@example.org"),
        ),
    ],
)
def test_authors(kind: str, sender: object, sent_via: str, author: Author) -> None:
    """Who wrote follows from the type, and the ids of senders that are not operators are never an agent's."""
    assert read_part(raw(kind, **{"from": sender}, sent_via=sent_via)).author == author


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("n@example.org", "n@example.org"),
        (" a@b ", "a@b"),
        ("@home", None),
        ("home@", None),
        ("Nora @ work", None),
        ("Nora", None),
        ("", None),
    ],
)
def test_a_name_in_the_panel_may_be_an_address(name: str, email: str | None) -> None:
    """Some installations use it so; an address has no space, and something on both sides of its sign."""
    sender = {"type": "admin", "id": 3, "name": "N", "name_internal": name}
    assert read_part(raw("note", **{"from": sender})).author.email == email


@pytest.mark.parametrize(
    ("fields", "entries"),
    [
        ({"type": "assigned", "assignee": None}, (Assigned(),)),
        ({"type": "assigned", "assignee": {"id": 5}}, (Assigned("5"),)),
        ({"type": "channel_changed", "channel": 0}, (ChannelChanged(None),)),
        ({"type": "channel_changed", "channel": {"id": 4}}, (ChannelChanged("4"),)),
        ({"type": "final_closed"}, (StatusChanged(CLOSED),)),
        ({"type": "vote"}, (Event("Rating asked for"),)),
        ({"type": "service", "body": "x"}, (Skipped(DEFAULT.row(Side.DASHLY, "service").reason),)),
        ({"type": "hologram", "body": "x"}, (Note("[hologram] x"),)),
        ({"type": "hologram"}, (Skipped("the type hologram is not known, and it has no words"),)),
        ({"type": "reply_admin", "body": " "}, (Skipped("it carries nothing"),)),
        ({"type": "reply_admin", "body": "<b>1 < 2</b>"}, (Message("<b>1 < 2</b>"),)),
        ({"type": "delayed", "meta_data": {"delayed_until": 9}}, (StatusChanged(Status(State.SNOOZED, 9)),)),
    ],
)
def test_entries(fields: dict[str, Any], entries: tuple[Entry, ...]) -> None:
    """Each type yields the entries that the table names."""
    assert read_part(raw(**{"kind": "x", **fields})).entries == entries


@pytest.mark.parametrize("kind", ["closed", "delayed", "assigned", "tag_added", "channel_changed"])
def test_unexpected_words_are_noted(kind: str) -> None:
    """Words of a type that should have none reach the agents as a note, and what it changed is kept."""
    entries = read_part(raw(kind, body="Done, thanks.")).entries
    assert entries[0] == Note(f"[{kind}] Done, thanks.")
    assert len(entries) == 2


def test_vote_with_words_keeps_its_rating() -> None:
    """A vote that brings words tells the rating and the words."""
    part = read_part(raw("vote", body="Great help", meta_data={"vote": 5}))
    assert part.entries == (Note("Rating: 5\n\nGreat help"),)


def test_changes_name_who_and_where() -> None:
    """An assignment names the operator, a change of channel the channel that the conversation shows."""
    assignee = {"type": "admin", "id": 5, "name": "Tess"}
    parts = [
        raw("assigned", id=1, created=1, assignee=assignee),
        raw("channel_changed", id=2, created=2, channel="9"),
        raw("reply_admin", id=3, created=3, body="x", **{"from": {"type": "admin", "id": 6, "name": "Nora"}}),
        raw("assigned", id=4, created=4, assignee=6),
    ]
    row = {"id": 1, "channel": {"id": 9, "name": "Billing"}}
    told = [spoken(part.entries[0], PLAIN) for part in read_conversation(row, parts).parts]
    assert told == ["Assigned to Tess", "Moved to channel Billing", "x", "Assigned to Nora"]


def test_bot_choices_are_text() -> None:
    """What a bot offered and what was chosen are in the message, and the buttons are a loss."""
    part = read_part(
        raw(
            "chat_bot_user",
            body="Which plan?",
            actions=[{"type": "button", "data": {"text": "Small"}}, {"type": "button", "data": "Large"}],
            meta_data={"choice": "Small"},
        )
    )
    text = "Which plan?\n\nChoices offered: Small, Large\n\nChoice taken: Small"
    assert part.entries == (Message(text),)
    assert part.author.kind is AuthorKind.BOT
    assert {loss.kind for loss in part.losses} == {LossKind.AUTHOR, LossKind.BUTTONS}


@pytest.mark.parametrize(
    "body_json",
    [
        {"title": "Refunds", "text": "Within 14 days.", "url": "https://help.example/r"},
        {
            "article": {
                "link": "https://help.example/r",
                "name": "Refunds",
                "content": "<p>Within 14 days.</p>",
            }
        },
        {"blocks": [{"title": "Refunds"}, {"body": "Within 14 days."}, {"href": "https://help.example/r"}]},
    ],
)
def test_article(body_json: dict[str, object]) -> None:
    """An article becomes title, text and link, in whatever shape Dashly keeps it."""
    part = read_part(raw("article", body_json=body_json))
    assert part.words == Message("Refunds\n\nWithin 14 days.\n\nhttps://help.example/r")
    assert part.losses[0].kind is LossKind.LAYOUT


def test_built_content_is_a_loss() -> None:
    """A pop-up's structured body is reduced to its text and recorded as a loss, even when there is none."""
    shown = read_part(raw("reply_admin", body_json={"blocks": [{"text": "Sale"}]}))
    empty = read_part(raw("reply_admin", body_json={"blocks": [{"width": 3}]}))
    assert (shown.words, shown.losses[0].kind) == (Message("Sale"), LossKind.LAYOUT)
    assert empty.words is not None
    assert (empty.words.text, empty.losses[0].kind) == (
        "[content built in Dashly, without text]",
        LossKind.CONTENT,
    )


@pytest.mark.parametrize("kind", ["reply_user", "note", "vote", "hologram"])
def test_removed_keeps_no_words(kind: str) -> None:
    """A removed part is a tombstone without its words and files."""
    secret = {"body": "secret", "attachments": [{"filename": "secret", "url": "https://secret"}]}
    part = read_part(raw(kind, removed=1772001999, meta_data={"vote": 1, "text": "secret"}, **secret))
    assert part.removed
    assert "secret" not in repr(part)


def test_file_without_address_is_kept() -> None:
    """An attachment that cannot be fetched is kept by its name instead of being dropped."""
    part = read_part(raw("reply_user", body="", attachments=[{"filename": "a", "url": None}, {"url": ""}, 3]))
    assert part.entries == (Message("", (Attachment("a", ""), Attachment("file", ""))),)


def test_bad_part_fails_alone() -> None:
    """A part without id or time becomes a bad part that quotes none of its text."""
    parts: list[Any] = [
        raw("note", body="fine"),
        raw("note", id=None, body="secret"),
        raw("note", id=8, created="x"),
        3,
    ]
    conversation = read_conversation({"id": 1}, parts)
    assert [part.id for part in conversation.parts] == ["7"]
    assert [bad.id for bad in conversation.bad] == [None, "8", None]
    assert "secret" not in repr(conversation.bad)


def test_no_conversation_without_id() -> None:
    """A row without an id is unreadable."""
    with pytest.raises(Unreadable, match="id"):
        read_conversation({"id": None})


def test_removed_conversation() -> None:
    """A conversation that Dashly removed is marked as deleted."""
    assert read_conversation({"id": 1, "removed": 1772001999}).deleted


@pytest.mark.parametrize(
    "change",
    [
        {"last_update": 2},
        {"parts_count": 2},
        {"part_last": {"id": "8"}},
        {"closed": True},
        {"delayed_until": 9},
        {"tags": ["x"]},
        {"assignee": {"id": 4}},
        {"channel": {"id": 4}},
    ],
)
def test_revision(change: dict[str, object]) -> None:
    """The revision changes with everything that shows a change, and only then."""
    row = {"id": 1, "last_update": 1, "parts_count": 1, "part_last": {"id": "7"}}
    same = read_conversation(row | {"user_unread_count": 4})
    assert read_conversation(row).revision == same.revision
    assert read_conversation(row | change).revision != same.revision


def test_operators_and_channels() -> None:
    """Operators are listed once with the address that the panel name may be; channels are teams."""
    nora = {"type": "admin", "id": 5, "name": "Nora", "name_internal": "nora@example.org"}
    bot = {"type": "bot", "id": 6, "name": "Robo"}
    raws = [{"id": 1, "name": "Billing", "operators": [nora, bot]}, {"id": 2, "operators": [nora]}, None]
    assert read_channels(raws) == (
        Agent("5", "Nora", "nora@example.org"),
        Agent("6", "Robo", None, AuthorKind.BOT),
    )
    assert read_teams(raws) == (
        Agent("1", "Billing", kind=AuthorKind.TEAM),
        Agent("2", "2", kind=AuthorKind.TEAM),
    )


def test_overridden_table_is_used() -> None:
    """A reader follows the table it is given."""
    table = DEFAULT.with_overrides({"dashly.vote": "skip", "dashly.reply_admin": "note"})
    parts = [raw("vote", id=1), raw("reply_admin", id=2, body="x")]
    vote, reply = read_conversation({"id": 1}, parts, table=table).parts
    assert vote.entries == (Skipped("left out by [map.parts]"),)
    assert reply.entries == (Note("x"),)


@pytest.mark.parametrize(
    ("via", "body", "shown"),
    [
        ("web_panel", "<p>Hello <b>Dana</b></p><p>Bye</p>", "Hello Dana\n\nBye"),
        ("web_panel", "Use <p>…</p> for paragraphs", "Use <p>…</p> for paragraphs"),
        ("api", "<p>Hello</p>", "<p>Hello</p>"),
    ],
)
def test_what_dashlys_editor_makes_of_words_is_read_as_words(via: str, body: str, shown: str) -> None:
    """Markup from end to end that the panel made; what a program or a person wrote as text stays text."""
    agent = {"type": "admin", "id": "7"}
    row = {"id": "1", "created": 5, "type": "reply_admin", "sent_via": via, "body": body, "from": agent}
    part = read_part(row)

    assert part.words is not None
    assert part.words.text == shown
