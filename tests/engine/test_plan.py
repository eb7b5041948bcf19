"""What the planner does in situations that a support person would recognise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.engine.actions import Carry, Contested, Form, Look, Plan, Put, Record
from connector.engine.plan import needs_a_closer_look, plan
from connector.ports import AddTag, Assign, RemoveTag, SetStatus
from mappings.model import (
    CLOSED,
    OPEN,
    Assigned,
    Attachment,
    Author,
    AuthorKind,
    ChannelChanged,
    Event,
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
from state.ledger import Disposition, LedgerRow

D, IC = Side.DASHLY, Side.INTERCOM
DAY = 86_400.0
SNOOZED = Status(State.SNOOZED, 1_900_000_000.0)


def carries(planned: Plan) -> list[Carry]:
    """Return the words that a plan writes."""
    return [action for action in planned.actions if isinstance(action, Carry)]


def puts(planned: Plan) -> list[object]:
    """Return the register writes of a plan."""
    return [action.write for action in planned.actions if isinstance(action, Put)]


def told(planned: Plan) -> list[tuple[str, str, str | None]]:
    """Return form, text and voice of everything a plan says."""
    return [(carry.form.value, carry.text, carry.agent) for carry in carries(planned)]


def fates(planned: Plan) -> dict[str, str]:
    """Return what becomes of each part."""
    found: dict[str, str] = {}
    for action in planned.actions:
        rows = action.covers if isinstance(action, Carry) else ()
        rows = action.rows if isinstance(action, Record) else rows
        for row in rows:
            assert row.id not in found, "a part has two fates"
            found[row.id] = row.disposition.value
    return found


# -- opening the mirror -------------------------------------------------------------------------------


def test_a_customer_s_first_message_opens_the_mirror(make: Any) -> None:
    """The mirror begins with the customer's own words, at their own time."""
    hello = make.part(D, 1, Message("Hello"))

    planned = plan(make.snapshot(make.pair(D), make.view(D, hello)), make.policy())

    (start,) = carries(planned)
    assert (start.target, start.form, start.text, start.agent) == (IC, Form.START, "Hello", None)
    assert (start.marker, start.source, start.created) == ("da:app:1", "1", hello.created)
    assert fates(planned) == {"1": "copied"}


@pytest.mark.parametrize("opener", ["agent", "bot"])
def test_a_conversation_that_we_started_is_opened_by_a_neutral_line(make: Any, opener: str) -> None:
    """Nothing is sent as outbound: a stub as the customer, then the real message, silent."""
    first = make.part(D, 1, Message("News!"), by=getattr(make, opener), ago=50.0)

    planned = plan(make.snapshot(make.pair(D), make.view(D, first)), make.policy())

    said = {"agent": ("message", "News!", "11"), "bot": ("message", "Robi (bot): News!", "980")}
    assert told(planned) == [("start", "Conversation copied from Dashly.", None), said[opener]]
    assert all(carry.silent for carry in carries(planned))
    assert fates(planned) == {"1": "copied"}


def test_a_campaign_of_nobody_opens_the_mirror_with_a_stub_and_a_note(make: Any) -> None:
    """Whoever cannot be named speaks in a note only."""
    first = make.part(D, 1, Message("News!"), by=make.nobody)

    planned = plan(make.snapshot(make.pair(D), make.view(D, first)), make.policy())

    assert [carry.form for carry in carries(planned)] == [Form.START, Form.NOTE]


def test_a_note_alone_opens_the_mirror_privately(make: Any) -> None:
    """The words of a first note stand in a note, never in the opening."""
    first = make.part(D, 1, Note("He owes us"), by=make.agent)

    planned = plan(make.snapshot(make.pair(D), make.view(D, first)), make.policy())

    assert told(planned) == [
        ("start", "Conversation copied from Dashly.", None),
        ("note", "He owes us", "11"),
    ]


def test_a_conversation_of_events_only_is_not_mirrored(make: Any) -> None:
    """A tag or an assignment alone is no reason to make a conversation."""
    tagged = make.part(D, 1, TagsChanged(("vip",)), by=make.agent)

    assert plan(make.snapshot(make.pair(D), make.view(D, tagged)), make.policy()) == Plan()


