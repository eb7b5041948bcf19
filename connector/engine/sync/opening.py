"""What a run decides by: the accepted mapping, the agents of both sides, and the policy made of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.plan.direction import passed_over
from connector.engine.plan.policy import AgentMap, Policy, match_agents, without_absent
from connector.engine.sync.mapping_change import MappingChanged, accept_mapping, changes, is_changed
from mappings.model import Agent, Side, State
from mappings.registers import with_shared_tags
from state.records import PairState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.config.model import Config
    from connector.helpdesk.capabilities import Capabilities
    from connector.helpdesk.port import Helpdesk, Workspace
    from mappings.model import Registers, Seconds
    from state.store import Store


def check_mapping(config: Config, store: Store, *, accept: bool) -> None:
    """Refuse a mapping that changed since the last run, unless it is accepted: it affects all that comes."""
    if is_changed(config, store.meta) and not accept:
        raise MappingChanged(changes(config, store.meta))
    accept_mapping(config, store.meta)


def open_sides(config: Config, store: Store, now: Seconds) -> None:
    """Carry, as history, what was passed over on a side that is read again."""
    for side in Side:
        reads = config.sync.copies_from(side)
        if reads and store.meta.unread(side):
            with store.transaction():
                store.meta.set_read_from(side, now)
                for row in store.ledger.forget_skipped(side, passed_over(side)):
                    store.pairs.set_due(row, dict.fromkeys(store.pairs.get(row).ids, now))
                _take_up_removals(store, side, now)
                _take_up_registers(store, side, now)
                store.meta.set_unread(side, unread=False)
        elif not reads:
            store.meta.set_unread(side, unread=True)


def _take_up_removals(store: Store, side: Side, now: Seconds) -> None:
    """Let what was removed from a side while nobody read it be found again, deleted conversations too."""
    for row in store.ledger.take_up_removals(side, passed_over(side)):
        pair = store.pairs.get(row)
        if pair.state is PairState.GONE:
            store.pairs.set_state(row, PairState.ACTIVE)
        store.pairs.set_due(row, dict.fromkeys(pair.ids, now))


def _take_up_registers(store: Store, side: Side, now: Seconds) -> None:
    """Let what was set on a side while nobody read it count as changed since the sides agreed."""
    for pair in store.pairs.in_step():
        if not pair.linked or len(pair.base) < len(Side):
            continue
        before = agreed_before(side, pair.base)
        if before != pair.base[side]:
            store.pairs.set_base(pair.row, side, before)
            store.pairs.set_due(pair.row, dict.fromkeys(pair.ids, now))


def agreed_before(side: Side, base: Mapping[Side, Registers]) -> Registers:
    """Return what a side showed before it was passed over, as far as the other side's base tells it.

    A tag that is missing there, or somebody who is, may have no counterpart: only what was added is taken up.
    """
    shown, other = with_shared_tags(base[side], base[side.other]), base[side.other]
    # No call reopens or snoozes a conversation on Dashly: there the other side's value stays as it is.
    carried = side is Side.DASHLY or shown.status.state is State.CLOSED
    return replace(
        shown,
        status=other.status if carried else shown.status,
        assignee=None if other.assignee is None else shown.assignee,
    )


@dataclass(frozen=True)
class Staff:
    """The agents who were ever met, and the ids of those whom each side lists now, where it lists any."""

    met: Mapping[Side, tuple[Agent, ...]]
    listed: Mapping[Side, frozenset[str]]


def known_agents(store: Store, helpdesks: Mapping[Side, Helpdesk], *, remember: bool) -> Staff:
    """Return the agents that a side lists now, and those who were met before."""
    met: dict[Side, tuple[Agent, ...]] = {}
    listed: dict[Side, frozenset[str]] = {}
    for side in Side:
        shown = helpdesks[side].agents()
        if remember:
            store.people.put_agents(side, shown)
        known = {agent.id: agent for agent in (*store.people.agents(side), *shown)}
        met[side] = tuple(known.values())
        listed[side] = frozenset(agent.id for agent in shown)
    return Staff(met, listed)


def _speakers(config: Config, staff: Staff) -> AgentMap:
    """Return which agent is which; a side that lists nobody may not let us see its list."""
    matched, present = match_agents(staff.met, config.map.admins), staff.listed[Side.INTERCOM]
    return without_absent(matched, present) if present else matched


def trust_from(now: Seconds) -> Seconds:
    """Return the moment before which a doubted state file may have missed something: a whole second."""
    return float(int(now))


def build_policy(
    config: Config,
    store: Store,
    helpdesks: Mapping[Side, Helpdesk],
    staff: Staff,
    found: Mapping[Side, Workspace],
) -> Policy:
    """Turn configuration and people into what the planner decides by."""
    return Policy(
        app=found[Side.DASHLY].id,
        workspace=found[Side.INTERCOM].id,
        agents=_speakers(config, staff),
        capabilities={side: _learnt(store, side, helpdesks[side].capabilities) for side in Side},
        default_agent={
            Side.DASHLY: config.dashly.default_admin,
            Side.INTERCOM: config.intercom.default_admin,
        },
        bot_agent={Side.DASHLY: config.dashly.default_admin, Side.INTERCOM: config.intercom.bot_admin},
        names={side: {agent.id: agent.name for agent in staff.met[side] if agent.name} for side in Side},
        key=store.key,
        app_code=store.meta.app_code(),
        trusted_from=store.meta.trusted_from(),
        read_from={side: store.meta.read_from(side) for side in Side},
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
        wording=config.wording(),
    )


def _learnt(store: Store, side: Side, capabilities: Capabilities) -> Capabilities:
    longest = store.meta.max_text(side)
    return capabilities if longest is None else replace(capabilities, max_text=longest)
