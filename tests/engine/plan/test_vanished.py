"""What is planned for parts of Dashly that no list shows any more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.engine.plan.actions import Plan, WriteLedger
from connector.engine.plan.notices import NoticeKind
from connector.engine.plan.planner import plan
from mappings.model import Message, Side
from mappings.text import text_hash
from state.records import Disposition, LedgerRow

D, IC = Side.DASHLY, Side.INTERCOM
GONE = LedgerRow(D, "1", "reply_user", 2.0, Disposition.COPIED, counterpart="91", text_hash=text_hash("oops"))
COPY = LedgerRow(IC, "91", "message", 2.0, Disposition.ABSORBED, ours=True, counterpart="1")


def planned(make: Any, *known: LedgerRow, **view: Any) -> Plan:
    """Return the plan of a pair of which Dashly shows one other part."""
    stays = make.part(D, 2, Message("here"))
    row = LedgerRow(D, "2", "reply_user", stays.created, Disposition.COPIED, text_hash=text_hash("here"))
    pair = make.pair(D, linked=True)
    shown = replace(make.view(D, stays), **view)
    return plan(make.snapshot(pair, shown, known=[row, *known]), make.policy())


def test_one_that_vanished_is_a_tombstone_and_told(make: Any) -> None:
    """Nothing is kept of its text and nothing is erased on a side: a person decides about the copy."""
    done = planned(make, GONE, COPY)

    (record,) = done.actions
    assert isinstance(record, WriteLedger)
    assert [(row.id, row.removed, row.text_hash) for row in record.rows] == [("1", True, None)]
    (notice,) = done.notices
    assert (notice.kind, notice.part, notice.detail) == (NoticeKind.PART_VANISHED, "1", "91")


def test_it_is_told_once(make: Any) -> None:
    """A tombstone is final, and the next run plans nothing."""
    assert planned(make, replace(GONE, removed=True, text_hash=None), COPY) == Plan()


@pytest.mark.parametrize("view", [{"complete": False}, {"parts_count": 2}, {"parts_count": None}])
def test_a_part_that_is_merely_not_shown_is_not_gone(make: Any, view: dict[str, Any]) -> None:
    """Where only the newest were read, or the row counts more than the list shows, it may be anywhere."""
    assert planned(make, GONE, COPY, **view) == Plan()


def test_a_copy_of_ours_is_no_part_that_vanished(make: Any) -> None:
    """Somebody took our note away: `verify` says so, and nothing is to be done on the other side."""
    ours = LedgerRow(D, "5", "note", 2.0, Disposition.ABSORBED, ours=True, text_hash=text_hash("x"))

    assert planned(make, ours) == Plan()
