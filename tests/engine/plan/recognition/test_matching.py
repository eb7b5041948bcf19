"""Which parts of two conversations are copies of each other, and why the passes stand in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.plan.recognition.matching import match_conversations, match_news
from mappings.model import Attachment, Message, Note, Part, Ref, Side
from mappings.text import words_hash
from state.records import STRAY

if TYPE_CHECKING:
    from connector.engine.plan.recognition.matches import Matching

D, IC = Side.DASHLY, Side.INTERCOM
FILE = Attachment("a.png", "https://x/a")


def matched(make: Any, *parts: Part, origin: Side = D, **how: Any) -> Matching:
    """Return the matching of the conversations that these parts make."""
    views = {side: make.view(side, *(part for part in parts if part.side is side)) for side in Side}
    return match_conversations(views, origin, make.policy(**how.pop("policy", {})), **how)


def sources(found: Matching) -> dict[str, str | None]:
    """Return of each part of ours what it copies."""
    return {ref.id: row.counterpart for ref, row in found.rows.items() if row.ours}


def test_an_opening_line_is_not_taken_for_the_copy_of_files(make: Any) -> None:
    """Both open their conversation, and openings are near each other whatever their times are."""
    first = make.part(D, 1, Message("Dashly.", ()), opening=True)
    stub = make.part(IC, 51, Message("Conversation copied from Dashly."), opening=True)
    copy = make.part(IC, 52, Message("Dashly."))

    assert sources(matched(make, first, stub, copy)) == {"51": None, "52": "1"}


def test_a_marker_goes_before_equal_words(make: Any) -> None:
    """Two parts say the same: the copy belongs to the one that its marker names."""
    twins = [make.part(IC, number, Message("ok"), ago=60) for number in (1, 2)]
    copy = make.part(D, 51, Message("ok"), ago=50, external_id="ic:ws:2")

    assert sources(matched(make, *twins, copy, origin=IC)) == {"51": "2"}


@pytest.mark.parametrize(
    ("by_api", "beside", "expected"),
    [
        (None, None, {"51": "1"}),
        (True, None, {"51": "1"}),
        (False, None, {}),
        (True, "ic:ws:2", {"52": "2"}),
    ],
    ids=["not told", "by a program", "by hand", "beside a marker"],
)
def test_without_a_marker_only_a_program_can_have_copied(
    make: Any, beside: str | None, expected: dict[str, str], *, by_api: bool | None
) -> None:
    """Where Dashly shows one marker it shows all, and what somebody typed there is nobody's copy."""
    said = [make.part(IC, 1, Message("ok"), ago=60), make.part(IC, 2, Message("more"), ago=40)]
    same = make.part(D, 51, Message("ok"), ago=58, by_api=by_api)
    more = make.part(D, 52, Message("more"), ago=38, external_id=beside, by_api=True)

    parts = [*said, same, *([more] if beside else [])]
    assert sources(matched(make, *parts, origin=IC)) == expected


def test_a_transcript_goes_before_equal_words(make: Any) -> None:
    """What a transcript tells is not paired with the same words that are there for another reason."""
    old = make.part(D, 1, Message("ok"), ago=900)
    note = make.part(IC, 51, Note("History copied from Dashly\n2027 · ok"), ago=800)
    typed = make.part(IC, 52, Message("ok"), ago=900)

    found = matched(make, old, note, typed)

    assert found.rows[Ref(D, "1")].counterpart == "51"
    assert sources(found) == {"51": None}


def test_equal_words_go_before_an_equal_place(make: Any) -> None:
    """Of two copies in one second each goes to its words; the one edited since to what is left."""
    parts = [make.part(D, 1, Message("one")), make.part(D, 2, Message("two, edited"))]
    copies = [make.part(IC, 51, Message("two")), make.part(IC, 52, Message("one"))]

    assert sources(matched(make, *parts, *copies)) == {"52": "1", "51": "2"}


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        pytest.param(("was one", "was two"), {"51": "1", "52": "2"}, id="as many copies"),
        pytest.param(("was one", "was two", "three"), {}, id="more copies"),
    ],
)
def test_edited_parts_of_one_second_have_their_copies_in_their_order(
    make: Any, copies: tuple[str, ...], expected: dict[str, str]
) -> None:
    """Copies stand as their originals do, so where there are as many of both each has its own."""
    parts = [make.part(D, 1, Message("one, edited")), make.part(D, 2, Message("two, edited"))]
    there = [make.part(IC, 51 + number, Message(text)) for number, text in enumerate(copies)]

    assert sources(matched(make, *parts, *there)) == expected


