"""How all pairs are: from what the running fleet publishes, and from each pair's own log of runs."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connector.app.health import Failure, health_of, with_holder
from connector.config.place import place_of
from connector.errors import ConnectorError
from connector.fleet.machine import machine_of
from connector.fleet.pairs import Pairs
from connector.fleet.published import PairStanding
from connector.host.amounts import age
from connector.host.lock import held_by
from mappings.model import Side
from state.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from connector.app.health import Health
    from connector.config.model import Config
    from connector.fleet.pairs import Pair
    from connector.fleet.published import Told
    from connector.fleet.settings import FleetSection
    from connector.host.clock import Clock
    from mappings.model import Seconds

_RUNS = 60
"""An hour of one run a minute: a health that is older is older than this."""


class Mark(StrEnum):
    """How a pair is, in one word."""

    WELL = "well"
    ILL = "ill"
    RESTING = "resting"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class PairView:
    """One pair at a moment; ``lag`` is how far its watermarks are behind, by side."""

    name: str
    mark: Mark
    why: str
    hint: str
    lag: Mapping[Side, Seconds | None]
    last_failure: Failure | None
    attention: int
    standing: PairStanding

    def failed_last(self, now: Seconds) -> str:
        """Return in words how and how long ago a pass failed last."""
        failure = self.last_failure
        return f"{age(now - failure.at)} ago, exit code {failure.exit_code}" if failure else ""


@dataclass(frozen=True, slots=True)
class Overview:
    """A fleet at a moment, and what it tells of itself."""

    folder: Path
    now: Seconds
    told: Told
    pairs: tuple[PairView, ...]

    @property
    def counts(self) -> dict[Mark, int]:
        """Return how many pairs are in each condition."""
        found = Counter(view.mark for view in self.pairs)
        return {mark: found[mark] for mark in Mark}

    @property
    def ill_first(self) -> list[PairView]:
        """Return the pairs, those first that need somebody."""
        order = [Mark.ILL, Mark.RESTING, Mark.PAUSED, Mark.WELL]
        return sorted(self.pairs, key=lambda view: order.index(view.mark))

    @property
    def runner(self) -> str:
        """Return who runs the fleet, in words."""
        return self.told.runner or "no process runs it: connector fleet run"

    def next_pass(self, view: PairView) -> str:
        """Return in words when a pair is passed next, or what that waits for."""
        if view.mark is Mark.PAUSED:
            return "when resumed"
        if not self.told.runner:
            return ""
        if view.standing.running_since is not None:
            return f"at work for {age(self.now - view.standing.running_since)}"
        if view.standing.rest:
            return view.standing.rest
        return "" if view.standing.next is None else f"in {age(view.standing.next - self.now)}"


def overview(fleet: FleetSection, told: Told, clock: Clock) -> Overview:
    """Return how all pairs of a fleet are; asks no remote."""
    pairs = Pairs(fleet.pairs, shared=fleet.shared)
    files, now = pairs.look(), clock.now()
    views = (
        _view(
            pairs.pair(name),
            file.paused or name in told.paused,
            told.pairs.get(name, PairStanding()),
            clock,
        )
        for name, file in files.items()
    )
    return Overview(fleet.pairs, now, told, tuple(views))


def _view(pair: Pair, paused: bool, standing: PairStanding, clock: Clock) -> PairView:  # noqa: FBT001
    lag: dict[Side, Seconds | None] = dict.fromkeys(Side)
    health, error = None, None
    try:
        health, lag = _from_state(pair, pair.usable(), standing, clock)
    except (ConnectorError, StateError) as raised:
        error = raised
    mark = _mark(health, standing, paused=paused)
    why, hint = _reason(mark, health, error, standing, pair.file.name)
    failure = health.last_failure if health else None
    return PairView(
        pair.file.name, mark, why, hint, lag, failure, len(health.attention) if health else 0, standing
    )


def _from_state(
    pair: Pair, config: Config, standing: PairStanding, clock: Clock
) -> tuple[Health, dict[Side, Seconds | None]]:
    now, held = clock.now(), held_by(place_of(config))
    idle = 0.0 if held is None else held.idle(place_of(config), now)
    with closing(machine_of(pair.file, clock).open_state(place_of(config))) as store:
        marks = {side: store.watermarks.get(side) for side in Side}
        runs = store.runs.last(_RUNS)
        health = with_holder(health_of(runs, now, rebuilt=store.meta.was_rebuilt()), held, idle, now)
        health = _with_last_pass(health, runs, standing)
    return health, {side: None if at is None else now - at for side, at in marks.items()}


def _with_last_pass(health: Health, runs: Sequence[Mapping[str, Any]], standing: PairStanding) -> Health:
    """Return how a pair is whose last pass may have failed before a run began, as on a full disk."""
    last, ended = standing.last, max((run["finished"] or 0.0 for run in runs), default=0.0)
    if not (health.healthy and standing.failures and last.get("at", 0.0) > ended):
        return health
    failure = Failure("", "sync", last["at"], last["exit_code"], last["error"], last["hint"])
    return replace(
        health, healthy=False, since=failure.at, why=failure.error, hint=failure.hint, last_failure=failure
    )


def _mark(health: Health | None, standing: PairStanding, *, paused: bool) -> Mark:
    if paused:
        return Mark.PAUSED
    if standing.rest:
        return Mark.RESTING
    return Mark.WELL if health is not None and health.healthy else Mark.ILL


def _reason(
    mark: Mark,
    health: Health | None,
    error: ConnectorError | StateError | None,
    standing: PairStanding,
    name: str,
) -> tuple[str, str]:
    """Return why a pair is not well, and what to do: the newest that is known."""
    if mark is Mark.PAUSED:
        return "paused", f"connector fleet resume {name}"
    if error is not None:
        return str(error), error.hint
    # Its pass may have failed before a run began that its own log could tell of.
    if mark is Mark.RESTING and standing.last:
        return str(standing.last.get("error", "")), str(standing.last.get("hint", ""))
    return (health.why, health.hint) if health else ("", "")
