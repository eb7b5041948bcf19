"""Measures the connector as whole processes against two replayed helpdesks.

``python benchmarks/measure.py`` prints Markdown: the machine, how fast the replay answers by itself, and for
each latency what a backfill into Intercom, a check and a pass without news needed. Nothing is asserted.
"""

from __future__ import annotations

import http.client
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).with_name("connector")
REAL = 1666
"""Requests that Intercom allows in ten seconds."""
THREADS = 8
ASKED = 2_000

COMMANDS = (("backfill", "--from", "dashly", "--yes"), ("verify",), ("sync",), ("sync",))

CONFIG = """
[dashly]
base_url = "{dashly}"
app_id = "48213"
requests_per_minute = 100000
[intercom]
base_url = "{intercom}"
default_admin = "814860"
bot_admin = "814860"
[state]
path = "connector.db"
backup = "never"
[sync]
sweep = {sweep}
[map.admins]
"151204" = "814860"
"""


@dataclass(frozen=True)
class Cost:
    """One process: how long it took, its CPU, its memory, and the requests at each side."""

    seconds: float
    cpu: float
    kilobytes: int
    requests: dict[str, int]
    refused: int
    served: float


class Replay:
    """The process that answers."""

    def __init__(self, **setting: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "replay.py"), json.dumps(setting)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addresses: dict[str, str] = self._hear()

    def count(self) -> dict[str, dict[str, float]]:
        """Return what was asked since the last count."""
        assert self._process.stdin is not None
        self._process.stdin.write("count\n")
        self._process.stdin.flush()
        return self._hear()

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


class Bench:
    """A folder with a configuration, a state file, and the sides behind it."""

    def __init__(self, folder: Path, *, sweep: int = 0, **setting: Any) -> None:
        self._folder = folder
        self.replay = Replay(**setting)
        self._config = folder / "connector.toml"
        self._config.write_text(CONFIG.format(**self.replay.addresses, sweep=sweep))
        self.run("init")

    def run(self, *command: str) -> Cost:
        """Run one command to its end."""
        self.replay.count()
        tokens = {"DASHLY_TOKEN": "dashly", "INTERCOM_TOKEN": "intercom"}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        done = subprocess.run(
            [str(COMMAND), "--config", str(self._config), *command, "--json"],
            env={**os.environ, **tokens},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in {0, 1}:
            raise SystemExit(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
        asked = self.replay.count()
        return Cost(
            seconds,
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            after.ru_maxrss,
            {side: int(count["requests"]) for side, count in asked.items()},
            int(sum(count["refused"] for count in asked.values())),
            sum(count["busy"] for count in asked.values()),
        )


def pace() -> float:
    """Return how many conversations a second the replay answers to several threads that do nothing else."""
    replay = Replay(conversations=50, parts=10, latency=0.0, limit=0)
    host = replay.addresses["dashly"].removeprefix("http://")

    def ask() -> None:
        connection = http.client.HTTPConnection(host)
        for number in range(ASKED // THREADS):
            connection.request("GET", f"/v2/conversations/{2_000_000_000_000_000_000 + number % 50 * 1000}")
            connection.getresponse().read()

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    replay.close()
    return ASKED / seconds


def rows(conversations: int, parts: int, latency: float, limit: int) -> None:
    """Print a row for each command."""
    with tempfile.TemporaryDirectory() as made:
        bench = Bench(Path(made), conversations=conversations, parts=parts, latency=latency, limit=limit)
        what = f"{conversations} of {parts}, {latency * 1000:.0f} ms, {'limit' if limit else 'no limit'}"
        whole = conversations * parts
        for command in COMMANDS:
            cost = bench.run(*command)
            told = [
                what,
                command[0],
                f"{cost.seconds:.2f} s",
                f"{whole / cost.seconds:.0f}",
                f"{conversations / cost.seconds:.0f}",
                f"{cost.cpu / whole * 1000:.2f} ms",
                f"{cost.requests['dashly']} + {cost.requests['intercom']}",
                f"{cost.requests['intercom'] / cost.seconds:.0f}",
                str(cost.refused),
                f"{cost.kilobytes // 1024} MB",
                f"{100 * cost.served / cost.seconds:.0f} %",
            ]
            sys.stdout.write(f"| {' | '.join(told)} |\n")
            sys.stdout.flush()
        bench.replay.close()


HEAD = (
    "what, command, time, parts/s, conversations/s, CPU a part, requests (Dashly + Intercom), "
    "to Intercom a second, 429, memory, replay busy"
)


def main() -> None:
    """Measure everything."""
    load = os.getloadavg()[0]
    sys.stdout.write(
        f"{platform.python_version()}, {platform.platform()}, {os.cpu_count()} cores, load {load:.1f}; "
        f"the replay alone answers {pace():.0f} requests a second\n\n"
    )
    names = HEAD.split(", ")
    sys.stdout.write(f"| {' | '.join(names)} |\n|{' --- |' * len(names)}\n")
    for conversations, parts, latency, limit in (
        (200, 10, 0.05, REAL),
        (200, 10, 0.3, REAL),
        (100, 10, 0.0, 0),
        (1, 100, 0.0, 0),
        (1, 300, 0.0, 0),
        (1, 499, 0.0, 0),
    ):
        rows(conversations, parts, latency, limit)


if __name__ == "__main__":
    main()
