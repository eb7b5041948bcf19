"""The power fails: what the disk holds is the state file; the next run ends as if nothing had happened."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pytest

from connector.sandbox.switches import IntercomSwitches
from state.file.db import StateFile
from tests.faults.lab import Crash
from tests.faults.stories import STORIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab, Ran

SEED = 20_264
SAMPLE = 6
SAMPLE_OF_SWEEP = 40
BESIDE = ("", "-wal")


@dataclass
class Power:
    """Fails once, at one moment; until then it keeps what the laziest disk would hold.

    The moments are those behind an answer, and behind a commit that does not wait for the disk.
    """

    lab: Lab
    at: int
    moments: int = field(default=0, init=False)
    lost: bool = field(default=False, init=False)

    def passes(self, _number: int, what: str, when: str) -> bool:
        """Keep what was committed for the disk; tell whether the power fails here."""
        assert self.lab.store is not None
        file = self.lab.store.file
        assert isinstance(file, StateFile)
        if when == "before" or self.lost:
            return False
        if what == "commit" and not file._lazily:
            self._copy(self.lab.path, self._kept)
            return False
        self.moments += 1
        return self.moments == self.at

    def run(self, command: Callable[[], Ran]) -> Ran:
        """Run a command; where the power fails, the file is what the disk holds."""
        try:
            return command()
        except Crash:
            self.lost = True
            self._copy(self._kept, self.lab.path)
            raise

    @property
    def _kept(self) -> Path:
        return self.lab.path.with_name("on-the-disk")

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        for beside in (*BESIDE, "-shm"):
            target.with_name(target.name + beside).unlink(missing_ok=True)
        for beside in BESIDE:
            one = source.with_name(source.name + beside)
            if one.exists():
                shutil.copy(one, target.with_name(target.name + beside))


def play(theatre: Theatre, story: str, at: int) -> Power:
    """Play a story in which the power fails at one moment, 0 for never."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(app_package_code=False))
    power = Power(lab, at)
    lab.die = power.passes
    for act in STORIES[story]:
        act.people(lab)
        lab.until_clean(partial(power.run, partial(act.command, lab)), crash=True)
    lab.die = None
    return power


def check(theatre: Theatre, story: str, most: int) -> None:
    """Play a story as often, and compare each end with the undisturbed one."""
    expected, _, _ = theatre.undisturbed(story)
    chance = random.Random(f"{SEED}/{story}")  # noqa: S311 - no secret
    for at in chance.sample(range(1, play(theatre, story, 0).moments + 1), most):
        power = play(theatre, story, at)

        assert power.lost, f"{story} has no moment {at}"
        assert power.lab.outcome() == expected, f"{story}: the power failed at {at}"
        assert power.lab.differences() == [], f"{story}: the power failed at {at}"


@pytest.mark.long
@pytest.mark.parametrize("story", STORIES)
def test_a_power_cut_leaves_no_trace(theatre: Theatre, story: str) -> None:
    """A sample of the moments."""
    check(theatre, story, SAMPLE)


@pytest.mark.sweep
@pytest.mark.parametrize("story", STORIES)
def test_a_power_cut_at_many_moments_leaves_no_trace(theatre: Theatre, story: str) -> None:
    """A greater sample of the moments."""
    check(theatre, story, SAMPLE_OF_SWEEP)
