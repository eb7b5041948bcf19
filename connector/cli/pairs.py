"""`connector pairs`: list conversation pairs, show both timelines of one, link and unlink by hand."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from connector.app.session import load_config, open_state, parties
from connector.cli import render
from connector.cli.options import Options, common
from connector.engine.inspect.timeline import Line, read_pair, timeline
from connector.engine.recover import link as linking
from connector.engine.sync.sync import begin
from connector.errors import ConfigError
from connector.host.clock import new_run_id
from connector.host.lock import exclusive
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Generator

    from connector.cli.render import Table
    from connector.engine.run.context import Context
    from mappings.model import Loss
    from state.records import Pair
    from state.store import Store


SHOWN_CONFLICTS = 20


@click.group("pairs")
@common
def command(_options: Options, /) -> None:
    """List, show, link and unlink conversation pairs."""


@command.command("list")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@common
def list_pairs(options: Options, /, *, limit: int) -> None:
    """List linked conversation pairs."""
    _, store = open_state(options)
    with closing(store):
        pairs = store.pairs.linked_pairs(limit=limit)
    rows = [(pair.ids[Side.DASHLY], pair.ids[Side.INTERCOM], pair.origin, pair.state) for pair in pairs]
    columns = ["dashly", "intercom", "origin", "state"]
    if options.as_json:
        render.print_json({"pairs": [dict(zip(columns, row, strict=True)) for row in rows]})
    else:
        render.console().print(render.table("Pairs", columns, rows))


@command.command("show")
@click.argument("conversation")
@common
def show(options: Options, /, *, conversation: str) -> None:
    """Print both timelines of CONVERSATION, an id of either side, with the ledger."""
    with parties(options, read_only=True) as found:
        pair = find_pair(found.store, conversation)
        views = read_pair(found, pair)
        ledger = found.store.ledger.of(pair.row)
        lines = {side: timeline(view, ledger[side]) for side, view in views.items()}
        conflicts = render.conflict_rows(found.store.conflicts.last(SHOWN_CONFLICTS, conversation=pair.row))
    if options.as_json:
        render.print_json(
            {
                "origin": pair.origin,
                "state": pair.state,
                "conflicts": conflicts,
                **{
                    side.value: {"id": pair.ids[side], "parts": list(map(asdict, lines[side]))}
                    for side in lines
                },
            }
        )
    else:
        render.console().print(side_by_side(pair, lines))
        render.print_conflicts(conflicts)


@command.command("link")
@click.argument("dashly")
@click.argument("intercom")
@common
def link_pair(options: Options, /, *, dashly: str, intercom: str) -> int:
    """Pair two conversations that exist on both sides already; what they hold now is not copied."""
    with _changing(options) as context:
        found = linking.link(context, dashly, intercom)
    if options.as_json:
        render.print_json({"dashly": dashly, "intercom": intercom, "matched": found.matched})
    else:
        render.console().print(f"Linked; {found.matched} parts are on both sides. New parts will be copied.")
    return 0


@command.command("unlink")
@click.argument("conversation")
@common
def unlink_pair(options: Options, /, *, conversation: str) -> int:
    """Stop keeping a pair in step; CONVERSATION is an id of either side. Nothing is removed anywhere."""
    with _changing(options) as context:
        pair = find_pair(context.store, conversation)
        linking.unlink(context, pair.ids[pair.origin], pair.origin)
    if options.as_json:
        render.print_json({"unlinked": dict(pair.ids)})
    else:
        render.console().print("Unlinked; both conversations stay as they are.")
    return 0


@contextmanager
def _changing(options: Options) -> Generator[Context]:
    """Open a run that reads both sides and writes only the state file."""
    config = load_config(options)
    with exclusive(config.state.path) as lock, parties(options, read_only=True) as found:
        run = new_run_id()
        lock.take_over(found.store, run)
        yield begin(found, run=run, command="pairs", dry=True)


def find_pair(store: Store, conversation: str) -> Pair:
    """Return the pair that holds a conversation: an id, or `side:id`."""
    side, _, rest = conversation.partition(":")
    sides = [Side(side)] if rest and side in [s.value for s in Side] else list(Side)
    for candidate in sides:
        pair = store.pairs.find(candidate, rest or conversation)
        if pair is not None:
            return pair
    raise ConfigError(f"no conversation {conversation} is known", hint="connector pairs list")


def side_by_side(pair: Pair, lines: dict[Side, list[Line]]) -> Table:
    """Return a table with both timelines, in the order of time."""
    merged = sorted((line for side in lines for line in lines[side]), key=lambda line: line.created)
    rows = [
        (
            datetime.fromtimestamp(line.created, UTC).strftime("%m-%d %H:%M:%S"),
            _cell(line) if line.side is Side.DASHLY else "",
            _cell(line) if line.side is Side.INTERCOM else "",
            (line.fate, *map(_lost, line.losses)),
        )
        for line in merged
    ]
    title = (
        f"dashly {pair.ids.get(Side.DASHLY)} | intercom {pair.ids.get(Side.INTERCOM)} | origin {pair.origin}"
    )
    return render.table(title, ["UTC", "Dashly", "Intercom", "ledger"], rows)


def _lost(loss: Loss) -> str:
    return f"not carried: {loss.kind.value}" + (f" ({loss.detail})" if loss.detail else "")


def _cell(line: Line) -> tuple[str, str]:
    return f"{line.author} · {line.kind}", line.text
