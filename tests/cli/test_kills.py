"""`kill -9` at random moments of the demo's scenario, over real HTTP: the next start makes up for it."""

from __future__ import annotations

import os
from functools import cache

import pytest

from tests.cli import kills

SEED = os.environ.get("SEED", "20263")
WANTED = 50
MOST_PLAYS = 30

undisturbed = cache(kills.undisturbed)


@pytest.mark.long
def test_kills_in_every_step_leave_no_trace() -> None:
    """Each step of the demo is killed once and started again; both sides end as in the undisturbed demo."""
    blows = undisturbed().disturbed(f"{SEED}/quick", most=1)

    assert blows


@pytest.mark.sweep
def test_fifty_kills_leave_no_trace() -> None:
    """The scenario is played until fifty kills struck a living process, some of them during a write."""
    blows: list[kills.Blow] = []
    for number in range(MOST_PLAYS):
        blows += undisturbed().disturbed(f"{SEED}/{number}", most=4)
        if len(blows) >= WANTED:
            break

    assert len(blows) >= WANTED
    assert [blow for blow in blows if blow.writes]
