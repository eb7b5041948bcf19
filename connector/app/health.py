"""Whether a pair is kept in step, since when, and what failed last. Pure: from the log of runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from connector.errors import BEGIN, BEGIN_AGAIN, ExitCode
from connector.host.holder import HANGS_AFTER, hanging

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.host.holder import Holder
    from mappings.model import Seconds

RUNS_LOOKED_AT = 500  # a working day of one run a minute
SILENT_AFTER: Seconds = 1800.0
"""A pair whose last good run is older is not kept in step, whatever that run said."""
_LOOK_AT_THE_TIMER = "look at the timer or the service that runs: connector sync"
_GOOD = {ExitCode.CLEAN, ExitCode.ATTENTION}
_WORKING = {"sync", "backfill"}


@dataclass(frozen=True, slots=True)
class Failure:
    """How a run failed."""

    run: str
    command: str
    at: Seconds
    exit_code: int
    error: str
    hint: str


@dataclass(frozen=True, slots=True)
class Health:
    """Whether all is well; ``since`` is None when nothing ran yet. ``why`` and ``hint`` explain trouble.

    ``attention`` is what the newest run reported.
    """

    healthy: bool
    since: Seconds | None
    why: str = ""
    hint: str = ""
    last_failure: Failure | None = None
    attention: tuple[str, ...] = ()

    @property
    def condition(self) -> str:
        """Return how a pair is in a word or two; one that no run has worked on yet is not ill."""
        if self.healthy:
            return "healthy"
        return "not in step yet" if self.since is None else "not healthy"


def health_of(runs: Sequence[Mapping[str, Any]], now: Seconds, *, rebuilt: bool = False) -> Health:
    """Judge by runs, newest first, as the log of runs gives them; one that has not ended is ignored.

    ``rebuilt`` tells that the state was rebuilt or restored: it may have missed copies.
    """
    working = [run for run in runs if run["command"] in _WORKING]
    ended = [run for run in working if run["finished"] is not None]
    if not ended:
        if working:
            why, hint = "the first run has not ended", "connector sync"
        elif rebuilt:
            why, hint = "no run has been made since the state file was rebuilt", BEGIN_AGAIN
        else:
            why, hint = "no run has been made", BEGIN
        return Health(healthy=False, since=None, why=why, hint=hint)
    good, newest = _is_good(ended[0]), ended[0]["finished"]
    failure = next((_failure(run) for run in ended if not _is_good(run)), None)
    why, hint, since = "", "", _since(ended)
    if failure is not None and not good:
        # A failure outranks silence: it says what to do.
        why, hint = f"{failure.command} ended with {failure.exit_code}: {failure.error}", failure.hint
    elif now - newest > SILENT_AFTER:
        why, hint, since = "no run has ended since then", _LOOK_AT_THE_TIMER, float(newest)
    report = ended[0]["report"] or {}
    return Health(not why, since, why, hint, failure, tuple(report.get("attention", ())))


def with_holder(health: Health, holder: Holder | None, idle: Seconds, now: Seconds) -> Health:
    """Return how a pair is when the holder of its lock has finished no step for ``idle`` seconds."""
    if holder is None or idle < HANGS_AFTER:
        return health
    hung = hanging(holder, idle)
    return replace(health, healthy=False, since=now - idle, why=str(hung), hint=hung.hint)


def _since(ended: Sequence[Mapping[str, Any]]) -> Seconds:
    """Return when the first of the newest runs ended that were all good, or all bad."""
    since = ended[0]["finished"]
    for run in ended:
        if _is_good(run) is not _is_good(ended[0]):
            break
        since = run["finished"]
    return float(since)


def _is_good(run: Mapping[str, Any]) -> bool:
    return run["exit_code"] in _GOOD


def _failure(run: Mapping[str, Any]) -> Failure:
    report = run["report"] or {}
    error = report.get("error", "the log does not say why")
    return Failure(
        run["id"], run["command"], run["finished"], run["exit_code"], error, report.get("hint", "")
    )
