"""`connector forget --user SIDE:ID`: erase a person from the state file and from its backups."""

from __future__ import annotations

from contextlib import closing

import click

from connector.app.machine.alone import alone
from connector.app.state_care import forget
from connector.cli.input.asking import confirm
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.output import render
from connector.config.place import place_of
from connector.host.clock import SystemClock
from mappings.model import Side
from mappings.names import TITLES


class Who(click.ParamType[tuple[Side, str]]):
    """A person as ``SIDE:ID``."""

    name = "SIDE:ID"

    def convert(self, value: object, param: object, ctx: click.Context | None) -> tuple[Side, str]:
        """Return side and id."""
        del param
        side, _, person = str(value).partition(":")
        if side not in set(Side) or not person:
            self.fail(f"{value!r} is not dashly:ID or intercom:ID", ctx=ctx)
        return Side(side), person


@click.command("forget")
@click.option("--user", "who", type=Who(), required=True, help="Whom to forget: dashly:ID or intercom:ID.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def command(options: Options, /, *, who: tuple[Side, str], yes: bool) -> int:
    """Erase a person's identifiers and the hashes of their texts from the state file and its backups.

    Their conversations are no longer kept in step. Nothing is removed in the helpdesks: do that first.
    """
    side, person = who
    # First: backups are erased as well, so nothing brings the person back.
    confirm(f"Forget the person {person} of {TITLES[side]} for good?", yes=yes, unless="nothing was erased")
    config = load_config(options)
    with (
        closing(this_machine(options).open_state(place_of(config))) as store,
        alone(place_of(config), SystemClock()),
    ):
        gone = forget(store, side, person)
    if options.as_json:
        render.print_json({"pairs": gone.pairs, "files": [str(path) for path in gone.files]})
        return 0
    out = render.console()
    out.print(f"Forgotten: {gone.pairs} conversations are no longer kept in step. Erased from:")
    for path in gone.files:
        out.print(f"- {path}")
    return 0
