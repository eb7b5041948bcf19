"""What in a copy is ours and what is somebody else's, with and without the mark of our token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.engine.undo.traces import Ours, Trace, trace_in
from mappings.model import (
    CLOSED,
    Author,
    AuthorKind,
    Conversation,
    Event,
    Message,
    Part,
    Registers,
    Side,
    StatusChanged,
)
from state.records import Disposition, LedgerRow

IC = Side.INTERCOM
AGENT = Author(AuthorKind.AGENT, "814860")
WORDS = Part(IC, "1", "comment", 100.0, AGENT, (Message("Answer"),))
CLOSE = Part(IC, "2", "close", 100.0, AGENT, (StatusChanged(CLOSED),))
BASE = Registers(CLOSED, tags=frozenset({"vip"}))
COPY = Conversation(IC, "9", 0.0, 0.0, replace(BASE, tags=frozenset({"VIP"})), None, parts=(WORDS, CLOSE))
OURS = Ours("our-app", since=50.0, until=150.0)
KNOWN = {"1": LedgerRow(IC, "1", "message", 100.0, Disposition.ABSORBED, ours=True)}


def trace(view: Conversation = COPY, ledger: dict[str, LedgerRow] = KNOWN, ours: Ours = OURS) -> Trace | None:
    """Return what is in a copy."""
    return trace_in(view, ledger, BASE, ours, now=500.0)


def test_what_the_run_did_is_ours() -> None:
    """Its words by the ledger, what Intercom made of them by the time; a tag in any spelling."""
    assert trace() is None


@pytest.mark.parametrize(
    "event",
    [
        replace(CLOSE, created=400.0),
        replace(CLOSE, app_code="another-app"),
        replace(CLOSE, type="comment", entries=(Message("mine"),)),
        replace(CLOSE, type="conversation_rating_changed", entries=(Event("5 of 5"),)),
    ],
    ids=["later", "by another app", "words", "a rating"],
)
def test_what_somebody_did_is_not(event: Part) -> None:
    """After the run, by another program, or with words that the ledger does not know."""
    assert trace(replace(COPY, parts=(WORDS, event))) is Trace.PART


def test_a_mark_of_ours_counts_at_any_time() -> None:
    """What a later sync did in a copy is ours too."""
    assert trace(replace(COPY, parts=(WORDS, replace(CLOSE, created=400.0, app_code="our-app")))) is None


def test_what_was_carried_over_was_somebodys() -> None:
    """An event that a sync took to the other side was not an effect of ours."""
    carried = KNOWN | {"2": LedgerRow(IC, "2", "close", 100.0, Disposition.STATE)}

    assert trace(ledger=carried) is Trace.PART


def test_a_register_that_moved_without_a_part_is_seen() -> None:
    """Some changes leave no part behind."""
    assert trace(replace(COPY, registers=BASE)) is None
    assert trace(replace(COPY, registers=replace(BASE, assignee="5"))) is Trace.REGISTER


def test_what_is_not_shown_whole_is_left() -> None:
    """Behind 500 parts there may be anything."""
    assert trace(replace(COPY, complete=False)) is Trace.TOO_LONG


def test_a_copy_that_nobody_looked_at_is_as_it_began() -> None:
    """A run that died right after it began a copy knows nothing of it, but what somebody did to it shows."""
    bare = replace(COPY, registers=Registers(), parts=(WORDS,))

    found = [
        trace_in(view, KNOWN, None, OURS, now=500.0)
        for view in (bare, replace(bare, registers=Registers(tags=frozenset({"mine"}))))
    ]

    assert found == [None, Trace.REGISTER]