def test_the_stub_is_not_younger_than_what_follows(make: Any) -> None:
    """The neutral line carries the time of the conversation's beginning."""
    first = make.part(D, 1, Message("News!"), by=make.agent, ago=500.0)

    stub, message = carries(plan(make.snapshot(make.pair(D), make.view(D, first)), make.policy()))

    assert stub.created <= message.created


# -- carrying on ---------------------------------------------------------------------------------------


def conversation(make: Any, *parts: Any, origin: Side = D, source: Side = D, **more: Any) -> Any:
    """Return the snapshot of a linked pair whose source side shows these parts."""
    return make.snapshot(make.pair(origin, linked=True), make.view(source, *parts), **more)


def test_known_parts_are_not_carried_again(make: Any) -> None:
    """What the ledger knows, ours or theirs, makes an empty plan."""
    parts = [make.part(D, 1, Message("a")), make.part(D, 2, Message("b"), by=make.agent)]
    known = [
        LedgerRow(D, "1", "reply_user", 1.0, Disposition.COPIED),
        LedgerRow(D, "2", "message", 1.0, Disposition.ABSORBED, ours=True),
    ]

    assert plan(conversation(make, *parts, known=known), make.policy()) == Plan()


def test_equal_texts_are_two_messages(make: Any) -> None:
    """Two messages "ok" are carried twice, under two markers, in order."""
    parts = [make.part(D, 1, Message("ok"), ago=50), make.part(D, 2, Message("ok"), ago=50)]

    planned = plan(conversation(make, *parts), make.policy())

    assert [carry.marker for carry in carries(planned)] == ["da:app:1", "da:app:2"]


def test_order_is_by_time_and_then_by_number(make: Any) -> None:
    """Part 10 of the same second follows part 9."""
    parts = [make.part(D, 10, Message("b"), ago=50), make.part(D, 9, Message("a"), ago=50)]

    planned = plan(conversation(make, *parts), make.policy())

    assert [carry.source for carry in carries(planned)] == ["9", "10"]


def test_an_unmapped_agent_speaks_through_the_default_with_their_name(make: Any) -> None:
    """Nobody's words are put under another person's name without saying so."""
    part = make.part(D, 1, Message("Hi"), by=make.stranger)

    assert told(plan(conversation(make, part), make.policy())) == [("message", "Stefan (agent): Hi", "990")]


def test_a_second_customer_is_named(make: Any) -> None:
    """Among several people each line says who wrote it, except the customer's own."""
    other = make.part(D, 2, Message("Me too"), by=Author(AuthorKind.CUSTOMER, "u2", "Udo"), ago=10)
    first = make.part(D, 1, Message("Hi"))

    planned = plan(conversation(make, first, other), make.policy())

    assert told(planned) == [("message", "Hi", None), ("message", "Udo (customer): Me too", None)]


def test_an_event_becomes_a_note(make: Any) -> None:
    """What exists on one side only is told to agents in one line."""
    part = make.part(IC, 1, Event("Rated 5 of 5"), by=make.nobody)

    planned = plan(conversation(make, part, source=IC, origin=IC), make.policy())

    assert told(planned) == [("note", "Rated 5 of 5", "98")]
    assert fates(planned) == {"1": "note"}


@pytest.mark.parametrize(
    ("channel", "words"), [("3012", "Moved to channel 3012"), (None, "out of its channel")]
)
def test_an_unmapped_channel_is_told(make: Any, channel: str | None, words: str) -> None:
    """A channel that stands for no team is a line for agents."""
    part = make.part(D, 1, ChannelChanged(channel), by=make.agent)

    (carry,) = carries(plan(conversation(make, part), make.policy()))

    assert carry.form is Form.NOTE
    assert words in carry.text


