"""One fault at one request, for every request of each story: the end is as if nothing had happened."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.stories import STORIES

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"kind": "refuse"},
    "lost": {"kind": "drop_before"},
    "answer lost": {"kind": "drop_after"},
    "late by a minute": {"kind": "late", "seconds": 60.0},
    "late by one request": {"kind": "late", "after_requests": 1, "seconds": 60.0},
    "429": {"kind": "status", "status": 429},
    "429 with advice": {"kind": "status", "status": 429, "retry_after": "7"},
    "429 for long": {"kind": "status", "status": 429, "times": 9},
    "500": {"kind": "status", "status": 500},
    "500 after": {"kind": "status", "status": 500, "applied": True},
    "503 for long": {"kind": "status", "status": 503, "times": 6},
    "truncated": {"kind": "truncate"},
    "html": {"kind": "html"},
    "html after": {"kind": "html", "applied": True},
    "html with 200": {"kind": "html", "status": 200, "applied": True},
    "401": {"kind": "status", "status": 401},
}
SEED = 20_261


def check(theatre: Theatre, story: str, fault: str, at: int) -> None:
    """Play a story with one fault and compare its end with the undisturbed one."""
    expected, _, _ = theatre.undisturbed(story)
    rules = []

    def disturb(lab: Lab) -> None:
        rules.append(lab.world.fault(**FAULTS[fault], nth=at))

    lab = theatre.play(story, disturb)

    where = f"{fault} at request {at} of {story}"
    assert rules[0].used, where
    assert lab.outcome() == expected, where
    assert lab.differences() == [], where


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("story", STORIES)
def test_a_fault_leaves_no_trace(theatre: Theatre, story: str, fault: str) -> None:
    """A sample of the requests, the same in every run."""
    _, requests, _ = theatre.undisturbed(story)
    chosen = random.Random(f"{SEED}/{story}/{fault}").randrange(1, requests + 1)  # noqa: S311 - no secret

    check(theatre, story, fault, chosen)


@pytest.mark.long
@pytest.mark.parametrize("at", range(11, 19))
def test_what_a_backfill_left_unclear_is_settled_before_it_ends(theatre: Theatre, at: int) -> None:
    """Also where a live pass took the conversation over: it waited for nothing while the backfill went on."""
    check(theatre, "past", "500 after", at)


@pytest.mark.sweep
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("story", STORIES)
def test_a_fault_at_any_request_leaves_no_trace(theatre: Theatre, story: str, fault: str) -> None:
    """Every request there is."""
    _, requests, _ = theatre.undisturbed(story)

    for at in range(1, requests + 1):
        check(theatre, story, fault, at)
