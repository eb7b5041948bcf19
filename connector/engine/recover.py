"""Rebuilding a lost or outdated state file from the markers and fingerprints on both sides.

Reads everything, writes only the state file.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from connector.engine.customers import SHADOW, is_shadow, is_unreachable
from connector.engine.matching import STUBS, Matching, marked_source, match_conversations
from connector.engine.observe import remember_people
from connector.errors import Gone, PersonNeeded
from connector.ports import HistoryQuery, Person
from mappings.model import Customer, Side
from mappings.text import text_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.engine.context import Context
    from connector.ports import Helpdesk
    from mappings.model import Conversation

HEAD = 50
PROBED = 5


def bears_marks(desks: Mapping[Side, Helpdesk]) -> bool:
    """Tell whether the remotes show copies of ours, by a look at the newest conversations."""
    rows = list(islice(desks[Side.DASHLY].changed_since(0.0), HEAD))
    for row in rows:
        if is_shadow(row.customer) or any((p.external_id or "").startswith("ic:") for p in row.parts):
            return True
    return any(_is_known_there(desks, row) for row in rows[:PROBED])


def _is_known_there(desks: Mapping[Side, Helpdesk], row: Conversation) -> bool:
    """Tell whether Intercom has a contact whom only the connector can have made for this user."""
    if row.customer is None:
        return False
    return desks[Side.INTERCOM].find_customer(Customer(id=row.customer.id)) is not None


def _same_second(one: Conversation, other: Conversation) -> bool:
    return int(one.created) == int(other.created)


def _same_opening(one: Conversation, other: Conversation) -> bool:
    openings = [view.parts[0].words for view in (one, other) if view.parts]
    if _is_stub(one) or _is_stub(other):
        return True
    texts = [text_hash(words.text) for words in openings if words is not None]
    return len(texts) == len((one, other)) and texts[0] == texts[1]


def _is_stub(view: Conversation) -> bool:
    words = view.parts[0].words if view.parts else None
    return words is not None and words.text.strip() in STUBS


def refuse_if_marked(desks: Mapping[Side, Helpdesk]) -> None:
    """Raise PersonNeeded when there is no state file although the remotes show copies of ours."""
    if bears_marks(desks):
        raise PersonNeeded(
            "the state file is gone, but both sides hold copies that the connector made; "
            "starting afresh would copy everything twice",
            hint="put the state file back, or run: connector recover",
        )


def recover(context: Context) -> int:
    """Find all pairs and remember them; return how many were added."""
    added = alone = 0
    for listing in context.desks[Side.DASHLY].history(HistoryQuery()):
        context.report.count(seen=1)
        pair = context.store.pairs.find(Side.DASHLY, listing.id)
        if pair is not None and pair.linked:
            continue
        dashly = context.desks[Side.DASHLY].conversation(listing.id, fresh=False)
        if readopt(context, dashly):
            added += 1
            context.report.count(changed=1)
            continue
        alone += 1
        if is_shadow(dashly.customer):
            context.report.notice(f"dashly conversation {dashly.id} is a copy whose original was not found")
    if alone:
        context.report.notice(
            f"{alone} dashly conversations have no mirror; `connector backfill --from dashly` carries them, "
            "`--from intercom` those of the other side"
        )
    return added


def readopt(context: Context, dashly: Conversation) -> bool:
    """Pair a Dashly conversation with the one that mirrors it already, if there is one."""
    mirror = _counterpart(context, dashly)
    if mirror is None:
        return False
    views = {Side.DASHLY: dashly, Side.INTERCOM: mirror}
    origin = _origin(views)
    adopt_pair(context, views, origin, match_conversations(views, origin, context.policy))
    return True


def _counterpart(context: Context, dashly: Conversation) -> Conversation | None:
    candidates = list(_candidates(context, dashly))
    marks = [marked_source(part, context.policy.own_marker) for part in dashly.parts]
    named = {mark[0] for mark in marks if mark}
    for view in candidates:
        if named & {part.id for part in view.parts}:
            return view
    if is_shadow(dashly.customer):
        same = [v for v in candidates if not _is_stub(dashly) and _same_opening(v, dashly)]
    else:
        same = [v for v in candidates if _same_second(v, dashly) and _same_opening(v, dashly)]
    return same[0] if same else None


def _candidates(context: Context, dashly: Conversation) -> Iterator[Conversation]:
    desk = context.desks[Side.INTERCOM]
    person = _contact(desk, dashly.customer)
    if person is None:
        return
    for begun in desk.begun_by(person, 0.0):
        if (pair := context.store.pairs.find(Side.INTERCOM, begun.id)) is None or not pair.linked:
            with suppress(Gone):
                yield desk.conversation(begun.id)


def _contact(desk: Helpdesk, customer: Customer | None) -> Person | None:
    if customer is None:
        return None
    if is_shadow(customer):
        return Person((customer.external_id or "").removeprefix(SHADOW))
    return desk.find_customer(customer)


def _origin(views: Mapping[Side, Conversation]) -> Side:
    dashly, intercom = views[Side.DASHLY], views[Side.INTERCOM]
    if is_shadow(dashly.customer):
        return Side.INTERCOM
    return Side.INTERCOM if int(intercom.created) < int(dashly.created) else Side.DASHLY


def adopt_pair(context: Context, views: dict[Side, Conversation], origin: Side, found: Matching) -> int:
    """Remember two conversations as a pair with what was matched; their registers count as agreed.

    Returns the pair's row.
    """
    store, now = context.store, context.clock.now()
    target = origin.other
    with store.transaction():
        row = store.pairs.listed(origin, views[origin].id, due=now, queue="sync")
        store.pairs.set_state(row, "active")
        store.pairs.link(row, target, views[target].id, at=now, run=None)
        store.pairs.set_origin(row, origin)
        store.ledger.put(row, list(found.rows.values()), None)
        for side, view in views.items():
            store.pairs.set_base(row, side, view.registers)
            if view.customer is not None:
                store.pairs.set_person(row, side, view.customer.id)
        store.pairs.set_shadow(row, shadow=is_unreachable(views[Side.DASHLY].customer))
        store.pairs.set_due(row, dict.fromkeys(Side, now) if context.queue == "sync" else {})
    for view in views.values():
        remember_people(context, view)
    for part in found.left_out:
        context.report.notice(f"{part.side} part {part.id}: no copy of it was found; it stays on one side")
    return row
