"""What a pass of one pair takes from this machine: its own tokens, key and state file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from connector.app.machine.environment import Environment
from connector.app.machine.state_access import create_store, open_store, recover_store
from connector.config.key import read_key
from connector.config.tokens import read_own_token
from connector.host.progress import Unwatched

if TYPE_CHECKING:
    from connector.fleet.folder import PairFile
    from connector.host.clock import Clock


def machine_of(file: PairFile, clock: Clock) -> Environment:
    """Return the environment of a pair; nobody watches how far its work is."""
    path, watch = file.path, Unwatched()
    return Environment(
        clock=clock,
        token=partial(read_own_token, pair=file.name),
        open_state=partial(open_store, path, watch),
        create_state=partial(create_store, path),
        recover_state=partial(recover_store, path, watch),
        key=partial(read_key, path),
        watch=watch,
        pair=file.name,
    )
