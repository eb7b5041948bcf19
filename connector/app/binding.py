"""Binding a state file to one Dashly app and one Intercom workspace."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.app.machine.alone import alone
from connector.config.place import place_of
from connector.engine.recover.rebuild import refuse_if_marked
from connector.engine.sync.clocks import agreed_time, window_ends
from connector.engine.sync.identity import check_identity, identities
from connector.errors import ConfigError
from connector.http.pace import MemoryRequestLog
from mappings.model import AuthorKind, Side
from state import store as states

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.app.machine.environment import Environment
    from connector.config.model import Config
    from connector.helpdesk.port import Workspace
    from mappings.model import Agent, Seconds
    from state.store import Store

CLOCK_GRAIN: Seconds = 2.0  # both sides give whole seconds: what began in the second of the binding is new
CLOCKS_APART: Seconds = 60.0  # the Date of an answer may run ahead of the times of its records
NAMED = 5  # how many teammates a sentence names


@dataclass(frozen=True, slots=True)
class Bound:
    """What a state file is bound to, and whether it was made just now."""

    workspaces: Mapping[Side, Workspace]
    created: bool


def initialise(config: Config, environment: Environment, *, since: Seconds | None = None) -> Bound:
    """Check access, create the state file when there is none, and bind it to now, or to ``since``."""
    with alone(place_of(config), environment.clock):
        return _initialise(config, environment, since)


def _initialise(config: Config, environment: Environment, since: Seconds | None) -> Bound:
    place, clock = place_of(config), environment.clock
    there = states.exists(place)
    if there:  # an unreadable file is reported before any side is asked
        environment.open_state(place).close()
    log = MemoryRequestLog()
    sides = environment.helpdesks(
        config, environment.tokens(), {Side.DASHLY: log}, ours=environment.our_people()
    )
    with sides as helpdesks:
        found = identities(helpdesks)
        # Before anything is listed: what changes while this command works belongs to the first sync.
        now = window_ends(agreed_time(clock, helpdesks), helpdesks)
        _check_teammate(config, helpdesks[Side.INTERCOM].agents())
        if not there:
            # A new file over existing copies would copy everything a second time.
            refuse_if_marked(helpdesks, environment.key())
    with closing(environment.open_state(place) if there else environment.create_state(place)) as store:
        # The requests of the binding count in the same minute as those of the sync that follows.
        store.budgets[Side.DASHLY].record(log.times(), now=clock.monotonic())
        check_identity(store, found)
        before = {side: now[side] - CLOCKS_APART for side in Side}
        at = before if since is None else dict.fromkeys(Side, since)
        bind(store, found, at, again=since is not None)
    return Bound(found, not there)


def bind(
    store: Store, found: Mapping[Side, Workspace], at: Mapping[Side, Seconds], *, again: bool = False
) -> None:
    """Bind a state file to both workspaces and set its watermarks, unless it has some already."""
    with store.transaction():
        for side in Side:
            store.meta.bind(side, found[side].id)
            # A repeated `init` must not move a watermark over work that is not done.
            if again or store.watermarks.get(side) is None:
                store.meta.set_since(side, at[side] - CLOCK_GRAIN)
                store.watermarks.reset(side, at[side])


def _check_teammate(config: Config, agents: tuple[Agent, ...]) -> None:
    """Refuse a default_admin whom Intercom does not know: every message of theirs would be refused later."""
    known = {agent.id: agent.name for agent in agents if agent.kind is AuthorKind.AGENT}
    chosen = config.intercom.default_admin
    if known and chosen not in {agent.id for agent in agents}:
        some = ", ".join(f"{agent} ({name})" for agent, name in sorted(known.items())[:NAMED])
        raise ConfigError(
            f"[intercom] default_admin {chosen} is not a teammate of this workspace",
            hint=f"choose one of: {some}",
        )