def test_a_removed_part_beside_an_edited_one_of_its_second_names_no_copy(make: Any) -> None:
    """Its copy will be erased, and an order alone is too little to erase somebody's words by."""
    gone = replace(make.part(D, 1, None), removed=True)
    edited = make.part(D, 2, Message("two, edited"))
    copies = [make.part(IC, 51, Message("one")), make.part(IC, 52, Message("two"))]

    assert sources(matched(make, gone, edited, *copies)) == {}


@pytest.mark.parametrize("code", [None, "conn"])
def test_a_note_typed_in_the_second_of_another_is_no_copy(make: Any, code: str | None) -> None:
    """Where Intercom shows what an app wrote, a second alone makes no copy of what has no app."""
    said = make.part(D, 1, Note("first"), by=make.agent)
    typed = make.part(IC, 51, Note("second"), by=replace(make.agent, id="11"))
    copied = (make.part(D, 2, Note("old"), by=make.agent, ago=90), make.part(IC, 52, Note("old"), ago=90))

    shown = replace(copied[1], author=typed.author, app_code="conn")
    found = matched(make, said, typed, copied[0], shown, policy={"app_code": code})

    assert sources(found) == {"52": "2"}


def test_our_app_is_known_by_what_was_found_before(make: Any) -> None:
    """What nothing explains has the mark of a found copy: it is ours, and belongs to nothing."""
    agent = replace(make.agent, id="11")
    said = make.part(D, 1, Message("Hi"), by=make.agent)
    copy = make.part(IC, 51, Message("Hi"), by=agent, app_code="conn")
    stray = make.part(IC, 52, Message("nothing like it"), by=agent, ago=5, app_code="conn")

    found = matched(make, said, copy, stray)

    assert sources(found) == {"51": "1", "52": None}
    assert found.rows[Ref(IC, "52")].reason == STRAY


def test_copies_by_other_hands_are_found_by_words_and_a_near_time_only(make: Any) -> None:
    """Within the tolerance equal words match; an equal second alone says nothing."""
    parts = [make.part(D, 1, Message("Hello"), ago=500), make.part(D, 2, Message("one thing"), ago=60)]
    others = [make.part(IC, 51, Message("Hello"), ago=100), make.part(IC, 52, Message("another"), ago=60)]

    found = matched(make, *parts, *others, tolerance=600.0)

    assert sources(found) == {"51": "1"}


def test_words_before_the_newest_match_are_left_out_and_those_behind_are_news(make: Any) -> None:
    """A copy now would be in the wrong place; what came last is left to the next sync."""
    parts = [
        make.part(D, number, Message(text), ago=90 - number)
        for number, text in ((1, "lost"), (2, "Hello"), (3, "new"))
    ]
    copy = make.part(IC, 51, Message("Hello"), ago=88)

    found = matched(make, *parts, copy)

    assert [part.id for part in found.left_out] == ["1"]
    assert Ref(D, "3") not in found.rows


def test_an_opening_whose_files_are_to_come_is_not_left_out(make: Any) -> None:
    """Its mirror was made before the run ended: the rest of it is still copied."""
    first = make.part(D, 1, Message("see", (FILE,)), opening=True, ago=90)
    start = make.part(IC, 51, Message("see"), opening=True, ago=90)
    later = make.part(D, 2, Message("Hello"), ago=80)

    found = matched(make, first, start, later, make.part(IC, 52, Message("Hello"), ago=80))

    assert Ref(D, "1") not in found.rows
    assert found.rows[Ref(IC, "51")].type == "start"


def test_new_parts_are_copies_only_on_proof(make: Any) -> None:
    """The same words in the same second are a person's, until an app is named or the state is in doubt."""
    said, same = make.part(D, 1, Message("Hi")), make.part(IC, 51, Message("Hi"))
    by_app = replace(same, app_code="conn")

    def news(part: Part, **how: Any) -> dict[str, str | None]:
        parts = {D: (said,), IC: (part,)}
        return sources(match_news(parts, parts, {D: (), IC: ()}, make.policy(**how)))

    assert news(same) == {}
    assert news(same, trusted_from=make.now) == {"51": "1"}
    assert news(by_app) == {"51": "1"}
    assert news(by_app, app_code="other") == {}


