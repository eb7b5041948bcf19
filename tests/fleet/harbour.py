"""A folder of pairs, each with both helpdesks emulated on loopback, and the command that syncs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector import cli
from connector.sandbox import Sandbox, World, start
from tests.fleet.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

NORA, PATIENCE = "151204", 30.0
PROGRAM = ("-m", "connector")
NEWER = (str(Path(__file__).with_name("newer.py")),)
"""The program as a later version would be."""
CONFIG = """
[dashly]
base_url = "{dashly}"
app_id = "{app}"
requests_per_minute = 6000

[intercom]
base_url = "{intercom}"
default_admin = "814860"

[state]
path = "{name}.db"
{state}
[sync]
settle = "2s"
"""


@dataclass
class Harbour:
    """Where several pairs live."""

    folder: Path
    patch: pytest.MonkeyPatch
    capture: Callable[[], Any]
    sandboxes: dict[str, Sandbox] = field(default_factory=dict)
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    networks: dict[str, Network] = field(default_factory=dict)

    @property
    def pairs(self) -> Path:
        """The folder of pairs."""
        return self.folder / "pairs.d"

    @property
    def tokens(self) -> Path:
        """The folder of tokens."""
        return self.folder / "tokens"

    def add(self, name: str, *, bind: bool = True) -> World:
        """Add a pair with helpdesks of its own."""
        number = len(self.sandboxes)
        world = World(dashly_limit=6000)
        world.dashly.state.app_id += number
        world.intercom.state.workspace_id = f"ws{number:06}"
        self.sandboxes[name] = sandbox = start(world=world)
        self.config(name).write_text(
            CONFIG.format(
                name=name,
                dashly=sandbox.dashly.base_url,
                app=sandbox.dashly.app_id,
                intercom=sandbox.intercom.base_url,
                state=f'url_file = "{self.database}"\n' if self.database.exists() else "",
            )
        )
        self.put_tokens(name)
        if bind:
            assert self.run("--config", str(self.config(name)), "init")[0] == 0
        return world

    def put_tokens(self, name: str, *, dashly: str = "") -> None:
        """Put the tokens of a pair where the service manager would."""
        sandbox = self.sandboxes[name]
        (self.tokens / f"{name}.dashly_token").write_text(dashly or sandbox.dashly.token)
        (self.tokens / f"{name}.intercom_token").write_text(sandbox.intercom.token)

    def put_secret(self, name: str) -> str:
        """Put what Intercom signs a pair's webhooks with beside its tokens, and return it."""
        secret = self.sandboxes[name].world.intercom.state.client_secret
        (self.tokens / f"{name}.intercom_client_secret").write_text(secret)
        return secret

    def hear(self, *arguments: str) -> str:
        """Start the server for webhooks on a free port and return its address."""
        process = self.spawn("hooks", "serve", "--listen", "127.0.0.1:0", *arguments)
        assert eventually(lambda: "listening on" in self.log_text())
        assert process.poll() is None
        (line,) = [one for one in self.log_text().splitlines() if "listening on" in one]
        return f"http://{line.rpartition(' ')[2]}"

    def share(self, address: str) -> None:
        """Keep the state of all pairs that come in a database, and let hosts share it."""
        self.database.write_text(address)
        self.database.chmod(0o600)

    def host(self, name: str, *, every: str = "2s") -> None:
        """Make a host of a fleet on several: the same pairs, in a folder that is its own memory."""
        there = self.folder / name
        there.mkdir()
        shutil.copytree(self.pairs, there / "pairs.d", ignore=shutil.ignore_patterns("*.lock", "*.db*"))
        self.networks[name] = network = Network()
        database = there / "database"
        database.touch(mode=0o600)
        database.write_text(network.through(self.database.read_text()))
        for file in (there / "pairs.d").glob("*.toml"):
            file.write_text(network.through(file.read_text().replace(str(self.database), str(database))))
        (self.folder / f"{name}.toml").write_text(
            f'[fleet]\npairs = "{name}/pairs.d"\nevery = "{every}"\n'
            f'[fleet.database]\nurl_file = "{name}/database"\nhost = "{name}"\n'
        )

    @property
    def database(self) -> Path:
        """The file with the address of the database."""
        return self.folder / "database"

    def config(self, name: str) -> Path:
        """Return the file of a pair."""
        return self.pairs / f"{name}.toml"

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command in this process; return its exit code and what it said."""
        self.capture()
        try:
            cli.main(list(arguments))
        except SystemExit as ended:
            said = self.capture()
            return int(ended.code or 0), said.out, said.err
        raise RuntimeError("a command always exits")

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run a command in this process and return its JSON."""
        told: dict[str, Any] = json.loads(self.run(*arguments, "--json")[1])
        return told

    def status(self) -> dict[str, dict[str, Any]]:
        """Return what `fleet status` says, by pair."""
        return {pair["name"]: pair for pair in self.json("fleet", "status")["pairs"]}

    def spawn(self, *arguments: str, program: tuple[str, ...] = PROGRAM) -> subprocess.Popen[str]:
        """Start a command in a process of its own; its log goes to a file."""
        log = (self.folder / "log").open("a")
        with closing(log):
            process = subprocess.Popen(
                [sys.executable, *program, *arguments],
                cwd=self.folder,
                env=dict(os.environ),
                stdout=log,
                stderr=log,
                text=True,
            )
        self.running.append(process)
        return process

    def log(self) -> list[dict[str, Any]]:
        """Return the events that spawned commands logged."""
        lines = self.log_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def log_text(self) -> str:
        """Return everything that spawned commands said."""
        return (self.folder / "log").read_text()

    def ask(self, name: str, words: str) -> str:
        """Let a customer of a pair ask something in Dashly."""
        dashly = self.sandboxes[name].world.dashly
        customer = dashly.customer("Eva", user_id="acct-1")
        return dashly.customer_starts(customer, words)

    def copies(self, name: str, words: str) -> int:
        """Return how many parts of a pair's Intercom have these words."""
        world = self.sandboxes[name].world
        with world.intercom.lock:
            talks = list(world.intercom.state.conversations.values())
        said = [body for talk in talks for body in (talk.source.body, *(part.body for part in talk.parts))]
        return sum(words in (body or "") for body in said)

    def close(self) -> None:
        """End what runs."""
        for process in self.running:
            process.kill()
            process.wait()
        for network in self.networks.values():
            network.close()
        for sandbox in self.sandboxes.values():
            sandbox.close()


def eventually(holds: Callable[[], bool], *, seconds: float = PATIENCE) -> bool:
    """Wait until something holds; tell whether it did in time."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if holds():
            return True
        time.sleep(0.1)  # noqa: TID251 - another process works meanwhile
    return False
