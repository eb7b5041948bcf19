"""Let other people's clients read and write the sandbox, and compare their counts with its record.

    python -m tests.contract.foreign.run [NAME...]

Exit codes: 0 all agree, 1 a client fails or counts otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connector.sandbox import World, populate, start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.sandbox import Sandbox

HERE = Path(__file__).parent / "clients"
BUILD = Path(__file__).parents[3] / "build" / "foreign"
PATIENCE = 600
"""Seconds that a client, or its installation, may take."""


@dataclass(frozen=True)
class Client:
    """Somebody else's program: its package, the script that drives it, the versions that it asks for.

    One that asks for none gets what the sandbox's app is set to.
    """

    name: str
    package: str
    script: str
    versions: frozenset[str]

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return BUILD / self.name

    @property
    def is_node(self) -> bool:
        """Whether it comes from npm."""
        return self.script.endswith(".cjs")

    def install(self) -> None:
        """Install the package into a folder of its own, once."""
        if (self.folder / "installed").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for command in self._installation():
            subprocess.run(command, cwd=self.folder, check=True, timeout=PATIENCE)
        (self.folder / "installed").touch()

    def counts(self, sandbox: Sandbox) -> dict[str, int]:
        """Run it against the sandbox and return what it counted, the last line of its output."""
        program = "node" if self.is_node else str(self.folder / "bin" / "python")
        paths = {"NODE_PATH": str(self.folder / "node_modules"), "FOLDER": str(self.folder)}
        access = {"BASE_URL": sandbox.intercom.base_url, "TOKEN": sandbox.intercom.token}
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [program, str(HERE / self.script)],
            env={**clean, **paths, **access},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name} ended with {done.returncode}: {done.stderr[-2000:]}")
        found: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
        return found

    def _installation(self) -> Iterable[list[str]]:
        if self.is_node:
            return [["npm", "install", "--silent", "--no-audit", "--prefix", ".", self.package]]
        pip = [str(self.folder / "bin" / "python"), "-m", "pip", "install", "-qq", self.package]
        return [[sys.executable, "-m", "venv", "."], pip]


CLIENTS = (
    Client("python-1x", "python-intercom==3.1.0", "python_1x.py", frozenset({"1.4"})),
    Client("node-1x", "intercom-client@2.11.2", "node_1x.cjs", frozenset({"1.4"})),
    Client("python-2x", "python-intercom==5.0.1", "python_2x.py", frozenset({""})),
    Client("node-2x", "intercom-client@7.0.3", "node_2x.cjs", frozenset({"2.14"})),
    Client("tap-intercom", "tap-intercom==2.2.5", "tap.py", frozenset({"2.12"})),
    Client("airbyte", "airbyte-source-intercom==0.8.3", "airbyte_source.py", frozenset({"2.9", "2.10"})),
)


def expected(world: World) -> dict[str, int]:
    """Count what is there, as the sandbox itself knows it."""
    truth = world.truth()["intercom"]
    contacts = [item for item in truth["contacts"] if not item["merged_into"] and not item["archived"]]
    return {
        "admins": sum(not item["left"] for item in truth["admins"]),
        "teams": len(world.intercom.state.teams),
        "tags": len(truth["tags"]),
        "contacts": len(contacts),
        "users": sum(item["role"] == "user" for item in contacts),
        "leads": sum(item["role"] == "lead" for item in contacts),
        "conversations": len(truth["conversations"]),
        "parts": sum(len(item["parts"]) for item in truth["conversations"]),
        "parts before 2.6": sum(
            part["type"] != "conversation_tags_updated"
            for item in truth["conversations"]
            for part in item["parts"]
        ),
    }


def problems(client: Client) -> list[str]:
    """Let a client work on a fresh sandbox and return where its counts are others."""
    client.install()
    world = World()
    with start(world=world) as sandbox:
        populate(world)
        try:
            counts = client.counts(sandbox)
        except (RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
            return [str(error)]
        known = expected(world)
        versions = {item.version for item in world.requests("intercom")}
    wrong = [f"{name}: {count}, not {known[name]}" for name, count in counts.items() if count != known[name]]
    if versions != client.versions:
        wrong.append(f"it asked for API {sorted(versions)}, not {sorted(client.versions)}")
    return wrong + [f"the sandbox failed: {crash}" for crash in world.record.crashes]


def main(names: list[str]) -> int:
    """Run the named clients, or all of them."""
    failed = False
    for client in CLIENTS:
        if names and client.name not in names:
            continue
        found = problems(client)
        failed = failed or bool(found)
        asked = ", ".join(sorted(client.versions)) or "as set"
        sys.stdout.write(f"{'FAIL' if found else 'ok':<5}{client.package} (API {asked})\n")
        sys.stdout.writelines(f"     {line}\n" for line in found)
        sys.stdout.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
