"""What a fleet of quiet pairs costs on this machine: processor, memory, requests, commits.

``python -m benchmarks.fleet [--hosts] [PAIRS …]`` serves that many pairs of emulated helpdesks on loopback
from this process, runs ``connector fleet run`` beside it, lets one interval go by and measures the next two;
with ``--hosts`` there are two of them, which share a PostgreSQL of this machine. Nothing is asserted. On a
machine that is busy the figures of the processor stay right, the lag does not.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import psycopg
from websockets.asyncio.server import serve

from connector.app import binding, passes
from connector.config import file as configuration
from connector.fleet.folder import pair_files
from connector.fleet.machine import machine_of
from connector.host.clock import SystemClock
from connector.sandbox import World
from connector.sandbox.exchange import Request
from tests import postgres

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from state.access.place import Place
    from state.store import Store
    from tests.postgres import Server

EVERY, INTERVALS = 60, 2
TICKS = os.sysconf("SC_CLK_TCK")
CONFIG = """
[dashly]
base_url = "{dashly}"
app_id = "{app}"

[intercom]
base_url = "{intercom}"
default_admin = "814860"

[hooks]
dashly_url = "{realtime}"

[state]
path = "{name}.db"
url_file = "{database}"
"""
SHARED = '[fleet]\npairs = "{name}/pairs.d"\n[fleet.database]\nurl_file = "database"\nhost = "{name}"\n'
HOSTS = ("north", "south")
ASKED_ONCE = "/me"
"""What each pass asks of Intercom once: so passes are counted, also those that no log tells of."""


class Side(ThreadingHTTPServer):
    """One address for one side of all pairs, which are told apart by their tokens."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, side: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.side = side
        self.worlds: dict[str, World] = {}
        self.requests = 0
        self.passes = 0
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class Silent(Thread):
    """A realtime service to which every pair is connected and that says nothing."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.address = ""
        self.listeners = 0
        self._ready = Event()
        self.start()
        self._ready.wait()

    def run(self) -> None:
        """Serve for ever."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        async with serve(self._hold, "127.0.0.1", 0) as server:
            self.address = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self._ready.set()
            await asyncio.Future()

    async def _hold(self, connection: ServerConnection) -> None:
        self.listeners += 1
        await connection.wait_closed()
        self.listeners -= 1


class Handler(BaseHTTPRequestHandler):
    """Passes a request on to the world of its token."""

    protocol_version = "HTTP/1.1"
    server: Side

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
        """Print nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        world = self.server.worlds[self.headers["Authorization"].partition(" ")[2]]
        self.server.requests += 1
        asked = Request.parse(self.command, self.path, self.headers.items(), body)
        self.server.passes += asked.path == ASKED_ONCE
        answer = world.exchange(self.server.side, asked).response
        self.send_response_only(answer.status)
        self.send_header("Date", world.desk(self.server.side).state.clock.http_date())
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the names that http.server calls


def settle_in(folder: Path, count: int, sides: tuple[Side, Side], realtime: str, database: str) -> None:
    """Make and bind so many pairs, with their state in files or in a database."""
    dashly, intercom = sides
    (folder / "tokens").mkdir()
    (folder / "pairs.d").mkdir()
    os.environ["CREDENTIALS_DIRECTORY"] = str(folder / "tokens")
    for number in range(count):
        name, world = f"pair-{number:03}", World()
        there, far = world.dashly.state, world.intercom.state
        there.app_id, far.workspace_id = there.app_id + number, f"ws{number:06}"
        there.token, far.token = f"app.{there.app_id}.{'k' * 20}", f"ic-{number:03}-{'t' * 20}"
        dashly.worlds[there.token], intercom.worlds[far.token] = world, world
        (folder / "tokens" / f"{name}.dashly_token").write_text(there.token)
        (folder / "tokens" / f"{name}.intercom_token").write_text(far.token)
        said = CONFIG.format(
            dashly=dashly.address,
            app=there.app_id,
            intercom=intercom.address,
            name=name,
            realtime=realtime,
            database=database,
        )
        (folder / "pairs.d" / f"{name}.toml").write_text(said)
    clock = SystemClock()
    for file in pair_files(folder / "pairs.d").values():
        binding.initialise(configuration.load(file.path), machine_of(file, clock))


def commits_of_a_pass(folder: Path) -> int:
    """Return how many transactions a quiet pass of the first pair commits."""
    file = next(iter(pair_files(folder / "pairs.d").values()))
    machine, config = machine_of(file, SystemClock()), configuration.load(file.path)
    passes.sync(config, machine)
    seen: list[str] = []
    opened = machine.open_state

    def watched(place: Place) -> Store:
        store = opened(place)
        store.file._db.set_trace_callback(seen.append)  # noqa: SLF001 - there is no other way in
        return store

    object.__setattr__(machine, "open_state", watched)
    passes.sync(config, machine)
    return sum(statement.upper().startswith("COMMIT") for statement in seen)


def committed(server: Server) -> int:
    """Return how many transactions a server has committed."""
    with psycopg.connect(server.address(), autocommit=True) as administrator:
        administrator.execute("SELECT pg_stat_force_next_flush()")
        row = administrator.execute("SELECT sum(xact_commit) FROM pg_stat_database").fetchone()
    return int(row[0]) if row else 0


def served(server: Server) -> float:
    """Return the seconds of processor time that a server and all its backends have used."""
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    spent = processor(postmaster, children=True)
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            if f"PPid:\t{postmaster}\n" in status.read_text():
                spent += processor(int(status.parent.name))
    return spent


def start(folder: Path, *, hosts: bool) -> list[subprocess.Popen[bytes]]:
    """Start the process of a fleet, or one for each of its hosts."""
    orders = [["--every", str(EVERY)]]
    if hosts:
        for name in HOSTS:
            shutil.copytree(folder / "pairs.d", folder / name / "pairs.d")
            (folder / f"{name}.toml").write_text(SHARED.format(name=name))
        orders = [["--config", f"{name}.toml", "--every", str(EVERY)] for name in HOSTS]
    log = (folder / "log").open("a")
    command = [sys.executable, "-m", "connector", "fleet", "run"]
    return [subprocess.Popen([*command, *order], cwd=folder, stderr=log) for order in orders]


def ends(folder: Path) -> list[dict[str, object]]:
    """Return the passes that did or found something, as the log tells them: a quiet one has no line."""
    lines = (folder / "log").read_text().splitlines()
    return [json.loads(line) for line in lines if '"pass.ended"' in line]


def processor(process: int, *, children: bool = False) -> float:
    """Return the seconds of processor time that a process has used, and its children that ended."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if children else 13])) / TICKS


