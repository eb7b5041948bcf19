"""`connector init`: write a commented configuration, or bind both workspaces and create the state file."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import click

from connector.app.session import bind
from connector.app.state_access import create_store, open_store
from connector.cli import render
from connector.cli.options import Options, common
from connector.cli.times import WHEN
from connector.config import file as configuration
from connector.config.tokens import read_token
from connector.engine.recover.rebuild import refuse_if_marked
from connector.engine.sync.sync import check_identity, identities
from connector.errors import ConfigError
from connector.host.clock import SystemClock
from connector.host.lock import exclusive
from connector.http.pace import MemoryRequestLog
from connector.wiring import open_helpdesks
from mappings.model import AuthorKind, Side

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connector.config.model import Config
    from connector.helpdesk.port import Workspace
    from mappings.model import Agent, Seconds


@click.command("init")
@click.option("--since", type=WHEN, help="Sync what changed since then [now].")
@common
def command(options: Options, since: Seconds | None) -> int:
    """Write connector.toml when there is none; with one, bind both workspaces and create the state file."""
    path = configuration.find_path(options.config)
    if not path.exists():
        _write_template(path, options)
        return 0
    config = configuration.load(path)
    with exclusive(config.state.path):
        _bind(config, options, since)
    return 0


def _write_template(path: Path, options: Options) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(configuration.template())
    if options.as_json:
        render.print_json({"written": str(path)})
        return
    out = render.console()
    out.print(f"Wrote {path}. Fill in app_id and default_admin, set DASHLY_TOKEN and INTERCOM_TOKEN,")
    out.print("then run `connector init` again.")


def _bind(config: Config, options: Options, since: Seconds | None) -> None:
    clock, path = SystemClock(), configuration.find_path(options.config)
    if config.state.path.exists():  # an unreadable file is told before anybody is asked
        open_store(path, config).close()
    tokens = {side: read_token(side) for side in Side}
    log = MemoryRequestLog()
    with open_helpdesks(config, tokens, clock=clock, budgets={Side.DASHLY: log}, read_only=True) as sides:
        found = identities(sides)
        now = {side: sides[side].now() for side in Side}
        _check_teammate(config, sides[Side.INTERCOM].agents())
        if not config.state.path.exists():
            refuse_if_marked(sides)
    fresh = not config.state.path.exists()
    store = (create_store if fresh else open_store)(path, config)
    with closing(store):
        store.budgets[Side.DASHLY].record(log.times(), now=clock.now())
        check_identity(store, found)
        at = now if since is None else dict.fromkeys(Side, since)
        bind(store, found, at, again=since is not None)
    _tell(config, options, found, fresh=fresh)


def _check_teammate(config: Config, agents: tuple[Agent, ...]) -> None:
    """Refuse a default_admin whom Intercom does not know: every message of theirs would be refused later."""
    known = {agent.id: agent.name for agent in agents if agent.kind is AuthorKind.AGENT}
    chosen = config.intercom.default_admin
    if known and chosen not in {agent.id for agent in agents}:
        some = ", ".join(f"{agent} ({name})" for agent, name in sorted(known.items())[:5])
        raise ConfigError(
            f"[intercom] default_admin {chosen} is no teammate of this workspace",
            hint=f"choose one of: {some}",
        )


def _tell(config: Config, options: Options, found: Mapping[Side, Workspace], *, fresh: bool) -> None:
    if options.as_json:
        render.print_json(
            {
                "state": str(config.state.path),
                "created": fresh,
                "dashly": found[Side.DASHLY].id,
                "intercom": found[Side.INTERCOM].id,
            }
        )
        return
    out = render.console()
    dashly, intercom = found[Side.DASHLY], found[Side.INTERCOM]
    out.print(f"Bound Dashly app {dashly.id} and Intercom workspace {intercom.id} ({intercom.name}).")
    out.print(f"State file: {config.state.path}{' (new)' if fresh else ''}")
    if fresh:
        out.print("Its key lies beside the configuration: keep a copy of it with the tokens.")
    out.print("Next: connector plan backfill --from dashly; connector backfill --from dashly; connector sync")
