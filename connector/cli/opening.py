"""What a command hands to the use cases: the configuration, this machine, and a way to stop a run."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from connector.app.environment import Environment
from connector.app.state_access import create_store, open_store, recover_store
from connector.config import file as configuration
from connector.host.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Generator

    from connector.cli.options import Options
    from connector.config.model import Config


def load_config(options: Options) -> Config:
    """Read the configuration that the options name."""
    return configuration.load(configuration.find_path(options.config))


def this_machine(options: Options, clock: SystemClock | None = None) -> Environment:
    """Return the environment of a command: the machine's clock, network and disk, and the key of the pair."""
    path = configuration.find_path(options.config)
    return Environment(
        clock=clock or SystemClock(),
        open_state=partial(open_store, path),
        create_state=partial(create_store, path),
        recover_state=partial(recover_store, path),
    )


@contextmanager
def stopping(clock: SystemClock) -> Generator[None]:
    """Let SIGTERM and SIGINT end a run after the message in hand; a second one ends it at once."""

    def stop(number: int, _frame: object) -> None:
        if clock.stopped:
            raise SystemExit(128 + number)
        clock.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
