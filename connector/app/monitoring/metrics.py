"""Metrics of the last run, as a file for the textfile collector of Prometheus' node exporter.

A process that lives for a second cannot be scraped: the file is replaced as a whole after each run. One file
belongs to one pair of workspaces; alarms compare ``connector_last_success_timestamp_seconds`` with the time.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from connector.host.log import event
from connector.host.replace import replace_file
from connector.host.rights import read_ours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connector.app.monitoring.outcome import Outcome

_logger = logging.getLogger(__name__)
_READABLE = 0o644  # the node exporter is another user; the file holds numbers only
_LARGEST = 1024 * 1024  # a pair takes a few kilobytes
_LAST_SUCCESS = "connector_last_success_timestamp_seconds"


def write_metrics(path: Path, outcome: Outcome, standing: Mapping[str, float]) -> bool:
    """Replace the file; tell whether that could be done. ``standing`` are gauges of the state by name.

    A folder that is full or forbidden is a line in the log and stops nothing.
    """
    try:
        # A failed run keeps the time of the last good one, or the alarm that compares it would lapse.
        before = None if not outcome.failed else _last_success(path)
        replace_file(path, _exposition(outcome, standing, before), mode=_READABLE)
    except OSError as error:
        event(_logger, logging.WARNING, "metrics.failed", path=str(path), reason=error.strerror)
        return False
    return True


def _exposition(outcome: Outcome, standing: Mapping[str, float], before: float | None) -> bytes:
    gauges = _Gauges(outcome.pair)
    gauges.put("connector_last_run_exit_code", "Exit code of the last run", outcome.exit_code)
    gauges.put("connector_last_run_timestamp_seconds", "When the last run finished", outcome.finished)
    duration = outcome.finished - outcome.started
    gauges.put("connector_last_run_duration_seconds", "How long the last run took", duration)
    success = before if outcome.failed else outcome.finished
    if success is not None:
        gauges.put(_LAST_SUCCESS, "When a run last did its work", success)
    for name, label, counts in (
        ("requests", "side", outcome.requests),
        ("writes", "side", outcome.writes),
        ("conversations", "what", outcome.conversations),
        ("parts", "disposition", outcome.parts),
    ):
        gauges.put_each(f"connector_last_run_{name}", f"{name} of the last run", label, counts)
    for name, number in standing.items():
        gauges.put(f"connector_{name}", f"{name.replace('_', ' ')} now", number)
    return generate_latest(gauges.registry)


class _Gauges:
    """The gauges of one run; in a fleet each has the name of its pair."""

    def __init__(self, pair: str) -> None:
        # A separate registry: the default one adds figures of a process that is about to end.
        self.registry = CollectorRegistry()
        self._labels = {"pair": pair} if pair else {}

    def put(self, name: str, said: str, value: float) -> None:
        """Add one number."""
        gauge = Gauge(name, f"{said}.", list(self._labels), registry=self.registry)
        (gauge.labels(**self._labels) if self._labels else gauge).set(value)

    def put_each(self, name: str, said: str, label: str, counts: Mapping[str, int]) -> None:
        """Add a number for each value of a label."""
        gauge = Gauge(name, f"{said}.", [*self._labels, label], registry=self.registry)
        for value, count in counts.items():
            gauge.labels(**self._labels, **{label: value}).set(count)


def _last_success(path: Path) -> float | None:
    """Return what the previous file says; a failed run must not lose it."""
    try:
        families = list(text_string_to_metric_families(read_ours(path, _LARGEST).decode("utf-8")))
    except (OSError, ValueError):
        return None
    samples = [
        sample.value for family in families for sample in family.samples if sample.name == _LAST_SUCCESS
    ]
    return samples[0] if samples else None