def test_a_mapped_channel_assigns_the_team(make: Any) -> None:
    """With a team in the map there is an assignment and no note."""
    part = make.part(D, 1, ChannelChanged("3012"), by=make.agent)
    pair = make.pair(D, linked=True)
    view = make.view(D, part, registers=Registers(team="3012"))

    planned = plan(make.snapshot(pair, view), make.policy(channels={"3012": "9001"}))

    assert puts(planned) == [Assign("i1", "11", team="9001")]
    assert fates(planned) == {"1": "state"}


def test_a_skipped_part_keeps_its_reason(make: Any) -> None:
    """What the table leaves out is in the ledger, with why."""
    part = make.part(D, 1, Skipped("service message"), by=make.nobody)

    planned = plan(conversation(make, part), make.policy())

    (record,) = planned.actions
    assert [(row.disposition, row.reason) for row in record.rows] == [
        (Disposition.SKIPPED, "service message")
    ]


def test_a_removed_part_is_never_copied(make: Any) -> None:
    """A tombstone that was not copied in time stays uncopied, whatever words it still shows."""
    part = make.part(D, 1, Message("gone"), removed=True)

    planned = plan(conversation(make, part), make.policy())

    assert carries(planned) == []
    assert fates(planned) == {"1": "skipped"}


def test_our_own_copy_is_not_echoed_even_without_memory(make: Any) -> None:
    """A part on Dashly that bears our marker never travels back; a person hears of it."""
    part = make.part(D, 1, Message("copy"), by=make.agent, external_id="ic:ws:55")

    planned = plan(conversation(make, part), make.policy())

    assert carries(planned) == []
    assert fates(planned) == {"1": "absorbed"}
    assert len(planned.attention) == 1


def test_a_marker_of_another_workspace_is_a_stranger_s(make: Any) -> None:
    """Other integrations use external ids too: only our own prefix is ours."""
    part = make.part(D, 1, Message("theirs"), external_id="ic:other:55")

    assert len(carries(plan(conversation(make, part), make.policy()))) == 1


# -- delivery ------------------------------------------------------------------------------------------


def test_an_agent_s_message_in_the_mirror_is_delivered(make: Any) -> None:
    """That is the point of the connector: it reaches the customer on the origin."""
    part = make.part(IC, 1, Message("Hi"), by=Author(AuthorKind.AGENT, "11", "Anna"))

    (carry,) = carries(plan(conversation(make, part, source=IC), make.policy()))

    assert (carry.target, carry.form, carry.agent, carry.silent) == (D, Form.MESSAGE, "1", False)


def test_a_late_message_becomes_a_note_and_a_person_hears(make: Any) -> None:
    """Older than max_age: nobody is surprised by yesterday's mail, but somebody is told."""
    part = make.part(D, 1, Message("Hi"), by=make.agent, ago=DAY + 1)

    planned = plan(conversation(make, part, origin=IC), make.policy())

    (carry,) = carries(planned)
    assert (carry.form, carry.silent) == (Form.NOTE, True)
    assert "Not delivered" in carry.text
    assert planned.attention == ("dashly part 1 was not delivered: it was seen too late",)


def test_a_message_just_in_time_is_delivered(make: Any) -> None:
    """Exactly max_age old is not too old."""
    part = make.part(D, 1, Message("Hi"), by=make.agent, ago=DAY)

    (carry,) = carries(plan(conversation(make, part, origin=IC), make.policy()))

    assert (carry.form, carry.silent) == (Form.MESSAGE, False)


def test_a_backfill_delivers_nothing(make: Any) -> None:
    """History is silent always, however fresh it is."""
    part = make.part(IC, 1, Message("Hi"), by=Author(AuthorKind.AGENT, "11", "Anna"), ago=1)

    planned = plan(conversation(make, part, source=IC, backfill=True), make.policy())

    assert [carry.form for carry in carries(planned)] == [Form.NOTE]
    assert planned.attention == ()


# -- directions and history ----------------------------------------------------------------------------


def test_a_direction_that_is_off_writes_nothing(make: Any) -> None:
    """The parts of a side that is not copied are in the ledger as skipped."""
    part = make.part(D, 1, Message("Hi"))

    planned = plan(conversation(make, part), make.policy(sources=frozenset({IC})))

    assert (planned.writes, fates(planned)) == ((), {"1": "skipped"})


