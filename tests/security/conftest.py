"""The command as in `tests/cli`, with a customer, an agent and a tag whose names attack the screen."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from connector.config.key import read_key
from mappings.model import Side
from state import store as states
from tests.cli.conftest import bound, place, settle_in, warp
from tests.faults.conftest import theatre

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["bound", "place", "settle_in", "theatre", "warp"]

ATTACK = (
    "Eve[/b][link=https://evil.example]x[/link] \x1b]52;c;ZXZpbA==\x07\x1b]0;owned\x07\x1b[2J\x9b31m\x7f"
    "\u202egpj\u2066iso\u2028\u0085line\nFORGED line\r\nFORGED\ttab"
)
PATIENCE = 60.0


@dataclass
class Attacked:
    """A place where the attack stands in every text that a stranger or a colleague can choose."""

    place: Any
    talk: str
    item: str

    def calls(self) -> dict[str, list[tuple[str, ...]]]:
        """Return calls of every command, those that change something last, with the attack as argument too.

        What is called here is what a person may type; each command has a row.
        """
        here = str(self.place.folder)
        return {
            "doctor": [("doctor",)],
            "mapping": [("mapping",)],
            "mapping check": [("mapping", "check")],
            "plan": [("plan",)],
            "plan backfill": [
                ("plan", "backfill", "--from", "dashly"),
                ("plan", "backfill", "--from", "dashly", "--tag", ATTACK, "--id", ATTACK),
                ("plan", "backfill", "--from", "intercom", "--since", ATTACK),
            ],
            "pairs list": [("pairs", "list")],
            "pairs show": [("pairs", "show", self.talk), ("pairs", "show", f"no-such{ATTACK}")],
            "quarantine list": [("quarantine", "list")],
            "quarantine show": [("quarantine", "show", self.item), ("quarantine", "show", ATTACK)],
            "status": [("status",)],
            "verify": [("verify",), ("verify", "--id", ATTACK)],
            "init": [("init",), ("init", "--since", ATTACK), ("--config", f"{here}/{ATTACK}/c.toml", "init")],
            "state check": [("state", "check")],
            "state backup": [("state", "backup", f"{here}/{ATTACK}.db")],
            "state restore": [("state", "restore", f"{here}/no-such{ATTACK}.db", "--yes")],
            "state vacuum": [("state", "vacuum")],
            "fleet status": [
                ("fleet", "status", "--pairs", here),
                ("fleet", "status", "--pairs", f"{here}/{ATTACK}"),
            ],
            "fleet check": [
                ("fleet", "check", "--pairs", here),
                ("fleet", "check", "--pairs", f"{here}/{ATTACK}"),
            ],
            "fleet pause": [("fleet", "pause", ATTACK, "--pairs", here)],
            "fleet resume": [("fleet", "resume", ATTACK, "--pairs", here)],
            "fleet run": [
                ("fleet", "run", here, "--once"),
                ("fleet", "run", f"{here}/{ATTACK}", "--once"),
                ("fleet", "run", here, "--workers", ATTACK),
            ],
            "hooks serve": [
                ("hooks", "serve", "--listen", ATTACK),
                ("hooks", "serve", "--pairs", f"{here}/{ATTACK}"),
                ("hooks", "serve", "--pairs", here, "--listen", ATTACK),
            ],
            "sandbox": [("sandbox", "--dashly-port", ATTACK)],
            "demo": [("demo", ATTACK)],
            "": [(f"no-such{ATTACK}",), ("--config", f"{here}/{ATTACK}.toml", "status")],
            "sync": [("sync",), ("sync", "--every", ATTACK)],
            "backfill": [
                ("backfill", "--from", "dashly", "--yes"),
                ("backfill", "--from", "dashly", "--id-file", f"{here}/{ATTACK}", "--yes"),
            ],
            "quarantine retry": [("quarantine", "retry", ATTACK), ("quarantine", "retry", self.item)],
            "quarantine skip": [("quarantine", "skip", ATTACK), ("quarantine", "skip", self.item)],
            "pairs link": [("pairs", "link", ATTACK, ATTACK)],
            "pairs unlink": [("pairs", "unlink", ATTACK), ("pairs", "unlink", self.talk)],
            "forget": [
                ("forget", "--user", f"dashly:{ATTACK}", "--yes"),
                ("forget", "--user", ATTACK, "--yes"),
            ],
            "undo": [("undo", "--run", ATTACK, "--yes")],
            "recover": [("recover",)],
        }

    def commands(self) -> list[tuple[str, ...]]:
        """Return all calls, in order."""
        return [call for calls in self.calls().values() for call in calls]

    def on_a_terminal(self, *arguments: str) -> str:
        """Return what a command writes to a terminal of 100 columns."""
        ours, theirs = os.openpty()
        environment = {k: v for k, v in os.environ.items() if not k.endswith(("_TOKEN", "_TOKEN_FILE"))}
        process = subprocess.Popen(
            [sys.executable, "-m", "connector", *arguments],
            cwd=self.place.folder,
            env=environment | self.place.environment | {"TERM": "xterm-256color", "COLUMNS": "100"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        try:
            return b"".join(_read(ours)).decode()
        finally:
            os.close(ours)
            process.kill()
            process.wait()


def _read(terminal: int) -> Iterator[bytes]:
    while select.select([terminal], [], [], PATIENCE)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other end was closed
            return
        if not piece:
            return
        yield piece


@pytest.fixture
def attacked(bound: Any) -> Attacked:
    """Names, bodies, tags, a channel and a reason that attack."""
    dashly, intercom = bound.world.dashly, bound.world.intercom
    dashly.hire(666, ATTACK, ATTACK)
    dashly.add_channel(667, ATTACK)
    intercom.hire(668, ATTACK, "mallory@shop.example")
    customer = dashly.customer(ATTACK, email="eve@example.org", user_id="acct-1")
    talk = dashly.customer_starts(customer, ATTACK)
    dashly.agent_writes(talk, ATTACK, agent="666")
    dashly.tag(talk, ATTACK)
    assert bound.run("sync").code in {0, 1}
    bound.wait(60)
    dashly.agent_notes(talk, f"later {ATTACK}", agent="666")
    (pair,) = bound.run("pairs", "list", "--json").json["pairs"]
    key = read_key(bound.config)
    assert key is not None
    with closing(states.open_existing(bound.state, key=key)) as store:
        found = store.pairs.find(Side.DASHLY, pair["dashly"])
        assert found is not None
        store.quarantine.put(found.row, Side.DASHLY, ATTACK[:40], ATTACK, at=1.0)
    (item,) = bound.run("quarantine", "list", "--json").json["quarantine"]
    return Attacked(bound, talk, str(item["id"]))
