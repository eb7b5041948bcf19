"""Pairing two conversations that the state file does not know."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.plan.notices import NoticeKind
from connector.engine.plan.recognition.matches import Matching
from connector.engine.recover.adopt import adopt_marked, adopt_mirror, adopt_pair
from connector.engine.run.report import Report
from connector.helpdesk.port import Person
from mappings.model import Message, Registers, Side
from state.records import Queue
from tests.clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from mappings.model import Conversation
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM


def recovery(make: Any, store: Store, **more: Any) -> Any:
    """Return what recovery needs, between sides on which the customer is known."""
    matching = SimpleNamespace(contact_of=lambda _user: Person("c1"))
    return SimpleNamespace(
        store=store,
        clock=VirtualClock(),
        policy=make.policy(),
        due=True,
        one_at_a_time=nullcontext(),
        of_absent=lambda _user: (),
        reader=SimpleNamespace(identification=matching, remember_people=lambda _view: None),
        **more,
    )


def with_candidate(make: Any, store: Store, listed: Conversation, read: Callable[[str], Any]) -> Any:
    """Return what recovery needs where the customer has one conversation on Intercom; ``read`` reads it."""
    return recovery(
        make,
        store,
        begun_by=lambda _side, _person: [listed],
        helpdesks={IC: SimpleNamespace(conversation=read)},
    )


def test_both_customers_of_a_pair_are_remembered(make: Any, store: Store) -> None:
    """Whoever speaks later is found without asking who they are."""
    views = {side: make.view(side, make.part(side, 1, Message("Hi"))) for side in Side}

    adopt_pair(recovery(make, store), views, D, Matching())

    found = store.pairs.find(D, "d1")
    assert found is not None
    assert found.people == {D: "u1", IC: "c1"}


def test_a_mirror_that_another_thread_took_is_not_taken_twice(make: Any, store: Store) -> None:
    """It was free when it was chosen, and is linked with another conversation by the time it is written."""
    view = make.view(D, make.part(D, 1, Message("Hi")))
    mirror = make.view(IC, make.part(IC, 1, Message("Hi")))

    def taken(_conversation: str) -> Any:
        row = store.pairs.listed(D, "d2", due=make.now, queue=Queue.SYNC)
        store.pairs.link(row, IC, mirror.id, at=make.now, run=None)
        return mirror

    found = with_candidate(make, store, replace(mirror, complete=False), taken)

    assert not adopt_mirror(found, view, lax=True)
    assert store.pairs.find(D, view.id) is None


def marked(make: Any, part: str) -> Any:
    """Return a copy on Dashly whose marker names a part of Intercom, and which says something else."""
    copy = make.part(D, 5, Message("edited since"), ago=40)
    return make.view(D, replace(copy, external_id=f"{make.policy().own_marker}{part}"))


@pytest.mark.parametrize("side", [D, IC])
def test_a_marker_names_the_mirror_whatever_its_words_are(make: Any, store: Store, side: Side) -> None:
    """From Dashly's side as from Intercom's; one that names another conversation's part does not."""
    views = {D: marked(make, "7"), IC: make.view(IC, make.part(IC, 7, Message("as it was"), opening=True))}
    other = replace(marked(make, "8"), id="d9") if side is IC else replace(make.view(IC), id="i9")
    matching = SimpleNamespace(
        contact_of=lambda _user: Person("c1"),
        shadow_id=lambda _contact: "sh",
        user_of=lambda _contact: None,
    )
    found = recovery(
        make, store, report=Report("r", "sync", 1.0), begun_by=lambda _side, _p: [other, views[side.other]]
    )
    found.reader.identification = matching

    assert adopt_marked(found, views[side])

    pair = store.pairs.find(side, views[side].id)
    assert pair is not None
    assert pair.ids == {D: "d1", IC: "i1"}


def test_tags_of_both_are_agreed_on_and_nothing_else_is_lost(make: Any, store: Store) -> None:
    """What is on one side alone was added since; what was left out is told."""
    tags = {D: frozenset({"both", "here"}), IC: frozenset({"both", "there"})}
    views = {
        side: make.view(side, make.part(side, 1, Message("Hi")), registers=Registers(tags=tags[side]))
        for side in Side
    }
    matching, report = Matching(), Report("r", "sync", 1.0)
    matching.leave_out(views[IC].parts[0])

    adopt_pair(recovery(make, store, report=report), views, D, matching)

    found = store.pairs.find(D, "d1")
    assert found is not None
    assert {side: found.base[side].tags for side in Side} == dict.fromkeys(Side, frozenset({"both"}))
    assert [(one.kind, one.side, one.conversation, one.part) for one in report.notices] == [
        (NoticeKind.NO_COPY_FOUND, IC, "i1", "1")
    ]


@pytest.mark.parametrize(("due", "when"), [(True, True), (False, False)])
def test_a_pair_that_was_found_is_worked_on_by_this_run_alone(
    make: Any, store: Store, *, due: bool, when: bool
) -> None:
    """Recovery works on none; a run on both sides of it."""
    views = {side: make.view(side, make.part(side, 1, Message("Hi"))) for side in Side}
    found = recovery(make, store)
    found.due = due

    adopt_pair(found, views, D, Matching())

    pair = store.pairs.find(D, "d1")
    assert pair is not None
    assert bool(pair.due) is when


@pytest.mark.parametrize("complete", [True, False])
def test_a_candidate_is_read_only_where_its_row_is_not_whole(
    make: Any, store: Store, *, complete: bool
) -> None:
    """Dashly's are found with all their parts."""
    view = make.view(D, make.part(D, 1, Message("Hi")))
    mirror = make.view(IC, make.part(IC, 1, Message("Hi")))
    asked: list[str] = []

    def conversation(one: str) -> Any:
        asked.append(one)
        return mirror

    found = with_candidate(make, store, replace(mirror, complete=complete), conversation)

    assert adopt_mirror(found, view, lax=True)
    assert asked == ([] if complete else ["i1"])
