"""What is called a difference between two conversations that were read."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.inspect.verify import verify_pair
from connector.errors import Gone
from mappings.keyed import keyed
from mappings.model import Event, Loss, LossKind, Message, Note, Side
from mappings.text import words_hash
from state.records import OWN, STRAY, Disposition, LedgerRow, Operation
from tests.keys import KEY

if TYPE_CHECKING:
    from mappings.model import Conversation, Part

D, IC = Side.DASHLY, Side.INTERCOM
NEWER = "comes after a copy of something newer"
NOT_THERE = "is in the ledger, but not in the conversation"


def source(part: Part, copy: str, **more: Any) -> LedgerRow:
    """Return the row of a part that was copied."""
    digest = keyed(KEY, words_hash(part.words)) if part.words else None
    given: dict[str, Any] = {"disposition": Disposition.COPIED, "text_hash": digest, **more}
    return LedgerRow(part.side, part.id, part.type, part.created, counterpart=copy, **given)


def ours(part: Part, of: str | None, **more: Any) -> LedgerRow:
    """Return the row of a copy."""
    given: dict[str, Any] = {"reason": OWN, "counterpart": of, **more}
    kind = Operation.NOTE if isinstance(part.words, Note) else Operation.MESSAGE
    return LedgerRow(part.side, part.id, kind, part.created, Disposition.ABSORBED, ours=True, **given)


def told(
    make: Any, views: list[Conversation], *rows: LedgerRow, elsewhere: str = ""
) -> list[tuple[Any, ...]]:
    """Return what is said of the parts of two conversations, and whether it is known to stay."""
    pair = make.pair(D, linked=True)
    ledger: dict[Side, dict[str, LedgerRow]] = {side: {} for side in Side}
    for row in rows:
        ledger[row.side][row.id] = row

    def known_elsewhere(_row: int, _side: Side, parts: set[str]) -> list[Any]:
        return [SimpleNamespace(row=SimpleNamespace(id=part)) for part in parts if part == elsewhere]

    run: Any = SimpleNamespace(
        helpdesks={view.side: SimpleNamespace(conversation=lambda _id, v=view, **_how: v) for view in views},
        policy=make.policy(),
        store=SimpleNamespace(ledger=SimpleNamespace(of=lambda _row: ledger, elsewhere=known_elsewhere)),
        reader=SimpleNamespace(snapshot=lambda _pair, shown, _ledger: make.snapshot(pair, *shown.values())),
    )
    return [(one.side, one.part, one.what, one.known) for one in verify_pair(run, pair)]


@pytest.fixture
def talk(make: Any) -> tuple[Part, Part]:
    """Two messages of the customer, a minute apart."""
    return make.part(D, 1, Message("a"), opening=True, ago=200), make.part(D, 2, Message("b"), ago=140)


def copies(make: Any, talk: tuple[Part, Part], *, swapped: bool = False, late: str = "") -> Any:
    """Return both conversations and their ledger, the copies in the order of their originals or not."""
    first, second = talk
    when = {"11": 200.0, "12": 140.0} if not swapped else {"11": 100.0, "12": 140.0}
    one = make.part(IC, 11, Message(f"a{late}"), opening=not swapped, ago=when["11"])
    two = make.part(IC, 12, Message("b"), opening=swapped, ago=when["12"])
    rows = [source(first, "11"), source(second, "12"), ours(one, "1"), ours(two, "2")]
    return [make.view(D, first, second), make.view(IC, one, two)], rows


def test_copies_in_the_order_of_their_originals_are_no_difference(make: Any, talk: Any) -> None:
    """Neither are equal seconds."""
    views, rows = copies(make, talk)

    assert NEWER not in [what for _, _, what, _ in told(make, views, *rows)]


def test_a_copy_behind_one_of_something_newer_is_named(make: Any, talk: Any) -> None:
    """With its own id, on the side where it stands."""
    views, rows = copies(make, talk, swapped=True)

    assert (IC, "11", NEWER, False) in told(make, views, *rows)


def test_a_copy_that_says_that_it_is_late_is_known(make: Any, talk: Any) -> None:
    """By the loss in the ledger, or by the time in its text."""
    views, rows = copies(make, talk, swapped=True)
    late = replace(rows[0], losses=(Loss(LossKind.TIME, "later"),))
    timed, more = copies(make, talk, swapped=True, late=make.policy().wording.minute(talk[0].created))

    assert (IC, "11", NEWER, True) in told(make, views, late, *rows[1:])
    assert (IC, "11", NEWER, True) in told(make, timed, *more)


def test_a_part_that_is_not_copied_alone_has_no_place(make: Any, talk: Any) -> None:
    """The note of a transcript stands where it was written."""
    views, rows = copies(make, talk, swapped=True)
    transcribed = replace(rows[0], disposition=Disposition.TRANSCRIPT)

    assert NEWER not in [what for _, _, what, _ in told(make, views, transcribed, *rows[1:])]


def test_what_the_ledger_does_not_know_is_named_where_it_has_words(make: Any) -> None:
    """An event may be a side's own; a copy of nothing known is told as such, until it is removed."""
    words, event = make.part(D, 1, Message("a"), opening=True), make.part(D, 2, Event("closed"))
    stray = make.part(IC, 11, Message("x"), opening=True)
    gone = replace(make.part(IC, 12, Message("y")), removed=True)
    rows = [ours(one, None, reason=STRAY) for one in (stray, gone)]

    found = told(make, [make.view(D, words, event), make.view(IC, stray, gone)], *rows)

    assert (D, "1", "is on one side only, the ledger does not know it", False) in found
    assert (IC, "11", STRAY, False) in found
    assert {part for _, part, _, _ in found}.isdisjoint({"2", "12"})


