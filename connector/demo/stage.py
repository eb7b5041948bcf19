"""Where the demonstration is played: both helpdesks served on loopback, a folder, the installed command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from connector.errors import ConnectorError
from connector.sandbox import Sandbox, World, populate, start

if TYPE_CHECKING:
    from collections.abc import Generator

LIMIT = 1200  # requests a minute: at the real 60 the demonstration takes minutes
PATIENCE = 120  # seconds; far more than any step needs on a slow machine
CONFIG = """
[dashly]
base_url = "{dashly}"
app_id = "{app}"
requests_per_minute = {limit}    # the sandbox allows more than the real 60, so that this takes seconds

[intercom]
base_url = "{intercom}"
default_admin = "814860"

[sync]
settle = "2s"
"""
_TOKEN_SOURCES = ("CREDENTIALS_DIRECTORY", "DASHLY_TOKEN_FILE", "INTERCOM_TOKEN_FILE")


@dataclass(frozen=True)
class Stage:
    """The served sandbox and a folder with configuration and state; ``problems`` is what was found wrong."""

    sandbox: Sandbox
    folder: Path
    problems: list[str] = field(default_factory=list)

    @property
    def world(self) -> World:
        """Return the people and the truth behind the sandbox."""
        return self.sandbox.world

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start one command as a user would, in a process of its own; what it prints is piped."""
        # Whoever tries the demo may have real tokens around, and files win over variables.
        env = {name: value for name, value in os.environ.items() if name not in _TOKEN_SOURCES}
        env |= {
            "DASHLY_TOKEN": self.sandbox.dashly.token,
            "INTERCOM_TOKEN": self.sandbox.intercom.token,
            "CONNECTOR_CONFIG": str(self.folder / "connector.toml"),
        }
        command = [sys.executable, "-m", "connector", *arguments, "--json"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True)  # noqa: S603 - our own program

    def finish(self, process: subprocess.Popen[str], *arguments: str) -> dict[str, Any]:
        """Wait for the end of a command and return its JSON; ConnectorError when it printed none."""
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except BaseException:
            # A command left behind would go on writing into a folder that is removed.
            process.kill()
            process.wait()
            raise
        call = f"`connector {' '.join(arguments)}`"
        try:
            told: dict[str, Any] = json.loads(out)
        except ValueError:
            raise ConnectorError(f"{call} said: {err.strip()}") from None
        # 1 is well: the week holds parts that need a person's attention.
        self.expect(process.returncode in {0, 1}, f"{call} ended with {process.returncode}")
        return told

    def run(self, *arguments: str) -> dict[str, Any]:
        """Run one command to its end and return its JSON."""
        return self.finish(self.begin(*arguments), *arguments)

    def counterparts(self) -> dict[str, str]:
        """Return which Intercom conversation mirrors which Dashly conversation."""
        return {pair["dashly"]: pair["intercom"] for pair in self.run("pairs", "list")["pairs"]}

    def expect(self, holds: bool, problem: str) -> None:  # noqa: FBT001 - reads as a sentence
        """Note a problem unless something holds."""
        if not holds:
            self.problems.append(problem)


@contextmanager
def stage() -> Generator[Stage]:
    """Serve a lifelike week on both helpdesks, with a configuration that leads to it."""
    world = World(dashly_limit=LIMIT)
    with TemporaryDirectory(prefix="connector-demo-") as folder, start(world=world) as sandbox:
        populate(world)
        (Path(folder) / "connector.toml").write_text(
            CONFIG.format(
                dashly=sandbox.dashly.base_url,
                app=sandbox.dashly.app_id,
                intercom=sandbox.intercom.base_url,
                limit=LIMIT,
            )
        )
        yield Stage(sandbox, Path(folder))
