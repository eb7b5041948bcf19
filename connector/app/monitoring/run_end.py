"""What happens after a run: what is new is marked, metrics are written, alerts are sent."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.app.exit_codes import exit_code_of
from connector.app.monitoring import untold
from connector.app.monitoring.alarms import AlarmStore, new_notices, remembered
from connector.app.monitoring.alerts import send_alerts
from connector.app.monitoring.outcome import Outcome
from connector.app.monitoring.untold import Untold, later
from connector.engine.plan.meaning import Severity
from connector.errors import ConnectorError
from connector.host.clock import SystemClock
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from connector.config.model import Config
    from connector.engine.plan.notices import Notice
    from mappings.model import Seconds
    from state.store import Store


def mark_new(alarms: AlarmStore, notices: Sequence[Notice], now: Seconds) -> list[bool]:
    """Return for each notice whether it is news, and remember that it was told."""
    known = alarms.known()
    news = frozenset(new_notices(known, notices, now))
    kept = remembered(known, notices, now)
    # A quiet run writes nothing, here as elsewhere.
    if kept != known:
        alarms.keep(kept)
    return [notice in news and notice.meaning.severity is not Severity.INFORMATION for notice in notices]


def lags(store: Store, now: Seconds) -> dict[Side, Seconds]:
    """Return how far behind each side is that was ever read."""
    marks = {side: store.watermarks.get(side) for side in Side}
    return {side: now - at for side, at in marks.items() if at is not None}


def standing(store: Store, now: Seconds) -> dict[str, float]:
    """Return the gauges of the state by name: lag by side, what is open, what is in quarantine."""
    return {
        **{f"{side.value}_lag_seconds": behind for side, behind in lags(store, now).items()},
        "open_intents": len(store.journal.open()),
        "quarantined": len(store.quarantine.items()),
    }


def failed_before(store: Store, exit_code: int) -> bool:
    """Tell whether the run before the newest one ended with this exit code: then a failure is not news."""
    # The newest is this run, which is recorded already.
    before = store.runs.last(2)[1:]
    return any(run["exit_code"] == exit_code for run in before)


def outcome_of(report: Mapping[str, Any], started: Seconds, finished: Seconds, pair: str = "") -> Outcome:
    """Return how a run ended, from the report that ``sync --json`` prints."""
    return Outcome(
        pair=pair,
        run=report["run_id"],
        command=report["command"],
        exit_code=report["exit_code"],
        started=started,
        finished=finished,
        requests=report["requests"],
        writes=report["writes"],
        conversations=report["conversations"],
        parts=report["parts"],
        error=report.get("error", ""),
        hint=report.get("hint", ""),
    )


def tell_end(config: Config, outcome: Outcome, trouble: Trouble, gauges: Mapping[str, float]) -> None:
    """Write metrics and send alerts as configured; nothing in here changes how the run ended.

    What the webhook does not take is told after the next run.
    """
    if config.metrics.textfile is not None:
        from connector.app.monitoring.metrics import write_metrics  # noqa: PLC0415 - most pairs have none

        write_metrics(config.metrics.textfile, outcome, gauges)
    taken = send_alerts(config.alerts, outcome, trouble.sentences)
    if config.alerts.webhook_url.get_secret_value():
        before = untold.kept(config.state.path)
        runs = () if taken or before is None else before.runs
        after = Untold(runs if taken or not trouble.new else later(runs, outcome.run))
        # A quiet run writes nothing; the file is made while there is room for it.
        if after != before:
            untold.keep(config.state.path, after)


@contextmanager
def told_when_it_cannot_begin(config: Config, pair: str, command: str) -> Generator[None]:
    """Send alerts about an error that no run records: a hanging one in its way, no room, no state file."""
    try:
        yield
    except Exception as error:
        _tell_unbegun(config, _unbegun(error, pair, command), type(error).__name__)
        raise


def _unbegun(error: Exception, pair: str, command: str) -> Outcome:
    code, now = exit_code_of(error), SystemClock().now()
    hint = error.next_step if isinstance(error, ConnectorError) else getattr(error, "hint", "")
    return Outcome("", command, code, now, now, {}, {}, {}, {}, str(error), hint, pair)


def _tell_unbegun(config: Config, outcome: Outcome, kind: str) -> None:
    # A stop and the lock of a run at work are not failures.
    if not outcome.failed:
        return
    before = untold.kept(config.state.path) or Untold()
    # By its kind: how long a run hangs is said again each minute.
    trouble = [] if before.failing == kind else [outcome.error]
    if (
        send_alerts(config.alerts, outcome, trouble)
        and trouble
        and config.alerts.webhook_url.get_secret_value()
    ):
        untold.keep(config.state.path, Untold(before.runs, failing=kind))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What nobody was told of: what is ``new`` of this run, and what the webhook did not take before."""

    new: Sequence[str] = ()
    late: Sequence[str] = ()

    @property
    def sentences(self) -> list[str]:
        """Return all of it, each once."""
        return list(dict.fromkeys([*self.late, *self.new]))


def new_trouble(report: Mapping[str, Any], *, repeated: bool) -> list[str]:
    """Return the sentences that nobody was told of: the error that stopped the run, and new notices."""
    error = [report["error"]] if report.get("error") and not repeated else []
    return [*error, *(_linked(notice) for notice in report["notices"] if notice["new"])]


def untold_trouble(store: Store, state: Path) -> list[str]:
    """Return the sentences of earlier runs that the webhook did not take."""
    before = untold.kept(state)
    reports = [store.runs.report(run) for run in (() if before is None else before.runs)]
    return [told for report in reports if report for told in new_trouble(report, repeated=False)]


def _linked(notice: Mapping[str, Any]) -> str:
    """Return the sentence of a notice with the addresses of its conversation."""
    return " ".join((notice["sentence"], *filter(None, notice["links"].values())))
