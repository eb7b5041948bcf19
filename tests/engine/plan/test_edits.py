"""What is planned for parts that were edited or removed after they were copied."""

from __future__ import annotations

from typing import Any

import pytest

from connector.config.choices import Edits, Removals
from connector.engine.plan.actions import Form, Plan, PostWords, Redaction, WriteLedger
from connector.engine.plan.edits import plan_edits
from connector.engine.plan.notices import NoticeKind
from mappings.keyed import keyed_hash
from mappings.model import Message, Side
from mappings.text import text_hash
from state.records import Disposition, LedgerRow
from tests.keys import KEY

D, IC = Side.DASHLY, Side.INTERCOM


def planned(
    make: Any,
    source: Side,
    *,
    removed: bool = False,
    disposition: Disposition = Disposition.COPIED,
    **how: Any,
) -> Plan:
    """Return the plan for a copied part that says something else by now, or is gone."""
    part = make.part(source, 1, Message("now"), by=make.agent, removed=removed)
    row = LedgerRow(
        source, "1", "comment", part.created, disposition, counterpart="91", text_hash=text_hash("before")
    )
    copy = LedgerRow(source.other, "91", "message", 2.0, Disposition.ABSORBED, ours=True, counterpart="1")
    pair = make.pair(source, linked=True)
    snapshot = make.snapshot(pair, make.view(source, part), known=[row, copy])
    return plan_edits(snapshot, make.policy(**how), source)


def test_an_edit_is_one_note(make: Any) -> None:
    """Its marker has the new text, so that the next edit is another note."""
    (note,) = planned(make, D).actions

    assert isinstance(note, PostWords)
    assert (note.form, note.text) == (Form.NOTE, "Edited, now: now")
    assert note.marker == f"da:app:1:edit-{keyed_hash(KEY, 'now')[:8]}"
    assert [row.text_hash for row in note.covers] == [keyed_hash(KEY, "now")]


def test_an_ignored_edit_is_known_from_then_on(make: Any) -> None:
    """The new text is remembered, and nothing is written to a side."""
    (record,) = planned(make, D, edits=Edits.IGNORE).actions

    assert isinstance(record, WriteLedger)
    assert [row.text_hash for row in record.rows] == [keyed_hash(KEY, "now")]


def test_a_removed_part_takes_its_copy_along(make: Any) -> None:
    """The copy is redacted, and the ledger keeps no hash of the text."""
    redaction, record = planned(make, D, removed=True).actions

    assert redaction == Redaction(IC, "91")
    assert isinstance(record, WriteLedger)
    assert [(row.removed, row.text_hash) for row in record.rows] == [(True, None)]


@pytest.mark.parametrize(
    "given",
    [
        {"source": IC},  # no call of Dashly's API removes a part
        {"source": D, "removals": Removals.NOTE},
        {"source": D, "disposition": Disposition.TRANSCRIPT},  # the note tells other parts too
    ],
)
def test_a_copy_that_cannot_be_redacted_is_left_to_people(make: Any, given: dict[str, Any]) -> None:
    """The agents of the other side get one note, which covers the tombstone."""
    (note,) = planned(make, removed=True, **given).actions

    assert isinstance(note, PostWords)
    assert (
        note.text == f"A part was removed in {given['source'].title()}: its copy here should be removed too."
    )
    assert [row.removed for row in note.covers] == [True]


def test_a_copy_on_dashly_is_named_to_a_person(make: Any) -> None:
    """A notice says which copy to remove by hand, unless removals are ignored."""
    (notice,) = planned(make, IC, removed=True).notices

    assert (notice.kind, notice.detail) == (NoticeKind.PART_REMOVED, "91")
    assert planned(make, IC, removed=True, removals=Removals.IGNORE).notices == ()
