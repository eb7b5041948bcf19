"""Whatever reads a whole side reads several of its conversations at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from connector.app.migration.exporting import export
from tests.faults.lab import ILYA, D

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.exchange import Request
    from connector.sandbox.faults import Outcome
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

PATIENCE = 5.0


def recover(lab: Lab) -> None:
    """Rebuild the state file."""
    lab.lose()
    lab.recover()


def write_export(lab: Lab) -> None:
    """Write a side into a file."""
    export(lab.config, lab.environment, D, lab.folder / "all.ndjson")


@pytest.mark.parametrize("command", [write_export, recover])
def test_two_conversations_are_read_at_once(theatre: Theatre, command: Callable[[Lab], None]) -> None:
    """The parts of one are asked for while those of another are."""
    lab = theatre.bound(settings={"sync": {"settle": "120s", "workers": 2}})
    for number in range(4):
        talk = lab.world.dashly.customer_starts(lab.world.dashly.customer(f"P{number}"), "hello")
        lab.world.dashly.agent_writes(talk, "yes?", agent=ILYA)
    meeting, exchange = threading.Barrier(2), lab.world.exchange

    def met(side: str, request: Request) -> Outcome:
        if request.path.endswith("/parts"):
            meeting.wait(PATIENCE)
        return exchange(side, request)

    lab.world.exchange = met  # type: ignore[method-assign]  # of this one world

    command(lab)

    assert not meeting.broken