@pytest.mark.parametrize(
    ("seconds", "found"), [(5, True), (4_000, True), (250_000, True), (-500, True), (-700, False)]
)
def test_while_in_doubt_a_copy_may_be_as_late_as_its_run_was(make: Any, seconds: int, *, found: bool) -> None:
    """Before Intercom 2.11 it has the time of the copying; it is never older than its original."""
    said = make.part(D, 1, Message("Hi"), ago=250_000)
    parts = {D: (said,), IC: (make.part(IC, 51, Message("Hi"), ago=250_000 - seconds),)}
    sides = {D: make.dashly_can, IC: replace(make.intercom_can, back_dating=False)}
    policy = make.policy(capabilities=sides, trusted_from=make.now + 1_000)

    assert sources(match_news(parts, parts, {D: (), IC: ()}, policy)) == ({"51": "1"} if found else {})


def test_an_edit_that_nobody_told_is_left_to_the_planner(make: Any) -> None:
    """A marker proves a copy with other words: its source was edited since, and was not told of yet."""
    note = make.part(IC, 1, Note("now so"), ago=60)
    copy = make.part(D, 51, Note("was so"), ago=50, external_id="ic:ws:1")
    told = make.part(D, 52, Note("Edited, now: now so"), ago=40, external_id="ic:ws:1:edit-0badcafe")

    untold = matched(make, note, copy, origin=IC).rows[Ref(IC, "1")]
    known = matched(make, note, copy, told, origin=IC).rows[Ref(IC, "1")]

    assert untold.text_hash == words_hash(Note("was so"))
    assert known.text_hash == words_hash(Note("now so"))


def test_an_edit_that_bears_no_marker_is_known_by_its_words(make: Any) -> None:
    """On Intercom the note of an edit is what our app wrote and what ends in today's words."""
    agent = replace(make.agent, id="11")
    other = make.part(D, 3, Message("Hi"), by=make.agent, ago=80)
    said = make.part(D, 1, Message("now so"), by=make.agent, ago=60)
    copies = [
        make.part(IC, 53, Message("Hi"), by=agent, ago=80, app_code="conn"),
        make.part(IC, 51, Message("was so"), by=agent, ago=60, app_code="conn"),
    ]
    told = make.part(IC, 52, Note("Edited by Nora, now: now so"), by=agent, ago=40, app_code="conn")

    untold = matched(make, other, said, *copies).rows[Ref(D, "1")]
    known = matched(make, other, said, *copies, told).rows[Ref(D, "1")]

    assert untold.text_hash == words_hash(Message("was so"))
    assert known.text_hash == words_hash(Message("now so"))


def test_words_in_front_and_files_behind_are_no_edit(make: Any) -> None:
    """A copy says more than its source: who spoke, and what became of its files."""
    sent = make.part(IC, 1, Note("see", (FILE,)), ago=60)
    copy = make.part(D, 51, Note("Nora (agent):\nsee"), ago=50, external_id="ic:ws:1#1")
    file = make.part(D, 52, Note("", (FILE,)), ago=50, external_id="ic:ws:1#2")

    assert matched(make, sent, copy, file, origin=IC).rows[Ref(IC, "1")].text_hash == words_hash(sent.words)


def test_a_removal_that_nobody_told_is_left_to_the_planner(make: Any) -> None:
    """A marker still names a part that was removed: its copy must not stay without a word."""
    gone = replace(make.part(IC, 1, None, ago=60), removed=True)
    copy = make.part(D, 51, Note("secret"), ago=50, external_id="ic:ws:1")
    told = make.part(D, 52, Note("A part was removed."), ago=40, external_id="ic:ws:1:removed")

    assert not matched(make, gone, copy, origin=IC).rows[Ref(IC, "1")].removed
    assert matched(make, gone, copy, told, origin=IC).rows[Ref(IC, "1")].removed


def test_a_removed_part_is_known_by_its_second(make: Any) -> None:
    """Dashly shows none of its words, and Intercom no marker: its copy must not stay without a word."""
    gone = replace(make.part(D, 1, None, ago=60), removed=True)
    beside = make.part(D, 2, Message("Hi"), ago=50)
    copies = [make.part(IC, 51, Message("secret"), ago=60), make.part(IC, 52, Message("Hi"), ago=50)]
    agent = replace(make.agent, id="11")
    told = make.part(
        IC, 53, Note("A part was removed in Dashly: its copy here should be removed too."), by=agent, ago=40
    )

    untold = matched(make, gone, beside, *copies)
    known = matched(make, gone, beside, *copies, told)

    assert sources(untold) == {"51": "1", "52": "2"}
    assert not untold.rows[Ref(D, "1")].removed
    assert known.rows[Ref(D, "1")].removed
    assert sources(known)["53"] == "1"


