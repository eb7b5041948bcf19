"""Pairing a conversation with the one that mirrors it already, though the state file does not know it.

Markers come first, since they are proof: no visitor can set one. Without them the person, the first words and
the times must fit (``may_mirror``), and of several conversations the nearest in time is taken.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.recognition.matching import match_conversations
from connector.engine.plan.recognition.mirrors import may_mirror, moved_origin, origin_of
from connector.engine.plan.recognition.passes import marked_source
from connector.engine.plan.shadow import is_shadow, is_unreachable
from connector.errors import Gone
from connector.helpdesk.port import Person
from mappings.model import Side
from mappings.registers import with_shared_tags
from state.people import OLD_SHADOW
from state.records import PairState, Queue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.engine.plan.recognition.matches import Matching
    from connector.engine.recover.recovery import Recovery
    from mappings.model import Conversation, Customer

    Choose = Callable[[list[Conversation]], Conversation | None]

OLD_CONTACT = "dashly:"  # how the external id of a contact of ours began before ids were keyed


def adopt_mirror(recovery: Recovery, view: Conversation, *, lax: bool) -> bool:
    """Pair a conversation with its mirror, if there is one; tell whether it has one now.

    ``view`` must be whole. ``lax`` also accepts mirrors that were opened later than their original.
    """

    def choose(candidates: list[Conversation]) -> Conversation | None:
        return _marked(recovery, view, candidates) or _alike(recovery, view, candidates, lax=lax)

    return _adopt(recovery, view, choose)


def adopt_marked(recovery: Recovery, view: Conversation) -> bool:
    """Pair a conversation with the one that markers name, if they do; ``view`` must be whole."""
    return _adopt(recovery, view, lambda candidates: _marked(recovery, view, candidates))


def _adopt(recovery: Recovery, view: Conversation, choose: Choose) -> bool:
    """Pair a conversation with the one that is chosen; a choice that another thread took is made again."""
    while (mirror := choose(_candidates(recovery, view))) is not None:
        if _pair_up(recovery, view, mirror):
            return True
    return _is_linked(recovery, view)


def _candidates(recovery: Recovery, view: Conversation) -> list[Conversation]:
    """Return the other side's unpaired conversations of the same person, the nearest in time first."""
    free = (one for one in _of_the_person(recovery, view) if not _is_linked(recovery, one))
    return sorted(free, key=lambda one: abs(one.created - view.created))


def _pair_up(recovery: Recovery, view: Conversation, mirror: Conversation) -> bool:
    """Remember two conversations as a pair, unless another thread was faster; tell whether ``view`` has one.

    Two threads may hold the two ends of one pair, so both are asked again while nobody else may write.
    """
    with recovery.one_at_a_time:
        if _is_linked(recovery, view):
            return True
        if _is_linked(recovery, mirror):
            return False
        views = {view.side: view, mirror.side: mirror}
        origin = origin_of(views)
        found = match_conversations(views, origin, recovery.policy)
        ours = {ref for ref, row in found.rows.items() if row.ours}
        adopt_pair(recovery, views, moved_origin(views, origin, ours), found)
        return True


def _marked(recovery: Recovery, view: Conversation, candidates: list[Conversation]) -> Conversation | None:
    """Return the conversation that shares a marker with this one.

    Markers are on Dashly and name parts of Intercom. From Dashly's side they are read once; from Intercom's
    each candidate has to be read for its own.
    """
    if view.side is Side.DASHLY:
        named = _names(recovery, view)
        whole = (_whole(recovery, one) for one in candidates) if named else iter(())
        return next((one for one in whole if one is not None and named & _ids(one)), None)
    shown = _ids(view)
    whole = (_whole(recovery, one) for one in candidates)
    return next((one for one in whole if one is not None and shown & _names(recovery, one)), None)


def _names(recovery: Recovery, dashly: Conversation) -> set[str]:
    """Return the Intercom parts that the markers of a Dashly conversation name."""
    own = recovery.policy.own_marker
    return {mark[0] for part in dashly.parts if (mark := marked_source(part, own))}