def test_a_register_of_a_side_that_is_not_copied_stays(make: Any) -> None:
    """Tags, status and assignee of that side are settled, not carried."""
    shown = Registers(CLOSED, "1", None, frozenset({"vip"}))
    snapshot = make.snapshot(make.pair(D, linked=True), make.view(D, registers=shown))

    assert plan(snapshot, make.policy(sources=frozenset({IC}))).writes == ()


def test_without_history_only_what_is_live_is_copied(make: Any) -> None:
    """With history = none old parts are skipped, and the mirror begins with a live one."""
    old, live = make.part(D, 1, Message("old"), ago=2 * DAY), make.part(D, 2, Message("live"))
    policy = make.policy(history={IC: "none", D: "none"})

    planned = plan(make.snapshot(make.pair(D), make.view(D, old, live)), policy)

    assert told(planned) == [("start", "live", None)]
    assert fates(planned) == {"1": "skipped", "2": "copied"}


def test_a_conversation_of_unwanted_history_is_not_mirrored(make: Any) -> None:
    """With history = none a conversation without live words is left alone."""
    old = make.part(D, 1, Message("old"), ago=2 * DAY)
    policy = make.policy(history={IC: "none", D: "none"})

    assert plan(make.snapshot(make.pair(D), make.view(D, old)), policy).writes == ()


def test_history_goes_to_dashly_as_a_transcript(make: Any) -> None:
    """One silent note with times and authors; the opening is a neutral line, not the old message."""
    parts = [
        make.part(IC, 1, Message("Help"), ago=3 * DAY),
        make.part(IC, 2, Message("Here"), by=make.agent, ago=2 * DAY),
        make.part(IC, 3, Note("easy"), by=make.agent, ago=2 * DAY),
    ]

    planned = plan(make.snapshot(make.pair(IC), make.view(IC, *parts)), make.policy())

    stub, history = carries(planned)
    assert (stub.form, stub.text) == (Form.START, "Conversation copied from Intercom.")
    assert history.form is Form.NOTE
    for words in ("History copied from Intercom", "UTC", "Carla", "Help", "Anna", "Here", "note: easy"):
        assert words in history.text
    assert fates(planned) == dict.fromkeys("123", "transcript")


def test_live_messages_follow_the_transcript(make: Any) -> None:
    """What is old stands in the note, what is new is a message again."""
    parts = [make.part(IC, 1, Message("old"), ago=3 * DAY), make.part(IC, 2, Message("new"))]

    planned = plan(make.snapshot(make.pair(IC), make.view(IC, *parts)), make.policy())

    assert [carry.form for carry in carries(planned)] == [Form.START, Form.NOTE, Form.MESSAGE]
    assert fates(planned) == {"1": "transcript", "2": "copied"}


def test_a_late_agent_message_in_a_transcript_is_told(make: Any) -> None:
    """Written out as history or not: a person hears that the customer never got it."""
    part = make.part(IC, 1, Message("Hi"), by=Author(AuthorKind.AGENT, "11", "Anna"), ago=2 * DAY)

    planned = plan(conversation(make, part, source=IC), make.policy())

    assert planned.attention == ("intercom part 1 was not delivered: it was seen too late",)


def test_history_goes_to_intercom_with_its_own_times(make: Any) -> None:
    """Native parts, back-dated, in their old order."""
    parts = [
        make.part(D, 1, Message("Help"), ago=3 * DAY),
        make.part(D, 2, Message("Here"), by=make.agent, ago=2 * DAY),
    ]
    snapshot = make.snapshot(make.pair(D), make.view(D, *parts), backfill=True)

    planned = plan(snapshot, make.policy())

    assert [(c.form, c.created) for c in carries(planned)] == [
        (Form.START, parts[0].created),
        (Form.MESSAGE, parts[1].created),
    ]


def test_a_backfill_leaves_fresh_parts_of_a_linked_pair_to_the_sync(make: Any) -> None:
    """What came after the watermark is live and would otherwise be copied silently."""
    old, fresh = make.part(D, 1, Message("old"), ago=500), make.part(D, 2, Message("fresh"), ago=5)
    limits = {D: make.now - 100}

    planned = plan(conversation(make, old, fresh, backfill=True, fresh_until=limits), make.policy())

    assert fates(planned) == {"1": "copied"}


