"""What the running fleet publishes for other programs: a file in its folder, replaced as a whole."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from connector.host.lock import held_by
from connector.host.replace import replace_file
from connector.host.rights import PRIVATE_FILE, read_ours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connector.fleet.agenda import Agenda, Seat
    from mappings.model import Seconds

_LARGEST = 16 * 1024 * 1024  # thousands of pairs


@dataclass(frozen=True, slots=True)
class PairStanding:
    """What the fleet knows of a pair: when it is passed next, or until when it rests, and its last pass."""

    next: Seconds | None = None
    running_since: Seconds | None = None
    rest: str = ""
    failures: int = 0
    last: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a fleet: which process here, or which hosts, run it; its pairs; who is paused."""

    process: str | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)
    pairs: Mapping[str, PairStanding] = field(default_factory=dict)
    paused: frozenset[str] = frozenset()

    @property
    def runner(self) -> str:
        """Return who runs the fleet, in words; empty when nobody does."""
        if self.hosts:
            return (
                f"run by {', '.join(f'{host} (process {process})' for host, process in self.hosts.items())}"
            )
        return "" if self.process is None else f"run by process {self.process}"


def running(place: Path) -> str | None:
    """Return the process that runs the fleet; None when none does."""
    holder = held_by(place)
    return None if holder is None else holder.process


def told_here(place: Path) -> Told:
    """Return what a fleet on one host tells of itself."""
    return Told(process=running(place), pairs=last_published(place))


def publish(place: Path, agenda: Agenda, *, now: Seconds, monotonic: Seconds) -> None:
    """Replace what was published with what is known; OSError when that is impossible."""
    told = {name: asdict(standing(agenda[name], now - monotonic)) for name in agenda}
    replace_file(
        place.with_suffix(".json"), json.dumps({"written": now, "pairs": told}).encode(), mode=PRIVATE_FILE
    )


def last_published(place: Path) -> dict[str, PairStanding]:
    """Return what the fleet told that runs, or ran last; nothing where they cannot be read."""
    try:
        told = json.loads(read_ours(place.with_suffix(".json"), _LARGEST))
        return {name: PairStanding(**one) for name, one in told["pairs"].items()}
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return {}


def standing(seat: Seat, ahead: Seconds = 0.0) -> PairStanding:
    """Return what a seat says of its pair; its times are moved ``ahead`` to those that people read."""
    return PairStanding(
        next=None if seat.rest else seat.due + ahead,
        running_since=None if seat.started is None else seat.started + ahead,
        rest=seat.rest or "",
        failures=seat.failures,
        last={} if seat.last is None else asdict(seat.last),
    )
