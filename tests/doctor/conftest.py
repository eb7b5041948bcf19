"""A room with a configuration and a sandbox over real HTTP, where sleeping takes no time."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from connector.cli import connector
from connector.cli.output.explain import explain
from connector.config.key import read_key
from connector.host.clock import SystemClock
from connector.sandbox import Sandbox, World, start
from state import store as states

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from state.store import Store

CONFIG = """
[dashly]
base_url = "{dashly}"
app_id = "{app}"
requests_per_minute = 6000
default_admin = "{operator}"

[intercom]
base_url = "{intercom}"
default_admin = "814860"
api_version = "{version}"
"""


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        told: dict[str, Any] = json.loads(self.out)
        return told

    @property
    def lines(self) -> dict[str, dict[str, str]]:
        """The checks by name; of several with one name the worst."""
        order = ["skip", "ok", "warn", "fail"]
        ranked = sorted(self.json["checks"], key=lambda check: order.index(check["status"]))
        return {check["check"]: check for check in ranked}

    def status(self, check: str) -> str:
        """How one check went."""
        return self.lines[check]["status"]


@dataclass
class Room:
    """A folder, and the sandbox that its configuration names."""

    folder: Path
    sandbox: Sandbox
    patch: pytest.MonkeyPatch

    @property
    def world(self) -> World:
        """The people and the truth behind the sandbox."""
        return self.sandbox.world

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "connector.toml"

    @property
    def state(self) -> Path:
        """The state file."""
        return self.folder / "connector.db"

    def run(self, *arguments: str) -> Said:
        """Run a command in this process and with JSON."""
        return self.plain("--json", *arguments)

    def plain(self, *arguments: str) -> Said:
        """Run a command in this process as a person would."""
        kept, level = logging.getLogger().handlers[:], logging.getLogger().level
        words = ["--config", str(self.config), *arguments]
        result = CliRunner().invoke(connector, words, standalone_mode=False)
        logging.getLogger().handlers = kept
        logging.getLogger().setLevel(level)
        if isinstance(result.exception, Exception):
            code = explain(result.exception, as_json=False, verbose=False)
            return Said(code, result.stdout, f"{result.stderr}{result.exception}")
        return Said(result.return_value or 0, result.stdout, result.stderr)

    def store(self) -> closing[Store]:
        """Open the state file."""
        key = read_key(self.config)
        assert key is not None
        return closing(states.open_existing(self.state, key=key))

    def configure(self, text: str) -> None:
        """Add to the configuration."""
        self.config.write_text(self.config.read_text() + text)

    def writes(self) -> list[tuple[str, str]]:
        """The requests so far that were not reads."""
        return [
            (request.method, request.path)
            for request in self.world.requests()
            if request.method != "GET" and not request.path.endswith("/search")
        ]


class Warp:
    """Time that jumps when somebody sleeps, here and in the sandbox alike."""

    def __init__(self) -> None:
        self.offset = 0.0
        self.worlds: list[World] = []

    def now(self, _clock: SystemClock) -> float:
        """Return the time."""
        return time.time() + self.offset  # noqa: TID251 - this replaces connector.host.clock

    def sleep(self, _clock: SystemClock, seconds: float) -> None:
        """Let the time pass at once."""
        seconds = max(0.0, seconds)
        self.offset += seconds
        for world in self.worlds:
            world.advance(seconds)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where the system has one: a state file syncs to disk at every step."""
    memory = Path("/dev/shm")  # noqa: S108 - only to be fast
    parent = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="doctor-", dir=parent) as name:
        yield Path(name)


@pytest.fixture
def move_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Room]]:
    """Return a function that makes a room, bound unless told otherwise."""
    warp, opened = Warp(), []
    monkeypatch.setattr(SystemClock, "now", lambda clock: warp.now(clock))  # noqa: PLW0108 - binds the clock
    monkeypatch.setattr(SystemClock, "monotonic", lambda clock: warp.now(clock))  # noqa: PLW0108 - binds the clock
    monkeypatch.setattr(SystemClock, "sleep", lambda clock, seconds: warp.sleep(clock, seconds))  # noqa: PLW0108
    for name in ("DASHLY_TOKEN_FILE", "INTERCOM_TOKEN_FILE", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)

    def make(
        world: World | None = None,
        *,
        bound: bool = True,
        version: str = "2.16",
        operator: str = "default_admin",
    ) -> Room:
        sandbox = start(world=world or World(dashly_limit=6000))
        opened.append(sandbox)
        warp.worlds.append(sandbox.world)
        monkeypatch.setenv("DASHLY_TOKEN", sandbox.dashly.token)
        monkeypatch.setenv("INTERCOM_TOKEN", sandbox.intercom.token)
        room = Room(folder, sandbox, monkeypatch)
        room.config.write_text(
            CONFIG.format(
                dashly=sandbox.dashly.base_url,
                app=sandbox.dashly.app_id,
                intercom=sandbox.intercom.base_url,
                operator=operator,
                version=version,
            )
        )
        if bound:
            assert room.run("init").code == 0
        return room

    yield make
    for sandbox in opened:
        sandbox.close()


@pytest.fixture
def room(move_in: Callable[..., Room]) -> Room:
    """A bound room without conversations."""
    return move_in()