# -- pieces --------------------------------------------------------------------------------------------


def test_a_long_text_is_cut_into_numbered_pieces(make: Any) -> None:
    """Every piece fits, only the last one settles the part, and no word is lost."""
    text = " ".join(f"word{number}" for number in range(400))
    part = make.part(D, 1, Message(text))

    planned = plan(conversation(make, part), make.policy())

    found = carries(planned)
    assert len(found) > 1
    assert all(len(carry.text) <= make.intercom_can.max_text for carry in found)
    assert [bool(carry.covers) for carry in found] == [False] * (len(found) - 1) + [True]
    assert [carry.marker for carry in found] == [
        "da:app:1",
        *(f"da:app:1#{n}" for n in range(2, len(found) + 1)),
    ]
    assert found[0].text.startswith(f"(1/{len(found)}) ")
    assert " ".join(carry.text.split(") ", 1)[1] for carry in found).split() == text.split()


def test_files_that_do_not_fit_in_one_message_follow_in_more(make: Any) -> None:
    """Dashly takes one file a reply: three files are three replies, the first with the words."""
    files = tuple(Attachment(f"{n}.png", f"https://x/{n}", size=10) for n in range(3))
    part = make.part(IC, 1, Message("see", files))

    found = carries(plan(conversation(make, part, source=IC, origin=IC), make.policy()))

    assert [(c.text, [a.name for a in c.attachments]) for c in found] == [
        ("see", ["0.png"]),
        ("", ["1.png"]),
        ("", ["2.png"]),
    ]
    assert [c.agent for c in found] == [None, None, None]


def test_files_of_an_opening_message_follow_in_a_reply(make: Any) -> None:
    """A conversation cannot be begun with files."""
    part = make.part(D, 1, Message("see", (Attachment("a.png", "https://x/a", size=10),)))

    found = carries(plan(make.snapshot(make.pair(D), make.view(D, part)), make.policy()))

    assert [(c.form, [a.name for a in c.attachments]) for c in found] == [
        (Form.START, []),
        (Form.MESSAGE, ["a.png"]),
    ]
    assert [bool(c.covers) for c in found] == [False, True]


@pytest.mark.parametrize(("name", "size"), [("big.png", 1_001), ("tool.exe", 10)])
def test_a_file_that_cannot_be_sent_is_named(make: Any, name: str, size: int) -> None:
    """Too big or of a type that the side refuses: a line with name, size and link, and a loss."""
    part = make.part(IC, 1, Message("see", (Attachment(name, "https://x/f", size=size),)))

    (carry,) = carries(plan(conversation(make, part, source=IC, origin=IC), make.policy()))

    assert carry.attachments == ()
    for words in ("see", name, str(size), "https://x/f"):
        assert words in carry.text
    assert [loss.detail for loss in carry.covers[0].losses] == [name]


# -- status --------------------------------------------------------------------------------------------


def statuses(make: Any, dashly: Status, intercom: Status, *, base: Status = OPEN, **more: Any) -> Any:
    """Return the snapshot of a linked pair whose sides show these statuses."""
    agreed = {side: Registers(base) for side in Side}
    parts = more.pop("parts", {D: (), IC: ()})
    return make.snapshot(
        make.pair(more.pop("origin", D), linked=True, base=agreed),
        make.view(D, *parts[D], registers=Registers(dashly)),
        make.view(IC, *parts[IC], registers=Registers(intercom)),
        **more,
    )


def test_a_closing_is_carried_over(make: Any) -> None:
    """Closed on Dashly, closed on Intercom; the part is done."""
    part = make.part(D, 1, StatusChanged(CLOSED), by=make.agent)

    planned = plan(statuses(make, CLOSED, OPEN, parts={D: (part,), IC: ()}), make.policy())

    assert puts(planned) == [SetStatus("i1", "11", CLOSED)]
    assert fates(planned) == {"1": "state"}


