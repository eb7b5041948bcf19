"""What a deleted conversation leaves of its pair."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from connector.engine.plan.actions import Plan
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.run.events import Events
from connector.engine.run.report import Report
from connector.engine.sync.deletion import DeletionCarrier, Deletions
from connector.errors import Gone
from mappings.model import Side
from state.records import Disposition, Intent, LedgerRow, Operation, PairState
from tests.clock import BEGIN

D, IC = Side.DASHLY, Side.INTERCOM
GONE = Gone("gone", status=404, code="not_found")
TOLD = Notice(NoticeKind.WITHOUT_ID, D)


@pytest.mark.parametrize("copy_is_gone", [False, True])
def test_a_pair_is_marked_as_gone_and_nothing_of_it_is_looked_for(
    store: Any, pair: Any, *, copy_is_gone: bool
) -> None:
    """Writes that are not settled go with it; where the copy was deleted as well all parts are removed."""
    store.ledger.put(pair.row, [LedgerRow(D, "1", "reply_user", BEGIN, Disposition.COPIED)], None)
    store.journal.begin(Intent("m", pair.row, IC, Operation.NOTE, "h", "", "[]", BEGIN, BEGIN + 120), None)
    snapshot = SimpleNamespace(ledger=store.ledger.of(pair.row))

    def apply(*_given: object) -> None:
        if copy_is_gone:
            raise GONE

    planned: Any = SimpleNamespace(store=store, plan=lambda *_: (snapshot, Plan((), (TOLD,))))
    executor: Any = SimpleNamespace(apply=apply)
    report = Report("r", "sync", BEGIN)

    DeletionCarrier(planned, executor, report, Events("r"), "r").propagate_deletion(pair, D)

    found = store.pairs.get(pair.row)
    assert (found.state, found.due, store.journal.open()) == (PairState.GONE, {}, [])
    assert store.ledger.of(pair.row)[D]["1"].removed is copy_is_gone
    assert report.notices == [TOLD]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({D: False, IC: False}, None),
        ({D: True, IC: False}, D),
        ({D: False, IC: True}, IC),
        ({D: None, IC: False}, D),
        ({D: False, IC: None}, IC),
    ],
)
def test_a_side_without_its_conversation_is_found(
    store: Any, pair: Any, shown: dict[Side, bool | None], expected: Side | None
) -> None:
    """It says that it was deleted, or knows nothing of it."""

    def desk(side: Side) -> Any:
        def conversation(_id: str, *, known: frozenset[str]) -> Any:
            assert known == frozenset()
            if shown[side] is None:
                raise GONE
            return SimpleNamespace(deleted=shown[side])

        return SimpleNamespace(conversation=conversation)

    nothing: Any = None
    deletions = Deletions(
        store=store, helpdesks={side: desk(side) for side in Side}, reader=nothing, policy=nothing
    )

    assert deletions.deleted_side(pair) is expected
