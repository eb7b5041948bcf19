"""The command as a user calls it, against the sandbox over real HTTP, with a time that sleeping moves."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from connector import cli
from connector.host.clock import SystemClock
from connector.sandbox import Sandbox, World, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN_SOURCES = (
    "DASHLY_TOKEN",
    "INTERCOM_TOKEN",
    "DASHLY_TOKEN_FILE",
    "INTERCOM_TOKEN_FILE",
    "CREDENTIALS_DIRECTORY",
)
NORA, NORA_THERE = "151204", "814860"
DAY = 86_400.0
CONFIG = """
[dashly]
base_url = "{dashly}"
app_id = "{app}"
requests_per_minute = 6000

[intercom]
base_url = "{intercom}"
default_admin = "814860"

[sync]
settle = "2s"
"""


class Warp:
    """Time that jumps when somebody sleeps, on this machine and in the sandbox alike."""

    def __init__(self) -> None:
        self.offset = 0.0
        self.worlds: list[World] = []
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the time."""
        return time.time() + self.offset  # noqa: TID251 - this replaces connector.host.clock

    def sleep(self, clock: SystemClock, seconds: float) -> None:
        """Jump, unless the process was asked to stop."""
        if not clock.stopped:
            self.jump(seconds)

    def begin_anew(self) -> None:
        """Tell the machine's time again, as processes of their own do, unless a world lives in another."""
        if not self.worlds:
            self.offset = 0.0

    def jump(self, seconds: float) -> None:
        """Let the time pass everywhere at once."""
        with self._lock:
            seconds = max(0.0, seconds)
            self.offset += seconds
            for world in self.worlds:
                world.advance(seconds)


@dataclass(frozen=True)
class Outcome:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        told: dict[str, Any] = json.loads(self.out)
        return told

    def is_told(self) -> bool:
        """Tell whether an error was told as one sentence and a next step, without a traceback."""
        lines = self.err.strip().splitlines()
        told = len(lines) == 2 and lines[0].startswith("connector: ") and lines[1].startswith("  next: ")
        return told and "Traceback" not in self.err


@dataclass
class Place:
    """A folder with a configuration and a state file, and the sandbox that it belongs to."""

    folder: Path
    sandbox: Sandbox
    environment: dict[str, str]
    capture: Callable[[], Any]
    wait: Callable[[float], None]
    running: list[subprocess.Popen[str]] = field(default_factory=list)

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

    def run(self, *arguments: str) -> Outcome:
        """Run a command in this process."""
        self.capture()
        kept = logging.getLogger().handlers[:], logging.getLogger().level
        with pytest.raises(SystemExit) as ended, self._environment():
            cli.main(list(arguments))
        logging.getLogger().handlers, level = kept
        logging.getLogger().setLevel(level)
        said = self.capture()
        return Outcome(int(ended.value.code or 0), said.out, said.err)

    @contextmanager
    def _environment(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name in TOKEN_SOURCES:
                patch.delenv(name, raising=False)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            yield

    def bind_slowly(self, *, talks: int) -> None:
        """Bind after some conversations, with so few requests a minute that the limit is felt."""
        for number in range(talks):
            self.talk(f"Question {number}")
        self.wait(5)
        self.run("init")
        self.configure("requests_per_minute = 6000", "requests_per_minute = 6")

    def spawn(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process of its own."""
        return self.spawn_python("-m", "connector", *arguments)

    def spawn_python(self, *arguments: str) -> subprocess.Popen[str]:
        """Start Python in a process of its own, as a command is started."""
        # Nobody's tokens, and no setting of Python that flushes for us.
        ours = ("_TOKEN", "_TOKEN_FILE", "PYTHONUNBUFFERED")
        environment = {k: v for k, v in os.environ.items() if not k.endswith(ours)}
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process

    def configure(self, before: str, after: str) -> None:
        """Change a text in the configuration."""
        text = self.config.read_text()
        assert before in text
        self.config.write_text(text.replace(before, after))

    def contents(self, *, without: tuple[str, ...] = ()) -> str:
        """Return a hash of everything that the state file says."""
        digest = hashlib.sha256()
        with closing(sqlite3.connect(f"file:{self.state}?mode=ro", uri=True)) as file:
            tables = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in sorted(set(tables) - set(without)):
                rows = sorted(map(repr, file.execute(f'SELECT * FROM "{table}"')))  # noqa: S608 - from the file itself
                digest.update(f"{table}{rows}".encode())
        return digest.hexdigest()

    def remote_writes(self) -> list[tuple[str, str]]:
        """Return the requests that were not reads."""
        return [
            (request.method, request.path)
            for request in self.world.requests()
            if request.method != "GET" and not request.path.endswith("/search")
        ]

    def talk(self, words: str = "Hello") -> str:
        """Let a customer begin a conversation on Dashly that an agent answers, and return its id."""
        customer = self.world.dashly.customer("Eva", email="eva@example.org", user_id="acct-1")
        talk = self.world.dashly.customer_starts(customer, words)
        self.world.dashly.agent_writes(talk, f"Answer to {words}", agent=NORA)
        return talk

    def past(self, conversations: int) -> None:
        """Let customers have had answered conversations on Dashly more than a week ago."""
        desk, now = self.world.dashly, self.world.clock.now()
        for number in range(conversations):
            customer = desk.customer(f"Eva {number}", user_id=f"acct-{number}")
            talk = desk.customer_starts(customer, f"Question {number}", created=now - 9 * DAY)
            desk.agent_writes(talk, "An answer", agent=NORA, created=now - 8 * DAY)


@pytest.fixture(scope="module")
def warp() -> Iterator[Warp]:
    """Sleeping takes no time."""
    made = Warp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _clock: made.now())
        patch.setattr(SystemClock, "monotonic", lambda _clock: made.now())
        patch.setattr(SystemClock, "sleep", lambda clock, seconds: made.sleep(clock, seconds))  # noqa: PLW0108 - binds the clock
        yield made


@pytest.fixture
def settle_in(
    tmp_path: Path, warp: Warp, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Place]]:
    """Return a function that makes a place with a sandbox of its own."""
    opened: list[Place] = []

    def make(world: World | None = None) -> Place:
        warp.begin_anew()
        sandbox = start(world=world or World(dashly_limit=6000))
        warp.worlds.append(sandbox.world)
        sandbox.world.advance(warp.offset)
        folder = tmp_path / f"place-{len(opened)}"
        folder.mkdir()
        tokens = {"DASHLY_TOKEN": sandbox.dashly.token, "INTERCOM_TOKEN": sandbox.intercom.token}
        place = Place(folder, sandbox, tokens, capfd.readouterr, warp.jump)
        place.config.write_text(
            CONFIG.format(
                dashly=sandbox.dashly.base_url, app=sandbox.dashly.app_id, intercom=sandbox.intercom.base_url
            )
        )
        opened.append(place)
        return place

    yield make
    for place in opened:
        for process in place.running:
            process.kill()
            process.communicate()
        warp.worlds.remove(place.world)
        place.sandbox.close()


@pytest.fixture
def place(settle_in: Callable[..., Place]) -> Place:
    """A configured place without a state file and without conversations."""
    return settle_in()


@pytest.fixture
def bound(place: Place) -> Place:
    """A place that is bound to its workspaces, without conversations."""
    assert place.run("init").code == 0
    place.wait(5)
    return place
