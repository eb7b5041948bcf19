"""`connector mapping`: the tables as in force; `mapping check`: who and what has no counterpart."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from connector import config as configuration
from connector.cli import render
from connector.cli.options import Options, common
from connector.cli.session import dry_run
from mappings.describe import describe
from mappings.model import AuthorKind, Side
from mappings.suggest import suggest
from mappings.table import DEFAULT

if TYPE_CHECKING:
    from connector.engine.context import Context
    from mappings.model import Agent
    from mappings.table import KindTable


@click.group("mapping", invoke_without_command=True)
@common
def command(options: Options, /) -> None:
    """Print how every type of either side arrives on the other, with what is lost."""
    if click.get_current_context().invoked_subcommand is None:
        _show(_in_force(options), options)


def _in_force(options: Options) -> KindTable:
    path = configuration.find_path(options.config)
    return configuration.load(path).kind_table() if options.config or path.exists() else DEFAULT


def _show(table: KindTable, options: Options) -> None:
    rows = describe(table)
    if options.as_json:
        render.print_json({"rows": [asdict(row) for row in rows]})
        return
    out = render.console()
    for side in Side:
        chosen = [row for row in rows if row.side is side]
        cells = ((row.title, row.meaning, row.on_the_other_side, row.loss) for row in chosen)
        columns = ["type", "means", "on the other side", "not carried"]
        out.print(render.table(chosen[0].direction, columns, cells))


@command.command("check")
@common
def check(options: Options, /) -> int:
    """List the teammates that have no counterpart, with lines ready for the configuration."""
    with dry_run(options, "mapping") as context:
        unmapped = {side: _unmapped(context, side) for side in Side}
        found = suggest(unmapped[Side.DASHLY].values(), unmapped[Side.INTERCOM].values())
    code = 1 if any(unmapped.values()) else 0
    if options.as_json:
        named = {s.value: {a.id: a.name for a in people.values()} for s, people in unmapped.items()}
        guesses = {agent: guess.id for agent, guess in found.items()}
        render.print_json({"unmapped": named, "suggestions": guesses, "exit_code": code})
        return code
    out = render.console()
    for side, people in unmapped.items():
        rows = ((agent.id, agent.name) for agent in people.values())
        out.print(render.table(f"{side}: no counterpart", ["id", "name"], rows))
    if unmapped[Side.DASHLY]:
        out.print("Complete these lines in the configuration:\n\n[map.admins]", markup=False)
        for agent in unmapped[Side.DASHLY].values():
            guess = found.get(agent.id)
            told = f"{agent.name} = {guess.name}?" if guess else agent.name
            out.print(f'"{agent.id}" = "{guess.id if guess else ""}"   # {told}', markup=False)
    return code


def _unmapped(context: Context, side: Side) -> dict[str, Agent]:
    listed = {
        agent.id: agent for agent in (*context.store.people.agents(side), *context.desks[side].agents())
    }
    return {
        agent.id: agent
        for agent in listed.values()
        if agent.kind is AuthorKind.AGENT and context.policy.agents.of(side, agent.id) is None
    }
