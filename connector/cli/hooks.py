"""`connector hooks serve`: hear Intercom's webhooks and leave hints."""

from __future__ import annotations

import importlib.util
import socket
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping
from connector.cli.output import render
from connector.config import file as configuration
from connector.errors import ConfigError, ConnectorError, ExitCode
from connector.fleet import settings
from connector.fleet.folder import FLEET_FILE, pair_files
from connector.hooks.receivers import ROOT, OnePair, PairsOfFolder
from connector.host.cell import line
from connector.host.clock import SystemClock
from connector.host.service_manager import ServiceManager

if TYPE_CHECKING:
    from connector.hooks.receivers import Receivers

_TICK = 1.0
_CLOSES_WITHIN = 3
_IDLE = 5
_MOST_AT_ONCE = 200


@click.group("hooks")
@common
def command(_options: Options, /) -> None:
    """Hear what Intercom tells by itself."""


@command.command("serve")
@click.option(
    "--pairs",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Hear for all pairs of this folder, or of that which fleet.toml names.",
)
@click.option("--listen", metavar="ADDRESS:PORT", help="Where [of hooks.listen, else 127.0.0.1:8470].")
@common
def serve(options: Options, /, *, pairs: Path | None, listen: str | None) -> int:
    """Hear Intercom's webhooks and leave a hint for each, which `sync --every` and `fleet run` follow."""
    if importlib.util.find_spec("uvicorn") is None or importlib.util.find_spec("starlette") is None:
        raise ConfigError(
            "a server for webhooks is not installed",
            hint="pip install --require-hashes -r requirements-hooks.txt",
        )
    receivers, configured = _many(options, pairs) or _one(options)
    host, _, port = (listen or configured).rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigError(f"{listen} is no address with a port", hint="--listen 127.0.0.1:8470")
    with closing(_bound(host.strip("[]"), int(port))) as bound:
        render.console().print(f"listening on {host}:{bound.getsockname()[1]}")
        _serve(receivers, bound)
    return ExitCode.CLEAN


def _many(options: Options, pairs: Path | None) -> tuple[Receivers, str] | None:
    """Return the pairs of a fleet and where they are to be heard; None where one pair is meant."""
    chosen = Path(options.config) if options.config else None
    if pairs is None and (chosen or Path()).name != FLEET_FILE and (chosen or not Path(FLEET_FILE).exists()):
        return None
    fleet = settings.over(settings.load(chosen), pairs=pairs)
    receivers = PairsOfFolder(fleet.fleet.pairs)
    for name in pair_files(fleet.fleet.pairs):
        _look(receivers, f"{ROOT}/{name}", options)
    return receivers, fleet.hooks.listen


def _one(options: Options) -> tuple[Receivers, str]:
    path = configuration.find_path(options.config)
    receivers = OnePair(path)
    receivers.find(ROOT)  # what is missing is told before anybody relies on it
    return receivers, configuration.load(path).hooks.listen


def _look(receivers: Receivers, path: str, options: Options) -> None:
    try:
        receivers.find(path)
        told = f"{path} is heard"
    except ConnectorError as error:  # others are heard all the same
        told = f"{path} cannot be heard: {error}"
    if options.as_json:  # stdout is one object
        sys.stderr.write(f"connector: {line(told)}\n")
    else:
        render.console().print(told)


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConnectorError(
            f"nothing can listen on {host}:{port}: {error.strerror}", hint="see who does: ss -ltnp"
        ) from error


def _serve(receivers: Receivers, bound: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415 - of an extra

    from connector.hooks.server import application  # noqa: PLC0415 - needs the same extra

    manager = ServiceManager.of()
    clock = SystemClock(manager.alive, longest=manager.longest_silence)
    server = uvicorn.Server(
        uvicorn.Config(
            application(receivers),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=_CLOSES_WITHIN,
            limit_concurrency=_MOST_AT_ONCE,
        )
    )
    # In a thread: uvicorn would take the signals, and our answer to them is the same everywhere.
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    with stopping(clock, "connector hooks serve", told=manager.stopping):
        thread.start()
        manager.ready()
        while thread.is_alive() and not clock.stopped:
            manager.alive()
            clock.sleep(_TICK)
        server.should_exit = True
        thread.join(_CLOSES_WITHIN + _TICK)
