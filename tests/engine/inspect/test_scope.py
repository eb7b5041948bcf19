"""What is told of a pair that is not kept in step."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from connector.engine.inspect import scope
from connector.engine.inspect.scope import Wanted, out_of_step, verify_all
from connector.engine.inspect.verdict import Verdict
from connector.engine.inspect.verify import Difference
from mappings.model import Side
from state.records import PairState

D, IC = Side.DASHLY, Side.INTERCOM


@pytest.mark.parametrize(("due", "explained"), [({}, True), ({D: 1.0}, False)], ids=["idle", "due"])
def test_a_pair_without_a_mirror_is_explained_unless_it_waits_for_one(
    make: Any, due: dict[Side, float], *, explained: bool
) -> None:
    """What the next run will make is missing now; where nothing has to be copied nothing is."""
    finding = out_of_step(replace(make.pair(D), due=due))

    assert finding is not None
    assert (finding.verdict, finding.explained) == (Verdict.WITHOUT_MIRROR, explained)
    assert (finding.dashly, finding.intercom) == ("d1", "")


@pytest.mark.parametrize(
    ("state", "verdict", "explained"),
    [
        (PairState.GONE, Verdict.GONE, True),
        (PairState.UNLINKED, Verdict.UNLINKED, True),
        (PairState.QUARANTINED, Verdict.QUARANTINED, False),
    ],
)
def test_a_pair_that_was_let_go_says_why(
    make: Any, state: PairState, verdict: Verdict, *, explained: bool
) -> None:
    """As people wanted it, or waiting for one of them."""
    finding = out_of_step(replace(make.pair(D, linked=True), state=state))

    assert finding is not None
    assert (finding.verdict, finding.explained) == (verdict, explained)


def test_a_pair_in_step_is_looked_at(make: Any) -> None:
    """Only reading both conversations tells more."""
    assert out_of_step(make.pair(D, linked=True)) is None


def test_named_conversations_tell_how_much_is_to_be_done() -> None:
    """Whoever watches sees how many are left from the beginning."""
    due: list[int] = []
    run: Any = SimpleNamespace(
        parties=SimpleNamespace(listener=SimpleNamespace(due=due.append)),
        crew=SimpleNamespace(each=lambda _work, _jobs: ()),
    )

    assert list(verify_all(run, Wanted(ids=("d1", "d2")))) == []

    assert due == [2]


@pytest.mark.parametrize(
    ("known", "verdict"),
    [((), Verdict.EQUAL), ((True,), Verdict.EQUAL), ((True, False), Verdict.DIFFERENT)],
    ids=["none", "known", "one that is not"],
)
def test_differences_that_stay_are_told_and_make_no_pair_different(
    make: Any, monkeypatch: pytest.MonkeyPatch, known: tuple[bool, ...], verdict: Verdict
) -> None:
    """A side cannot show all that the other does."""
    pair = make.pair(D, linked=True)
    differences = tuple(Difference("d1", "i1", IC, str(n), "it differs", one) for n, one in enumerate(known))
    monkeypatch.setattr(scope, "verify_pair", lambda *_given, **_how: differences)
    run: Any = SimpleNamespace(
        parties=SimpleNamespace(listener=SimpleNamespace(due=lambda _count: None)),
        crew=SimpleNamespace(each=map),
        store=SimpleNamespace(pairs=SimpleNamespace(find=lambda side, _id: pair if side is D else None)),
    )

    (finding,) = verify_all(run, Wanted(ids=("d1",)))

    assert (finding.verdict, finding.explained) == (verdict, verdict is Verdict.EQUAL)
    assert finding.differences == differences
