"""`connector pairs`: list conversation pairs, show both timelines of one, link and unlink by hand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from connector.app.status import list_pairs as listed
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.output import render
from mappings.model import Side
from mappings.names import LOSSES_SHOWN, TITLES
from state.records import PairState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.cli.output.render import Table
    from connector.engine.inspect.timeline import Line
    from mappings.model import Loss
    from state.records import Pair


@click.group("pairs")
@common
def command(_options: Options, /) -> None:
    """List, show, link and unlink conversation pairs."""


@command.command("list")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@common
def list_pairs(options: Options, /, *, limit: int) -> None:
    """List linked conversation pairs."""
    # One more than is shown tells whether there are more.
    found = listed(load_config(options), this_machine(options), limit=limit + 1)
    pairs, cut = found[:limit], len(found) > limit
    rows = [(pair.ids[Side.DASHLY], pair.ids[Side.INTERCOM], pair.origin, state_of(pair)) for pair in pairs]
    columns = ["dashly", "intercom", "origin", "state"]
    if options.as_json:
        render.print_json({"pairs": [dict(zip(columns, row, strict=True)) for row in rows], "cut": cut})
        return
    out = render.console()
    shown = [(dashly, intercom, TITLES[origin], state) for dashly, intercom, origin, state in rows]
    out.print(render.table("Pairs", [*TITLES.values(), "begun in", "state"], shown))
    if cut and not options.plain:
        out.print(f"There are more: connector pairs list --limit {10 * limit}")


@command.command("show")
@click.argument("conversation", help="Id of a conversation on either side.")
@common
def show(options: Options, /, *, conversation: str) -> None:
    """Print both timelines of CONVERSATION, with the ledger.

    CONVERSATION is an id of either side.
    """
    from connector.app import pairs as pairing  # noqa: PLC0415 - a list asks no side

    shown = pairing.show_pair(load_config(options), this_machine(options), conversation)
    pair, lines = shown.pair, shown.lines
    conflicts = render.conflict_rows(shown.conflicts)
    if options.as_json:
        render.print_json(
            {
                "origin": pair.origin,
                "state": state_of(pair),
                "conflicts": conflicts,
                **{
                    side.value: {"id": pair.ids[side], "parts": list(map(_plain, lines[side]))}
                    for side in lines
                },
            }
        )
    else:
        render.console().print(side_by_side(pair, lines))
        render.print_conflicts(conflicts)


@command.command("link")
@click.argument("dashly", help="Id of the conversation in Dashly.")
@click.argument("intercom", help="Id of the conversation in Intercom.")
@common
def link_pair(options: Options, /, *, dashly: str, intercom: str) -> int:
    """Pair two conversations that exist on both sides.

    What they hold now is not copied.
    """
    from connector.app import pairs as pairing  # noqa: PLC0415 - a list asks no side

    # Reads both sides, writes neither.
    matched = pairing.link(load_config(options), this_machine(options), dashly, intercom)
    if options.as_json:
        render.print_json({"dashly": dashly, "intercom": intercom, "matched": matched})
    else:
        render.console().print(f"Linked; {matched} parts are on both sides. New parts will be copied.")
    return 0


@command.command("unlink")
@click.argument("conversation", help="Id of a conversation on either side.")
@common
def unlink_pair(options: Options, /, *, conversation: str) -> int:
    """Stop keeping a pair in step; CONVERSATION is an id of either side. Nothing is removed anywhere."""
    from connector.app import pairs as pairing  # noqa: PLC0415 - a list asks no side

    unlinked = pairing.unlink(load_config(options), this_machine(options), conversation)
    if options.as_json:
        render.print_json({"unlinked": dict(unlinked)})
    else:
        render.console().print("Unlinked; both conversations stay as they are.")
    return 0


def _plain(shown: Line) -> dict[str, object]:
    return asdict(shown) | {"created": render.iso(shown.created)}


def state_of(pair: Pair) -> str:
    """Return the state of a pair in the words of `status`."""
    if pair.state is not PairState.ACTIVE:
        return pair.state.value
    return "linked" if pair.linked else "unpaired"


def side_by_side(pair: Pair, lines: Mapping[Side, list[Line]]) -> Table:
    """Return a table with both timelines, in the order of time."""
    # Dashly shows the time of the copying, so a copied history stands below its originals.
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
    ids = " | ".join(f"{TITLES[side]} {pair.ids.get(side)}" for side in Side)
    title = f"{ids} | begun in {TITLES[pair.origin]}"
    return render.table(title, ["UTC", "Dashly", "Intercom", "ledger"], rows)


def _lost(loss: Loss) -> str:
    return f"not carried: {LOSSES_SHOWN[loss.kind]}" + (f" ({loss.detail})" if loss.detail else "")


def _cell(line: Line) -> tuple[str, str]:
    return f"{line.author} · {line.kind}", line.text
