"""Reading the sides of one conversation that are due, as cheaply as the sides allow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.plan.shadow import is_unreachable
from connector.engine.plan.snapshot import Snapshot, accounted_for
from connector.engine.write.customers import known_on_dashly
from mappings.assembly import with_names
from mappings.model import Agent, AuthorKind, Conversation, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.engine.run.context import Context
    from state.records import LedgerRow, Pair


def observe(
    context: Context, pair: Pair, sides: Iterable[Side], *, whole: bool = False, fresh: bool = True
) -> Snapshot:
    """Read the named sides of a pair, ``whole`` with all parts; Gone when a conversation does not exist."""
    ledger = context.store.ledger.of(pair.row)
    views = {
        side: _view(context, pair, side, ledger, whole=whole, fresh=fresh)
        for side in sides
        if side in pair.ids
    }
    for view in views.values():
        remember_people(context, view)
    names = context.policy.names
    named = {s: replace(v, parts=with_names(v.parts, names[s])) for s, v in views.items()}
    snapshot = snapshot_of(context, pair, named, ledger)
    return snapshot if fresh or whole else replace(snapshot, listed=frozenset({Side.DASHLY} & views.keys()))


def snapshot_of(
    context: Context,
    pair: Pair,
    views: Mapping[Side, Conversation],
    ledger: Mapping[Side, Mapping[str, LedgerRow]],
) -> Snapshot:
    """Return the snapshot for the planner."""
    watermarks = context.store.watermarks
    limits = {side: watermarks.get(side) for side in Side} if context.backfill and pair.linked else {}
    return Snapshot(
        pair=pair,
        views=views,
        ledger=ledger,
        now=context.server_times(),
        backfill=context.backfill,
        history_until={side: at for side, at in limits.items() if at is not None},
        shadow=_shadow(context, pair, views),
        skew=context.skew,
    )


def _shadow(context: Context, pair: Pair, views: Mapping[Side, Conversation]) -> bool:
    dashly = views.get(Side.DASHLY)
    if dashly is not None:
        return is_unreachable(dashly.customer)
    if pair.linked or Side.INTERCOM not in views:
        return pair.linked and pair.shadow
    return known_on_dashly(context.store, views[Side.INTERCOM].customer) is None


def _view(
    context: Context,
    pair: Pair,
    side: Side,
    ledger: Mapping[Side, Mapping[str, LedgerRow]],
    *,
    whole: bool,
    fresh: bool,
) -> Conversation:
    conversation = pair.ids[side]
    if whole:
        return context.helpdesks[side].conversation(conversation)
    known = accounted_for(ledger[side])
    return context.helpdesks[side].conversation(conversation, known=known, fresh=fresh)


def remember_people(context: Context, view: Conversation) -> None:
    """Remember the customer and the teammates that a conversation shows."""
    if context.dry:
        return
    people = context.store.people
    pair = context.store.pairs.find(view.side, view.id)
    if view.side is Side.DASHLY and pair is not None and pair.linked:
        context.store.pairs.set_shadow(pair.row, shadow=is_unreachable(view.customer))
    if view.customer is not None:
        people.put_customer(view.side, view.customer)
    agents = {
        part.author.id: Agent(part.author.id, part.author.name or "", part.author.email)
        for part in view.parts
        if part.author.kind is AuthorKind.AGENT and part.author.id
    }
    people.put_agents(view.side, tuple(agents.values()))
