"""What a use case takes from the machine that it runs on."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.config.tokens import read_token
from connector.host.clock import new_run_id
from connector.host.progress import Unwatched, in_silence
from connector.host.replaced import Network
from mappings.model import Side
from mappings.persons import NOBODY, OurPeople

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from pydantic import SecretStr

    from connector.config.model import Config
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from connector.host.progress import Wait, Watch
    from connector.http.fence import BeforeWrite
    from connector.http.kept import KeptText
    from connector.http.pace import RequestLog
    from state.access.place import Place
    from state.store import Store

Tokens = dict[Side, "SecretStr"]


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Time, tokens, the network and the disk.

    A run ends after the message in hand when its ``clock`` says that it is stopped. Runs in several threads
    have a clock each, or share one to be stopped together. ``watch`` shows how far long work is; ``alive``
    is told of every step. Both sides are seen ``through`` what may replace one of them. ``pair`` is the name
    by which a fleet tells this pair from its others, ``again`` the command that goes on after a stop.
    """

    clock: Clock
    token: Callable[[Side], SecretStr] = read_token
    network: Network = field(default_factory=Network)
    open_state: Callable[[Place], Store]
    create_state: Callable[[Place], Store]
    recover_state: Callable[[Place], Store]
    key: Callable[[], bytes | None]
    new_run_id: Callable[[], str] = new_run_id
    watch: Watch = field(default_factory=Unwatched)
    alive: Callable[[], None] = lambda: None
    through: Callable[[Mapping[Side, Helpdesk]], Mapping[Side, Helpdesk]] = lambda helpdesks: helpdesks
    pair: str = ""
    again: str = ""

    def our_people(self) -> OurPeople:
        """Return how people whom we created are recognised without a state file: by the key alone."""
        # Without it nobody can be recognised as ours; then every person counts as a stranger.
        key = self.key()
        return NOBODY if key is None else OurPeople(key)

    def tokens(self) -> Tokens:
        """Read both tokens; ConfigError names the one that is missing."""
        return {side: self.token(side) for side in Side}

    @contextmanager
    def helpdesks(  # noqa: PLR0913 - all that both sides are made of
        self,
        config: Config,
        tokens: Tokens,
        budgets: Mapping[Side, RequestLog] | None = None,
        *,
        ours: OurPeople = NOBODY,
        before_write: BeforeWrite | None = None,
        read_only: bool = True,
        waits: Callable[[Wait], None] = in_silence,
        lists: Mapping[Side, KeptText] | None = None,
    ) -> Generator[Mapping[Side, Helpdesk]]:
        """Open both sides; without ``budgets`` requests are counted in memory only."""
        from connector.wiring import open_helpdesks  # noqa: PLC0415 - who reads the state alone needs no side

        with open_helpdesks(
            config,
            tokens,
            clock=self.clock,
            budgets=budgets,
            network=self.network,
            ours=ours,
            before_write=before_write,
            read_only=read_only,
            waits=waits,
            lists=lists,
        ) as opened:
            yield self.through(opened)
