"""What is planned for the copies of a conversation that was deleted."""

from __future__ import annotations

from typing import Any

import pytest

from connector.config.choices import Removals
from connector.engine.plan.actions import Form, PostWords, Redaction, WriteLedger
from connector.engine.plan.deletion import plan_deletion
from connector.engine.plan.direction import passed_over
from connector.engine.plan.notices import NoticeKind
from mappings.model import Side
from state.records import Disposition, LedgerRow

D, IC = Side.DASHLY, Side.INTERCOM


def ledger(source: Side) -> dict[Side, dict[str, LedgerRow]]:
    """Return two parts of a side, their copies and a stub on the other, and an answer typed there."""
    theirs = [LedgerRow(source, key, "comment", 1.0, Disposition.COPIED, text_hash="h") for key in "12"]
    ours = [
        LedgerRow(
            source.other, f"9{key}", Form.MESSAGE, 2.0, Disposition.ABSORBED, ours=True, counterpart=key
        )
        for key in "12"
    ]
    stub = LedgerRow(source.other, "90", Form.START, 2.0, Disposition.ABSORBED, ours=True)
    typed = LedgerRow(source.other, "80", "comment", 3.0, Disposition.COPIED, counterpart="81")
    delivered = LedgerRow(source, "81", Form.MESSAGE, 4.0, Disposition.ABSORBED, ours=True, counterpart="80")
    return {
        source: {row.id: row for row in (*theirs, delivered)},
        source.other: {row.id: row for row in (stub, *ours, typed)},
    }


def planned(make: Any, deleted: Side, *, origin: Side, linked: bool = True, **policy: Any) -> Any:
    """Return the plan for a pair one of whose conversations was deleted."""
    pair = make.pair(origin, linked=linked)
    now = dict.fromkeys(Side, make.now)
    return plan_deletion(pair, ledger(origin), make.policy(**policy), deleted, now=now)


def test_the_copies_of_a_deleted_origin_are_redacted_and_count_once(make: Any) -> None:
    """Each copy is recorded right behind its redaction; to people the conversation is one removal."""
    found = planned(make, D, origin=D)

    redactions = [action for action in found.actions if isinstance(action, Redaction)]
    assert redactions == [Redaction(IC, "91"), Redaction(IC, "92", counted=False)]
    assert [type(action) for action in found.actions[:4]] == [Redaction, WriteLedger] * 2
    assert [notice.kind for notice in found.notices] == [NoticeKind.COPIES_REDACTED]


def test_copies_on_dashly_are_left_to_people(make: Any) -> None:
    """Its API removes nothing: one note to the agents there, and a notice."""
    found = planned(make, IC, origin=IC)

    (note,) = found.writes
    assert isinstance(note, PostWords)
    assert (note.target, note.form, note.marker) == (D, Form.NOTE, "ic:ws:i1:deleted")
    assert [notice.kind for notice in found.notices] == [NoticeKind.REMOVE_BY_HAND]


@pytest.mark.parametrize(
    "given",
    [
        {"deleted": IC, "origin": D},  # the mirror
        {"deleted": D, "origin": D, "removals": Removals.IGNORE},
    ],
)
def test_what_takes_no_copies_along_is_only_told(make: Any, given: dict[str, Any]) -> None:
    """A deleted mirror, removals that are ignored: nothing is written."""
    found = planned(make, given.pop("deleted"), **given)

    assert found.writes == ()
    assert [notice.kind for notice in found.notices] == [NoticeKind.CONVERSATION_DELETED]


def test_copies_of_a_side_that_is_not_read_stay_and_their_tombstones_say_why(make: Any) -> None:
    """Nothing is written, somebody is told, and the texts are forgotten all the same."""
    found = planned(make, D, origin=D, sources=frozenset({IC}))

    assert found.writes == ()
    assert [notice.kind for notice in found.notices] == [NoticeKind.COPIES_STAY]
    (record,) = found.actions
    assert isinstance(record, WriteLedger)
    assert {(row.removed, row.text_hash, row.reason) for row in record.rows} == {(True, None, passed_over(D))}


def test_nothing_of_the_texts_stays_in_the_ledger(make: Any) -> None:
    """The parts of the deleted conversation become tombstones, also of one that was never mirrored."""
    for linked in (True, False):
        *_, last = planned(make, D, origin=D, linked=linked).actions
        assert isinstance(last, WriteLedger)
        assert [(row.id, row.removed, row.text_hash) for row in last.rows] == [
            ("1", True, None),
            ("2", True, None),
            ("81", True, None),
        ]
