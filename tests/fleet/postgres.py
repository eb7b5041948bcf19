"""A PostgreSQL server for tests: started as its own user in a temporary folder, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = "PostgreSQL is not installed: apt-get install postgresql"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "shared_buffers": "16MB",
    "max_connections": "100",
    "logging_collector": "off",
}


@dataclass
class Server:
    """A running server, where everybody on this machine is believed."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def address(self, user: str = "postgres", database: str = "postgres") -> str:
        """Return the address of a database of this server."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def forget_everything(self) -> None:
        """Drop what a fleet on several hosts shares."""
        self.run("DROP SCHEMA IF EXISTS connector_fleet CASCADE")

    def run(self, sql: str) -> None:
        """Run a statement."""
        _run("psql", "-q", "-d", self.address(), "-c", sql)

    def stop(self, how: str = "immediate") -> None:
        """End the server as an administrator does, or as a crash."""
        _run("pg_ctl", "stop", "-w", "-m", how, "-D", str(self.folder / "data"))
        self.process.wait(60)

    def start(self) -> None:
        """Start it again on the same port and data."""
        self.process = _started(self.folder, self.port)


def programs() -> Path | None:
    """Return where the server's programs lie; None where it is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))  # Debian keeps them out of PATH
    found = installed[-1] if installed else shutil.which("postgres")
    return None if found is None else Path(found).resolve().parent


@contextmanager
def server() -> Iterator[Server]:
    """Start a server for as long as the body runs; skips where there is none."""
    if programs() is None:
        pytest.skip(MISSING)
    with tempfile.TemporaryDirectory(prefix="connector-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "data").mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(folder / "data", "postgres", "postgres")
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        _run("initdb", *options, "-D", str(folder / "data"))
        port = _free_port()
        running = Server(folder, port, _started(folder, port))
        try:
            yield running
        finally:
            running.stop()


def _started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    settings = [f"-c{name}={value}" for name, value in {**_SETTINGS, "port": str(port)}.items()]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [*_as_owner(), str(_program("postgres")), "-D", str(folder / "data"), *settings],
            stdout=log,
            stderr=log,
            cwd="/",
        )
    _run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), patience=120)
    return process


def _run(program: str, *arguments: str, patience: int = 1) -> None:
    for left in reversed(range(patience)):
        done = subprocess.run(
            [*_as_owner(), str(_program(program)), *arguments], capture_output=True, cwd="/", check=False
        )
        if done.returncode == 0:
            return
        if left:
            _pause()
    raise AssertionError(done.stderr.decode(errors="replace") or f"{program} failed")


def _pause() -> None:
    subprocess.run(["sleep", "0.1"], check=True)  # noqa: S607 - it is everywhere


def _as_owner() -> list[str]:
    """Return what runs a program as the server's own user: it refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _program(name: str) -> Path:
    folder = programs()
    assert folder is not None
    return folder / name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
