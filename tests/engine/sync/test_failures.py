"""Where a conversation goes whose work failed, by what failed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.apply.refusals import BreakerTripped, PartRefused, TextTooLong
from connector.engine.plan.notices import NoticeKind
from connector.engine.run.events import Events
from connector.engine.run.limits import LimitKey, OverLimit
from connector.engine.run.report import Report
from connector.engine.sync.failures import LONGEST_PAUSE, PAUSE, SHORTEST_TEXT, SOON, Failures, Result
from connector.engine.sync.holding import Holding
from connector.engine.write.job import Blocked, Unrecognised, WrittenAlready
from connector.errors import NeverSent, Rejected, RemoteError, Unreadable
from mappings.model import Ref, Side
from state.records import Disposition, PairState
from tests.clock import BEGIN, VirtualClock

if TYPE_CHECKING:
    from state.records import Pair, QuarantineItem
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
REFUSED = Rejected("no", status=400, code="bad")


@pytest.fixture
def failures(store: Store) -> Failures:
    """What deals with failures, in a run that allows one creation."""
    report = Report("r", "sync", BEGIN)
    return Failures(
        store=store,
        clock=VirtualClock(),
        capabilities={side: SimpleNamespace(max_text=2 * SHORTEST_TEXT) for side in Side},  # type: ignore[misc]
        report=report,
        holding=Holding(store=store, limits=SimpleNamespace(max_creates=1), report=report),  # type: ignore[arg-type]
        events=Events("r"),
        run="r",
    )


def told(failures: Failures) -> list[NoticeKind]:
    """Return of what people hear."""
    return [notice.kind for notice in failures.report.notices]


def only(store: Store) -> QuarantineItem:
    """Return what is in quarantine."""
    (item,) = store.quarantine.items()
    return item


def test_an_answer_that_is_not_known_yet_delays_its_conversation(
    failures: Any, store: Any, pair: Pair
) -> None:
    """Nothing failed, so nobody is told; both sides are read then."""
    assert failures.after(pair, Blocked("wait", until=BEGIN + 7)) is Result.BLOCKED

    assert store.pairs.get(pair.row).due == {D: BEGIN + 7, IC: BEGIN + 7}
    assert (failures.report.blocked, told(failures), store.quarantine.items()) == (1, [], [])


def test_what_is_over_a_limit_is_held_and_over_max_writes_follows(failures: Any, pair: Pair) -> None:
    """The next run goes on with the rest of the writes; a creation waits for a person."""
    assert failures.after(pair, OverLimit(LimitKey.WRITES)) is Result.LEARNT
    assert (told(failures), failures.holding.holds(pair.row)) == ([NoticeKind.LIMIT_REACHED], False)
    assert failures.report.limited

    failures.report.limited = False
    assert failures.after(pair, OverLimit(LimitKey.CREATES)) is Result.DONE
    assert (failures.report.limited, failures.holding.holds(pair.row)) == (True, True)


def test_a_tripped_breaker_holds_its_conversation_until_it_lets_go(
    failures: Any, store: Any, pair: Pair
) -> None:
    """It is told, taken off the queue, and tried again by itself."""
    failures.report.block(pair.row)

    assert failures.after(pair, BreakerTripped("too often", until=BEGIN + 600)) is Result.QUARANTINED

    held = store.pairs.get(pair.row)
    assert (held.state, held.due) == (PairState.QUARANTINED, {})
    assert (only(store).reason, only(store).retry_at) == ("too often", BEGIN + 600)
    assert (told(failures), failures.report.blocked) == ([NoticeKind.QUARANTINED], 0)


@pytest.mark.parametrize(
    "error", [PartRefused("no", Ref(D, "p")), WrittenAlready(Ref(D, "p"))], ids=["refused", "twice"]
)
def test_a_part_that_cannot_be_carried_is_named(
    failures: Any, store: Any, pair: Pair, error: Exception
) -> None:
    """A person looks at this one; it is in the ledger, and nothing tries it again by itself."""
    assert failures.after(pair, error) is Result.QUARANTINED

    assert (only(store).side, only(store).part, only(store).retry_at) == (D, "p", None)
    assert store.ledger.of(pair.row)[D]["p"].disposition is Disposition.QUARANTINED
    assert store.pairs.get(pair.row).due == {}


@pytest.mark.parametrize("error", [REFUSED, Unrecognised("where is it")], ids=["refused", "not found"])
def test_what_no_waiting_heals_waits_for_a_person(
    failures: Any, store: Any, pair: Pair, error: Exception
) -> None:
    """The conversation as such stands in quarantine."""
    assert failures.after(pair, error) is Result.QUARANTINED

    assert (only(store).part, only(store).reason, only(store).retry_at) == ("", str(error), None)
    assert told(failures) == [NoticeKind.QUARANTINED]


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (Unreadable("garbled"), Result.LEFT),
        (RemoteError("gone away"), Result.POSTPONED),
        (NeverSent("down"), Result.POSTPONED),
    ],
    ids=["unreadable", "unclear", "away"],
)
def test_what_may_pass_is_tried_again_by_the_next_run(
    failures: Any, store: Any, pair: Pair, error: Exception, result: Result
) -> None:
    """It leaves the queue of this run, and people are told."""
    failures.report.block(pair.row)

    assert failures.after(pair, error) is result

    assert (only(store).reason, only(store).retry_at) == (str(error), BEGIN)
    assert (store.pairs.get(pair.row).due, failures.report.blocked) == ({}, 0)
    assert told(failures) == [NoticeKind.LEFT_FOR_NEXT_RUN]


def test_pauses_grow_when_it_fails_again_and_again(failures: Any, store: Any, pair: Pair) -> None:
    """At first every run tries, then the pause doubles up to its longest."""
    pauses = []
    for _ in range(SOON + 12):
        failures.after(pair, RemoteError("gone away"))
        pauses.append(only(store).retry_at - failures.clock.now())

    assert pauses[: SOON + 4] == [0.0] * SOON + [2 * PAUSE, 4 * PAUSE, 8 * PAUSE, LONGEST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE


def test_an_unclear_write_is_parked_until_it_may_be_looked_for(failures: Any, store: Any, pair: Pair) -> None:
    """A later run goes on with it, not before its outcome can be known."""
    store.pairs.set_due(pair.row, {D: BEGIN + 70, IC: BEGIN + 50})

    failures.wait_for_later_run(pair.row)

    assert (only(store).retry_at, store.pairs.get(pair.row).due) == (BEGIN + 70, {})


def test_a_length_that_is_refused_is_halved_and_learnt(failures: Any, store: Any, pair: Pair) -> None:
    """The next run writes shorter pieces; what is refused even when short is no question of length."""
    assert failures.after(pair, TextTooLong("too long", IC)) is Result.LEARNT
    assert (store.meta.max_text(IC), told(failures)) == (SHORTEST_TEXT, [NoticeKind.TEXT_TOO_LONG])
    assert store.pairs.get(pair.row).due == {D: BEGIN, IC: BEGIN}

    failures.capabilities[IC].max_text = 2 * SHORTEST_TEXT - 1
    assert failures.after(pair, TextTooLong("too long", IC)) is Result.QUARANTINED
    assert only(store).reason == "too long"


def test_a_fault_of_ours_stops_its_conversation_alone(failures: Any, store: Any, pair: Pair) -> None:
    """The kind of the error is named, and nothing that it quotes."""
    assert failures.after(pair, KeyError("words of a customer")) is Result.QUARANTINED

    assert "KeyError" in only(store).reason
    assert "words" not in only(store).reason


def test_a_row_that_was_linked_meanwhile_is_done(failures: Any, store: Any, pair: Pair) -> None:
    """It is gone, and its conversation belongs to another pair."""
    with store.transaction():
        store.file.first("DELETE FROM conversations WHERE id = ? RETURNING id", [pair.row])

    assert failures.after(pair, KeyError("row")) is Result.DONE
    assert store.quarantine.items() == []
