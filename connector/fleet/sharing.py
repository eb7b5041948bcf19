"""Whether one host keeps a fleet or several do, and what that means for its commands."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from connector.config.address import read_address
from connector.errors import ConfigError
from connector.fleet import folder, published
from connector.fleet.runner import Fleet

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.fleet.folder import PairFile
    from connector.fleet.published import Told
    from connector.fleet.settings import FleetConfig
    from connector.host.clock import Clock

_NEEDED = ("procrastinate", "psycopg")


class Runner(Protocol):
    """Who passes the pairs of a fleet on this host."""

    def read_again(self) -> None:
        """Read all files again and let every pair that rests try again."""

    def run(self) -> None:
        """Pass pairs until the clock is stopped."""


def runner_of(config: FleetConfig, clock: Clock, alive: Callable[[], None]) -> Runner:
    """Return who passes the pairs: this process alone, or with the other hosts of a database."""
    address = _address(config)
    if address is None:
        return Fleet(config, clock, alive)
    from connector.fleet.hosts.worker import SharedFleet  # noqa: PLC0415 - needs the extra

    return SharedFleet(config, address, clock, alive)


def told_of(config: FleetConfig) -> Told:
    """Return what the fleet tells of itself."""
    address = _address(config)
    if address is None:
        return published.told_here(config.fleet.place)
    from connector.fleet.hosts.told import told_by_hosts  # noqa: PLC0415 - needs the extra

    return told_by_hosts(config, address)


def set_paused(config: FleetConfig, file: PairFile, *, paused: bool) -> None:
    """Pause a pair until it is resumed, on every host, or let it go on and try again."""
    address = _address(config)
    # Either way may have been taken before there was a database.
    if address is None or not paused:
        (folder.pause if paused else folder.resume)(file)
    if address is not None:
        from connector.fleet.hosts.told import seats_of  # noqa: PLC0415 - needs the extra

        with seats_of(config, address) as seats:
            seats.pause(file.name, paused=paused)


def _address(config: FleetConfig) -> SecretStr | None:
    """Return the address of the database; None for a fleet on one host."""
    if config.fleet.database.url_file is None:
        return None
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise ConfigError(
            "the packages for several hosts are not installed",
            hint="pip install --require-hashes -r requirements-fleet.txt",
        )
    return SecretStr(read_address(config.fleet.database.url_file, "[fleet.database] url_file"))
