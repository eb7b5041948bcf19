"""The wait between two passes of one pair, which a hint may end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.hints.address import line_of
from connector.hints.ears import TICK, Ears
from connector.hints.realtime import Realtime
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pydantic import SecretStr

    from connector.config.model import Config
    from connector.host.clock import Clock
    from mappings.model import Seconds

_ONE = "this pair"


class Waker:
    """Waits, and hears meanwhile; ``alive`` is called again and again in each wait."""

    def __init__(self, clock: Clock, alive: Callable[[], None]) -> None:
        self._clock = clock
        self._alive = alive
        self._ears = Ears(clock)
        self._realtime = Realtime(self._ears.heard)

    @contextmanager
    def open(self) -> Generator[None]:
        """Hear meanwhile."""
        self._realtime.start()
        try:
            yield
        finally:
            self._realtime.stop()

    def began(self) -> None:
        """Hear that a pass begins."""
        self._ears.began(_ONE)

    def ended(self, *, changed: bool) -> None:
        """Hear that a pass ended."""
        self._ears.ended(_ONE, changed=changed)

    def listen(self, config: Config, token: Callable[[Side], SecretStr]) -> None:
        """Listen for a pair whose token was found right; ConfigError when it is not there any more."""
        self._realtime.listen(_ONE, line_of(config, token(Side.DASHLY)))

    def wait(self, seconds: Seconds, config: Config) -> None:
        """Wait so long, or until a hint is ripe or the clock is stopped."""
        ends = self._clock.monotonic() + seconds
        while not self._clock.stopped and (left := ends - self._clock.monotonic()) > 0:
            self._ears.look(_ONE, config.state.path)
            if any(self._ears.due()):
                return
            self._clock.sleep(min(TICK, left))
            self._alive()
