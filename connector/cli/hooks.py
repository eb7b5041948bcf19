"""`connector hooks serve`: hear Intercom's webhooks and leave hints."""

from __future__ import annotations

import importlib.util
import socket
import sys
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
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
from connector.hooks.receivers import ROOT, OnePair, PairsOfFolder, Remembered
from connector.host.clock import SystemClock
from connector.host.service_manager import ServiceManager

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.hooks.receivers import Receivers

_TICK = 1.0
# Answers take milliseconds: whoever is still there then waits in vain.
_CLOSES_WITHIN = 3
# A proxy keeps its connections open; each takes one of the places below.
_IDLE = 5
# Beyond this 503 is answered, so that a flood fills no memory.
_MOST_AT_ONCE = 200
_LAST_PORT = 65535


@click.group("hooks")
@common
def command(_options: Options, /) -> None:
    """Receive what Intercom pushes."""


@command.command("serve")
@click.option(
    "--pairs",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Receive for all pairs of this folder, or of the one that fleet.toml names.",
)
@click.option(
    "--listen", metavar="ADDRESS:PORT", help="Where to listen [[hooks] listen, else 127.0.0.1:8470]."
)
@common
def serve(options: Options, /, *, pairs: Path | None, listen: str | None) -> int:
    """Receive Intercom's webhooks and leave a hint for each.

    `sync --every` and `fleet run` follow it.
    """
    if importlib.util.find_spec("uvicorn") is None or importlib.util.find_spec("starlette") is None:
        raise ConfigError(
            "the webhook server is not installed",
            hint="pip install --require-hashes -r requirements-hooks.txt",
        )
    hearing = _many(options, pairs) or _one(options)
    host, port = _read_address(listen or hearing.listen)
    with closing(_bound(host, port)) as bound:
        shown = f"[{host}]" if ":" in host else host
        _tell(options, hearing, f"{shown}:{bound.getsockname()[1]}")
        _serve(hearing.receivers, bound)
    return ExitCode.CLEAN


@dataclass(frozen=True, slots=True)
class _Hearing:
    """Who receives, where that is to be heard, and why a path cannot be: empty for those that can."""

    receivers: Receivers
    listen: str
    paths: Mapping[str, str]


def _many(options: Options, pairs: Path | None) -> _Hearing | None:
    """Return the pairs of a fleet; None where one pair is meant."""
    chosen = Path(options.config) if options.config else None
    if pairs is None and (chosen or Path()).name != FLEET_FILE and (chosen or not Path(FLEET_FILE).exists()):
        return None
    fleet = settings.over(settings.load(chosen), pairs=pairs)
    receivers = PairsOfFolder(fleet.fleet.pairs)
    paths = [f"{ROOT}/{name}" for name in pair_files(fleet.fleet.pairs)]
    return _Hearing(receivers, fleet.hooks.listen, {path: _problem(receivers, path) for path in paths})


def _one(options: Options) -> _Hearing:
    path = configuration.find_path(options.config)
    receivers = OnePair(path)
    receivers.find(ROOT)  # what is missing is told before anybody relies on it
    return _Hearing(receivers, configuration.load(path).hooks.listen, {ROOT: ""})


def _problem(receivers: Receivers, path: str) -> str:
    try:
        receivers.find(path)
    except ConnectorError as error:  # others are heard all the same
        return str(error)
    return ""


def _tell(options: Options, hearing: _Hearing, address: str) -> None:
    if options.as_json:
        paths = [{"path": path, "error": problem or None} for path, problem in hearing.paths.items()]
        render.print_json({"listening": address, "paths": paths})
    else:
        for path, problem in hearing.paths.items():
            render.console().print(f"{path} cannot receive: {problem}" if problem else f"{path} receives")
        render.console().print(f"listening on {address}")
    sys.stdout.flush()  # whoever started this waits for the address


def _read_address(listen: str) -> tuple[str, int]:
    """Return host and port; ConfigError when nobody could listen there."""
    host, _, port = listen.rpartition(":")
    bare = host.strip("[]")
    with suppress(OSError, ValueError):  # no such host; no name of a host, or no number
        if bare and port.isdecimal() and int(port) <= _LAST_PORT:
            socket.getaddrinfo(bare, None)
            return bare, int(port)
    raise ConfigError(f"{listen} is not an address with a port", hint="--listen 127.0.0.1:8470")


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConnectorError(
            f"cannot listen on {host}:{port}: {error.strerror}", hint="see what is using it: ss -ltnp"
        ) from error


def _serve(receivers: Receivers, bound: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415 - of an extra

    from connector.hooks.patience import Impatient  # noqa: PLC0415 - needs the same extra
    from connector.hooks.server import application  # noqa: PLC0415 - and this one too

    manager = ServiceManager.of()
    clock = SystemClock(manager.alive, longest=manager.longest_silence)
    server = uvicorn.Server(
        uvicorn.Config(
            application(Remembered(receivers)),
            http=Impatient,
            ws="none",  # whoever asks to talk on would be handed to a protocol that has other limits
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
    with stopping(clock, told=manager.stopping):
        thread.start()
        manager.ready()
        while thread.is_alive() and not clock.stopped:
            manager.alive()
            clock.sleep(_TICK)
        server.should_exit = True
        thread.join(_CLOSES_WITHIN + _TICK)
        if not clock.stopped:
            raise ConnectorError("the webhook server stopped by itself", hint="connector hooks serve")
