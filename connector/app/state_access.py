"""Opening the state file of a configuration with the key that belongs to it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from connector.config.file import find_path
from connector.config.key import key_path, make_key, read_key
from connector.errors import PersonNeeded
from connector.host.log import event
from state import opening
from state import store as states

if TYPE_CHECKING:
    from pathlib import Path

    from connector.cli.options import Options
    from connector.config.model import Config
    from state.store import Store

_LOG = logging.getLogger(__name__)


def open_store(options: Options, config: Config) -> Store:
    """Open the state file; one that predates keys gets a key. PersonNeeded when its key is not there."""
    return states.open_existing(config.state.path, key=state_key(options, config), progress=_tell)


def create_store(options: Options, config: Config) -> Store:
    """Create the state file, with the key that is there or a new one."""
    path = find_path(options.config)
    return states.create(config.state.path, key=read_key(path) or make_key(path))


def recover_store(options: Options, config: Config) -> Store:
    """Open or create the state file; one whose key is lost goes on with another, without its hashes."""
    path, state = find_path(options.config), config.state.path
    key = read_key(path)
    if not state.exists():
        return create_store(options, config)
    if key is None:
        key = make_key(path)
    opening.rekey(state, key)
    return states.open_existing(state, key=key, progress=_tell)


def state_key(options: Options, config: Config) -> bytes:
    """Return the key of the state file; PersonNeeded when there is none and the file needs one."""
    path = find_path(options.config)
    key = read_key(path)
    if key is not None:
        return key
    if opening.predates_keys(config.state.path):
        made = make_key(path)
        event(_LOG, logging.WARNING, "key.made", path=str(key_path(path)), keep="a copy with the tokens")
        return made
    raise _lost(key_path(path))


def _lost(path: Path) -> PersonNeeded:
    return PersonNeeded(
        f"the state file needs its key, and there is none at {path}; nothing was written",
        hint="put it back, or run: connector recover",
    )


def _tell(done: int, total: int) -> None:
    event(_LOG, logging.WARNING, "state.migrating", conversations=done, of=total)
