"""Lines of ``[map]`` that are dangerous or lead nowhere, each as a sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.model import Side
from mappings.text import tag_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from connector.config.model import MapConfig
    from mappings.model import Agent


_UNSEEN = "no channel and no conversation of Dashly shows this operator"
"""Dashly lists only the operators of channels: one who is not shown may well exist."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What both sides show.

    ``agents`` are teammates and bots, on Dashly those who were met included, since it lists only those of
    channels. ``teams`` are channels and teams. ``tags`` are Dashly's in use, and all of Intercom.
    """

    agents: Mapping[Side, Mapping[str, Agent]]
    teams: Mapping[Side, Mapping[str, Agent]]
    tags: Mapping[Side, frozenset[str]]


def unworkable(configured: MapConfig, shown: Shown) -> tuple[str, ...]:
    """Return the lines of ``[map]`` that cannot work: an id its side does not have, a tag twice."""
    return (
        # Who is not shown may exist; only what is surely wrong may stop a run.
        *(told for told in _admins(configured.admins, shown) if not told.endswith(_UNSEEN)),
        *_channels(configured.channels, shown),
        *_named_twice(configured.tags),
    )


def faults(configured: MapConfig, shown: Shown) -> tuple[str, ...]:
    """Return what is wrong with lines of ``[map]``, in the order of the file's tables."""
    return (
        *_admins(configured.admins, shown),
        *_channels(configured.channels, shown),
        *_tags(configured.tags, shown.tags[Side.DASHLY]),
    )


def _admins(admins: Mapping[str, str], shown: Shown) -> Iterator[str]:
    for ours, theirs in admins.items():
        line = f'[map.admins] "{ours}" = "{theirs}"'
        channel, team = shown.teams[Side.DASHLY].get(ours), shown.teams[Side.INTERCOM].get(theirs)
        if ours not in shown.agents[Side.DASHLY]:
            yield f"{line}: {_channel_instead(channel) if channel else _UNSEEN}"
        if theirs not in shown.agents[Side.INTERCOM]:
            nobody = f"Intercom has no teammate {theirs}"
            yield f"{line}: {_team_instead(team) if team else nobody}"


def _channel_instead(channel: Agent) -> str:
    return f"{channel.id} is the channel {channel.name}, which belongs under [map.channels]"


def _team_instead(team: Agent) -> str:
    return f"{team.id} is the team {team.name}, and only a teammate can write"


def _channels(channels: Mapping[str, str], shown: Shown) -> Iterator[str]:
    for ours, theirs in channels.items():
        line = f'[map.channels] "{ours}" = "team:{theirs}"'
        if ours not in shown.teams[Side.DASHLY]:
            yield f"{line}: Dashly has no channel {ours}"
        if theirs not in shown.teams[Side.INTERCOM]:
            mate = shown.agents[Side.INTERCOM].get(theirs)
            person = f"{theirs} is the teammate {mate.name}, not a team" if mate else ""
            yield f"{line}: {person or f'Intercom has no team {theirs}'}"


def _tags(tags: Mapping[str, str], in_use: Collection[str]) -> Iterator[str]:
    yield from _named_twice(tags)
    yield from _merged(tags, in_use)


def _named_twice(tags: Mapping[str, str]) -> Iterator[str]:
    named: dict[str, str] = {}
    for ours, theirs in tags.items():
        if not tag_key(ours) or not tag_key(theirs):
            yield f'[map.tags] "{ours}" = "{theirs}": a tag without a name'
            continue
        before = named.setdefault(tag_key(ours), ours)
        # TOML refuses a key twice, but not two spellings of one tag.
        if before != ours:
            yield f'[map.tags] "{before}" and "{ours}" are the same tag: only the last line counts'


def _merged(tags: Mapping[str, str], in_use: Collection[str]) -> Iterator[str]:
    """A tag of Intercom that stands for two of Dashly cannot be carried back to both."""
    renamed = {tag_key(ours): theirs for ours, theirs in tags.items() if tag_key(ours) and tag_key(theirs)}
    spelled = {tag_key(name): name for name in (*sorted(in_use), *tags) if tag_key(name)}
    sources: dict[str, list[str]] = {}
    for key, name in spelled.items():
        sources.setdefault(tag_key(renamed.get(key, name)), []).append(name)
    for theirs in dict.fromkeys(renamed.values()):
        ours = sources.pop(tag_key(theirs), [])
        if len(ours) > 1:
            listed = " and ".join(f'"{name}"' for name in ours)
            yield f'[map.tags] {listed} are both "{theirs}" in Intercom: taken off there, it comes back'
