"""`connector mapping check`: who is who, what has no counterpart, which entries of [map] cannot work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.output import render
from connector.cli.output.toml_lines import proposal
from connector.config.choices import MatchEmail
from mappings.model import Side
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connector.cli.output.render import Screen
    from connector.engine.inspect.gaps import Gaps
    from mappings.model import Agent

_HOW_TO_READ = (
    "Lines to put under their tables in the configuration. A question mark is a guess.",
    "Remove the # from each line that is right; fill in what is empty.",
    "",
)


@click.command("check")
@common
def check(options: Options, /) -> int:
    """List who is who, and what has no counterpart.

    Names the entries of [map] that cannot work, and prints lines for the configuration, as comments. The exit
    code is 1 while an entry cannot work; who is merely unmapped is information.
    """
    from connector.app.inspecting import check_mapping  # noqa: PLC0415 - the table alone asks no side

    config = load_config(options)
    gaps = check_mapping(config, this_machine(options))
    if options.as_json:
        render.print_json(_plain(gaps))
    else:
        _show(gaps, render.console(), matched=config.people.match_email is MatchEmail.USERS)
    return gaps.exit_code


def _plain(gaps: Gaps) -> dict[str, object]:
    return {
        "matched": {one.agent.id: {"to": one.twin.id, "by": one.by.value} for one in gaps.matched},
        "claims": [
            {"dashly": one.agent.id, "address": one.address, "intercom": one.owner.id} for one in gaps.claims
        ],
        "unmapped": {side.value: _names(people) for side, people in gaps.agents.items()},
        "suggestions": {agent: twin.id for agent, twin in gaps.agent_guesses.items()},
        "channels": {
            channel.id: {"name": channel.name, "suggestion": _id(gaps.team_guesses.get(channel.id))}
            for channel in gaps.channels
        },
        "teams": _names(gaps.teams),
        "tags": {tag.name: {"created": tag.created, "suggestion": tag.guess} for tag in gaps.tags},
        "warnings": list(gaps.warnings),
        "remarks": list(gaps.remarks),
        "by_email": gaps.by_email,
        "exit_code": gaps.exit_code,
    }


def _names(agents: Iterable[Agent]) -> dict[str, str]:
    return {agent.id: agent.name for agent in agents}


def _id(agent: Agent | None) -> str | None:
    return agent.id if agent else None


def _show(gaps: Gaps, out: Screen, *, matched: bool) -> None:
    if gaps.matched:
        out.print(render.table("Who is who", ["Dashly", "name", "Intercom", "name", "by"], _who(gaps)))
    if gaps.claims:
        claims = [
            (one.agent.id, one.agent.name, one.address, one.owner.id, one.owner.name) for one in gaps.claims
        ]
        heads = ["Dashly", "name", "address", "Intercom", "name"]
        out.print(render.table("Operators who have another teammate's address", heads, claims))
    rows = list(_rows(gaps))
    if rows:
        out.print(render.table("Without a counterpart", ["side", "what", "id", "name"], rows))
    for title, lines in (("warnings:", gaps.warnings), ("remarks:", gaps.remarks)):
        if lines:
            out.print(title)
        for line in lines:
            out.print(f"  - {line}")
    if gaps.by_email:
        from connector.engine.inspect.cautions import of_addresses  # noqa: PLC0415 - came with the check

        out.print(of_addresses(gaps.by_email, matched=matched))
    proposed = list(_lines(gaps))
    for line in [*_HOW_TO_READ, *proposed] if proposed else ():
        out.print(line)
    if not rows and not gaps.warnings:
        out.print("Everybody and everything has a counterpart.")


def _who(gaps: Gaps) -> Iterator[tuple[str, ...]]:
    for one in gaps.matched:
        yield (one.agent.id, one.agent.name, one.twin.id, one.twin.name, one.by.value)


def _rows(gaps: Gaps) -> Iterator[tuple[str, str, str, str]]:
    found = [(side, "teammate", gaps.agents[side]) for side in Side]
    found += [(Side.DASHLY, "channel", gaps.channels), (Side.INTERCOM, "team", gaps.teams)]
    for side, what, agents in found:
        yield from ((TITLES[side], what, agent.id, agent.name) for agent in agents)
    for tag in gaps.tags:
        named = tag.name if tag.created == tag.name else f"{tag.name}, created as {tag.created}"
        yield (TITLES[Side.DASHLY], "new tag", "", named)


def _lines(gaps: Gaps) -> Iterator[str]:
    if gaps.agents[Side.DASHLY]:
        yield "[map.admins]"
    for agent in gaps.agents[Side.DASHLY]:
        twin = gaps.agent_guesses.get(agent.id)
        # Every guess is a question in its comment: two people may share a name, and agents write under it.
        yield proposal(agent.id, twin.id if twin else "", _guessed(agent.name, twin))
    if gaps.channels:
        yield "[map.channels]"
    for channel in gaps.channels:
        home = gaps.team_guesses.get(channel.id)
        yield proposal(channel.id, f"team:{home.id if home else ''}", _guessed(channel.name, home))
    guessed = [tag for tag in gaps.tags if tag.guess]
    if guessed:
        yield "[map.tags]"
    yield from (proposal(tag.name, tag.guess or "", f"{tag.name} = {tag.guess}?") for tag in guessed)


def _guessed(name: str, guess: Agent | None) -> str:
    return f"{name} = {guess.name}?" if guess else name
