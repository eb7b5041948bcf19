"""Finding the conversation that mirrors another one already, though the state file does not know it.

A marker is proof. Without one the person, the first words and the times must fit, and the nearest is taken.
``lax`` also accepts mirrors that were opened later than their original, where a side cannot back-date.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.recognition.fingerprint import SLACK
from connector.engine.plan.recognition.matching import match_conversations
from connector.engine.plan.recognition.passes import STUBS, marked_source
from connector.engine.plan.shadow import SHADOW, is_shadow, is_unreachable
from connector.engine.write.customers import known_on_dashly
from connector.errors import Gone
from connector.helpdesk.port import Person
from mappings.files import without_not_copied
from mappings.model import Side
from mappings.text import text_hash
from state.records import PairState, Queue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connector.engine.plan.recognition.matches import Matching
    from connector.engine.recover.recovery import Recovery
    from mappings.model import Conversation, Message, Note, Part


def adopt_mirror(recovery: Recovery, view: Conversation, *, lax: bool) -> bool:
    """Pair a conversation with the one that mirrors it already, if there is one; ``view`` must be whole."""
    return _adopt(
        recovery, view, lambda rows: _marked(recovery, view, rows) or _alike(recovery, view, rows, lax=lax)
    )


def adopt_marked(recovery: Recovery, view: Conversation) -> bool:
    """Pair a conversation with the one that markers name, if they do; ``view`` must be whole."""
    return _adopt(recovery, view, lambda rows: _marked(recovery, view, rows))


def _adopt(
    recovery: Recovery, view: Conversation, choose: Callable[[list[Conversation]], Conversation | None]
) -> bool:
    while True:
        rows = [row for row in _rows(recovery, view) if not _is_linked(recovery, row)]
        rows.sort(key=lambda row: abs(row.created - view.created))
        mirror = choose(rows)
        if mirror is None:
            return _is_linked(recovery, view)
        with recovery.one_at_a_time:  # two threads may hold the two ends of one pair
            if _is_linked(recovery, view):
                return True
            if not _is_linked(recovery, mirror):
                views = {view.side: view, mirror.side: mirror}
                origin = _origin(views)
                adopt_pair(recovery, views, origin, match_conversations(views, origin, recovery.policy))
                return True


def _marked(recovery: Recovery, view: Conversation, rows: list[Conversation]) -> Conversation | None:
    """Return the row whose parts are named by Dashly's markers, on whichever side they stand."""
    own = recovery.policy.own_marker
    named = {mark[0] for part in view.parts if (mark := marked_source(part, own))}
    if view.side is Side.DASHLY and not named:
        return None
    for row in rows:
        whole = _whole(recovery, row)
        if whole is None:
            continue
        marks = named or {mark[0] for part in whole.parts if (mark := marked_source(part, own))}
        shown = whole if view.side is Side.DASHLY else view
        if marks & {part.id for part in shown.parts}:
            return whole
    return None


def _alike(
    recovery: Recovery, view: Conversation, rows: list[Conversation], *, lax: bool
) -> Conversation | None:
    for row in rows:
        views = {view.side: view, row.side: row}
        if _is_mirror(views[Side.DASHLY], views[Side.INTERCOM], lax=lax):
            return _whole(recovery, row)
    return None


def _is_mirror(dashly: Conversation, intercom: Conversation, *, lax: bool) -> bool:
    """Tell whether one of the two may be the copy of the other."""
    if not dashly.parts or not intercom.parts:
        return False
    opened = dashly.parts[0]
    if is_shadow(dashly.customer):
        return not _is_stub(opened) and _same_words(opened, intercom.parts[0])
    there = intercom.parts[0]
    for part in dashly.parts:
        same = _is_stub(there) or _same_words(part, there)
        if same and int(part.created) == int(intercom.created):
            return True
        if same and lax and intercom.created >= part.created - SLACK:
            return True
    copied = _is_stub(opened) or (opened.by_api is not False and _same_words(opened, there))
    return lax and copied and dashly.created >= intercom.created - SLACK


def _rows(recovery: Recovery, view: Conversation) -> Iterator[Conversation]:
    """Yield the other side's conversations of the same person, each with its opening."""
    helpdesk = recovery.helpdesks[view.side.other]
    for person in _people(recovery, view):
        with suppress(Gone):
            yield from helpdesk.begun_by(person, 0.0)


def _people(recovery: Recovery, view: Conversation) -> Iterator[Person]:
    customer = view.customer
    if customer is None:
        return
    if view.side is Side.INTERCOM:
        yield Person(f"{SHADOW}{customer.id}", by_external_id=True)
        external = customer.external_id or ""
        known = known_on_dashly(recovery.store, customer) or external.partition("dashly:")[2]
        if known:
            yield Person(known)
    elif is_shadow(customer):
        yield Person((customer.external_id or "").removeprefix(SHADOW))
    elif (found := recovery.helpdesks[Side.INTERCOM].find_customer(customer)) is not None:
        yield found


def _is_linked(recovery: Recovery, view: Conversation) -> bool:
    pair = recovery.store.pairs.find(view.side, view.id)
    return pair is not None and pair.linked


def _whole(recovery: Recovery, row: Conversation) -> Conversation | None:
    if row.complete:
        return row
    with suppress(Gone):
        return recovery.helpdesks[row.side].conversation(row.id)
    return None


def _is_stub(part: Part) -> bool:
    return part.words is not None and part.words.text.strip() in STUBS


def _same_words(one: Part, other: Part) -> bool:
    if one.words is None or other.words is None:
        return False
    return _digest(one.words) == _digest(other.words)


def _digest(words: Message | Note) -> str:
    return text_hash(without_not_copied(words.text))


def _origin(views: Mapping[Side, Conversation]) -> Side:
    dashly, intercom = views[Side.DASHLY], views[Side.INTERCOM]
    if is_shadow(dashly.customer) or (dashly.parts and _is_stub(dashly.parts[0])):
        return Side.INTERCOM
    return Side.INTERCOM if int(intercom.created) < int(dashly.created) else Side.DASHLY


def adopt_pair(recovery: Recovery, views: Mapping[Side, Conversation], origin: Side, found: Matching) -> int:
    """Remember two conversations as a pair with what was matched; their registers count as agreed.

    Returns the pair's row.
    """
    store, now = recovery.store, recovery.clock.now()
    target = origin.other
    with store.transaction():
        row = store.pairs.listed(origin, views[origin].id, due=now, queue=Queue.SYNC)
        store.pairs.set_state(row, PairState.ACTIVE)
        store.pairs.link(row, target, views[target].id, at=now, run=None)
        store.pairs.set_origin(row, origin)
        store.ledger.put(row, list(found.rows.values()), None)
        for side, view in views.items():
            store.pairs.set_base(row, side, view.registers)
            if view.customer is not None:
                store.pairs.set_person(row, side, view.customer.id)
        store.pairs.set_shadow(row, shadow=is_unreachable(views[Side.DASHLY].customer))
        store.pairs.set_due(row, dict.fromkeys(Side, now) if recovery.due else {})
    for view in views.values():
        recovery.reader.remember_people(view)
    for part in found.left_out:
        recovery.report.notice(Notice(NoticeKind.NO_COPY_FOUND, part.side, views[part.side].id, part.id))
    return row
