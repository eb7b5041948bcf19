"""`connector recover`: rebuild a lost state file from the copies on both sides, writing on neither."""

from __future__ import annotations

from contextlib import closing

import click

from connector.app.session import bind, load_config
from connector.app.state_access import recover_store
from connector.cli import render
from connector.cli.options import Options, common
from connector.config.file import find_path
from connector.config.tokens import read_token
from connector.engine.recover.rebuild import recover
from connector.engine.run.context import Parties
from connector.engine.sync.sync import begin, identities
from connector.host.clock import SystemClock, new_run_id
from connector.host.lock import exclusive
from connector.http.pace import MemoryRequestLog
from connector.wiring import open_helpdesks
from mappings.model import Side


@click.command("recover")
@common
def command(options: Options, /) -> int:
    """Rebuild a lost or outdated state file from markers and fingerprints. Writes nothing on the remotes."""
    config = load_config(options)
    clock = SystemClock()
    tokens = {side: read_token(side) for side in Side}
    path = config.state.path
    with exclusive(path) as lock:
        log = MemoryRequestLog()
        with open_helpdesks(
            config, tokens, clock=clock, budgets={Side.DASHLY: log}, read_only=True
        ) as helpdesks:
            found = identities(helpdesks)
            watermarks = {side: helpdesks[side].now() for side in Side}
        with closing(recover_store(find_path(options.config), config)) as store:
            store.budgets[Side.DASHLY].record(log.times(), now=clock.now())
            run = new_run_id()
            lock.take_over(store, run, doubt=True)
            with open_helpdesks(
                config, tokens, clock=clock, budgets=store.budgets, read_only=True
            ) as helpdesks:
                parties = Parties(config, store, helpdesks, clock)
                context = begin(parties, run=run, command="recover", accept=True)
                added = recover(context)
            bind(store, found, watermarks)
            facts = {
                "pairs_added": added,
                "pairs": store.pairs.counts(),
                "parts": store.ledger.counts(),
                "attention": context.report.attention,
            }
    code = 1 if facts["attention"] else 0
    if options.as_json:
        render.print_json(facts | {"exit_code": code})
        return code
    out = render.console()
    out.print(f"{added} pairs found again; state file {config.state.path}")
    for line in context.report.attention:
        out.print(f"- {line}", markup=False)
    out.print("Next: connector verify, then connector sync as before.")
    return code
