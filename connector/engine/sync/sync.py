"""One run: identity, people, poll, work, sweep, watermarks, report."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from pydantic import BaseModel

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.policy import Policy, match_agents
from connector.engine.plan.shadow import is_shadow
from connector.engine.recover.adopt import adopt_mirror
from connector.engine.run.context import Context, Parties
from connector.engine.run.limits import Limits
from connector.engine.run.report import Report
from connector.engine.sync.deletion import takes_copies_along
from connector.engine.sync.poll import changed, deleted, note
from connector.engine.sync.queue import drain
from connector.engine.sync.sweep import sweep
from connector.engine.write.protocol import Protocol
from connector.errors import (
    AccessDenied,
    ConfigError,
    Gone,
    NeverSent,
    PersonNeeded,
    RailTripped,
    RemoteError,
)
from connector.helpdesk.port import HistoryQuery
from mappings.model import Agent, Side
from state.records import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from connector.config.model import Config
    from connector.helpdesk.port import Capabilities, Helpdesk, Workspace
    from mappings.model import Conversation, Seconds
    from state.records import Pair
    from state.store import Store

NAMES = {Side.DASHLY: "Dashly app", Side.INTERCOM: "Intercom workspace"}


def identities(helpdesks: Mapping[Side, Helpdesk]) -> dict[Side, Workspace]:
    """Return the workspaces that the tokens belong to; PersonNeeded when one is shut out of its workspace."""
    return {side: _identity(side, helpdesks[side]) for side in Side}


def _identity(side: Side, helpdesk: Helpdesk) -> Workspace:
    try:
        return helpdesk.identity()
    except AccessDenied as error:
        if error.status != HTTPStatus.FORBIDDEN:
            raise
        raise PersonNeeded(
            f"the token may not read the {NAMES[side]}: it belongs to another one; nothing was written",
            hint=error.hint,
        ) from error


def check_identity(store: Store, found: Mapping[Side, Workspace]) -> None:
    """Refuse to go on when a token belongs to another workspace than the one bound at `init`."""
    for side in Side:
        bound = store.meta.get(f"{side}_workspace")
        if bound is not None and bound != found[side].id:
            raise PersonNeeded(
                f"this state file belongs to {NAMES[side]} {bound}, but the token is for {found[side].id}; "
                "nothing was written",
                hint="use the right token, or another [state] path for the other pair of workspaces",
            )


def begin(parties: Parties, *, run: str, command: str, dry: bool = False, accept: bool = False) -> Context:
    """Check who is there, match the agents, and return the context of the run.

    A mapping that changed since the last run is refused unless it is accepted or the run is dry.
    """
    config, store, helpdesks, clock = parties.config, parties.store, parties.helpdesks, parties.clock
    found = identities(helpdesks)
    check_identity(store, found)
    if not dry:
        _check_mapping(config, store, accept=accept)
    times = {side: helpdesks[side].now() for side in Side}
    if not dry and store.meta.get("doubted"):
        doubt(store, max(times.values()))
    agents = _agents(store, helpdesks, dry=dry)
    return Context(
        config=config,
        store=store,
        helpdesks=helpdesks,
        clock=clock,
        policy=build_policy(config, store, helpdesks, agents, found),
        protocol=Protocol(store, helpdesks, clock, settle=config.sync.settle, run=run),
        limits=Limits(config.limits.max_writes, config.limits.max_creates, config.limits.max_removals),
        report=Report(run, command, clock.now()),
        run=run,
        backfill=command == "backfill",
        dry=dry,
        skew=abs(times[Side.DASHLY] - times[Side.INTERCOM]),
    )


def doubt(store: Store, now: Seconds) -> None:
    """Remember that the state file may have missed what is older than now: it was lost, or is an old one."""
    store.meta.set("trusted_from", repr(float(int(now))))
    store.meta.set("doubted", "")


def _check_mapping(config: Config, store: Store, *, accept: bool) -> None:
    """A changed mapping acts on everything that comes after: a person looks at the plan first."""
    parts = (config.map, config.history, config.sync.directions, config.dashly.contact_details)
    words = "".join(part.model_dump_json() if isinstance(part, BaseModel) else repr(part) for part in parts)
    digest = hashlib.sha256(words.encode()).hexdigest()
    known = store.meta.get("mapping")
    if known not in (None, digest) and not accept:
        raise RailTripped(
            "the mapping or the directions changed since the last run; nothing was written",
            hint="look at `connector plan`, then accept it once with: connector sync --accept",
        )
    if known != digest:
        store.meta.set("mapping", digest)


def _agents(store: Store, helpdesks: Mapping[Side, Helpdesk], *, dry: bool) -> dict[Side, tuple[Agent, ...]]:
    known: dict[Side, tuple[Agent, ...]] = {}
    for side in Side:
        listed = helpdesks[side].agents()
        if not dry:
            store.people.put_agents(side, listed)
        met = {agent.id: agent for agent in (*store.people.agents(side), *listed)}
        known[side] = tuple(met.values())
    return known


def _learnt(store: Store, side: Side, capabilities: Capabilities) -> Capabilities:
    longest = store.meta.get(f"{side}_max_text")
    return capabilities if longest is None else replace(capabilities, max_text=int(longest))


def build_policy(
    config: Config,
    store: Store,
    helpdesks: Mapping[Side, Helpdesk],
    agents: Mapping[Side, tuple[Agent, ...]],
    found: Mapping[Side, Workspace],
) -> Policy:
    """Turn configuration and people into what the planner decides by."""
    return Policy(
        app=found[Side.DASHLY].id,
        workspace=found[Side.INTERCOM].id,
        key=store.key,
        agents=match_agents(agents, config.map.admins),
        capabilities={side: _learnt(store, side, helpdesks[side].capabilities) for side in Side},
        default_agent={
            Side.DASHLY: config.dashly.default_admin,
            Side.INTERCOM: config.intercom.default_admin,
        },
        bot_agent={Side.DASHLY: config.dashly.default_admin, Side.INTERCOM: config.intercom.bot_admin},
        names={side: {agent.id: agent.name for agent in agents[side] if agent.name} for side in Side},
        app_code=store.meta.get("app_code"),
        trusted_from=float(store.meta.get("trusted_from") or 0.0),
        sources=frozenset(side for side in Side if config.sync.copies_from(side)),
        prefer=config.sync.prefer,
        max_age=config.sync.max_age,
        history={Side.INTERCOM: config.history.to_intercom, Side.DASHLY: config.history.to_dashly},
        edits=config.sync.edits,
        removals=config.sync.removals,
        loud_mirror=config.intercom.loud_mirror,
        full_contacts=config.dashly.contact_details == "full",
        channels=config.map.channels,
        tags=config.map.tags,
    )


def sync(context: Context, *, stopped: Callable[[], bool], progress: Callable[[int], None]) -> None:
    """Carry over what changed on both sides since the watermarks."""
    ends = context.server_times()  # fixed before the first page
    creates = removals = 0
    for side in sorted(context.policy.sources):
        before = context.report.seen
        for listing, pair in changed(context, side, _since(context, side)):
            context = _doubting(context, listing, pair)
            if pair is None and _found_again(context, listing):
                continue
            note(context, listing)
            creates += _creates(listing, pair)
            removals += (
                listing.deleted and pair is not None and takes_copies_along(pair, context.policy, side)
            )
        missed = list(deleted(context, side, _since(context, side)))
        for pair in missed:
            context.store.pairs.listed(side, pair.ids[side], due=context.clock.now(), queue=context.queue)
            removals += takes_copies_along(pair, context.policy, side)
        if context.report.seen == before:
            _refuse_empty(context, side, {pair.row for pair in missed})
    context.limits.listed(creates=creates, removals=removals)
    done = drain(context, stopped=stopped, progress=progress)
    if done and not stopped():
        for side in Side:
            context.store.watermarks.advance(side, ends[side])
        sweep(context)
        drain(context, stopped=stopped, progress=progress)
    _still_quarantined(context)


def _doubting(context: Context, listing: Conversation, pair: Pair | None) -> Context:
    """A copy of ours that the state file does not know proves that it missed something."""
    known = pair is not None or context.policy.trusted_from > listing.created
    if (
        known
        or not is_shadow(listing.customer)
        or any(i.op is Operation.START for i in context.store.journal.open())
    ):
        return context
    now = max(context.server_times().values())
    doubt(context.store, now)
    return replace(context, policy=replace(context.policy, trusted_from=now))


def _found_again(context: Context, listing: Conversation) -> bool:
    """Pair a Dashly conversation from before the state file could be trusted, ahead of all work.

    From Dashly's side a pair is found more surely, so no thread may meet its other end first. What fails here
    is left to the work on the conversation.
    """
    if listing.side is Side.INTERCOM or listing.deleted or listing.created >= context.policy.trusted_from:
        return False
    try:
        found = adopt_mirror(context, context.helpdesks[Side.DASHLY].conversation(listing.id), lax=True)
    except (AccessDenied, NeverSent):
        raise
    except RemoteError:
        return False
    if found:
        context.report.notice(Notice(NoticeKind.LINKED_AGAIN, Side.DASHLY, listing.id, detail="again"))
    return found


def _creates(listing: Conversation, pair: Pair | None) -> bool:
    """Tell whether a listed conversation gets a mirror: one of a shadow user is a copy itself."""
    return not listing.deleted and not is_shadow(listing.customer) and (pair is None or not pair.linked)


def _refuse_empty(context: Context, side: Side, missed: Collection[int]) -> None:
    """A side that shows no conversation at all, although pairs are known, is not believed.

    A list may lag behind, so a known conversation is asked for as well; ``missed`` are the rows of those that
    the side itself says were deleted.
    """
    known = next((pair for pair in context.store.pairs.in_step() if pair.row not in missed), None)
    helpdesk = context.helpdesks[side]
    if known is None or next(iter(helpdesk.history(HistoryQuery())), None) is not None:
        return
    with suppress(Gone):
        helpdesk.conversation(known.ids[side], known=frozenset(context.store.ledger.of(known.row)[side]))
        return
    raise RailTripped(
        f"{side} suddenly shows no conversation at all, although the state file knows some",
        hint=f"check [{side}] and its token; if it is true, begin with a new [state] path",
    )


def _still_quarantined(context: Context) -> None:
    waiting = len(context.store.quarantine.items())
    if waiting:
        context.report.notice(Notice(NoticeKind.STILL_QUARANTINED, detail=str(waiting)))


def _since(context: Context, side: Side) -> Seconds:
    at = context.store.watermarks.get(side)
    if at is None:
        raise ConfigError("the state file is not bound to two workspaces yet", hint="connector init")
    return max(0.0, at - context.config.sync.overlap)


def backfill(
    context: Context,
    listed: Iterable[tuple[Conversation, Pair | None]],
    *,
    stopped: Callable[[], bool],
    progress: Callable[[int], None],
) -> None:
    """Carry over the listed past conversations; what was carried before is left as it is."""
    context.store.pairs.forget_unstarted(context.queue)  # what an earlier, other backfill had listed
    creates = 0
    for listing, pair in listed:
        note(context, listing)
        creates += _creates(listing, pair)
    context.limits.listed(creates=creates)
    drain(context, stopped=stopped, progress=progress)
    _still_quarantined(context)