def megabytes(process: int, what: str) -> float:
    """Return the memory of a process now (``VmRSS``) or at its highest (``VmHWM``)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def measure(count: int, server: Server | None = None) -> dict[str, object]:
    """Run a fleet of so many quiet pairs and return what it cost; with a server it has two hosts."""
    sides, realtime = (Side("dashly"), Side("intercom")), Silent()
    with tempfile.TemporaryDirectory() as name, closing(sides[0].socket), closing(sides[1].socket):
        folder = Path(name)
        if server is not None:
            (folder / "database").write_text(server.address())
        settle_in(folder, count, sides, realtime.address, str(folder / "database") if server else "")
        commits = 0 if server else commits_of_a_pass(folder)
        fleet = start(folder, hosts=server is not None)
        time.sleep(EVERY)  # noqa: TID251 - the fleet works meanwhile

        def so_far() -> tuple[float, float, int, int, int]:
            return (
                sum(processor(one.pid) for one in fleet),
                served(server) if server else 0.0,
                sum(side.requests for side in sides),
                committed(server) if server else 0,
                sum(side.passes for side in sides),
            )

        before = so_far()
        time.sleep(EVERY * INTERVALS)  # noqa: TID251 - the fleet works meanwhile
        spent, serving, requests, written, passed = (
            now - then for now, then in zip(so_far(), before, strict=True)
        )
        listeners = realtime.listeners
        memory, highest = (sum(megabytes(one.pid, what) for one in fleet) for what in ("VmRSS", "VmHWM"))
        for one in fleet:
            one.terminate()
            one.wait()
        ended = ends(folder)
        for side in sides:
            side.shutdown()
    return {
        "pairs": count,
        "hosts": len(fleet),
        "cores": round(spent / passed * count / EVERY, 3),  # as many as pass in time
        "cores_of_database": round(serving / passed * count / EVERY, 3),
        "cpu_ms_a_pass": round(spent / passed * 1000, 1),
        "rss_mb": round(memory, 1),
        "highest_mb": round(highest, 1),
        "requests_a_pass": round(requests / passed, 1),
        "commits_a_pass": round(written / passed) if server else commits,
        "late": round(1 - passed / count / INTERVALS, 3),  # part of the passes that a busy machine left out
        "listening": listeners,
        "passes": sum(side.passes for side in sides),
        "not_clean": sum(line["exit_code"] != 0 for line in ended),
    }


def main() -> None:
    """Measure each number of pairs that is asked for."""
    with ExitStack() as stack:
        hosts = "--hosts" in sys.argv
        server = stack.enter_context(postgres.server()) if hosts else None
        for wanted in [int(one) for one in sys.argv[1:] if one.isdecimal()] or [50, 300]:
            sys.stdout.write(f"{json.dumps(measure(wanted, server))}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
