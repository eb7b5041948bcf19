"""The two commands that write: one incremental pass, and the past of one side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connector.app.runs import carry_out
from connector.engine.sync import sync as engine
from connector.engine.sync.poll import Choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.app.environment import Environment
    from connector.app.runs import RunResult
    from connector.config.model import Config
    from connector.engine.sync.run import Run
    from mappings.model import Seconds

__all__ = ["Choice", "Progress", "backfill", "sync"]

EVERY = 10  # conversations between two lines about how far a backfill is


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill is: conversations done and left, and how long the rest takes at this pace."""

    done: int
    left: int
    seconds_left: Seconds


def sync(
    config: Config, environment: Environment, *, accept: bool = False, strict: bool = False
) -> RunResult:
    """Carry over what changed on both sides since the last run.

    ``accept`` a mapping that changed; ``strict`` counts what was told before too.
    """
    return carry_out(config, environment, "sync", engine.sync, accept=accept, strict=strict)


def backfill(
    config: Config,
    environment: Environment,
    choice: Choice,
    *,
    accept: bool = False,
    strict: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> RunResult:
    """Carry over past conversations of one side, silently."""

    def work(run: Run) -> None:
        told = run if progress is None else replace(run, progress=_Meter(run, progress))
        engine.backfill(told, choice)

    return carry_out(config, environment, "backfill", work, accept=accept, strict=strict)


@dataclass
class _Meter:
    """Counts the conversations of a backfill and says now and then how far it is."""

    run: Run
    tell: Callable[[Progress], None]
    _done: set[int] = field(default_factory=set)
    _told: int = 0
    _started: Seconds = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.run.parties.clock.now()

    def __call__(self, row: int) -> None:
        self._done.add(row)
        if len(self._done) < self._told + EVERY:
            return
        self._told = len(self._done)
        left = self.run.store.pairs.count_due(self.run.queue_name)
        pace = (self.run.parties.clock.now() - self._started) / len(self._done)
        self.tell(Progress(len(self._done), left, left * pace))
