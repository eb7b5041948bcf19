"""Comparing by lists alone: what moved, what is missing, and what nobody knows."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.inspect.quick import compare_lists
from connector.engine.inspect.verdict import Verdict
from mappings.model import CLOSED, OPEN, Message, Registers, Side, State, Status
from state import store as states
from state.records import Disposition, LedgerRow, PairState, Queue
from tests.clock import BEGIN
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

D, IC = Side.DASHLY, Side.INTERCOM


@pytest.fixture
def run(tmp_path: Path, make: Any) -> Iterator[Any]:
    """A run over one linked pair of one part, which both lists show as it is."""
    store = states.create(tmp_path / "connector.db", key=KEY)
    row = store.pairs.listed(D, "d1", due=BEGIN, queue=Queue.SYNC)
    store.pairs.link(row, IC, "i1", at=BEGIN, run="r")
    store.ledger.put(row, [LedgerRow(D, "1", "reply_user", BEGIN, Disposition.COPIED)], None)
    for side in Side:
        store.pairs.set_base(row, side, Registers())
    rows = {side: [make.view(side, make.part(side, 1, Message("Hi")))] for side in Side}
    asked: list[float | None] = []

    def desk(side: Side) -> Any:
        def history(query: Any) -> list[Any]:
            asked.append(query.since)
            return rows[side]

        return SimpleNamespace(history=history, now=lambda: BEGIN)

    reader = SimpleNamespace(opened=lambda listing: listing)
    yield SimpleNamespace(
        store=store,
        helpdesks={side: desk(side) for side in Side},
        reader=reader,
        policy=make.policy(),
        rows=rows,
        asked=asked,
    )
    store.close()


def found(run: Any, since: float | None = None) -> list[tuple[Verdict, list[str]]]:
    """Return each verdict, with what differs."""
    return [(one.verdict, [d.what for d in one.differences]) for one in compare_lists(run, since)]


def show(run: Any, side: Side, **more: Any) -> None:
    """Let a list show the conversation otherwise."""
    run.rows[side] = [replace(row, **more) for row in run.rows[side]]


def test_lists_that_show_what_was_agreed_are_equal(run: Any) -> None:
    """Also when a list shows a row twice."""
    for side in Side:
        run.rows[side] *= 2

    assert found(run) == [(Verdict.EQUAL, [])]
    assert (found(run, 5.0), run.asked) == ([(Verdict.EQUAL, [])], [None, None, 5.0, 5.0])


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("registers", "register"),
    [
        (Registers(CLOSED), "status"),
        (Registers(assignee="7"), "assignee"),
        (Registers(team="7"), "team"),
        (Registers(tags=frozenset({"vip"})), "tags"),
    ],
)
def test_a_register_that_moved_is_a_difference(
    run: Any, side: Side, registers: Registers, register: str
) -> None:
    """It is told by its name, whichever side moved it."""
    show(run, side, registers=registers)

    assert found(run) == [(Verdict.DIFFERENT, [f"the {register} changed since both sides agreed on it"])]
    assert found(run, 5.0)[0][0] is Verdict.DIFFERENT


def test_what_moves_by_itself_is_none(run: Any) -> None:
    """A snooze that ran out, and another spelling of a tag."""
    run.store.pairs.set_base(1, IC, Registers(OPEN, tags=frozenset({"VIP"})))
    show(run, IC, registers=Registers(Status(State.SNOOZED, BEGIN - 1), tags=frozenset({"vip"})))

    assert found(run) == [(Verdict.EQUAL, [])]


@pytest.mark.parametrize(("counted", "equal"), [(None, True), (0, False), (1, True), (2, True), (3, False)])
def test_a_count_of_dashly_may_include_what_was_removed(
    run: Any, counted: int | None, *, equal: bool
) -> None:
    """Nobody documents whether it does; Intercom counts more than its parts."""
    removed = LedgerRow(D, "2", "reply_user", BEGIN, Disposition.COPIED, removed=True)
    run.store.ledger.put(1, [removed], None)
    show(run, D, parts_count=counted)
    show(run, IC, parts_count=99)

    differences = [] if equal else [f"the list counts {counted} parts, the ledger 2"]
    assert found(run) == [(Verdict.EQUAL if equal else Verdict.DIFFERENT, differences)]


@pytest.mark.parametrize(("side", "title"), [(D, "Dashly"), (IC, "Intercom")])
def test_what_a_whole_list_does_not_show_is_missing(run: Any, side: Side, title: str) -> None:
    """With a time nothing can be said of what no list shows."""
    run.rows[side] = []

    assert found(run) == [(Verdict.DIFFERENT, [f"the list of {title} does not show it"])]
    assert found(run, 5.0) == ([] if side is D else [(Verdict.EQUAL, [])])


def test_what_moved_on_intercom_alone_is_told_with_a_time(run: Any) -> None:
    """Though Dashly's list of that time does not show the pair."""
    run.rows[D] = []
    show(run, IC, registers=Registers(CLOSED))

    assert [verdict for verdict, _ in found(run, 5.0)] == [Verdict.DIFFERENT]
    assert len(found(run)[0][1]) == 2


def test_a_deleted_conversation_is_told_as_such(run: Any) -> None:
    """Nothing else of it is compared."""
    show(run, D, deleted=True, registers=Registers(CLOSED))

    assert found(run) == [(Verdict.DIFFERENT, ["it was deleted in Dashly"])]


def test_a_pair_that_is_not_kept_in_step_says_why(run: Any) -> None:
    """Whatever the lists show."""
    run.store.pairs.set_state(1, PairState.GONE)
    show(run, D, registers=Registers(CLOSED))

    assert found(run) == [(Verdict.GONE, [])]


@pytest.mark.parametrize("side", Side)
def test_what_the_state_file_does_not_know_has_no_mirror(run: Any, side: Side) -> None:
    """It is told beside the others."""
    run.rows[side] = [*run.rows[side], replace(run.rows[side][0], id="new")]

    assert sorted(verdict for verdict, _ in found(run)) == [Verdict.EQUAL, Verdict.WITHOUT_MIRROR]
