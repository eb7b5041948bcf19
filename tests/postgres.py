"""A PostgreSQL server for tests: started as its own user in a temporary folder, on loopback."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from state.access.place import Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from state.access.place import Place
    from state.postgres.session import Session

MISSING = "PostgreSQL is not installed: apt-get install postgresql"
NO_DRIVER = "the extra `fleet` is not installed"
TABLES = (
    *(
        "meta",
        "runs",
        "days",
        "watermarks",
        "budget",
        "people",
        "counters",
        "conversations",
        "words",
        "parts",
    ),
    *("intents", "conflicts", "quarantine", "arrivals", "trips"),
)
"""All tables of a pair, each after those that it refers to."""
_NOTICED = 10.0
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
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def address(self, user: str = "postgres", database: str = "postgres") -> str:
        """Return the address of a database of this server."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def place(self, folder: Path, name: str = "") -> Schema:
        """Return where the state of a new pair may be made."""
        name = name or f"pair{next(self.numbers)}"
        return Schema(self.address(), name, folder / f"{name}.db")

    def stop(self, how: str = "immediate") -> None:
        """End the server as an administrator does, or as a crash."""
        _run("pg_ctl", "stop", "-w", "-m", how, "-D", str(self.folder / "data"))
        self.process.wait(60)

    def start(self) -> None:
        """Start it again on the same port and data."""
        self.process = _started(self.folder, self.port)


def connect(place: Schema) -> Session:
    """Begin a session with the database as the connector does."""
    from state.postgres import connecting  # noqa: PLC0415 - of an extra

    return connecting.connect(place)


def emptied(place: Schema) -> Schema:
    """Return a schema as it was when it was made, which takes a hundredth of making one."""
    gone = [f"DELETE FROM {table}" for table in reversed(TABLES) if table != "meta"]  # noqa: S608 - ours
    gone.append("DELETE FROM meta WHERE key NOT IN ('schema', 'key_mark')")
    with closing(connect(place)) as session:
        session.connection.execute(";".join(gone).encode())
    return place


Rows = dict[str, list[dict[str, Any]]]


def dumped(place: Schema) -> Rows:
    """Return every row of a schema, as `pg_dump` does."""
    with closing(connect(place)) as session:
        return {
            table: [dict(row) for row in session.execute(f"SELECT * FROM {table}").fetchall()]  # noqa: S608 - ours
            for table in TABLES
        }


def restored(place: Schema, dump: Rows) -> None:
    """Put a dump in the place of what a schema holds, as `pg_restore` does."""
    emptied(place)
    with closing(connect(place)) as session:
        session.execute("BEGIN")
        # Its triggers counted as the rows came.
        for table in (*(table for table in TABLES if table != "counters"), "counters"):
            if table in {"meta", "counters"}:
                session.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
            for row in dump[table]:
                places = ", ".join("?" * len(row))
                sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"  # noqa: S608 - ours
                session.execute(sql, list(row.values()))
        session.commit()


def free(place: Place) -> None:
    """End the session that holds the lock of a pair, as a network that is cut does after a while."""
    assert isinstance(place, Schema)
    with closing(connect(place)) as session:
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )


def dropped(place: Schema) -> None:
    """Take a schema away with all that is in it."""
    with closing(connect(place)) as session:
        session.execute(f'DROP SCHEMA "{place.name}" CASCADE')


def freed(place: Schema) -> None:
    """Wait until the server has noticed that the process that held a pair is gone."""
    from state.postgres import advisory  # noqa: PLC0415 - of an extra

    ends = time.monotonic() + _NOTICED
    while advisory.holder(place) is not None and time.monotonic() < ends:
        time.sleep(0.01)  # noqa: TID251 - the server works meanwhile


def programs() -> Path | None:
    """Return where the server's programs lie; None where it is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))  # Debian keeps them out of PATH
    found = installed[-1] if installed else shutil.which("postgres")
    return None if found is None else Path(found).resolve().parent


@contextmanager
def server() -> Iterator[Server]:
    """Start a server for as long as the body runs; skips where there is none."""
    pytest.importorskip("psycopg", reason=NO_DRIVER)
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
