"""What a command hands to the use cases: the configuration and this machine."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from connector.app.machine.environment import Environment
from connector.app.machine.state_access import create_store, open_store, recover_store
from connector.cli.input.stops import this_command
from connector.cli.output.progress import watch_of
from connector.config import file as configuration
from connector.config.key import read_key
from connector.config.tokens import read_token
from connector.host.clock import SystemClock
from connector.host.progress import Echoed

if TYPE_CHECKING:
    from connector.cli.input.options import Options
    from connector.config.model import Config


def load_config(options: Options) -> Config:
    """Read the configuration that the options name."""
    return configuration.load(configuration.find_path(options.config))


def this_machine(options: Options, clock: SystemClock | None = None, *, again: str = "") -> Environment:
    """Return the environment of a command: the machine's clock, network and disk, and the key of the pair.

    ``again`` is what goes on with what it leaves, else this command.
    """
    path = configuration.find_path(options.config)
    clock = clock or SystemClock()
    watch = Echoed(watch_of(options, clock), clock.alive)
    return Environment(
        clock=clock,
        token=partial(read_token, pair=path.stem),
        watch=watch,
        open_state=partial(open_store, path, watch),
        create_state=partial(create_store, path),
        recover_state=partial(recover_store, path, watch),
        key=partial(read_key, path),
        alive=clock.alive,
        again=again or this_command(),
    )
