"""Which listed conversations show something new."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from connector.engine.past.choice import Choice
from connector.engine.plan.notices import NoticeKind
from connector.engine.run.report import Report
from connector.engine.sync.poll import SELDOM, Poll
from connector.errors import AccessDenied, ConfigError, RemoteError
from connector.host.progress import Unheard
from mappings.model import (
    CLOSED,
    Author,
    AuthorKind,
    Conversation,
    Customer,
    Message,
    Part,
    Registers,
    Side,
    State,
    Status,
)
from mappings.roles import Ours
from state.records import Disposition, LedgerRow, PairState, Queue
from tests.clock import BEGIN, VirtualClock

D, IC = Side.DASHLY, Side.INTERCOM


class Desk:
    """A side with the rows of its lists."""

    passed_over = 0
    lists_cut = 0

    def __init__(self) -> None:
        self.rows: list[Conversation] = []
        self.gone: list[str] = []
        self.asked: list[float] = []
        self.fails: Exception | None = None

    def now(self) -> float:
        """Return the server's time."""
        return BEGIN

    def changed_since(self, since: float) -> Any:
        """Yield the rows."""
        self.asked.append(since)
        yield from self.rows

    def history(self, _query: object) -> Any:
        """Yield the rows."""
        yield from self.rows

    def deleted_since(self, since: float) -> Any:
        """Yield the ids of what was deleted."""
        self.asked.append(since)
        yield from self.gone

    def conversation(self, conversation: str) -> Conversation:
        """Return a row, or fail."""
        if self.fails is not None:
            raise self.fails
        return next(row for row in self.rows if row.id == conversation)


@pytest.fixture
def desks() -> dict[Side, Desk]:
    """Both sides."""
    return {side: Desk() for side in Side}


@pytest.fixture
def poll(store: Any, desks: Any) -> Poll:
    """What reads their lists, bound long ago."""
    for side in Side:
        store.watermarks.advance(side, BEGIN - 100)
    reader: Any = SimpleNamespace(remember_people=lambda _listing: None, expect=lambda _listing: None)
    in_hand: Any = SimpleNamespace(alone=lambda _row: nullcontext())
    return Poll(
        store=store,
        helpdesks=desks,
        clock=VirtualClock(),
        reader=reader,
        report=Report("r", "sync", BEGIN),
        queue=Queue.SYNC,
        overlap=30.0,
        in_hand=in_hand,
        listener=Unheard(),
    )


def row(side: Side = D, conversation: str = "d1", **more: Any) -> Conversation:
    """Return a listed conversation with its newest part."""
    part = Part(
        side=side,
        id="p",
        type="reply_user",
        entries=(Message("Hi"),),
        author=Author(AuthorKind.CUSTOMER, "u"),
        created=BEGIN,
    )
    given: dict[str, Any] = {"parts": (part,), "parts_count": 1, "customer": Customer("u"), **more}
    return Conversation(
        side=side, id=conversation, created=BEGIN, updated=BEGIN, **{"registers": Registers(), **given}
    )


def news(poll: Poll, side: Side = D) -> list[str]:
    """Return the conversations of a side that show something new."""
    return [listing.id for listing, _pair in poll.changed(side)]


def test_what_nobody_knows_is_news_unless_it_serves_the_connector(poll: Any, desks: Any) -> None:
    """A probe is nobody's conversation."""
    probe = row(conversation="probe", customer=Customer("x", ours=Ours.PROBE))
    desks[D].rows = [row(conversation="new"), probe]

    assert news(poll) == ["new"]
    assert (poll.report.seen, desks[D].asked) == (2, [BEGIN - 130])


KNOWN = LedgerRow(D, "p", "reply_user", BEGIN, Disposition.COPIED)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({}, False),
        ({"parts_count": 2}, True),
        ({"parts_count": None}, True),
        ({"parts": ()}, True),
        ({"registers": Registers(CLOSED)}, True),
        ({"registers": Registers(assignee="7")}, True),
        ({"registers": Registers(team="7")}, True),
        ({"registers": Registers(tags=frozenset({"vip"}))}, True),
        ({"registers": Registers(Status(State.SNOOZED, BEGIN - 1))}, False),
        ({"registers": Registers(Status(State.SNOOZED, BEGIN + 1))}, True),
        ({"registers": Registers(CLOSED, tags=frozenset({"vip"}))}, True),
    ],
    ids=str,
)
def test_our_own_words_are_no_news(
    poll: Any, desks: Any, store: Any, pair: Any, shown: Any, *, expected: bool
) -> None:
    """Every part is known and nobody changed a register; a snooze that ran out is nobody's change."""
    store.ledger.put(pair.row, [KNOWN], None)
    desks[D].rows = [row(**shown)]

    assert news(poll) == (["d1"] if expected else [])


