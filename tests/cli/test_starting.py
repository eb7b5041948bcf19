"""What the start of a command loads: a timer starts a process a minute, and a person waits for each."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from connector.cli import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable

WEIGHED = {
    "apprise",
    "connector.archive.reading",
    "connector.doctor.examine",
    "connector.engine.inspect.verify",
    "connector.engine.sync.run",
    "connector.fleet.runner",
    "connector.sandbox.world",
    "httpx",
    "jinja2",
    "justhtml",
    "prometheus_client",
    "psycopg",
    "pydantic",
    "rich.console",
    "sqlite_utils",
    "starlette",
    "statistics",
    "websockets",
}
"""Modules that bring many others, or cost more than a hundredth of a second."""
SIDES = {"httpx", "rich.console"}
"""What asks a side; httpx brings rich itself, where that is installed."""
ENGINE = SIDES | {"pydantic", "connector.engine.sync.run"}
STATE = {"pydantic"}
EMULATED = SIDES | {"connector.sandbox.world", "websockets"}
LOADS = {
    "init": STATE,
    "doctor": SIDES | STATE | {"connector.doctor.examine"},
    "sync": ENGINE,
    "backfill": ENGINE,
    "plan": ENGINE,
    "verify": ENGINE | {"connector.engine.inspect.verify"},
    "status": STATE,
    "report": STATE | {"jinja2"},
    "quarantine": STATE,
    "pairs": STATE,
    "export": ENGINE,
    "undo": ENGINE,
    "state": STATE,
    "forget": STATE,
    "recover": STATE | {"connector.engine.sync.run"},
    "mapping": STATE,
    "fleet": ENGINE
    | {"connector.doctor.examine", "connector.fleet.runner", "jinja2", "prometheus_client", "websockets"},
    "hooks": STATE,
    "sandbox": EMULATED | {"connector.archive.reading", "pydantic"},
    "demo": EMULATED,
}
"""The weighed modules that a command has loaded when it begins."""
READS_THE_STATE = [
    "status",
    "status --json",
    "report --html page.html",
    "quarantine list",
    "pairs list",
    "state check",
    "mapping",
]


def loaded(place: Any, *arguments: str) -> set[str]:
    """Return the weighed modules that a process has loaded when a command has ended well."""
    script = (
        "import atexit, sys\nfrom connector.__main__ import main\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\nmain()"
    )
    process = place.spawn_python("-c", script, *arguments)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    return weighed(said.split())


def weighed(modules: Iterable[str]) -> set[str]:
    """Return those of the modules that cost much."""
    return WEIGHED & set(modules)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_loads_what_it_needs(place: Any, command: str) -> None:
    """Who adds a heavy module to the start of a command, or takes one away, changes its line here."""
    assert loaded(place, command, "--help") == LOADS[command]


@pytest.mark.parametrize("command", READS_THE_STATE)
def test_what_reads_the_state_alone_loads_no_side(bound: Any, command: str) -> None:
    """Looking at the state, from opening the file to the last line, needs neither network nor engine."""
    assert loaded(bound, *command.split()) - {"jinja2"} == STATE


def test_a_module_that_is_weighed_exists() -> None:
    """A module that was moved must not be looked for under its old name."""
    ours = [name for name in WEIGHED if name.startswith("connector.")]
    script = f"import {', '.join(ours)}"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
