"""Who is who and why, and who and what has no counterpart, with guesses for people to confirm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.inspect.map_faults import Shown, faults, unworkable
from connector.engine.plan.policy import addresses
from mappings.model import Agent, AuthorKind, Side
from mappings.suggest import suggest, suggest_tags, suggest_teams
from mappings.text import tag_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.config.model import MapConfig
    from connector.engine.plan.policy import MatchedBy, Policy
    from connector.helpdesk.port import Helpdesk
    from state.store import Store

NOT_A_SOURCE = "Nothing is copied from Dashly: its channels and tags are not carried to Intercom."
NO_TAGS = "This version of Intercom's API cannot tag conversations: tags are not carried there."
NO_TEAMS = "Intercom shows no team that a channel could lead to."


@dataclass(frozen=True, slots=True)
class NewTag:
    """A tag of Dashly that would be created in Intercom as ``created``; ``guess`` exists there already."""

    name: str
    created: str
    guess: str | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """An agent of Dashly, who they are in Intercom, and what says so."""

    agent: Agent
    twin: Agent
    by: MatchedBy


@dataclass(frozen=True, slots=True)
class Claim:
    """An agent of Dashly who has the address of somebody in Intercom as whom they do not speak."""

    agent: Agent
    address: str
    owner: Agent


@dataclass(frozen=True, slots=True)
class Gaps:
    """Who is matched and why, who and what has no counterpart, and what is wrong with ``[map]``.

    ``agent_guesses`` and ``team_guesses`` are by the id of a Dashly operator or channel. ``remarks`` say what
    was not compared, and why. ``by_email`` counts those of the newest customers whom an equal address alone
    would match.
    """

    matched: tuple[Matched, ...]
    claims: tuple[Claim, ...]
    agents: Mapping[Side, tuple[Agent, ...]]
    agent_guesses: Mapping[str, Agent]
    channels: tuple[Agent, ...]
    team_guesses: Mapping[str, Agent]
    teams: tuple[Agent, ...]
    tags: tuple[NewTag, ...]
    warnings: tuple[str, ...]
    unworkable: tuple[str, ...]
    remarks: tuple[str, ...]
    by_email: int = 0

    @property
    def exit_code(self) -> int:
        """Return 1 while an entry of ``[map]`` cannot work; who is merely unmapped is information."""
        return 1 if self.unworkable else 0


def read_shown(store: Store, helpdesks: Mapping[Side, Helpdesk]) -> Shown:
    """Read what both sides show, by one request more on Dashly than any run makes."""
    listed = {side: _by_id(helpdesks[side].agents()) for side in Side}
    met = _by_id(store.people.agents(Side.DASHLY))
    in_use = store.pairs.tags(Side.DASHLY)
    return Shown(
        agents={Side.DASHLY: met | listed[Side.DASHLY], Side.INTERCOM: listed[Side.INTERCOM]},
        teams={side: {team.id: team for team in helpdesks[side].teams()} for side in Side},
        tags={
            Side.DASHLY: in_use | frozenset(helpdesks[Side.DASHLY].tags()),
            Side.INTERCOM: frozenset(helpdesks[Side.INTERCOM].tags()),
        },
        refused=frozenset(name for side in Side for name in helpdesks[side].lists_refused),
    )


def _by_id(agents: tuple[Agent, ...]) -> dict[str, Agent]:
    return {agent.id: agent for agent in agents if agent.kind is not AuthorKind.TEAM}


def find_gaps(
    shown: Shown, met: Mapping[Side, tuple[Agent, ...]], configured: MapConfig, policy: Policy
) -> Gaps:
    """Return what has no counterpart; ``met`` are teammates that the state file remembers."""
    agents = {side: _unmatched(shown, met, policy, side) for side in Side}
    carried = Side.DASHLY in policy.sources
    tagged = carried and policy.capabilities[Side.INTERCOM].tags
    places = shown.teams if carried else {side: {} for side in Side}
    channels = tuple(c for c in places[Side.DASHLY].values() if c.id not in configured.channels)
    mapped = frozenset(configured.channels.values())
    wrong = faults(configured, shown)
    return Gaps(
        matched=_matched(shown, met, policy),
        claims=tuple(_claims(shown, met, policy)),
        agents=agents,
        agent_guesses=suggest(agents[Side.DASHLY], agents[Side.INTERCOM]),
        channels=channels,
        team_guesses=suggest_teams(channels, places[Side.INTERCOM].values()),
        teams=tuple(team for team in places[Side.INTERCOM].values() if team.id not in mapped),
        tags=_new_tags(shown.tags, configured.tags) if tagged else (),
        warnings=tuple(fault.told for fault in wrong),
        unworkable=unworkable(wrong),
        remarks=_remarks(shown, carried=carried, tagged=tagged),
    )


def _unmatched(
    shown: Shown, met: Mapping[Side, tuple[Agent, ...]], policy: Policy, side: Side
) -> tuple[Agent, ...]:
    return tuple(
        agent
        for agent in _known(shown, met, side).values()
        if agent.kind is AuthorKind.AGENT and policy.agents.of(side, agent.id) is None
    )


def _matched(shown: Shown, met: Mapping[Side, tuple[Agent, ...]], policy: Policy) -> tuple[Matched, ...]:
    ours, theirs = (_known(shown, met, side) for side in Side)
    people = policy.agents
    return tuple(
        Matched(ours.get(agent, Agent(agent, "")), theirs.get(twin, Agent(twin, "")), people.by[agent])
        for agent, twin in sorted(people.to_other[Side.DASHLY].items())
    )


def _claims(shown: Shown, met: Mapping[Side, tuple[Agent, ...]], policy: Policy) -> Iterator[Claim]:
    ours, theirs = (_known(shown, met, side).values() for side in Side)
    for agent in ours:
        for owner in theirs:
            if policy.agents.of(Side.DASHLY, agent.id) != owner.id:
                shared = sorted(addresses(agent) & addresses(owner))
                yield from (Claim(agent, address, owner) for address in shared)


def _known(shown: Shown, met: Mapping[Side, tuple[Agent, ...]], side: Side) -> dict[str, Agent]:
    # The names of today win: names change.
    return _by_id(met[side]) | dict(shown.agents[side])


def _new_tags(tags: Mapping[Side, frozenset[str]], configured: Mapping[str, str]) -> tuple[NewTag, ...]:
    renamed = {tag_key(ours): theirs for ours, theirs in configured.items()}
    wanted = {key: name for name in sorted(tags[Side.DASHLY]) if (key := tag_key(name))}
    created = {key: renamed.get(key, name) for key, name in wanted.items()}
    there = {tag_key(name): name for name in sorted(tags[Side.INTERCOM])}
    missing = {key: name for key, name in created.items() if tag_key(name) not in {*there, ""}}
    # A tag that already corresponds to one of Dashly's is not a guess for another: they would merge.
    taken = {tag_key(name) for name in (*created.values(), *configured.values())}
    free = [name for key, name in there.items() if key not in taken]
    guesses = suggest_tags((wanted[key] for key in missing if key not in renamed), free)
    return tuple(NewTag(wanted[key], name, guesses.get(wanted[key])) for key, name in missing.items())


def _remarks(shown: Shown, *, carried: bool, tagged: bool) -> tuple[str, ...]:
    if not carried:
        return (NOT_A_SOURCE,)
    no_teams = () if shown.teams[Side.INTERCOM] else (NO_TEAMS,)
    return (*no_teams, *(() if tagged else (NO_TAGS,)))
