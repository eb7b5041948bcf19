"""What the state file knows; asks no remote."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.app.health import RUNS_LOOKED_AT, health_of, with_holder
from connector.app.links import links_of
from connector.app.monitoring.alarms import AGAIN_AFTER
from connector.app.monitoring.attention import to_act_on
from connector.app.progress.backfill import kept_progress
from connector.config.place import place_of
from connector.host.lock import held_by
from connector.http.pace import WINDOW
from mappings.model import Side
from state.records import Queue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.app.health import Health
    from connector.app.links import Links
    from connector.app.machine.environment import Environment
    from connector.app.monitoring.attention import Told
    from connector.app.progress.backfill import BackfillProgress
    from connector.config.model import Config
    from connector.host.holder import Holder
    from mappings.model import Seconds
    from state.records import Conflict, Disposition, Pair, QuarantineItem

LAST = 5  # conflicts and runs that are shown


@dataclass(frozen=True, slots=True)
class Status:
    """The state of one pair of workspaces at a moment; ``used`` are Dashly requests in the last minute."""

    now: Seconds
    workspaces: Mapping[Side, str | None]
    watermarks: Mapping[Side, Seconds | None]
    pairs: Mapping[str, int]
    parts: Mapping[Disposition, int]
    open_intents: int
    quarantine: tuple[QuarantineItem, ...]
    conflicts: int
    last_conflicts: tuple[Conflict, ...]
    used: int
    limit: int
    runs: tuple[dict[str, object], ...]
    health: Health
    attention: tuple[Told, ...]
    lock: Holder | None
    backfill: BackfillProgress | None
    backfill_left: int
    links: Links

    @property
    def backfill_done(self) -> int:
        """Return how many conversations the newest backfill has done."""
        return self.backfill.done_by(self.backfill_left) if self.backfill else 0

    @property
    def backfill_runs(self) -> bool:
        """Tell whether the newest backfill is at work now."""
        known, held = self.backfill, self.lock
        return known is not None and held is not None and held.run == known.run


def status(config: Config, environment: Environment) -> Status:
    """Return what the state file knows."""
    now, held = environment.clock.now(), held_by(place_of(config))
    idle = 0.0 if held is None else held.idle(place_of(config), now)
    with closing(environment.open_state(place_of(config))) as store:
        runs = store.runs.last(RUNS_LOOKED_AT)
        return Status(
            now=now,
            workspaces={side: store.meta.workspace(side) for side in Side},
            watermarks={side: store.watermarks.get(side) for side in Side},
            pairs=store.pairs.counts(),
            parts=store.ledger.counts(),
            open_intents=len(store.journal.open()),
            quarantine=tuple(store.quarantine.items()),
            conflicts=store.conflicts.count(),
            last_conflicts=tuple(store.conflicts.last(LAST)),
            used=store.budgets[Side.DASHLY].used(now=environment.clock.monotonic(), window=WINDOW),
            limit=config.dashly.requests_per_minute,
            runs=tuple(runs[:LAST]),
            # As long as nobody is told of the same problem again.
            attention=to_act_on([*runs[:1], *store.runs.telling(now - AGAIN_AFTER, RUNS_LOOKED_AT)]),
            health=with_holder(health_of(runs, now, rebuilt=store.meta.was_rebuilt()), held, idle, now),
            lock=held,
            backfill=(kept := kept_progress(store.meta)),
            backfill_left=_left(store.pairs.count_due(Queue.BACKFILL), kept),
            links=links_of(config, store),
        )


def _left(due: int, kept: BackfillProgress | None) -> int:
    """Return how many are not done: some that are done are due, since they are looked at once more."""
    return due if kept is None else min(due, kept.left)


def list_pairs(config: Config, environment: Environment, *, limit: int) -> list[Pair]:
    """Return linked pairs."""
    with closing(environment.open_state(place_of(config))) as store:
        return store.pairs.linked_pairs(limit=limit)
