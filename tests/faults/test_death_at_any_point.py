"""The process dies before or after any commit or request; the next run ends as if it had not."""

from __future__ import annotations

import multiprocessing
import os
import random
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.faults import lab as laboratory
from tests.faults.stories import STORIES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

SEED = 20_262
SAMPLE = 6
SAMPLE_OF_POSTGRES = 2
PATIENCE = 60


def killer(at: int, moment: str) -> object:
    """Return what lets the process die once, at one point."""
    done: list[int] = []

    def die(number: int, _what: str, when: str) -> bool:
        if done or (number, when) != (at, moment):
            return False
        done.append(number)
        return True

    return die


def check(theatre: Theatre, story: str, *deaths: tuple[int, str]) -> None:
    """Play a story in which the process dies, and compare its end with the undisturbed one."""
    expected, _, _ = theatre.undisturbed(story)

    def disturb(lab: Lab) -> None:
        killers = [killer(*death) for death in deaths]
        lab.die = lambda *point: any([kill(*point) for kill in killers])  # type: ignore[operator] # noqa: C419 - all must count

    lab = theatre.play(story, disturb)
    lab.die = None  # a later point than the story has must not strike the comparison

    where = f"{story}: death at {deaths}"
    assert lab.outcome() == expected, where
    assert lab.differences() == [], where


def sample(story: str, points: int, moment: str) -> list[int]:
    """Choose points, the same in every run."""
    return random.Random(f"{SEED}/{story}/{moment}").sample(range(1, points + 1), SAMPLE)  # noqa: S311 - no secret


@pytest.mark.long
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("story", STORIES)
def test_a_death_leaves_no_trace(theatre: Theatre, story: str, moment: str) -> None:
    """A sample of the points."""
    _, _, points = theatre.undisturbed(story)

    for at in sample(story, points, moment):
        check(theatre, story, (at, moment))


@pytest.mark.long
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("story", STORIES)
def test_a_death_leaves_no_trace_in_postgres(theatre_of_postgres: Theatre, story: str, moment: str) -> None:
    """A sample of the points, where the state is in a database."""
    _, _, points = theatre_of_postgres.undisturbed(story)

    for at in sample(story, points, moment)[:SAMPLE_OF_POSTGRES]:
        check(theatre_of_postgres, story, (at, moment))


@pytest.mark.sweep
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("story", STORIES)
def test_a_death_at_any_point_leaves_no_trace(theatre: Theatre, story: str, moment: str) -> None:
    """Every commit and every request."""
    _, _, points = theatre.undisturbed(story)

    for at in range(1, points + 1):
        check(theatre, story, (at, moment))


@pytest.mark.sweep
@pytest.mark.parametrize("story", STORIES)
def test_two_deaths_leave_no_trace(theatre: Theatre, story: str) -> None:
    """Pairs of points, the second during what comes after the first."""
    _, _, points = theatre.undisturbed(story)
    chance = random.Random(f"{SEED}/{story}")  # noqa: S311 - no secret

    for _ in range(150):
        first, second = sorted(chance.sample(range(1, points + 1), 2))
        check(theatre, story, (first, chance.choice(["before", "after"])), (second, "after"))


def _doomed(folder: Path, story: str, at: int, moment: str) -> None:
    """Play a story's first act in a process that ends in the middle of it, without any tidying up."""
    lab = laboratory.make(folder)
    lab.init()
    lab.points = 0

    def die(number: int, _what: str, when: str) -> bool:
        if (number, when) == (at, moment):
            os._exit(100)
        return False

    lab.die = die
    STORIES[story][0].people(lab)
    STORIES[story][0].command(lab)


@pytest.mark.parametrize(("at", "moment"), [(40, "before"), (57, "after"), (75, "after")])
def test_a_state_file_of_a_dead_process_opens(tmp_path: Path, at: int, moment: str) -> None:
    """A real death by `os._exit` leaves a state file that opens, with the intent of what was under way."""
    doomed = multiprocessing.get_context("fork").Process(
        target=_doomed, args=(tmp_path, "dashly", at, moment)
    )
    with suppress(DeprecationWarning):
        doomed.start()
    doomed.join(PATIENCE)
    assert doomed.exitcode == 100

    lab = laboratory.make(tmp_path)
    with lab.memory() as store:
        checked = store.file.first("PRAGMA integrity_check")
        assert checked is not None
        assert checked[0] == "ok"
        assert store.runs.last(1)[0]["finished"] is None
