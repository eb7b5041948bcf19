"""Before there is a configuration: looking at one side with what was given, and proposing who is who."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import SecretStr

from connector.config.file import checked
from connector.engine.plan.policy import match_agents
from connector.engine.sync.identity import identity_of
from connector.errors import AccessDenied, PersonNeeded, Rejected
from connector.host.clock import HastyClock
from mappings.model import AuthorKind, Side
from mappings.suggest import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connector.app.machine.environment import Environment
    from connector.engine.plan.policy import MatchedBy
    from connector.helpdesk.port import Workspace
    from mappings.model import Agent

Settings = dict[tuple[str, str], str]
"""What was answered, by section and key of the configuration."""
_STAND_IN = {("dashly", "app_id"): "0", ("intercom", "default_admin"): "0"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one side showed: whose token it is, and the teammates."""

    workspace: Workspace
    agents: tuple[Agent, ...]

    @property
    def people(self) -> tuple[Agent, ...]:
        """Return the teammates who are people."""
        return tuple(agent for agent in self.agents if agent.kind is AuthorKind.AGENT)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A teammate of Dashly and who they may be in Intercom; ``by`` is what says so, None for a guess."""

    agent: Agent
    twin: Agent | None
    by: MatchedBy | None


def refuse_address(side: Side, address: str, environment: Environment, path: Path) -> None:
    """Ask at an address without a token; an error when nobody answers there as an API does."""
    hasty = replace(environment, clock=HastyClock(environment.clock))
    # A refusal is the answer of an API too, and the one that is expected.
    with suppress(AccessDenied, PersonNeeded, Rejected):
        look_at(side, {(side.value, "base_url"): address}, SecretStr("none"), hasty, path)


def look_at(side: Side, settings: Settings, token: SecretStr, environment: Environment, path: Path) -> Seen:
    """Ask a side for what a run reads first; an error says what is wrong with what was answered."""
    tables: dict[str, dict[str, str]] = {}
    for (section, key), value in (_STAND_IN | settings).items():
        tables.setdefault(section, {})[key] = value
    config = checked(tables, path)
    # Opening sends nothing: the other side never sees this token.
    with environment.helpdesks(config, dict.fromkeys(Side, token)) as helpdesks:
        return Seen(identity_of(side, helpdesks[side]), helpdesks[side].agents())


def propose(seen: Mapping[Side, Seen]) -> tuple[Proposal, ...]:
    """Return every teammate of Dashly with their counterpart by the rules, else with a guess."""
    agents = {side: found.agents for side, found in seen.items()}
    matched = match_agents(agents, {})
    there = {agent.id: agent for agent in seen[Side.INTERCOM].people}
    taken = set(matched.to_other[Side.INTERCOM])
    alone = [one for one in seen[Side.DASHLY].people if matched.of(Side.DASHLY, one.id) is None]
    guesses = suggest(alone, (agent for key, agent in there.items() if key not in taken))
    return tuple(
        Proposal(agent, guesses.get(agent.id), None)
        if twin is None
        else Proposal(agent, there.get(twin), matched.by[agent.id])
        for agent in seen[Side.DASHLY].people
        for twin in [matched.of(Side.DASHLY, agent.id)]
    )