@pytest.mark.parametrize(
    ("row", "more", "named"),
    [
        ({"text_hash": "ab" * 32}, {}, True),
        ({"text_hash": None}, {}, False),
        ({"ours": True, "type": "note"}, {}, True),
        ({"ours": True, "type": "status"}, {}, False),
        ({"type": "note"}, {}, False),
        ({"text_hash": "ab" * 32, "removed": True}, {}, False),
        ({"text_hash": "ab" * 32}, {"complete": False}, False),
        ({"text_hash": "ab" * 32}, {"elsewhere": "9"}, False),
    ],
    ids=["words", "no words", "a copy", "an act of ours", "an event", "removed", "out of sight", "moved"],
)
def test_words_that_are_not_there_any_more_are_named(
    make: Any, row: dict[str, Any], more: dict[str, Any], *, named: bool
) -> None:
    """Unless they were removed, moved to another conversation, or are beyond what the side shows."""
    shown = make.part(D, 1, Message("a"), opening=True)
    given: dict[str, Any] = {"type": "reply_user", **row}
    lost = LedgerRow(D, "9", created=make.now, disposition=Disposition.SKIPPED, **given)
    view = replace(make.view(D, shown), complete=more.get("complete", True))

    found = told(make, [view, make.view(IC)], lost, elsewhere=more.get("elsewhere", ""))

    assert ((D, "9", NOT_THERE, False) in found) is named


def test_a_side_that_shows_the_newest_parts_only_says_so(make: Any) -> None:
    """What is older cannot be compared."""
    views = [make.view(D), replace(make.view(IC), complete=False)]

    assert (IC, "", "the API shows only the newest parts; older ones cannot be compared", False) in told(
        make, views
    )


def test_a_conversation_that_is_gone_is_the_one_difference(make: Any) -> None:
    """Nothing can be compared with it."""

    def gone(_id: str, **_how: object) -> Any:
        raise Gone("no", status=404, code="not_found")

    run: Any = SimpleNamespace(helpdesks={side: SimpleNamespace(conversation=gone) for side in Side})

    (one,) = verify_pair(run, make.pair(D, linked=True))

    assert (one.dashly, one.intercom, one.side) == ("d1", "i1", D)
    assert (one.what, one.known) == ("one of the conversations does not exist any more", False)
