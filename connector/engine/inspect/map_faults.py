"""Lines of ``[map]`` that are dangerous or point to nothing, each as a sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from mappings.model import Side
from mappings.text import tag_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from connector.config.model import MapConfig
    from mappings.model import Agent

TEAMMATES, TEAMS, CHANNELS = "teammates", "teams", "channels"
_UNSEEN = "no channel and no conversation of Dashly shows this operator"


class FaultKind(Enum):
    """What may be wrong with a line: what it is, why it matters, and whether the line cannot work at all."""

    WRONG_ID = (
        "an id that does not exist or is of another kind: a team as an admin, a teammate as a channel",
        "Intercom refuses the write, and the conversation goes into quarantine",
        True,
    )
    UNSEEN = (
        "an operator whom no channel and no conversation shows",
        "Dashly lists operators of channels only: the id may still be right, for somebody who left",
        False,
    )
    MERGED = (
        "two tags of Dashly that are one in Intercom",
        "it cannot be carried back to both: removed in Intercom, it comes back from the other",
        False,
    )
    TAG_TWICE = (
        "a tag without a name, one tag in two lines",
        "the line does nothing, or undoes the other",
        True,
    )

    def __init__(self, title: str, why: str, unworkable: bool) -> None:  # noqa: FBT001 - the third of a row
        self.title = title
        self.why = why
        self.unworkable = unworkable


@dataclass(frozen=True, slots=True)
class MapFault:
    """What is wrong with a line of ``[map]``, in words."""

    kind: FaultKind
    told: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What both sides show.

    ``agents`` are teammates and bots, on Dashly those who were met included, since it lists only those of
    channels. ``teams`` are channels and teams. ``tags`` are Dashly's in use, and all of Intercom.
    """

    agents: Mapping[Side, Mapping[str, Agent]]
    teams: Mapping[Side, Mapping[str, Agent]]
    tags: Mapping[Side, frozenset[str]]
    refused: frozenset[str] = frozenset()
    """Lists that a token may not see: what is not in them may exist."""


def faults(configured: MapConfig, shown: Shown) -> tuple[MapFault, ...]:
    """Return what is wrong with lines of ``[map]``, in the order of the file's tables."""
    return (
        *_admins(configured.admins, shown),
        *_channels(configured.channels, shown),
        *_named_twice(configured.tags),
        *_merged(configured.tags, shown.tags[Side.DASHLY]),
    )


def unworkable(found: Iterable[MapFault]) -> tuple[str, ...]:
    """Return the sentences about lines that cannot work: only what is certainly wrong may stop a run."""
    return tuple(fault.told for fault in found if fault.kind.unworkable)


def _admins(admins: Mapping[str, str], shown: Shown) -> Iterator[MapFault]:
    for ours, theirs in admins.items():
        line = f'[map.admins] "{ours}" = "{theirs}"'
        channel, team = shown.teams[Side.DASHLY].get(ours), shown.teams[Side.INTERCOM].get(theirs)
        if ours not in shown.agents[Side.DASHLY]:
            yield (
                _channel_instead(line, channel)
                if channel
                else MapFault(FaultKind.UNSEEN, f"{line}: {_UNSEEN}")
            )
        if theirs not in shown.agents[Side.INTERCOM] and (team or TEAMMATES not in shown.refused):
            nobody = f"Intercom has no teammate {theirs}"
            yield MapFault(FaultKind.WRONG_ID, f"{line}: {_team_instead(team) if team else nobody}")


def _channel_instead(line: str, channel: Agent) -> MapFault:
    belongs = f"{channel.id} is the channel {channel.name}, which belongs under [map.channels]"
    return MapFault(FaultKind.WRONG_ID, f"{line}: {belongs}")


def _team_instead(team: Agent) -> str:
    return f"{team.id} is the team {team.name}, and only a teammate can write"


def _channels(channels: Mapping[str, str], shown: Shown) -> Iterator[MapFault]:
    for ours, theirs in channels.items():
        line = f'[map.channels] "{ours}" = "team:{theirs}"'
        if ours not in shown.teams[Side.DASHLY] and CHANNELS not in shown.refused:
            yield MapFault(FaultKind.WRONG_ID, f"{line}: Dashly has no channel {ours}")
        mate = shown.agents[Side.INTERCOM].get(theirs)
        if theirs not in shown.teams[Side.INTERCOM] and (mate or TEAMS not in shown.refused):
            person = f"{theirs} is the teammate {mate.name}, not a team" if mate else ""
            yield MapFault(FaultKind.WRONG_ID, f"{line}: {person or f'Intercom has no team {theirs}'}")


def _named_twice(tags: Mapping[str, str]) -> Iterator[MapFault]:
    named: dict[str, str] = {}
    for ours, theirs in tags.items():
        if not tag_key(ours) or not tag_key(theirs):
            yield MapFault(FaultKind.TAG_TWICE, f'[map.tags] "{ours}" = "{theirs}": a tag without a name')
            continue
        before = named.setdefault(tag_key(ours), ours)
        # TOML refuses a key twice, but not two spellings of one tag.
        if before != ours:
            same = f'[map.tags] "{before}" and "{ours}" are the same tag: only the last line counts'
            yield MapFault(FaultKind.TAG_TWICE, same)


def _merged(tags: Mapping[str, str], in_use: Collection[str]) -> Iterator[MapFault]:
    """A tag of Intercom that corresponds to two of Dashly cannot be carried back to both."""
    renamed = {tag_key(ours): theirs for ours, theirs in tags.items() if tag_key(ours) and tag_key(theirs)}
    spelled = {tag_key(name): name for name in (*sorted(in_use), *tags) if tag_key(name)}
    sources: dict[str, list[str]] = {}
    for key, name in spelled.items():
        sources.setdefault(tag_key(renamed.get(key, name)), []).append(name)
    for theirs in dict.fromkeys(renamed.values()):
        ours = sources.pop(tag_key(theirs), [])
        if len(ours) > 1:
            listed = " and ".join(f'"{name}"' for name in ours)
            both = f'[map.tags] {listed} are both "{theirs}" in Intercom: removed there, it comes back'
            yield MapFault(FaultKind.MERGED, both)
