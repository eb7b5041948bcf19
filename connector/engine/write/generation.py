"""The generation: the last run that wrote, recorded on a technical person of ours on a side we write to.

Asked and set before the first write of a run. The state file notes each value before it leaves, so that a run
that died in between raises no doubt. A value that was made with our key and that the file does not know was
written by somebody else who has the key: an older folder was restored, or a second connector is at work.
What was not made with our key means nothing.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from connector.engine.run.doubt import doubting
from connector.errors import AccessDenied, NeverSent, Rejected, RemoteError, Unclear
from connector.host.log import event
from mappings.keyed import is_keyed_id, keyed_id
from mappings.model import Side
from mappings.persons import FOR_CONNECTOR

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connector.engine.plan.policy import Policy
    from connector.helpdesk.keeper import Kept
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from mappings.model import Seconds
    from state.store import Store

LOG = logging.getLogger(__name__)
MADE_FOR = "generation"


@dataclass(frozen=True, kw_only=True)
class Generation:
    """The generation of a pair as one run sees it; ``person`` is the external id that it is kept under."""

    store: Store
    helpdesk: Helpdesk
    clock: Clock
    run: str
    person: str
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _asked: threading.Event = field(default_factory=threading.Event, init=False)

    @property
    def side(self) -> Side:
        """Return the side on which it is kept."""
        return self.helpdesk.side

    def before_first_write(self) -> None:
        """Ask for the generation and make it this run's, once; PersonNeeded when it is unknown.

        NeverSent when a side is away. Where a side refuses to keep it, the run goes without it.
        """
        if self._asked.is_set():
            return
        with self._lock:
            if not self._asked.is_set():
                self._optional(self._replace)
                self._asked.set()

    def accept(self) -> None:
        """Accept what is kept now: a run that trusts nothing older than itself, or a person, does so."""
        self._optional(self._accept)

    def _accept(self) -> None:
        kept = self._read()
        if kept is not None and made_at(self.store, kept.text) is not None:
            self.store.meta.set_generation(self.side, kept.text)

    def _optional(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (AccessDenied, Rejected) as error:
            if error.status == HTTPStatus.UNAUTHORIZED:
                raise
            event(LOG, logging.WARNING, "generation.refused", side=self.side, status=error.status)
        except NeverSent:
            raise
        except RemoteError as error:  # nothing has been written yet, and nothing will be
            raise NeverSent(str(error), hint=error.hint) from error

    def _replace(self) -> None:
        kept = self._read()
        self._refuse_unknown(kept)
        ours = generation_of(self.store, self.run, self.clock.now())
        self.store.meta.set_generation(self.side, ours)
        now = self._written(kept, ours)
        if now.text != ours:  # somebody was there whom no search had shown
            self._refuse_unknown(now)
            now = self._written(now, ours)
        self._remember(now)

    def _written(self, kept: Kept | None, ours: str) -> Kept:
        """Write this run's generation; one whose answer was lost is looked for once."""
        try:
            return self.helpdesk.keep(self.person, kept.person if kept else None, ours)
        except Unclear:
            found = self._read()
            if found is None or found.text != ours:
                raise
            return found

    def _read(self) -> Kept | None:
        kept = self.helpdesk.kept(self.person, self.store.meta.technical_person(self.side))
        if kept is not None:
            self._remember(kept)
        return kept

    def _remember(self, kept: Kept) -> None:
        if kept.person is not None and kept.person != self.store.meta.technical_person(self.side):
            self.store.meta.set_technical_person(self.side, kept.person)

    def _refuse_unknown(self, kept: Kept | None) -> None:
        at = unknown_since(self.store, self.side, kept)
        if at is not None:
            raise doubting(self.store, "the state file does not know the last run that wrote", at)


def generation_for(
    policy: Policy, store: Store, helpdesks: Mapping[Side, Helpdesk], clock: Clock, run: str
) -> Generation:
    """Return the generation of a pair for one run."""
    side = kept_on(policy.sources)
    # From the tokens: while a lost file is recovered, it does not know yet whose it is.
    person = technical_id(store.key, side, app=policy.app, workspace=policy.workspace)
    return Generation(store=store, helpdesk=helpdesks[side], clock=clock, run=run, person=person)


def kept_on(sources: Collection[Side]) -> Side:
    """Return the side on which the generation is kept: one that is written to."""
    return Side.DASHLY if Side.INTERCOM in sources else Side.INTERCOM


def technical_id(key: bytes, side: Side, *, app: str, workspace: str) -> str:
    """Return the external id of a pair's technical person on a side, which nobody can guess."""
    return keyed_id(key, FOR_CONNECTOR, f"{side}:{app}:{workspace}")


def generation_of(store: Store, run: str, now: Seconds) -> str:
    """Return what identifies a run: its time, and a mark that only our key makes."""
    return f"{keyed_id(store.key, _made_for(str(int(now))), run)}.{int(now)}"


def made_at(store: Store, text: str) -> Seconds | None:
    """Return when the run wrote whose generation this is; None for what was not made with our key."""
    mark, _, at = text.partition(".")
    return float(at) if at.isdecimal() and is_keyed_id(store.key, _made_for(at), mark) else None


def unknown_since(store: Store, side: Side, kept: Kept | None) -> Seconds | None:
    """Return when the run wrote that the state file does not know; None when there is none."""
    if kept is None or kept.text in store.meta.generations(side):
        return None
    return made_at(store, kept.text)


def _made_for(at: str) -> str:
    return f"{MADE_FOR} {at}"