def test_several_changes_are_carried_out_once(make: Any) -> None:
    """Closed, opened, closed: one closing, the others are absorbed."""
    parts = tuple(
        make.part(D, number, StatusChanged(status), by=make.agent, ago=60 - number)
        for number, status in [(1, CLOSED), (2, OPEN), (3, CLOSED)]
    )

    planned = plan(statuses(make, CLOSED, OPEN, parts={D: parts, IC: ()}), make.policy())

    assert len(puts(planned)) == 1
    assert fates(planned) == {"1": "absorbed", "2": "absorbed", "3": "state"}


def test_the_same_change_on_both_sides_writes_nothing(make: Any) -> None:
    """Two agents who both closed are in agreement."""
    planned = plan(statuses(make, CLOSED, CLOSED), make.policy())

    assert planned.writes == ()
    assert not [action for action in planned.actions if isinstance(action, Contested)]


def test_what_dashly_cannot_do_is_told_once(make: Any) -> None:
    """A snooze on Intercom is one note on Dashly and no write that would fail."""
    part = make.part(IC, 1, StatusChanged(SNOOZED), by=Author(AuthorKind.AGENT, "11", "Anna"))

    planned = plan(statuses(make, OPEN, SNOOZED, parts={D: (), IC: (part,)}), make.policy())

    assert puts(planned) == []
    ((form, text, _),) = told(planned)
    assert form == "note"
    assert "snoozed until 2030-03-17" in text
    assert fates(planned) == {"1": "unsupported"}


@pytest.mark.parametrize("why", ["backfill", "old", "timer"])
def test_a_difference_of_no_news_makes_no_note(make: Any, why: str) -> None:
    """History, an old event and a timer are remembered as unsupported without a word."""
    part = make.part(
        IC,
        1,
        StatusChanged(OPEN),
        by=make.nobody,
        ago=2 * DAY if why == "old" else 60,
        type="timer_unsnooze" if why == "timer" else "open",
    )
    snapshot = statuses(
        make, CLOSED, OPEN, base=CLOSED, parts={D: (), IC: (part,)}, backfill=why == "backfill"
    )

    planned = plan(snapshot, make.policy())

    assert (told(planned), puts(planned), fates(planned)) == ([], [], {"1": "unsupported"})


def test_a_snooze_that_ran_out_is_no_change(make: Any) -> None:
    """When the timer ends nobody acted."""
    over = Status(State.SNOOZED, make.now - 1)

    planned = plan(statuses(make, OPEN, OPEN, base=over), make.policy())

    assert planned.writes == ()


def test_a_conflict_keeps_the_loser(make: Any) -> None:
    """Both sides changed the status at no telling time: open wins, and both values are shown."""
    planned = plan(statuses(make, CLOSED, OPEN, base=SNOOZED), make.policy())

    (contested,) = [action for action in planned.actions if isinstance(action, Contested)]
    assert (contested.register, contested.winner, contested.rule) == ("status", "intercom", "tie")
    assert dict(contested.values) == {D: "closed", IC: "open"}


def test_a_manual_preference_writes_nothing(make: Any) -> None:
    """With prefer = manual a person decides; the difference stays and is shown."""
    planned = plan(statuses(make, CLOSED, OPEN, base=SNOOZED), make.policy(prefer="manual"))

    assert puts(planned) == []
    assert [a.rule for a in planned.actions if isinstance(a, Contested)] == ["manual"]


def test_a_customer_who_writes_after_the_closing_wins(make: Any) -> None:
    """The mirror is not closed over a message that nobody answered."""
    closed = make.part(IC, 1, StatusChanged(CLOSED), by=make.agent, ago=60)
    wrote = make.part(D, 2, Message("One more thing"), ago=30)

    planned = plan(statuses(make, OPEN, CLOSED, parts={D: (wrote,), IC: (closed,)}), make.policy())

    assert SetStatus("d1", "99", CLOSED) not in puts(planned)
    assert puts(planned) == [SetStatus("i1", "990", OPEN)]


