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
    """Fails once, after one answer; until then it keeps what the laziest disk would hold."""

    lab: Lab
    at: int
    taken_back: int = 0
    lost: bool = field(default=False, init=False)

    def passes(self, _number: int, what: str, when: str) -> bool:
        """Keep what was committed for the disk; tell whether the power fails here."""
        assert self.lab.store is not None
        file = self.lab.store.file
        assert isinstance(file, StateFile)
        if (what, when) == ("commit", "after") and not self.lost:
            self.taken_back = self.taken_back + 1 if file._lazily else 0
            if not file._lazily:
                self._copy(self.lab.path, self._kept)
        answered = (what, when) == ("request", "after") and len(self.lab.requests) == self.at
        return not self.lost and answered

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


def check(theatre: Theatre, story: str, at: int) -> int:
    """Play a story in which the power fails; return how many commits that took back."""
    expected, _, _ = theatre.undisturbed(story)
    lab = theatre.bound(intercom_switches=IntercomSwitches(app_package_code=False))
    lab.requests.clear()
    power = Power(lab, at)
    lab.die = power.passes
    for act in STORIES[story]:
        act.people(lab)
        lab.until_clean(partial(power.run, partial(act.command, lab)), crash=True)
    lab.die = None

    assert power.lost, f"{story} has no request {at}"
    assert lab.outcome() == expected, f"{story}: the power failed at request {at}"
    assert lab.differences() == [], f"{story}: the power failed at request {at}"
    return power.taken_back


def requests(theatre: Theatre, story: str, most: int) -> list[int]:
    """Choose requests, the same in every run."""
    _, there, _ = theatre.undisturbed(story)
    return random.Random(f"{SEED}/{story}").sample(range(1, there + 1), min(most, there))  # noqa: S311 - no secret


@pytest.mark.long
@pytest.mark.parametrize("story", STORIES)
def test_a_power_cut_leaves_no_trace(theatre: Theatre, story: str) -> None:
    """A sample of the requests."""
    for at in requests(theatre, story, SAMPLE):
        check(theatre, story, at)


@pytest.mark.sweep
@pytest.mark.parametrize("story", STORIES)
def test_a_power_cut_at_many_requests_leaves_no_trace(theatre: Theatre, story: str) -> None:
    """A greater sample of the requests; some take back what the run had seen confirmed."""
    assert any([check(theatre, story, at) for at in requests(theatre, story, SAMPLE_OF_SWEEP)])  # noqa: C419 - all of them
