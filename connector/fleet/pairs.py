"""The pairs of a fleet as their files say; a file is read again when it changed.

One workspace under two names would be copied twice: no pair that shares anything is passed.
"""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from connector.config import file as configuration
from connector.config.key import key_path
from connector.config.place import place_of
from connector.config.tokens import own_token_file
from connector.errors import ConfigError, ConnectorError
from connector.fleet.folder import PairFile, pair_files
from connector.host.lock import lock_file
from connector.host.log import event
from mappings.model import Side
from state.access.peek import peek
from state.meta import Fact

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

    from connector.config.model import Config

_LOG = logging.getLogger(__name__)
_Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair: what its file says, or what is wrong with it, and what no other pair may have as well."""

    file: PairFile
    config: Config | None
    problem: ConnectorError | None = None
    claims: frozenset[str] = frozenset()
    bound: bool = False
    twins: tuple[str, ...] = ()

    def usable(self) -> Config:
        """Return its configuration; the ConnectorError that is wrong with it otherwise."""
        if self.problem is not None or self.config is None:
            raise self.problem or ConfigError(f"{self.file.path} cannot be used.")
        return self.config


class _Shared(NamedTuple):
    """What a pair has that others have too, and their names."""

    others: tuple[str, ...]
    claims: tuple[str, ...]


class Pairs:
    """The pairs of a folder; ``shared`` when other hosts have it too, ``away`` when it could not be read."""

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        self._folder = folder
        self._shared = shared
        self._read: dict[str, tuple[Hashable, Pair]] = {}
        self._twins: dict[str, _Shared] = {}
        self.away = False

    def look(self) -> Mapping[str, PairFile]:
        """Read what is new or changed, forget what is gone, and return the files by name."""
        files = pair_files(self._folder)
        known = {name: self._current(file) for name, file in files.items()}
        if known != self._read:
            self._read = known
            self._twins = _twins([pair for _, pair in known.values()])
        return files

    def looked(self) -> Mapping[str, PairFile] | None:
        """Look, or return None while the folder is away: that ends nothing, and is told once."""
        try:
            files = self.look()
        except ConnectorError as error:
            if not self.away:
                event(_LOG, logging.WARNING, "folder.failed", reason=str(error))
            self.away = True
            return None
        self.away = False
        return files

    def read_again(self) -> None:
        """Read every file again when it is looked at next."""
        self._read = {}

    def __contains__(self, name: str) -> bool:
        """Tell whether a pair's file was there when the folder was looked at last."""
        return name in self._read

    def pair(self, name: str) -> Pair:
        """Return a pair; for one that shares anything with another, that is its problem."""
        pair = self._read[name][1]
        twins = self._twins.get(name)
        if twins is None:
            return pair
        return replace(pair, problem=_refused(name, twins), twins=twins.others)

    def trace(self, name: str) -> Hashable:
        """Return what changes when somebody fixes a pair: its files, its tokens, a command run on it."""
        stamp, pair = self._read[name]
        file, config = pair.file, pair.config
        tokens = [_stamp(path) for side in Side if (path := own_token_file(side, file.name))]
        state = (_stamp(lock_file(config.state.path)), _is_there(config)) if config else ()
        return (stamp, tuple(tokens), _stamp(key_path(file.path)), state, self._twins.get(name))

    def _current(self, file: PairFile) -> tuple[Hashable, Pair]:
        stamp, before = _stamp(file.path), self._read.get(file.name)
        if before is None or before[0] != stamp or _is_bound_since(before[1]):
            return stamp, self._loaded(file)
        return before

    def _loaded(self, file: PairFile) -> Pair:
        pair = _load(file)
        if not self._shared or pair.config is None or pair.config.state.url_file is not None:
            return pair
        return replace(pair, problem=_of_one_host(pair))


def _load(file: PairFile) -> Pair:
    try:
        file.check_name()
        config = configuration.load(file.path)
        kept = place_of(config)
    except ConnectorError as error:
        return Pair(file, None, error)
    # Unlike Path.resolve, it takes a link that leads to itself as it is.
    place = os.path.realpath(config.state.path)
    claims = {f"the state file {place}", f"the Dashly app {config.dashly.app_id}"}
    bound = peek(kept, Fact.WORKSPACE.of(Side.INTERCOM))
    if bound is not None:
        claims.add(f"the Intercom workspace {bound}")
    return Pair(file, config, None, frozenset(claims), bound is not None)


def _is_bound_since(pair: Pair) -> bool:
    """Tell whether a pair without a known Intercom workspace has a state file by now that tells it."""
    return pair.config is not None and not pair.bound and _is_there(pair.config)


def _twins(pairs: list[Pair]) -> dict[str, _Shared]:
    """Return for each pair that shares something what that is, and who has it too."""
    claimed: defaultdict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        for claim in pair.claims:
            claimed[claim].add(pair.file.name)
    shared = {claim: names for claim, names in claimed.items() if len(names) > 1}
    return {name: _shared(name, shared) for names in shared.values() for name in names}


def _shared(name: str, shared: dict[str, set[str]]) -> _Shared:
    own = {claim: names for claim, names in shared.items() if name in names}
    others = {other for names in own.values() for other in names if other != name}
    return _Shared(tuple(sorted(others)), tuple(sorted(own)))


def _refused(name: str, shared: _Shared) -> ConfigError:
    what = " and ".join(shared.claims)
    return ConfigError(
        f"{name} shares {what} with {', '.join(shared.others)}; nothing is copied for any of them",
        hint="remove all but one of these files from the folder, or give each its own",
    )


def _of_one_host(pair: Pair) -> ConfigError:
    """Say that every host would begin a state of its own, and copy everything once more."""
    return ConfigError(
        f"the state of {pair.file.name} is in a file on one host, but several hosts run this fleet",
        hint=f"connector --config {pair.file.path} state move --to URL",
    )


def _is_there(config: Config) -> bool:
    # Of a database only what is done on this machine is noticed: it is not asked every second.
    kept = lock_file(config.state.path) if config.state.url_file else config.state.path
    return _stamp(kept) is not None


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
