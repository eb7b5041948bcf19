"""Before there is a configuration: looking at one side with what was given, and proposing who is who."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from pydantic import SecretStr

from connector.config.file import checked
from connector.engine.plan.policy import match_agents
from connector.engine.sync.identity import identity_of
from connector.errors import AccessDenied, ConfigError, PersonNeeded, Rejected, RemoteError, Unreadable
from connector.host.clock import HastyClock
from mappings.model import AuthorKind, Side
from mappings.names import TITLES
from mappings.suggest import suggest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connector.app.machine.environment import Environment
    from connector.config.model import Config
    from connector.engine.plan.policy import MatchedBy
    from connector.helpdesk.port import Workspace
    from mappings.model import Agent

Settings = dict[tuple[str, str], str]
"""What was answered, by section and key of the configuration."""
_STAND_IN = {("dashly", "app_id"): "0", ("intercom", "default_admin"): "0"}
_OPTIONS = {
    ("dashly", "base_url"): "--dashly-url",
    ("dashly", "app_id"): "--app-id",
    ("intercom", "base_url"): "--intercom-url",
    ("intercom", "default_admin"): "--default-admin",
}
_CHECK_ADDRESS = "check the address (--{side}-url)"
_OTHER_TOKEN = "use another token (--{side}-token-file)"  # noqa: S105 - advice, no token


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
    """Ask at an address without a token; an error unless the API of this side answers there.

    A token is worth as much as what it opens: no other server may be shown it.
    """
    hasty = replace(environment, clock=HastyClock(environment.clock))
    try:
        look_at(side, {(side.value, "base_url"): address}, SecretStr("none"), hasty, path)
    except (AccessDenied, PersonNeeded, Rejected, Unreadable) as error:
        refusal = error.__cause__ if isinstance(error, PersonNeeded) else error
        # The API refuses by a code in a form of its own; any web server knows the numbers.
        if not getattr(refusal, "code", ""):
            raise ConfigError(
                f"what answers at {address} is not the API of {TITLES[side]}; no token was sent there",
                hint=_CHECK_ADDRESS.format(side=side),
            ) from error


def look_at(side: Side, settings: Settings, token: SecretStr, environment: Environment, path: Path) -> Seen:
    """Ask a side for what a run reads first; an error says what is wrong with what was answered.

    There is no configuration file yet: an error names options, and what to do about them.
    """
    try:
        return _looked_at(side, _configured(settings, path), token, environment)
    except PersonNeeded as error:
        error.hint = f"check --app-id, or {_OTHER_TOKEN.format(side=side)}"
        raise
    except AccessDenied as error:
        first = _CHECK_ADDRESS if error.status == HTTPStatus.UNAUTHORIZED else "give the token that right"
        error.hint = f"{first}, or {_OTHER_TOKEN}".format(side=side)
        raise
    except Rejected as error:
        # It answered, in words of its API: what it does not know is in what was asked for.
        app = ", and the id of the app (--app-id)" if side is Side.DASHLY else ""
        error.hint = _CHECK_ADDRESS.format(side=side) + app
        raise
    except RemoteError as error:
        error.hint = f"{_CHECK_ADDRESS} and the network".format(side=side)
        raise


def _configured(settings: Settings, path: Path) -> Config:
    """Return the configuration that the answers make; ConfigError names the option of a wrong one."""
    tables: dict[str, dict[str, str]] = {}
    for (section, key), value in (_STAND_IN | settings).items():
        tables.setdefault(section, {})[key] = value
    try:
        return checked(tables, path)
    except ConfigError as error:
        told = str(error).removeprefix(f"{path}: ")
        for (section, key), option in _OPTIONS.items():
            told = told.replace(f"[{section}] {key}", option)
        raise ConfigError(told, hint="correct that option") from error


def _looked_at(side: Side, config: Config, token: SecretStr, environment: Environment) -> Seen:
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
