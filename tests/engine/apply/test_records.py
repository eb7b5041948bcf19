"""What of a plan is only remembered."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.apply.records import Records
from connector.engine.plan.actions import Agreed, MoveOrigin, RecordConflict
from connector.engine.plan.notices import NoticeKind
from connector.engine.plan.registers.three_way import Rule
from connector.engine.run.report import Report
from mappings.model import CLOSED, OPEN, Side
from mappings.registers import Register
from state import store as states
from state.records import Queue
from tests.clock import BEGIN, VirtualClock
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

D, IC = Side.DASHLY, Side.INTERCOM
VALUES = ((D, "open"), (IC, "closed"))


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """What writes into a new state file with one linked pair, which was opened with a stand-in."""
    store = states.create(tmp_path / "connector.db", key=KEY)
    row = store.pairs.listed(D, "d1", due=BEGIN, queue=Queue.SYNC)
    store.pairs.link(row, IC, "i1", at=BEGIN, run="r")
    store.pairs.set_stand_in(row, stand_in=True)
    yield Records(store, Report("r", "sync", BEGIN), VirtualClock(), "r")
    store.close()


def execution(**refused: dict[str, bool]) -> Any:
    """Return the execution of a plan for that pair."""
    tags = {side: refused.get(side.value, {}) for side in Side}
    return SimpleNamespace(row=1, refused_tags=tags)


@pytest.mark.parametrize(
    ("rule", "winner", "told"), [(Rule.MANUAL, None, True), (Rule.NEWER, D, False), (Rule.TIE, IC, False)]
)
def test_a_conflict_is_told_once_where_a_person_must_choose(
    records: Records, rule: Rule, winner: Side | None, *, told: bool
) -> None:
    """Where a rule chose nobody has to act; the conflict stands in the state file either way."""
    for _ in range(2):
        records.keep(execution(), RecordConflict(Register.STATUS, VALUES, winner, rule))

    (conflict,) = records.store.conflicts.last(5)
    assert (conflict.register, conflict.dashly, conflict.intercom) == ("status", "open", "closed")
    assert [(one.kind, one.conversation, one.mirror) for one in records.report.notices] == (
        [(NoticeKind.BOTH_CHANGED, "d1", "i1")] if told else []
    )


def test_a_conversation_moves_to_where_its_customer_answers(records: Records) -> None:
    """Nobody stands in for them any more."""
    records.keep(execution(), MoveOrigin(IC))

    pair = records.store.pairs.get(1)
    assert (pair.origin, pair.stand_in) == (IC, False)


def test_agreed_values_are_remembered_as_the_side_shows_them(records: Records) -> None:
    """A tag that a side refused to put on is not there, and one that it refused to take off is."""
    wanted = frozenset({"kept", "refused"})
    agreed = (
        Agreed(D, Register.STATUS, CLOSED),
        Agreed(IC, Register.STATUS, CLOSED),
        Agreed(IC, Register.TAGS, wanted),
    )

    records.agree(execution(intercom={"refused": False, "stays": True}), agreed)

    base = records.store.pairs.get(1).base
    assert (base[D].status, base[IC].status) == (CLOSED, CLOSED)
    assert (base[D].tags, base[IC].tags) == (frozenset(), frozenset({"kept", "stays"}))
    records.agree(execution(), (Agreed(IC, Register.STATUS, OPEN),))
    assert records.store.pairs.get(1).base[IC].tags == frozenset({"kept", "stays"})