def test_a_part_that_the_ledger_does_not_know_is_news(poll: Any, desks: Any, store: Any, pair: Any) -> None:
    """As many as are known may still be others."""
    store.ledger.put(pair.row, [replace(KNOWN, id="other")], None)
    desks[D].rows = [row()]

    assert news(poll) == ["d1"]


def test_intercoms_rows_show_no_newest_part(poll: Any, desks: Any, store: Any, pair: Any) -> None:
    """Only the revision tells that a conversation was seen as it is."""
    store.ledger.put(pair.row, [replace(KNOWN, side=IC)], None)
    shown = row(IC, "i1")
    desks[IC].rows = [shown]
    assert news(poll, IC) == ["i1"]

    store.pairs.set_seen(pair.row, IC, shown.revision, BEGIN)
    assert news(poll, IC) == []


@pytest.mark.parametrize("state", [PairState.GONE, PairState.UNLINKED, PairState.QUARANTINED])
def test_what_is_not_kept_in_step_has_no_news(
    poll: Any, desks: Any, store: Any, pair: Any, state: PairState
) -> None:
    """Whatever is said in it."""
    store.pairs.set_state(pair.row, state)
    desks[D].rows = [row(parts_count=5)]

    assert news(poll) == []


def test_the_past_leaves_out_what_was_carried_a_moment_ago_and_whom_we_made(
    poll: Any, desks: Any, store: Any, pair: Any
) -> None:
    """The rest is worked on, known or not."""
    store.pairs.set_due(pair.row, {})
    store.ledger.put(pair.row, [KNOWN], None)
    technical = Customer("x", ours=Ours.CONNECTOR)
    desks[D].rows = [
        row(),
        row(conversation="new"),
        row(conversation="just now"),
        row(conversation="probe", customer=technical),
    ]

    chosen = poll.past(Choice(D, besides=frozenset({"just now"})))

    assert [listing.id for listing, _pair in chosen] == ["new"]
    assert poll.report.notices == []


def test_a_past_in_which_nothing_fits_is_told(poll: Any) -> None:
    """A filter may be misspelt."""
    assert list(poll.past(Choice(D))) == []
    assert [notice.kind for notice in poll.report.notices] == [NoticeKind.NOTHING_FITS]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, True),
        (BEGIN, False),
        (BEGIN - SELDOM + 1, False),
        (BEGIN - SELDOM, True),
        (BEGIN + 1, True),
    ],
)
def test_what_is_asked_now_and_then_is_due_after_a_while(
    poll: Any, asked: float | None, *, expected: bool
) -> None:
    """Also where a clock was set back meanwhile."""
    assert poll.is_due(D, asked) is expected


def test_what_a_hint_names_is_read_unless_it_cannot_be(poll: Any, desks: Any) -> None:
    """A hint may be forged; a token that is refused ends the run."""
    desks[D].rows = [row(conversation="new"), row(conversation="known")]
    named = [listing.id for listing, _ in poll.named(D, {"new", "known"}, besides={"known"})]
    desks[D].fails = RemoteError("forged")
    nothing = list(poll.named(D, {"new"}, besides=()))
    desks[D].fails = AccessDenied("no", status=401)

    assert (named, nothing, poll.report.seen) == (["new"], [], 1)
    with pytest.raises(AccessDenied):
        list(poll.named(D, {"new"}, besides=()))


def test_deletions_are_asked_for_since_they_were_asked_last(
    poll: Any, desks: Any, store: Any, pair: Any
) -> None:
    """Or since the list of changes was read, whichever is longer ago; only pairs in step are gone."""
    desks[D].gone = ["d1", "nobody's"]
    assert [one.row for one in poll.deleted(D)] == [pair.row]
    store.meta.set_deletions_read(D, BEGIN - 500)
    list(poll.deleted(D))
    store.meta.set_deletions_read(D, BEGIN)
    list(poll.deleted(D))
    store.pairs.set_state(pair.row, PairState.GONE)

    assert list(poll.deleted(D)) == []
    assert desks[D].asked == [BEGIN - 130, BEGIN - 530, BEGIN - 130, BEGIN - 130]


def test_an_unbound_state_file_reads_nothing(store: Any, poll: Any) -> None:
    """It is told what to do."""
    store.file.first("DELETE FROM watermarks RETURNING side")

    with pytest.raises(ConfigError) as refused:
        news(poll)
    assert refused.value.hint == "connector init"


def test_rows_that_were_passed_over_and_a_list_that_was_cut_are_told(poll: Any, desks: Any) -> None:
    """Each by its side, after the list was read."""

    def changed(_since: float) -> Any:
        yield row(conversation="new")
        desks[D].passed_over, desks[D].lists_cut = 2, 1

    desks[D].changed_since = changed
    news(poll)
    news(poll)

    assert [(one.kind, one.side, one.detail) for one in poll.report.notices] == [
        (NoticeKind.LIST_CUT, D, ""),
        (NoticeKind.WITHOUT_ID, D, "2"),
    ]
