"""Two hosts of one fleet while people write, and a judge of both helpdesks of every pair."""

from __future__ import annotations

import random
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fleet.harbour import NEWER, PROGRAM, eventually
from tests.fleet.network import Way
from tests.simulator.judge import SIDES, Broken, Judge, Word

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from connector.sandbox import World
    from tests.fleet.harbour import Harbour

CALM: float = 240.0
"""So long a busy machine may take until everything is worked off."""
_PACE = 0.5
_TALKS = 4


@dataclass
class Writers:
    """People who write in both helpdesks of a pair, on the side where their conversation began."""

    world: World
    dice: random.Random
    judge: Judge = field(init=False)
    talks: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Let the judge know nothing yet."""
        self.judge = Judge(self.world)

    def write(self) -> None:
        """Let somebody write something."""
        number = len(self.judge.words) + 1
        text = f"Hello w{number}w there"
        if len(self.talks) < _TALKS:
            side = SIDES[number % 2]
            desk = self.world.desk(side)
            talk = desk.customer_starts(desk.customer(f"P{number}", user_id=f"acct-{number}"), text)
            self.talks.append((side, talk))
            self.judge.begun.add((side, talk))
            kind = "customer"
        else:
            side, talk = self.dice.choice(self.talks)
            kind = self.dice.choice(("customer", "agent", "note"))
            what = {"note": "agent_notes"}.get(kind, f"{kind}_writes")
            getattr(self.world.desk(side), what)(talk, text)
        self.judge.words[f"w{number}w"] = Word(side, talk, kind, number)

    def in_step(self) -> bool:
        """Tell whether everything has arrived; Broken when something is there that should not be."""
        self.judge.safe()
        try:
            self.judge.complete()
        except Broken:
            return False
        return True


@dataclass
class Storm:
    """Hosts that are started again when they end, as a service manager does, and people who write."""

    harbour: Harbour
    seed: int
    hosts: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    newer: set[str] = field(default_factory=set)
    """The hosts that have a later version of the program."""
    pairs: dict[str, Writers] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)

    def add(self, *names: str) -> None:
        """Add pairs."""
        for name in names:
            self.pairs[name] = Writers(self.harbour.add(name), random.Random(f"{self.seed} {name}"))  # noqa: S311 - a draw that can be repeated

    def start(self, *names: str) -> None:
        """Start hosts, and wait until everything that is written at first has arrived."""
        for name in names:
            self.hosts[name] = self._started(name)
        self.blow(seconds=4.0)
        self.calm()

    def blow(self, *, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let people write for a while, or until something holds."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not until():
            for writers in self.pairs.values():
                writers.write()
                writers.judge.safe()
            self._revive()
            time.sleep(_PACE)  # noqa: TID251 - other processes work meanwhile

    def calm(self, *names: str) -> None:
        """Wait until these pairs, or all, are in step: nothing lost, nothing doubled."""
        waiting = [self.pairs[name] for name in names or self.pairs]
        assert eventually(lambda: self._revive() and all(one.in_step() for one in waiting), seconds=CALM)
        for one in waiting:
            one.judge.complete()

    def kill(self, name: str, *, stay_down: bool = False) -> None:
        """Kill a host; it is started again unless it is to stay down."""
        if stay_down:
            self.down.add(name)
        self.hosts[name].kill()
        self.hosts[name].wait()

    def upgrade(self, name: str) -> None:
        """Stop a host and start it with a later version."""
        self.newer.add(name)
        self.hosts[name].terminate()
        self.hosts[name].wait()

    def trouble(self, name: str, way: Way, *, seconds: float) -> None:
        """Cut a host off for a while in which people write."""
        network = self.harbour.networks[name]
        network.become(way)
        self.blow(seconds=seconds)
        network.become(Way.OPEN)

    def freeze(self, name: str, *, seconds: float) -> None:
        """Suspend a host for a while in which people write."""
        self.hosts[name].send_signal(signal.SIGSTOP)
        self.blow(seconds=seconds)
        self.hosts[name].send_signal(signal.SIGCONT)

    def _revive(self) -> bool:
        for name, process in self.hosts.items():
            if process.poll() is not None and name not in self.down:
                self.codes.append(process.returncode)
                self.hosts[name] = self._started(name)
        return True

    def _started(self, name: str) -> subprocess.Popen[str]:
        program = NEWER if name in self.newer else PROGRAM
        return self.harbour.spawn("fleet", "run", "--config", f"{name}.toml", program=program)