def test_words_written_into_a_closed_conversation_close_it_again(make: Any) -> None:
    """A note copied into a conversation that both sides hold closed does not leave it open."""
    note = make.part(D, 1, Note("for the record"), by=make.agent)

    planned = plan(statuses(make, CLOSED, CLOSED, base=CLOSED, parts={D: (note,), IC: ()}), make.policy())

    assert puts(planned) == [SetStatus("i1", "990", CLOSED)]
    assert isinstance(planned.actions[-1], Put | Record)


def test_a_customer_s_answer_leaves_the_conversation_open(make: Any) -> None:
    """A copied message of the customer may reopen the other side: nobody closes it over them."""
    wrote = make.part(D, 1, Message("Hello?"))

    planned = plan(statuses(make, CLOSED, CLOSED, base=CLOSED, parts={D: (wrote,), IC: ()}), make.policy())

    assert puts(planned) == []


def test_an_opening_that_dashly_does_by_itself_is_looked_at(make: Any) -> None:
    """A customer's message reopens Dashly: the planner waits and looks instead of making a note."""
    wrote = make.part(IC, 1, Message("Hello?"))

    planned = plan(statuses(make, CLOSED, OPEN, base=CLOSED, parts={D: (), IC: (wrote,)}), make.policy())

    assert Look(D) in planned.actions
    assert [carry.form for carry in carries(planned)] == [Form.MESSAGE]


def test_history_sets_the_status_last(make: Any) -> None:
    """A closed old conversation is closed on the mirror after all its words."""
    old = make.part(D, 1, Message("old"), ago=2 * DAY)
    done = make.part(D, 2, StatusChanged(CLOSED), by=make.agent, ago=2 * DAY - 9)
    view = make.view(D, old, done, registers=Registers(CLOSED))

    planned = plan(make.snapshot(make.pair(D), view, backfill=True), make.policy())

    assert [type(action) for action in planned.writes] == [Carry, Put]
    assert puts(planned) == [SetStatus("", "11", CLOSED)]
    assert fates(planned) == {"1": "copied", "2": "state"}


# -- tags, assignee ------------------------------------------------------------------------------------


def tagged(make: Any, dashly: set[str], intercom: set[str], base: set[str], **more: Any) -> Plan:
    """Return the plan for a linked pair with these tags."""
    agreed = {side: Registers(tags=frozenset(base)) for side in Side}
    snapshot = make.snapshot(
        make.pair(D, linked=True, base=agreed),
        make.view(D, registers=Registers(tags=frozenset(dashly))),
        make.view(IC, registers=Registers(tags=frozenset(intercom))),
    )
    return plan(snapshot, make.policy(**more))


def test_tags_are_merged(make: Any) -> None:
    """Added here, added there, removed here, removed there: one set on both sides."""
    planned = tagged(make, {"a", "c", "x"}, {"a", "b", "y"}, {"a", "b", "c"})

    assert puts(planned) == [
        AddTag("d1", "99", "y"),
        RemoveTag("d1", "99", "c"),
        AddTag("i1", "990", "x"),
        RemoveTag("i1", "990", "b"),
    ]


def test_a_tag_is_the_same_in_any_spelling(make: Any) -> None:
    """Case and space make no second tag."""
    assert tagged(make, {"VIP "}, {"vip"}, set()).writes == ()


def test_a_renamed_tag_is_the_same_tag(make: Any) -> None:
    """[map.tags] names a Dashly tag on Intercom, and back again."""
    assert tagged(make, {"vip"}, {"Very important"}, set(), tags={"vip": "Very important"}).writes == ()
    assert puts(tagged(make, {"vip"}, set(), set(), tags={"vip": "Very important"})) == [
        AddTag("i1", "990", "Very important")
    ]
    assert puts(tagged(make, set(), {"Very important"}, set(), tags={"vip": "Very important"})) == [
        AddTag("d1", "99", "vip")
    ]


def test_tags_that_a_version_cannot_put_are_told_once(make: Any) -> None:
    """In 1.x without a version for tags: one note, no write that would fail."""
    can = {D: make.dashly_can, IC: replace(make.intercom_can, tags=False)}

    planned = tagged(make, {"vip"}, set(), set(), abilities=can)

    assert puts(planned) == []
    assert [form for form, _, _ in told(planned)] == ["note"]


