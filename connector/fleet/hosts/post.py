"""Hints that reached this host for whichever host passes the pair next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.app.machine import mailbox
from connector.hints.ears import Ears

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from connector.fleet.pairs import Pair
    from connector.host.clock import Clock


class Post:
    """The hints in the files of all pairs, gathered for a moment before they are sent on."""

    def __init__(self, clock: Clock) -> None:
        self._ears = Ears(clock)

    def due(
        self, pairs: Iterable[Pair], passing: Collection[str]
    ) -> Iterator[tuple[str, tuple[mailbox.Hint, ...]]]:
        """Yield which pairs are to be passed early, with what was hinted at; that is not here any more.

        What lies there for one of those ``passing`` is left to its pass, which may take long to begin.
        """
        places = {pair.file.name: pair.config.state.path for pair in pairs if pair.config is not None}
        for name, state in places.items():
            if name not in passing:
                self._ears.look(name, state)
        self._ears.keep(places.keys())
        for name in set(self._ears.due()) - set(passing):
            told = mailbox.take(places[name])
            # As if it were passed at once: where it is, nobody here hears of it.
            self._ears.began(name)
            self._ears.ended(name, changed=True)
            yield name, tuple((side, one) for side, named in told.items() for one in sorted(named))
