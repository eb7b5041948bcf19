"""The mapping against the people and places that both sides really have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.doctor.findings import Finding, Level, fail, ok, skip, warn
from connector.engine.plan.policy import match_agents
from connector.host.amounts import counted
from mappings.model import AuthorKind, Side
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from connector.config.model import Config
    from connector.doctor.sides import Look
    from mappings.model import Agent

_SHOWN = 5  # a line of a terminal
_BUILT_IN = "default_admin"  # Dashly's own word for the app's sender: no operator has this id


def gaps(config: Config, looks: Mapping[Side, Look], met: tuple[Agent, ...]) -> Iterator[Finding]:
    """Yield who speaks on each side, which ids in the mapping do not exist, and who has no counterpart.

    ``met`` are the operators of Dashly that the state file remembers: Dashly has no list of all. Intercom has
    one, and who is not in it has left.
    """
    remembered = {Side.DASHLY: met, Side.INTERCOM: ()}
    known = {side: _merged(remembered[side], look.agents) for side, look in looks.items()}
    theirs, ours = known.get(Side.INTERCOM), known.get(Side.DASHLY)
    yield from _speakers(config, ours, theirs)
    yield from _mapped(config, ours, theirs)
    yield from _places(config, looks.get(Side.DASHLY), theirs)
    yield _unmatched(config, ours, theirs)


def _merged(met: tuple[Agent, ...], listed: tuple[Agent, ...] | None) -> dict[str, Agent] | None:
    return None if listed is None else {agent.id: agent for agent in (*met, *listed)}


def _speakers(
    config: Config, ours: Mapping[str, Agent] | None, theirs: Mapping[str, Agent] | None
) -> Iterator[Finding]:
    for key in ("default_admin", "bot_admin"):
        yield _speaker(f"[intercom] {key}", getattr(config.intercom, key), theirs)
    if config.dashly.default_admin != _BUILT_IN:
        yield _operator("[dashly] default_admin", [config.dashly.default_admin], ours)


def _speaker(check: str, chosen: str, known: Mapping[str, Agent] | None) -> Finding:
    if known is None:
        return skip(check, "Intercom's teammates could not be read")
    agent = known.get(chosen)
    # A team is given conversations; Intercom refuses it as an author.
    if agent is None or agent.kind is AuthorKind.TEAM:
        some = ", ".join(f"{a.id} ({a.name})" for a in _humans(known)[:_SHOWN])
        return fail(check, f"{chosen} is not a teammate of this workspace", f"choose one of: {some}")
    return ok(check, f"{chosen} is {agent.name}")


def _operator(check: str, wanted: Collection[str], known: Mapping[str, Agent] | None) -> Finding:
    if known is None:
        return skip(check, "Dashly's operators could not be read")
    strange = sorted(set(wanted) - set(known))
    if strange:
        told = f"no channel and no conversation shows the operators {_some(strange)}"
        # No failure: an operator of no channel may still exist, and nothing can be asked.
        return warn(check, told, "Dashly lists operators of channels only: check these ids in its panel")
    return ok(check, f"{len(wanted)} known to Dashly")


def _mapped(
    config: Config, ours: Mapping[str, Agent] | None, theirs: Mapping[str, Agent] | None
) -> Iterator[Finding]:
    if not config.map.admins:
        return
    yield _operator("[map.admins] dashly", list(config.map.admins), ours)
    yield _writers("[map.admins] intercom", config.map.admins.values(), theirs)


def _writers(check: str, wanted: Collection[str], known: Mapping[str, Agent] | None) -> Finding:
    found = _existing(check, wanted, known, "teammate")
    teams = {} if known is None else {k: a for k, a in known.items() if a.kind is AuthorKind.TEAM}
    meant = [f"{key} ({teams[key].name})" for key in sorted(set(wanted) & set(teams))]
    if meant and found.level is Level.OK:
        told = f"only a teammate can write, but these are teams: {_some(meant)}"
        return warn(check, told, "name teammates in [map.admins]; teams belong under [map.channels]")
    return found


def _places(config: Config, dashly: Look | None, theirs: Mapping[str, Agent] | None) -> Iterator[Finding]:
    if not config.map.channels:
        return
    known = None if dashly is None or dashly.channels is None else {c.id: c for c in dashly.channels}
    yield _existing("[map.channels] dashly", config.map.channels, known, "channel")
    teams = None if theirs is None else {k: a for k, a in theirs.items() if a.kind is AuthorKind.TEAM}
    yield _existing("[map.channels] intercom", config.map.channels.values(), teams, "team")


def _existing(check: str, wanted: Collection[str], known: Mapping[str, Agent] | None, what: str) -> Finding:
    if known is None:
        return skip(check, f"the {what}s could not be read")
    strange = sorted(set(wanted) - set(known))
    if strange:
        table, side = check.split(" ")
        nouns = what if len(strange) == 1 else f"{what}s"
        told = f"{TITLES[Side(side)]} has no {nouns} {_some(strange)}"
        return fail(check, told, f"correct {table}: connector mapping check prints the ids that exist")
    return ok(check, f"{counted(len(set(wanted)), what)}, none missing")


def _unmatched(
    config: Config, ours: Mapping[str, Agent] | None, theirs: Mapping[str, Agent] | None
) -> Finding:
    if ours is None or theirs is None:
        return skip("agents", "the teammates of both sides could not be read")
    agents = {Side.DASHLY: tuple(ours.values()), Side.INTERCOM: tuple(theirs.values())}
    matched = match_agents(agents, config.map.admins)
    alone = [
        f"{TITLES[side]} {agent.id} ({agent.name})"
        for side, known in ((Side.DASHLY, ours), (Side.INTERCOM, theirs))
        for agent in _humans(known)
        if matched.of(side, agent.id) is None
    ]
    if alone:
        told = f"{len(alone)} without a counterpart: {_some(alone)}"
        return warn("agents", told, "connector mapping check; until then default_admin speaks for them")
    return ok("agents", "everybody has a counterpart")


def _humans(known: Mapping[str, Agent]) -> list[Agent]:
    return [agent for agent in known.values() if agent.kind is AuthorKind.AGENT]


def _some(items: list[str]) -> str:
    more = len(items) - _SHOWN
    return ", ".join(items[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