def test_a_transcript_tells_of_its_own_second_what_stands_in_it(make: Any) -> None:
    """It is as old as the newest part that it tells, and a live one may have the same second."""
    old, last, live = (
        make.part(D, n, Message(f"words {n}"), ago=ago) for n, ago in ((1, 900), (2, 800), (3, 800))
    )
    note = make.part(IC, 51, Note("History copied from Dashly\n2027 · words 1\n2027 · words 2"), ago=800)

    found = matched(make, old, last, live, note)

    assert [found.rows[Ref(D, n)].disposition.value for n in "12"] == ["transcript", "transcript"]
    assert found.rows.get(Ref(D, "3")) is None or not found.rows[Ref(D, "3")].counterpart


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((), {"51": "1", "52": "1"}, id="one copy it may be"),
        pytest.param(("another",), {"52": "1"}, id="two of them"),
    ],
)
def test_the_note_of_an_edit_is_not_taken_for_the_copy(
    make: Any, others: tuple[str, ...], expected: dict[str, str]
) -> None:
    """It ends in today's words, and where no copy is back-dated nothing else does: the copy is older."""
    policy = {"capabilities": {D: make.dashly_can, IC: replace(make.intercom_can, back_dating=False)}}
    agent = replace(make.agent, id="11")
    said = make.part(D, 1, Message("now so"), by=make.agent, ago=60)
    parts = [make.part(IC, 51, Message("was so"), by=agent, ago=50)]
    parts += [make.part(IC, 53 + n, Message(text), by=agent, ago=45) for n, text in enumerate(others)]
    told = make.part(IC, 52, Note("Edited, now: now so"), by=agent, ago=40)

    found = matched(make, said, *parts, told, policy=policy)

    assert sources(found) == expected
    assert (said in found.left_out) is bool(others)
    row = found.rows[Ref(D, "1")]
    assert row.counterpart == (None if others else "51")
    assert row.text_hash in {None, words_hash(Message("now so"))}


def test_told_edits_whose_copies_are_as_many_have_them_in_their_order(make: Any) -> None:
    """Neither words nor seconds tell the copies apart any more, but they stand as their originals do."""
    policy = {"capabilities": {D: make.dashly_can, IC: replace(make.intercom_can, back_dating=False)}}
    agent = replace(make.agent, id="11")
    said = [make.part(D, n, Message(f"now {n}"), by=make.agent, ago=60) for n in (1, 2)]
    copies = [make.part(IC, 50 + n, Message(f"was {n}"), by=agent, ago=50) for n in (1, 2)]
    told = [make.part(IC, 60 + n, Note(f"Edited, now: now {n}"), by=agent, ago=40) for n in (2, 1)]

    found = matched(make, *said, *copies, *told, policy=policy)

    assert sources(found) == {"51": "1", "52": "2", "61": "1", "62": "2"}


def test_a_copy_belongs_to_one_told_edit_only(make: Any) -> None:
    """A third part was written between the copies of two, and its own copy is gone: it has none of theirs."""
    policy = {"capabilities": {D: make.dashly_can, IC: replace(make.intercom_can, back_dating=False)}}
    agent = replace(make.agent, id="11")
    said = [
        make.part(D, n, Message(f"now {n}"), by=make.agent, ago=ago) for n, ago in ((1, 60), (2, 60), (3, 43))
    ]
    copies = [make.part(IC, 50 + n, Message(f"was {n}"), by=agent, ago=ago) for n, ago in ((1, 50), (2, 46))]
    told = [make.part(IC, 60 + n, Note(f"Edited, now: now {n}"), by=agent, ago=40) for n in (1, 2, 3)]

    found = matched(make, *said, *copies, *told, policy=policy)

    assert sources(found) == {"51": "1", "52": "2", "61": "1", "62": "2", "63": "3"}
    assert found.left_out == [said[2]]


def test_a_note_that_an_agent_began_like_one_of_an_edit_has_its_copy(make: Any) -> None:
    """The words of an agent are theirs, whatever they begin with."""
    typed = make.part(D, 1, Note("Edited, now: the price"), by=make.agent, ago=60)
    copy = make.part(IC, 51, Note("Edited, now: the price"), by=replace(make.agent, id="11"), ago=60)

    assert sources(matched(make, typed, copy)) == {"51": "1"}


def test_the_end_of_a_long_note_is_no_copy(make: Any) -> None:
    """A numbered piece belongs to the piece before it: that one tells of an edit."""
    policy = {"capabilities": {D: make.dashly_can, IC: replace(make.intercom_can, back_dating=False)}}
    said = make.part(D, 1, Message("one two three"), by=make.agent, ago=60)
    notes = [
        make.part(IC, 52, Note("(1/2) Edited, now: one two"), ago=40),
        make.part(IC, 53, Note("(2/2) three"), ago=40),
    ]

    assert sources(matched(make, said, *notes, policy=policy)) == {}