def assigned(make: Any, dashly: str | None, intercom: str | None, base: tuple[Any, Any]) -> Plan:
    """Return the plan for a linked pair with these assignees."""
    agreed = {D: Registers(assignee=base[0]), IC: Registers(assignee=base[1])}
    part = make.part(D, 1, Assigned(dashly), by=make.agent)
    snapshot = make.snapshot(
        make.pair(D, linked=True, base=agreed),
        make.view(D, part, registers=Registers(assignee=dashly)),
        make.view(IC, registers=Registers(assignee=intercom)),
    )
    return plan(snapshot, make.policy())


def test_a_mapped_assignee_is_carried_over(make: Any) -> None:
    """Assigned on Dashly to agent 1, on Intercom to the same person."""
    planned = assigned(make, "1", None, (None, None))

    assert puts(planned) == [Assign("i1", "11", assignee="11")]
    assert fates(planned) == {"1": "state"}


def test_an_unmapped_assignee_changes_nothing(make: Any) -> None:
    """Never a silent unassign, and no note either."""
    planned = assigned(make, "77", "12", ("2", "12"))

    assert (puts(planned), told(planned), fates(planned)) == ([], [], {"1": "unsupported"})


def test_nobody_is_carried_over_when_nobody_is_meant(make: Any) -> None:
    """An unassignment by a person is one on the other side too."""
    assert puts(assigned(make, None, "11", ("1", "11"))) == [Assign("i1", "11", assignee=None)]


def test_the_same_person_on_both_sides_is_no_change(make: Any) -> None:
    """Two ids of one person agree."""
    assert assigned(make, "2", "12", ("1", "11")).writes == ()


# -- reading again -------------------------------------------------------------------------------------


CLOSED_THERE = Registers(CLOSED)


def test_a_register_is_not_written_to_a_side_that_was_not_read(make: Any) -> None:
    """Before a status is written over, the side is looked at."""
    snapshot = make.snapshot(make.pair(D, linked=True), make.view(D, registers=CLOSED_THERE))

    assert needs_a_closer_look(plan(snapshot, make.policy()), snapshot)


@pytest.mark.parametrize("prefer", ["manual", "newer"])
def test_nothing_is_settled_with_a_side_that_was_not_read(make: Any, prefer: str) -> None:
    """What Dashly cannot take is not declared so before Dashly was read: it may have changed as well."""
    snoozed = Registers(Status(State.SNOOZED, make.now + 500))
    snapshot = make.snapshot(make.pair(D, linked=True), make.view(IC, registers=snoozed))

    assert needs_a_closer_look(plan(snapshot, make.policy(prefer=prefer)), snapshot)


@pytest.mark.parametrize(("from_list", "closer"), [(frozenset({D}), True), (frozenset(), False)])
def test_a_register_is_not_written_on_the_word_of_a_list(
    make: Any, from_list: frozenset[Side], *, closer: bool
) -> None:
    """A list may be as old as the run: somebody may have acted since."""
    views = make.view(D), make.view(IC, registers=CLOSED_THERE)
    snapshot = make.snapshot(make.pair(D, linked=True), *views, from_list=from_list)

    assert needs_a_closer_look(plan(snapshot, make.policy()), snapshot) is closer


def test_an_agent_s_silent_words_wait_for_a_look_at_the_recipient(make: Any) -> None:
    """Somebody may have given the shadow user an address since it was made."""
    words = make.part(IC, 1, Message("Hi"), by=make.agent)
    snapshot = make.snapshot(make.pair(IC, linked=True), make.view(IC, words), shadow=True)

    assert needs_a_closer_look(plan(snapshot, make.policy()), snapshot)


def test_words_need_no_second_reading(make: Any) -> None:
    """A message costs one write and no read."""
    snapshot = conversation(make, make.part(D, 1, Message("Hi")))

    assert not needs_a_closer_look(plan(snapshot, make.policy()), snapshot)
