"""`connector undo`: take back what a backfill made on Intercom, where nobody else has touched it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from connector.app import undoing
from connector.cli.input.asking import confirm
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping
from connector.cli.output import render
from connector.cli.output.explain import explain
from connector.errors import ExitCode
from connector.host.amounts import counted
from connector.host.clock import SystemClock
from mappings.model import Side
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.app.undoing import Found
    from connector.cli.output.render import Table
    from connector.engine.undo.undo import Judged
    from state.records import Maker


@click.command("undo")
@click.option("--run", "of", metavar="ID", help="The backfill to undo; without it, they are listed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def command(options: Options, /, *, of: str | None, yes: bool) -> int:
    """Delete what a backfill created on Intercom, where nothing but the connector has touched it.

    Without --run it lists the backfills that made copies, newest first, and changes nothing.
    """
    config, clock = load_config(options), SystemClock()
    if of is None:
        _list(undoing.backfills(config, this_machine(options, clock)), options)
        return 0
    with stopping(clock):
        if not yes and sys.stdin.isatty():
            seen = undoing.look(config, this_machine(options, clock), of)
            _show(seen, done=False)
            if not seen.gone and not seen.contacts:
                render.console().tell_next("connector undo")
                return ExitCode.CLEAN
        confirm("Delete these for good?", yes=yes, unless="nothing was deleted", hint="connector undo")
        found, result = undoing.undo(config, this_machine(options, clock), of)
    if options.as_json:
        render.print_json(_data(found) | {"undone": of} | result.as_data())
    elif result.error is None or found.gone:
        _show(found, done=True)
    if result.error is not None:
        explain(result.error, as_json=False, verbose=options.verbose)
    return result.exit_code


def _list(made: list[Maker], options: Options) -> None:
    rows = [(one.run, render.iso(one.started), *(one.copies[side] for side in Side)) for one in made]
    if options.as_json:
        columns = ["run_id", "started", *(side.value for side in Side)]
        render.print_json({"backfills": [dict(zip(columns, row, strict=True)) for row in rows]})
        return
    out = render.console()
    columns = ["run_id", "started", *(f"copies in {TITLES[side]}" for side in Side)]
    out.print(render.table("Backfills that made copies", columns, rows))
    out.tell_next(f"connector undo --run {made[0].run}" if made else "connector status")


def _data(found: Found) -> dict[str, object]:
    return {
        "deleted": _rows(found.gone),
        "kept": _rows(found.kept),
        "by_hand": _rows(found.by_hand),
        "contacts_deleted": len(found.contacts),
        "contacts_kept": [{"intercom": one.contact, "why": one.known or ""} for one in found.contacts_kept],
    }


def _rows(judged: Iterable[Judged]) -> list[dict[str, str]]:
    return [
        {one.side.value: one.copy, one.side.other.value: one.original, "why": one.trace or ""}
        for one in judged
    ]


def _show(found: Found, *, done: bool) -> None:
    out = render.console()
    for title, judged in (
        ("Deleted" if done else "To be deleted", found.gone),
        ("Left as they are", found.kept),
        ("To be removed by hand", found.by_hand),
    ):
        if judged:
            out.print(_table(title, judged))
    if found.contacts_kept:
        people = ((one.contact, one.known or "") for one in found.contacts_kept)
        out.print(render.table("Contacts left as they are", ["contact", "why"], people))
    verb = "deleted" if done else "to delete"
    # Who was made for a copy is known to have nothing else only when the copy is gone.
    contacts = f", {counted(len(found.contacts), 'contact')} {verb}" if done or found.contacts else ""
    out.print(
        f"{counted(len(found.gone), 'conversation')} {verb}, {len(found.kept)} left, "
        f"{len(found.by_hand)} to be removed by hand{contacts}"
    )
    if done:
        out.tell_next("connector verify")


def _table(title: str, judged: list[Judged]) -> Table:
    """Return copies with what keeps them; those that go, or that no call removes, have no such column."""
    why = ["why"] if any(one.trace for one in judged) else []
    rows = ([TITLES[one.side], one.copy, one.original, *([one.trace or ""] if why else [])] for one in judged)
    return render.table(title, ["side", "copy", "of", *why], rows)
