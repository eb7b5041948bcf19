"""What the planner does in situations that a support person would recognise."""

from __future__ import annotations

from typing import Any

import pytest

from connector.config.choices import Prefer
from connector.engine.plan.actions import Plan, PostWords, SetRegister
from connector.engine.plan.planner import needs_rereading, plan
from mappings.model import CLOSED, Message, Registers, Side, State, Status, StatusChanged
from mappings.registers import Register
from state.records import Disposition, LedgerRow
from tests.engine.plan.plans import conversation, dispositions, posts, register_writes

D, IC = Side.DASHLY, Side.INTERCOM
DAY = 86_400.0
CLOSED_THERE = Registers(CLOSED)


def test_known_parts_are_not_carried_again(make: Any) -> None:
    """What the ledger knows, ours or theirs, makes an empty plan."""
    parts = [make.part(D, 1, Message("a")), make.part(D, 2, Message("b"), by=make.agent)]
    known = [
        LedgerRow(D, "1", "reply_user", 1.0, Disposition.COPIED),
        LedgerRow(D, "2", "message", 1.0, Disposition.ABSORBED, ours=True),
    ]

    assert plan(conversation(make, *parts, known=known), make.policy()) == Plan()


def test_our_own_copy_is_not_echoed_even_without_memory(make: Any) -> None:
    """A part on Dashly that has our marker never travels back; a person hears of it."""
    part = make.part(D, 1, Message("copy"), by=make.agent, external_id="ic:ws:55")

    planned = plan(conversation(make, part), make.policy())

    assert posts(planned) == []
    assert dispositions(planned) == {"1": "absorbed"}
    assert len(planned.notices) == 1


def test_a_marker_of_another_workspace_is_a_stranger_s(make: Any) -> None:
    """Other integrations use external ids too: only our own prefix is ours."""
    part = make.part(D, 1, Message("theirs"), external_id="ic:other:55")

    assert len(posts(plan(conversation(make, part), make.policy()))) == 1


def test_a_register_of_a_side_that_is_not_copied_stays(make: Any) -> None:
    """Tags, status and assignee of that side are settled, not carried."""
    shown = Registers(CLOSED, "1", None, frozenset({"vip"}))
    snapshot = make.snapshot(make.pair(D, linked=True), make.view(D, registers=shown))

    assert plan(snapshot, make.policy(sources=frozenset({IC}))).writes == ()


def test_history_sets_the_status_last(make: Any) -> None:
    """A closed old conversation is closed on the mirror after all its words."""
    old = make.part(D, 1, Message("old"), ago=2 * DAY)
    done = make.part(D, 2, StatusChanged(CLOSED), by=make.agent, ago=2 * DAY - 9)
    view = make.view(D, old, done, registers=Registers(CLOSED))

    planned = plan(make.snapshot(make.pair(D), view, backfill=True), make.policy())

    assert [type(action) for action in planned.writes] == [PostWords, SetRegister]
    assert register_writes(planned) == [SetRegister(IC, Register.STATUS, CLOSED, "11")]
    assert dispositions(planned) == {"1": "copied", "2": "state"}


def test_a_register_is_not_written_to_a_side_that_was_not_read(make: Any) -> None:
    """Before a status is written over, the side is looked at."""
    snapshot = make.snapshot(make.pair(D, linked=True), make.view(D, registers=CLOSED_THERE))

    assert needs_rereading(plan(snapshot, make.policy()), snapshot)


@pytest.mark.parametrize("prefer", [Prefer.MANUAL, Prefer.NEWER])
def test_nothing_is_settled_with_a_side_that_was_not_read(make: Any, prefer: str) -> None:
    """What Dashly cannot take is not declared so before Dashly was read: it may have changed as well."""
    snoozed = Registers(Status(State.SNOOZED, make.now + 500))
    snapshot = make.snapshot(make.pair(D, linked=True), make.view(IC, registers=snoozed))

    assert needs_rereading(plan(snapshot, make.policy(prefer=prefer)), snapshot)


@pytest.mark.parametrize(("listed", "closer"), [(frozenset({D}), True), (frozenset(), False)])
def test_a_register_is_not_written_on_the_word_of_a_list(
    make: Any, listed: frozenset[Side], *, closer: bool
) -> None:
    """A list may be as old as the run: somebody may have acted since."""
    views = make.view(D), make.view(IC, registers=CLOSED_THERE)
    snapshot = make.snapshot(make.pair(D, linked=True), *views, listed=listed)

    assert needs_rereading(plan(snapshot, make.policy()), snapshot) is closer


def test_an_agent_s_silent_words_wait_for_a_look_at_the_recipient(make: Any) -> None:
    """Somebody may have given the shadow user an address since it was made."""
    words = make.part(IC, 1, Message("Hi"), by=make.agent)
    snapshot = make.snapshot(make.pair(IC, linked=True), make.view(IC, words), shadow=True)

    assert needs_rereading(plan(snapshot, make.policy()), snapshot)


def test_words_need_no_second_reading(make: Any) -> None:
    """A message costs one write and no read."""
    snapshot = conversation(make, make.part(D, 1, Message("Hi")))

    assert not needs_rereading(plan(snapshot, make.policy()), snapshot)
