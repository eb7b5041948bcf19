"""Which parts of two conversations are copies of each other, and why the passes stand in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connector.engine.plan.recognition.matching import match_conversations, match_news
from mappings.model import Attachment, Message, Note, Part, Ref, Side
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


def test_a_transcript_goes_before_equal_words(make: Any) -> None:
    """What a transcript tells is not paired with the same words that stand there for another reason."""
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


def test_our_app_is_known_by_what_was_found_before(make: Any) -> None:
    """What nothing explains bears the mark of a found copy: it is ours, and belongs to nothing."""
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
    """A copy now would stand in the wrong place; what came last is left to the next sync."""
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
        return sources(match_news(parts, parts, make.policy(**how)))

    assert news(same) == {}
    assert news(same, trusted_from=make.now) == {"51": "1"}
    assert news(by_app) == {"51": "1"}
    assert news(by_app, app_code="other") == {}
