"""`connector recover`: rebuild a lost state file from the copies on both sides, writing on neither."""

from __future__ import annotations

import click

from connector.app.machine.state_access import refuse_lost_key
from connector.app.recovering import recover
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping
from connector.cli.output import render
from connector.config.file import find_path
from connector.config.place import place_of
from connector.host.clock import SystemClock


@click.command("recover")
@click.option("--without-key", is_flag=True, help="Go on although the key is lost with the state file.")
@common
def command(options: Options, /, *, without_key: bool) -> int:
    """Rebuild a lost or outdated state file from markers and fingerprints. Writes nothing on the remotes."""
    config, clock = load_config(options), SystemClock()
    if not without_key:
        refuse_lost_key(find_path(options.config), place_of(config))
    with stopping(clock):
        found = recover(config, this_machine(options, clock))
    attention = found.report.attention
    if options.as_json:
        facts = {"pairs_added": found.added, "pairs": dict(found.pairs), "parts": dict(found.parts)}
        render.print_json({**facts, "attention": attention, "exit_code": found.exit_code})
        return found.exit_code
    out = render.console()
    out.print(f"{found.added} pairs found again; state in {place_of(config)}")
    for line in attention:
        out.print(f"- {line}")
    # Before anything is delivered, a person sees what was paired.
    out.tell_next("connector verify, then connector sync as before")
    return found.exit_code