@pytest.mark.parametrize(("by", "ours"), [("818002", False), ("11", True)])
def test_a_second_alone_does_not_make_a_part_ours(make: Any, by: str, *, ours: bool) -> None:
    """A note behind all that was found is news, unless it is by the voice for a part of that second."""
    first = make.part(D, 1, Message("Hi"), ago=60)
    twins = [make.part(D, n, Message("edited since"), by=make.agent, ago=50) for n in (2, 3)]
    copy = make.part(IC, 51, Message("Hi"), ago=60)
    notes = [make.part(IC, n, Note("no word of it"), by=replace(make.agent, id=by), ago=50) for n in (52, 53)]

    found = matched(make, first, *twins, copy, *notes)

    assert (notes[0] in found.left_out) is ours


def test_an_answer_that_bears_no_app_beside_one_that_does_is_news(make: Any) -> None:
    """What Intercom shows of one copy in a conversation it would show of each, whatever our app's code is."""
    agent = replace(make.agent, id="11")
    said = make.part(D, 1, Message("Hi"), by=make.agent, ago=60)
    copy = make.part(IC, 51, Message("Hi"), by=agent, ago=60, app_code="conn")
    twins = [make.part(D, n, Message("so"), by=make.agent, ago=50) for n in (2, 3)]
    answers = [make.part(IC, n, Message("an answer"), by=agent, ago=50) for n in (52, 53)]

    found = matched(make, said, *twins, copy, *answers)

    assert not found.left_out


@pytest.mark.parametrize(
    ("words", "ours"), [(None, False), (Note("edited since"), False), (Message("so"), True)]
)
def test_an_answer_in_the_second_of_what_is_never_public_is_news(
    make: Any, words: Note | Message | None, *, ours: bool
) -> None:
    """A register that changed has no copy in words, and a note has no public one."""
    first = make.part(D, 1, Message("Hi"), ago=60)
    copy = make.part(IC, 51, Message("Hi"), ago=60)
    twins = [make.part(D, n, words, by=make.agent, ago=50) for n in (2, 3)]
    by = replace(make.agent, id="11")
    answers = [make.part(IC, n, Message("an answer"), by=by, ago=50) for n in (52, 53)]

    found = matched(make, first, *twins, copy, *answers)

    assert (answers[0] in found.left_out) is ours


@pytest.mark.parametrize(
    ("change", "by", "ours"),
    [
        pytest.param({"updated": 1.0}, "11", True, id="edited"),
        pytest.param({"removed": True, "entries": ()}, "11", True, id="removed"),
        pytest.param({}, "11", False, id="as it was"),
        pytest.param({"updated": 1.0}, "818002", False, id="another voice"),
    ],
)
def test_words_of_the_origin_may_be_the_copy_of_an_answer_that_changed(
    make: Any, change: dict[str, Any], by: str, *, ours: bool
) -> None:
    """Without a mark and a second, an edited or removed answer of the mirror tells of its copy."""
    first = make.part(IC, 51, Message("Hi"), ago=60, opening=True)
    copy = make.part(D, 1, Message("Hi"), ago=60, opening=True, external_id="ic:ws:51")
    answer = make.part(D, 2, Message("words of today"), by=make.agent, ago=50)
    if "updated" in change:
        change = {"updated": answer.created + change["updated"]}
    note = make.part(IC, 52, Note("words of yesterday"), by=replace(make.agent, id=by), ago=40)

    policy = {"capabilities": {D: make.dashly_can, IC: replace(make.intercom_can, back_dating=False)}}

    found = matched(make, first, copy, replace(answer, **change), note, origin=IC, policy=policy)

    assert (note in found.left_out) is ours


@pytest.mark.parametrize(
    ("words", "loud", "ours"),
    [(Message("so"), False, False), (Message("so"), True, True), (Note("so"), False, True)],
)
def test_a_public_answer_in_a_mirror_that_only_takes_notes_is_news(
    make: Any, words: Note | Message, *, loud: bool, ours: bool
) -> None:
    """Where an agent's message cannot be silent a copy of it is a note, unless the configuration wants it."""
    first = make.part(D, 1, Message("Hi"), ago=60, opening=True)
    copy = make.part(IC, 51, Message("Hi"), ago=60, opening=True)
    said = make.part(IC, 52, words, by=make.agent, ago=40)
    able = replace(make.intercom_can, back_dating=False, silent_messages=False)
    policy = {"capabilities": {D: make.dashly_can, IC: able}, "loud_mirror": loud}

    found = matched(make, first, copy, said, policy=policy)

    assert (said in found.left_out) is ours
