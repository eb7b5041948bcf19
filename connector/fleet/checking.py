"""Every pair's `doctor`, side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from connector.app.diagnosis import diagnose
from connector.doctor.findings import failed
from connector.errors import ConfigError, ConnectorError
from connector.fleet.machine import machine_of
from connector.fleet.pairs import Pairs
from connector.host.log import about

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.doctor.findings import Finding
    from connector.fleet.pairs import Pair
    from connector.fleet.settings import FleetSection
    from connector.host.clock import Clock


def check(fleet: FleetSection, clock: Clock) -> Mapping[str, list[Finding]]:
    """Examine every pair of a fleet, paused ones too; return what was found by name."""
    pairs = Pairs(fleet.pairs, shared=fleet.shared)
    names = list(pairs.look())
    with ThreadPoolExecutor(max_workers=fleet.workers) as pool:
        found = pool.map(lambda name: _examined(pairs.pair(name), clock), names)
        return dict(zip(names, found, strict=True))


def _examined(pair: Pair, clock: Clock) -> list[Finding]:
    try:
        pair.file.check_name()
    except ConfigError as error:
        # Its tokens have no name either; what a doctor would advise helps only under another name.
        return [failed("fleet", error)]
    with about(pair_name=pair.file.name):
        findings = diagnose(pair.file.path, machine_of(pair.file, clock)).findings
    try:
        pair.usable()
    except ConnectorError as error:
        # The doctor of one pair sees only its own file.
        return [*findings, failed("fleet", error)] if pair.config is not None else findings
    return findings
