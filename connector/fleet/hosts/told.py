"""What a fleet on several hosts tells of itself, and what it is told by commands."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.fleet.hosts.database import Database
from connector.fleet.hosts.queue import SILENT
from connector.fleet.hosts.seats import Seats
from connector.fleet.published import Told, standing

if TYPE_CHECKING:
    from collections.abc import Generator

    from pydantic import SecretStr

    from connector.fleet.settings import FleetConfig


@contextmanager
def seats_of(config: FleetConfig, address: SecretStr) -> Generator[Seats]:
    """Open the shared table of a fleet."""
    database = Database(address)
    try:
        database.prepare()
        yield Seats(database, config.fleet.database.host_name, config.fleet.every)
    finally:
        database.close()


def told_by_hosts(config: FleetConfig, address: SecretStr) -> Told:
    """Return what the hosts of a fleet tell."""
    with seats_of(config, address) as seats:
        known = seats.known()
        return Told(
            hosts=seats.hosts(silent=SILENT),
            pairs={name: standing(seat) for name, seat in known.seats.items()},
            paused=known.paused,
        )
