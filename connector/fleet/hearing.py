"""What the helpdesks push, for all pairs of a fleet."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from connector.config.tokens import read_own_token
from connector.errors import ConnectorError
from connector.hints.address import line_of
from connector.hints.ears import HEARD_AFTER, Ears
from connector.hints.realtime import Realtime
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from connector.fleet.breaker import Ended
    from connector.fleet.pairs import Pair
    from connector.host.clock import Clock


class Hearing:
    """The ears of a fleet. Nobody listens for a pair before a pass has shown that its token is right.

    Without ``mail`` the files of the pairs are read by somebody else.
    """

    def __init__(self, clock: Clock, *, mail: bool = True) -> None:
        self._ears = Ears(clock)
        self._mail = mail
        self._realtime = Realtime(self._ears.heard)
        self._open = False

    @contextmanager
    def open(self) -> Generator[None]:
        """Hear meanwhile."""
        self._realtime.start()
        self._open = True
        try:
            yield
        finally:
            self._open = False
            self._realtime.stop()

    def due(self, pairs: Iterable[Pair]) -> Iterator[str]:
        """Yield which of these pairs are to be passed early; nobody else is heard any more."""
        names = set()
        for pair in pairs:
            names.add(pair.file.name)
            if self._mail and pair.config is not None:
                self._ears.look(pair.file.name, pair.config.state.path)
        for gone in self._ears.keep(names):
            self._realtime.listen(gone, None)
        yield from self._ears.due()

    def began(self, pair: Pair) -> None:
        """Hear that a pass begins."""
        self._ears.began(pair.file.name)

    def ended(self, pair: Pair, ended: Ended) -> None:
        """Hear how a pass ended, and listen from now on where its token was good for it."""
        self._ears.ended(pair.file.name, changed=ended.changed)
        if not self._open or pair.config is None or ended.exit_code not in HEARD_AFTER:
            return
        with suppress(ConnectorError):  # taken away meanwhile: the next pass will tell
            line = line_of(pair.config, read_own_token(Side.DASHLY, pair.file.name))
            self._realtime.listen(pair.file.name, line)
