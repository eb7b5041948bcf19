"""Who receives webhooks: for each path a pair's secret, its workspace, and where its hints are left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from connector.config import file as configuration
from connector.config.place import place_of
from connector.config.tokens import read_client_secret, read_own_client_secret
from connector.fleet.folder import PairFile, pair_files
from connector.host.clock import monotonic
from mappings.model import Seconds, Side
from state.access.peek import peek
from state.meta import Fact

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

    from connector.config.model import Config

ROOT = "/intercom"
_FRESH: Seconds = 2.0
"""A new secret or state file counts within this time."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """One pair: what its webhooks are signed with, where its state lies, and what it is bound to."""

    secret: SecretStr
    state: Path
    workspace: str | None


class Receivers(Protocol):
    """Finds the pair of a path."""

    def find(self, path: str) -> Receiver | None:
        """Return the pair of a path; None for no pair; ConfigError for one that cannot receive."""


class OnePair:
    """The pair of one configuration, under ``/intercom``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, path: str) -> Receiver | None:
        """Return the pair."""
        if path != ROOT:
            return None
        return _receiver(configuration.load(self._path), read_client_secret(pair=self._path.stem))


class PairsOfFolder:
    """The pairs of a fleet, under ``/intercom/NAME``; files that come and go are noticed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, path: str) -> Receiver | None:
        """Return a pair by its name."""
        root, _, name = path.rpartition("/")
        file: PairFile | None = pair_files(self._folder).get(name) if root == ROOT else None
        if file is None:
            return None
        return _receiver(configuration.load(file.path), read_own_client_secret(file.name))


class Remembered:
    """Receivers that are looked up once in a while: a flood of forgeries reads no file for each."""

    def __init__(self, receivers: Receivers) -> None:
        self._receivers = receivers
        self._found: dict[str, tuple[Seconds, Receiver]] = {}

    def find(self, path: str) -> Receiver | None:
        """Return the pair of a path as it was moments ago."""
        now = monotonic()
        known = self._found.get(path)
        if known is not None and now - known[0] < _FRESH:
            return known[1]
        self._found.pop(path, None)
        found = self._receivers.find(path)
        if found is not None:  # only pairs that are there: whoever invents paths fills no memory
            self._found[path] = now, found
        return found


def _receiver(config: Config, secret: SecretStr) -> Receiver:
    workspace = peek(place_of(config), Fact.WORKSPACE.of(Side.INTERCOM))
    return Receiver(secret, config.state.path, workspace)
