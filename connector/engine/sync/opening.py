"""What a run decides by: the accepted mapping, the agents of both sides, and the policy made of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.plan.direction import passed_over
from connector.engine.plan.policy import Policy, match_agents
from connector.engine.sync.mapping_change import MappingChanged, accept_mapping, changes, is_changed
from mappings.model import Agent, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.config.model import Config
    from connector.helpdesk.port import Capabilities, Helpdesk, Workspace
    from mappings.model import Seconds
    from state.store import Store


def check_mapping(config: Config, store: Store, *, accept: bool) -> None:
    """Refuse a mapping that changed since the last run, unless it is accepted: it acts on all that comes."""
    if is_changed(config, store.meta) and not accept:
        raise MappingChanged(changes(config, store.meta))
    accept_mapping(config, store.meta)


def open_sides(config: Config, store: Store, now: Seconds) -> None:
    """Let what was passed over on a side that is read again be carried, as history."""
    for side in Side:
        reads = config.sync.copies_from(side)
        if reads and store.meta.unread(side):
            with store.transaction():
                store.meta.set_read_from(side, now)
                for row in store.ledger.forget_skipped(side, passed_over(side)):
                    store.pairs.set_due(row, dict.fromkeys(store.pairs.get(row).ids, now))
                store.meta.set_unread(side, unread=False)
        elif not reads:
            store.meta.set_unread(side, unread=True)


def known_agents(
    store: Store, helpdesks: Mapping[Side, Helpdesk], *, remember: bool
) -> dict[Side, tuple[Agent, ...]]:
    """Return the agents that a side lists now, and those who were met before."""
    known: dict[Side, tuple[Agent, ...]] = {}
    for side in Side:
        listed = helpdesks[side].agents()
        if remember:
            store.people.put_agents(side, listed)
        met = {agent.id: agent for agent in (*store.people.agents(side), *listed)}
        known[side] = tuple(met.values())
    return known


def trust_from(now: Seconds) -> Seconds:
    """Return the moment before which a doubted state file may have missed something: a whole second."""
    return float(int(now))


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
        agents=match_agents(agents, config.map.admins),
        capabilities={side: _learnt(store, side, helpdesks[side].capabilities) for side in Side},
        default_agent={
            Side.DASHLY: config.dashly.default_admin,
            Side.INTERCOM: config.intercom.default_admin,
        },
        bot_agent={Side.DASHLY: config.dashly.default_admin, Side.INTERCOM: config.intercom.bot_admin},
        names={side: {agent.id: agent.name for agent in agents[side] if agent.name} for side in Side},
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
    )


def _learnt(store: Store, side: Side, capabilities: Capabilities) -> Capabilities:
    longest = store.meta.max_text(side)
    return capabilities if longest is None else replace(capabilities, max_text=longest)
