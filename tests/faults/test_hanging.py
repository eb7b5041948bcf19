"""A run that hangs is seen by the next one; a run that works or waits is never a complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.app import passes
from connector.errors import Hanging, Locked
from connector.host.lock import exclusive
from state.steps import Steps, last_step
from tests.faults.conversations import begin

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

MINUTE = 60.0


def try_while_held(lab: Lab, idle: float) -> None:
    """Start a run while another process holds the lock that finished its last step a while ago."""
    with lab.memory() as store:
        store.file.steps = Steps(lambda: lab.time.now() - idle)
        store.file.step()
    with exclusive(lab.path):
        passes.sync(lab.config, lab.environment)


def test_a_holder_without_a_step_for_ten_minutes_is_told(theatre: Theatre) -> None:
    """With the process, for how long, and what to type: exit code 1."""
    lab = theatre.bound()
    with pytest.raises(Hanging, match=r"process \d+ .*no step for 11 minutes") as told:
        try_while_held(lab, 11 * MINUTE)
    assert told.value.exit_code == 1
    assert "kill" in told.value.hint


def test_a_holder_that_works_is_no_complaint(theatre: Theatre) -> None:
    """Another run is at work: nothing to do."""
    lab = theatre.bound()
    with pytest.raises(Locked):
        try_while_held(lab, 9 * MINUTE)


def test_a_run_stamps_its_steps_also_while_it_waits(theatre: Theatre) -> None:
    """A write that settles for an hour is waited for in steps."""
    lab = theatre.bound(settings={"sync": {"settle": "3000s"}})
    begin(lab)
    lab.world.fault("drop_after", side="intercom", method="POST", path="/conversations$", times=1)
    idle: list[float] = []
    sleep = lab.time.sleep

    def watched(seconds: float) -> None:
        sleep(seconds)
        idle.append(lab.time.now() - (last_step(lab.path) or 0.0))

    lab.time.sleep = watched  # type: ignore[method-assign]
    lab.sync()
    assert len(idle) > 10
    assert max(idle) < 10 * MINUTE