def _ids(view: Conversation) -> set[str]:
    return {part.id for part in view.parts}


def _alike(
    recovery: Recovery, view: Conversation, candidates: list[Conversation], *, lax: bool
) -> Conversation | None:
    """Return the nearest conversation that may mirror this one by its first words and its time."""
    for one in candidates:
        views = {view.side: view, one.side: one}
        if may_mirror(views[Side.DASHLY], views[Side.INTERCOM], lax=lax):
            return _whole(recovery, one)
    return None


def _of_the_person(recovery: Recovery, view: Conversation) -> Iterator[Conversation]:
    """Yield the other side's conversations of the same person, each with its opening."""
    for person in _people(recovery, view):
        with suppress(Gone):
            yield from recovery.begun_by(view.side.other, person)
    if view.side is Side.DASHLY and view.customer is not None:
        yield from recovery.of_absent(view.customer)


def _people(recovery: Recovery, view: Conversation) -> Iterator[Person]:
    """Yield who the customer may be on the other side. In the end the words must prove a pair."""
    customer = view.customer
    if customer is None:
        return
    matching = recovery.reader.identification
    if view.side is Side.INTERCOM:
        # Our keyed id first: nobody else can have it, and it costs no question.
        yield Person(matching.shadow_id(customer), by_external_id=True)
        if (known := matching.user_of(customer)) is not None:
            yield known
        if view.created < recovery.policy.trusted_from:
            # Old ids can be guessed: they count only for what the state file may have missed.
            yield from _before_keys(customer)
    elif is_shadow(customer):
        known = matching.contact_of(customer) or recovery.contact_by_key(customer.external_id or "")
        if known is not None:
            yield known
    elif (found := matching.contact_of(customer)) is not None:
        yield found


def _before_keys(contact: Customer) -> Iterator[Person]:
    """Yield the users of a contact on Dashly from before ids were keyed."""
    yield Person(f"{OLD_SHADOW}{contact.id}", by_external_id=True)
    if contact.external_id and contact.external_id.startswith(OLD_CONTACT):
        yield Person(contact.external_id.removeprefix(OLD_CONTACT))


def _is_linked(recovery: Recovery, view: Conversation) -> bool:
    pair = recovery.store.pairs.find(view.side, view.id)
    return pair is not None and pair.linked


def _whole(recovery: Recovery, one: Conversation) -> Conversation | None:
    if one.complete:
        return one
    with suppress(Gone):
        return recovery.helpdesks[one.side].conversation(one.id)
    return None


def adopt_pair(recovery: Recovery, views: Mapping[Side, Conversation], origin: Side, found: Matching) -> None:
    """Remember two conversations as a pair with what was matched.

    Their tags are united. A status or an assignee that differs stays so: nobody can say who changed it.
    """
    store, now = recovery.store, recovery.clock.now()
    target = origin.other
    with store.transaction():
        row = store.pairs.listed(origin, views[origin].id, due=now, queue=Queue.SYNC)
        store.pairs.set_state(row, PairState.ACTIVE)
        store.pairs.link(row, target, views[target].id, at=now, run=None)
        store.pairs.set_origin(row, origin)
        # Of no run: these parts were carried long ago, and no report may count them again.
        store.ledger.put(row, list(found.rows.values()), None)
        for side, view in views.items():
            base = with_shared_tags(view.registers, views[side.other].registers)  # any other was added since
            store.pairs.set_base(row, side, base)
            if view.customer is not None:
                store.pairs.set_person(row, side, view.customer.id)
        store.pairs.set_shadow(row, shadow=is_unreachable(views[Side.DASHLY].customer))
        store.pairs.set_due(row, dict.fromkeys(Side, now) if recovery.due else {})
    for view in views.values():
        recovery.reader.remember_people(view)
    for part in found.left_out:
        recovery.report.notice(Notice(NoticeKind.NO_COPY_FOUND, part.side, views[part.side].id, part.id))
