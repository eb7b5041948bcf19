"""What the configuration and the lists of people decide, as plain values that the planner can use."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.config.choices import Edits, HistoryMode, Prefer, Removals
from mappings.model import Agent, Author, AuthorKind, Side
from mappings.text import address_key
from mappings.wording import PLAIN, Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connector.helpdesk.capabilities import Capabilities
    from mappings.languages import Language
    from mappings.model import Seconds
    from state.records import Begun


class MatchedBy(StrEnum):
    """Why two agents count as one person; names and addresses are only what agents claim."""

    MAP = "map"
    INTERNAL_NAME = "name_internal"
    EMAIL = "e-mail"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class AgentMap:
    """Which agent is which on the other side, and, by Dashly id, why."""

    to_other: Mapping[Side, Mapping[str, str]]
    by: Mapping[str, MatchedBy] = field(default_factory=dict)

    def of(self, side: Side, agent: str | None) -> str | None:
        """Return the counterpart of a side's agent, or None when there is none."""
        return None if agent is None else self.to_other[side].get(agent)

    def is_configured(self, side: Side, agent: str) -> bool:
        """Tell whether `[map.admins]` names a side's agent, who may be gone by now."""
        dashly = agent if side is Side.DASHLY else self.of(side, agent)
        return dashly is not None and self.by.get(dashly) is MatchedBy.MAP


def match_agents(agents: Mapping[Side, tuple[Agent, ...]], configured: Mapping[str, str]) -> AgentMap:
    """Match the agents of both sides; ``configured`` maps Dashly ids to Intercom ids and wins."""
    pairs = dict(configured)
    by = dict.fromkeys(pairs, MatchedBy.MAP)
    internal = {agent.id: address_key(agent.email) for agent in agents[Side.DASHLY] if agent.email}
    taken = set(pairs.values())
    for rule, key in _RULES:
        by_key = _unique(agents[Side.INTERCOM], key)
        for found, agent in _unique(agents[Side.DASHLY], key).items():
            twin = by_key.get(found)
            if twin is not None and agent not in pairs and twin not in taken:
                pairs[agent] = twin
                by[agent] = MatchedBy.INTERNAL_NAME if internal.get(agent) == found else rule
                taken.add(twin)
    # Two people may be mapped to one: what that one writes goes back to the first.
    back: dict[str, str] = {}
    for dashly, intercom in pairs.items():
        back.setdefault(intercom, dashly)
    return AgentMap({Side.DASHLY: pairs, Side.INTERCOM: back}, by)


def without_absent(agents: AgentMap, present: Collection[str]) -> AgentMap:
    """Return the map without those of Intercom who are not there any more; nobody can write as them.

    What they wrote while they were there is still their Dashly counterpart's. Dashly lists operators by
    channel only, so its list does not say who is gone.
    """
    to_intercom = {one: twin for one, twin in agents.to_other[Side.DASHLY].items() if twin in present}
    return replace(agents, to_other={**agents.to_other, Side.DASHLY: to_intercom})


def addresses(agent: Agent) -> set[str]:
    """Return the addresses of an agent: Dashly shows none, but some put theirs into their names."""
    words = {agent.email or "", *(w for w in agent.name.split() if "@" in w)}
    return {address_key(w.strip("<>()")) for w in words if w}


def _names(agent: Agent) -> set[str]:
    name = " ".join(agent.name.split()).casefold()
    return {name} if name else set()


# Two people may share a name, an address belongs to one.
_RULES = ((MatchedBy.EMAIL, addresses), (MatchedBy.NAME, _names))


def _unique(agents: tuple[Agent, ...], key: Callable[[Agent], set[str]]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for agent in agents:
        if agent.kind is AuthorKind.AGENT:
            for word in key(agent):
                found.setdefault(word, set()).add(agent.id)
    return {word: next(iter(ids)) for word, ids in found.items() if len(ids) == 1}


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that the planner must know besides the two conversations.

    ``workspace`` is the Intercom workspace's id and ``app`` the Dashly app's: they make markers unique.
    ``key`` is the secret of the pair, with which the hashes in the ledger were made.
    ``names`` are those of agents, teams and channels, for people to read, ``wording`` is how our own
    sentences are told. ``app_code`` is how Intercom marks what our token wrote, where that is known. What is
    older than ``trusted_from`` may have been copied without the state file knowing, since it was lost or an
    old one was restored.
    """

    app: str
    workspace: str
    key: bytes = field(repr=False)
    agents: AgentMap
    capabilities: Mapping[Side, Capabilities]
    default_agent: Mapping[Side, str]
    bot_agent: Mapping[Side, str]
    names: Mapping[Side, Mapping[str, str]] = field(default_factory=lambda: {side: {} for side in Side})
    app_code: str | None = None
    trusted_from: Seconds = 0.0
    sources: frozenset[Side] = frozenset(Side)
    prefer: Prefer = Prefer.NEWER
    max_age: Seconds = 86400  # a day: later, customers have asked elsewhere, and an answer would puzzle them
    read_from: Mapping[Side, Seconds] = field(default_factory=dict)
    history: Mapping[Side, HistoryMode] = field(
        default_factory=lambda: {
            Side.INTERCOM: HistoryMode.NATIVE,
            Side.DASHLY: HistoryMode.TRANSCRIPT,
        }
    )
    edits: Edits = Edits.NOTE
    removals: Removals = Removals.REDACT
    loud_mirror: bool = False
    full_contacts: bool = False
    channels: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    wording: Wording = PLAIN

    def marker(self, source: Side, part: str, suffix: str = "") -> str:
        """Return the marker of the copy of a part: the same whenever it is planned again."""
        prefix = f"ic:{self.workspace}" if source is Side.INTERCOM else f"da:{self.app}"
        return f"{prefix}:{part}{suffix}"

    def in_language(self, language: Language) -> Policy:
        """Return the policy with our own sentences in a language."""
        return replace(self, wording=replace(self.wording, language=language))

    def going_on(self, begun: Mapping[str, Begun]) -> Policy:
        """Return the policy for a conversation with begun words: they are finished in their language."""
        languages = [one.language for one in begun.values()]
        return self.in_language(languages[0]) if languages else self

    @property
    def own_marker(self) -> str:
        """Return how the external id of every copy of ours on Dashly begins."""
        return f"ic:{self.workspace}:"

    def speaker_for(self, source: Side, author: Author) -> tuple[str, bool]:
        """Return the agent of the other side who speaks for an author, and whether it is the same person."""
        target = source.other
        if author.kind in (AuthorKind.AGENT, AuthorKind.TEAM):
            twin = self.agents.of(source, author.id) if author.kind is AuthorKind.AGENT else None
            return (twin, True) if twin else (self.default_agent[target], False)
        return self.bot_agent[target], False
