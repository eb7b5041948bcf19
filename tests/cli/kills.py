"""The demo's scenario with commands that are killed at random moments and started again.

A seed repeats the moments; what is struck at a moment depends on the speed of the machine too.
"""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.demo import play as demo_play
from connector.demo import stage as demo_stage
from connector.host.clock import SystemClock
from tests.outcome import outcome, timeless

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.demo.play import Step
    from connector.demo.stage import Stage
    from connector.sandbox.record import LoggedRequest

LONGER = 1.2
"""A command that was started again may take longer than the undisturbed one did."""
CLOSE = 0.02
"""Seconds within which a write is still close."""
BLINK = 0.002
PATIENCE = 60


@dataclass(frozen=True)
class Moment:
    """Some seconds after a process made some requests; after its start when these are none."""

    requests: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:.3f} s after {self.requests} requests"


@dataclass(frozen=True)
class Timing:
    """How long an undisturbed step took, and how many requests came in before each of its writes."""

    duration: float
    writes: tuple[int, ...]

    def moment(self, chance: random.Random) -> Moment:
        """Draw a moment: any of the step, or, half of the time, one close to a write."""
        if chance.random() < 1 / 2 or not self.writes:
            return Moment(0, chance.uniform(0, LONGER * self.duration))
        return Moment(chance.choice(self.writes), chance.uniform(0, CLOSE))


@dataclass(frozen=True)
class Blow:
    """A kill that struck a living process, and how many writes were unclear after it."""

    step: str
    moment: Moment
    writes: int

    def __str__(self) -> str:
        return f"{self.step!r} {self.moment} leaving {self.writes} writes unclear"


@dataclass
class Undisturbed:
    """Runs each step once and remembers its timing."""

    stage: Stage
    timings: dict[str, Timing] = field(default_factory=dict)

    def step(self, title: str, *arguments: str) -> dict[str, Any]:
        """Run the step."""
        before, clock = len(self.stage.world.record.requests), SystemClock()
        began = clock.now()
        told = self.stage.run(*arguments)
        made = self.stage.world.requests()[before:]
        writes = tuple(number for number, request in enumerate(made) if writing(request))
        self.timings[title] = Timing(clock.now() - began, writes)
        return told


@dataclass
class Killer:
    """Starts each step, kills it with SIGKILL, and starts it again until it ends by itself."""

    stage: Stage
    timings: dict[str, Timing]
    chance: random.Random
    most: int
    """How often a step is struck at most."""
    blows: list[Blow] = field(default_factory=list)

    def _requests_since(self, before: int) -> int:
        return self._requests() - before

    def step(self, title: str, *arguments: str) -> dict[str, Any]:
        """Run the step to its end, however often it takes."""
        for _ in range(self.most):
            moment = self.timings[title].moment(self.chance)
            before = self._requests()
            process = self.stage.begin(*arguments)
            if not strikes(process, moment, partial(self._requests_since, before)):
                return self.stage.finish(process, *arguments)
            self.blows.append(Blow(title, moment, unclear(self.stage.folder)))
        return self.stage.run(*arguments)

    def _requests(self) -> int:
        return len(self.stage.world.record.requests)


def writing(request: LoggedRequest) -> bool:
    """Tell whether a request changes what a side holds."""
    return request.method != "GET" and not request.path.endswith("/search")


def strikes(process: subprocess.Popen[str], moment: Moment, made: Callable[[], int]) -> bool:
    """Kill a process at a moment; tell whether it was still alive then. ``made`` counts its requests."""
    for _ in range(round(PATIENCE / BLINK)):
        if made() >= moment.requests or ended(process, BLINK):
            break
    if ended(process, moment.seconds):
        return False
    process.kill()
    if process.wait() != -signal.SIGKILL:
        return False
    process.communicate()
    return True


def ended(process: subprocess.Popen[str], seconds: float) -> bool:
    """Tell whether a process ends within some seconds."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def unclear(folder: Path) -> int:
    """Return how many writes are unclear after a death, from a copy: the state file stays as it is."""
    with tempfile.TemporaryDirectory() as kept:
        for file in filter(Path.is_file, folder.glob("connector.db*")):
            shutil.copy(file, kept)
        with closing(sqlite3.connect(Path(kept) / "connector.db")) as state:
            (count,) = state.execute("SELECT count(*) FROM intents WHERE state != 'done'").fetchone()
    return int(count)


def played(stage: Stage, step: Step) -> list[Any]:
    """Play the scenario and return what both sides hold in the end."""
    began = stage.world.clock.now()
    demo_play.play(stage, step)
    return outcome(stage.world, since=began, words=timeless)


@dataclass(frozen=True)
class Reference:
    """How the scenario ends when nothing disturbs it, and how long its steps take."""

    outcome: list[Any]
    timings: dict[str, Timing]

    def disturbed(self, seed: str, *, most: int) -> list[Blow]:
        """Play the scenario with kills and check that they left no trace; a failure tells the seed."""
        with demo_stage.stage() as stage:
            killer = Killer(stage, self.timings, random.Random(seed), most)  # noqa: S311 - no secret
            try:
                self._compare(played(stage, killer.step))
                assert stage.problems == [], stage.problems
            except Exception as error:
                error.add_note(f"seed {seed}; killed: {'; '.join(map(str, killer.blows)) or 'nothing'}")
                raise
        return killer.blows

    def _compare(self, found: list[Any]) -> None:
        for here, there in zip(found, self.outcome, strict=True):
            more = [one for one in here if here.count(one) > there.count(one)]
            less = [one for one in there if there.count(one) > here.count(one)]
            assert (more, less) == ([], []), f"only with kills: {more}; only without: {less}"


def undisturbed() -> Reference:
    """Play the scenario once without kills."""
    with demo_stage.stage() as stage:
        calm = Undisturbed(stage)
        found = played(stage, calm.step)
        assert stage.problems == []
    return Reference(found, calm.timings)
