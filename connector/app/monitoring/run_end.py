"""What happens after a run: what is new is marked, metrics are written, alerts are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.app.monitoring.alarms import AlarmStore, new_notices, remembered
from connector.app.monitoring.alerts import send_alerts
from connector.app.monitoring.outcome import Outcome
from connector.engine.plan.meaning import Severity
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    """Tell whether the run before the newest one ended with this exit code: then a failure is no news."""
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


def tell_end(config: Config, outcome: Outcome, trouble: Sequence[str], gauges: Mapping[str, float]) -> None:
    """Write metrics and send alerts as configured; nothing in here changes how the run ended."""
    if config.metrics.textfile is not None:
        from connector.app.monitoring.metrics import write_metrics  # noqa: PLC0415 - most pairs have none

        write_metrics(config.metrics.textfile, outcome, gauges)
    send_alerts(config.alerts, outcome, trouble)


def new_trouble(report: Mapping[str, Any], *, repeated: bool) -> list[str]:
    """Return the sentences that nobody was told of: the error that stopped the run, and new notices."""
    error = [report["error"]] if report.get("error") and not repeated else []
    return [*error, *(_linked(notice) for notice in report["notices"] if notice["new"])]


def _linked(notice: Mapping[str, Any]) -> str:
    """Return the sentence of a notice with the addresses of its conversation."""
    return " ".join((notice["sentence"], *filter(None, notice["links"].values())))
