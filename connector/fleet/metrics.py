"""Metrics of all pairs in one file for node-exporter's textfile collector, each with its pair's name."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest

from connector.host.log import event
from connector.host.replace import replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connector.fleet.agenda import Seat
    from mappings.model import Seconds

_LOG = logging.getLogger(__name__)
_READABLE = 0o644  # the node exporter is another user
_GOOD = {0, 1, 4}


def write(path: Path | None, seats: Mapping[str, Seat], now: Seconds) -> None:
    """Replace the file where one is configured; a folder that is full or forbidden is a line in the log."""
    if path is None:
        return
    try:
        replace_file(path, _exposition(seats, now), mode=_READABLE)
    except OSError as error:
        event(_LOG, logging.WARNING, "metrics.failed", path=str(path), reason=error.strerror)


def _exposition(seats: Mapping[str, Seat], now: Seconds) -> bytes:
    registry = CollectorRegistry()
    Gauge("connector_fleet_pairs", "Pairs of the fleet.", registry=registry).set(len(seats))
    Gauge("connector_fleet_written_timestamp_seconds", "When this was written.", registry=registry).set(now)
    resting = _of_pair(registry, "connector_pair_resting", "1 while a pair rests until somebody mends it.")
    failures = _of_pair(registry, "connector_pair_failures", "Passes in a row that failed.")
    code = _of_pair(registry, "connector_pair_last_exit_code", "Exit code of the last pass.")
    ended = _of_pair(registry, "connector_pair_last_pass_timestamp_seconds", "When the last pass ended.")
    good = _of_pair(registry, "connector_pair_last_pass_good", "1 when the last pass did its work.")
    behind = _of_pair(
        registry, "connector_pair_lag_seconds", "How far the watermark of a side is behind now.", "side"
    )
    took = _of_pair(registry, "connector_pair_last_pass_duration_seconds", "How long the last pass took.")
    for name, seat in seats.items():
        resting.labels(name).set(seat.rest is not None)
        failures.labels(name).set(seat.failures)
        if seat.last is not None:
            code.labels(name).set(seat.last.exit_code)
            ended.labels(name).set(seat.last.at)
            good.labels(name).set(seat.last.exit_code in _GOOD)
            took.labels(name).set(seat.last.seconds)
            for side, lag in seat.last.lag.items():
                behind.labels(name, side).set(lag + now - seat.last.at)
    return generate_latest(registry)


def _of_pair(registry: CollectorRegistry, name: str, said: str, *labels: str) -> Gauge:
    return Gauge(name, said, ["pair", *labels], registry=registry)
