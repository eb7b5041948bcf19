"""Opening the state with the key of its pair; ``path`` is that of the configuration."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from connector.config.key import key_path, make_key, read_key
from connector.errors import PersonNeeded
from connector.host.clock import monotonic
from connector.host.log import event
from connector.host.progress import Progress, Work
from state import store as states
from state.access.place import Schema
from state.file import opening
from state.file.sizes import size

if TYPE_CHECKING:
    from pathlib import Path

    from connector.host.progress import Watch
    from state.access.place import Place
    from state.store import Store

_LOG = logging.getLogger(__name__)


def open_store(path: Path, watch: Watch, state: Place) -> Store:
    """Open the state file; one that predates keys gets a key. PersonNeeded when its key is not there."""
    return _opened(state, state_key(path, state), watch)


def create_store(path: Path, state: Place) -> Store:
    """Create the state file, with the key that is there or a new one."""
    return states.create(state, key=read_key(path) or make_key(path))


def refuse_lost_key(path: Path, state: Place) -> None:
    """Raise PersonNeeded when a state is lost together with its key.

    People whom the connector made are told by the key; whoever is taken for a customer is copied once more.
    """
    if states.exists(state) or read_key(path) is not None:
        return
    lost = key_path(path)
    raise PersonNeeded(
        f"the state file is gone, and so is its key, {lost}: without the key, most copies cannot be told "
        "from originals; nothing was written",
        hint=f"put {lost} back, then: connector recover; if there is no copy of it: "
        "connector recover --without-key",
    )


def recover_store(path: Path, watch: Watch, state: Place) -> Store:
    """Open or create the state file; one whose key is lost goes on with another, without its hashes."""
    if not states.exists(state):
        return create_store(path, state)
    key = read_key(path) or make_key(path)
    states.rekey(state, key)
    return _opened(state, key, watch)


def state_key(path: Path, state: Place) -> bytes:
    """Return the key of the state file; PersonNeeded when there is none and the file needs one."""
    key = read_key(path)
    if key is not None:
        return key
    if isinstance(state, Schema):
        states.version_of(state)  # a state that does not exist needs no key
    elif opening.predates_keys(state):
        made = make_key(path)
        event(_LOG, logging.WARNING, "key.made", path=str(key_path(path)), keep="a copy with the tokens")
        return made
    raise _lost(key_path(path))


def _lost(path: Path) -> PersonNeeded:
    return PersonNeeded(
        f"the state file needs its key, and there is none at {path}; nothing was written",
        hint="put it back, or run: connector recover",
    )


def _opened(state: Place, key: bytes, watch: Watch) -> Store:
    began = monotonic()

    def tell(done: int, total: int) -> None:
        spent, left = monotonic() - began, total - done
        rate = done / spent if done and spent else None
        ends = left / rate if rate else None
        watch.heard(Progress(work=Work.MIGRATION, done=done, left=left, rate=rate, seconds_left=ends))

    def save(done: int, total: int) -> None:
        nonlocal began
        began = monotonic()  # the pace is that of the conversations, which follow
        if not done:
            event(_LOG, logging.INFO, "state.updating", path=str(state), first="a copy", size=size(total))
        watch.heard(Progress(work=Work.MIGRATION, saved=(done, total)))

    def shrink(total: int) -> None:
        event(_LOG, logging.INFO, "state.shrinking", path=str(state), size=size(total))
        watch.heard(Progress(work=Work.MIGRATION, shrinking=total))

    try:
        return states.open_existing(state, key=key, progress=tell, saving=save, shrinking=shrink)
    finally:
        watch.ended()
