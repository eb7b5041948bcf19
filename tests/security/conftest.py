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
from tests.security.attack import ATTACK, calls

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["bound", "place", "settle_in", "theatre", "warp"]

PATIENCE = 60.0


@dataclass
class Attacked:
    """A place where the attack is in every text that a stranger or a colleague can choose."""

    place: Any
    talk: str
    item: str

    def commands(self) -> list[tuple[str, ...]]:
        """Return all calls, in order."""
        return [
            call for listed in calls(str(self.place.folder), self.talk, self.item).values() for call in listed
        ]

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
