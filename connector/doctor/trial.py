"""One test conversation on one side, with a test person who has no address: every step of a probe."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.errors import ConnectorError
from connector.helpdesk.port import AddTag, PostMessage, PostNote, RemoveTag, SetStatus, StartConversation
from connector.http.waiting import wait
from mappings.model import CLOSED, State
from state.records import PairState, Queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.helpdesk.port import Helpdesk, Person, Receipt
    from connector.host.clock import Clock
    from mappings.model import Conversation, Part, Seconds
    from state.store import Store

Answer = bool | int | str | None

NAME = "Connector probe"
OPENING = "Connector probe: a test conversation. Nobody needs to answer; it is closed in a moment."
WORDS = "Connector probe, step {step}: 1 < 2 & 3 > 2"
TAG = "connector-probe"
TICK: Seconds = 1.1  # both sides show whole seconds: one must begin before a change can be seen


@dataclass(frozen=True, slots=True)
class Step:
    """The conversation before and after one act."""

    before: Conversation
    after: Conversation

    @property
    def moved(self) -> bool:
        """Tell whether the time of the last change moved."""
        return self.after.updated > self.before.updated

    @property
    def reopened(self) -> bool:
        """Tell whether a closed conversation is not closed any more."""
        return self.before.registers.status == CLOSED != self.after.registers.status

    @property
    def new(self) -> tuple[Part, ...]:
        """Return the parts that came."""
        known = {part.id for part in self.before.parts}
        return tuple(part for part in self.after.parts if part.id not in known)


@dataclass
class Trial:
    """The test conversation of one side, as it was last seen."""

    helpdesk: Helpdesk
    store: Store
    clock: Clock
    person: Person
    agent: str
    seen: Conversation
    steps: int = 0

    @classmethod
    def begin(cls, helpdesk: Helpdesk, store: Store, clock: Clock, *, person: Person, agent: str) -> Trial:
        """Open the conversation, an hour back where the side can, and keep it from ever being copied."""
        write = StartConversation(person, OPENING, created=float(int(helpdesk.now()) - 3600))
        # An hour back, so that later steps may be written before "now" and after the beginning.
        receipt = helpdesk.send(write)
        if receipt.conversation is None:  # pragma: no cover - a helpdesk raises Unclear instead
            raise ConnectorError("the side did not say which conversation it opened", hint="run it again")
        # Before the first step: a sync that lists it meanwhile must not copy it.
        keep_apart(store, helpdesk, receipt.conversation)
        return cls(helpdesk, store, clock, person, agent, helpdesk.conversation(receipt.conversation))

    @property
    def id(self) -> str:
        """Return the conversation's id."""
        return self.seen.id

    def step(self, act: Callable[[], object]) -> Step:
        """Do something in a new second and return what it changed."""
        wait(self.clock, TICK)
        act()
        before, self.seen = self.seen, self.helpdesk.conversation(self.id)
        return Step(before, self.seen)

    def note(self, *, created: Seconds | None = None, marker: str = "") -> Receipt:
        """Leave a note with words of its own."""
        return self.helpdesk.send(
            PostNote(self.id, self._words(), agent=self.agent, created=created, marker=marker)
        )

    def agent_writes(self) -> Receipt:
        """Write to the test person as an agent, silently where the side can."""
        return self.helpdesk.send(PostMessage(self.id, self._words(), agent=self.agent, silent=True))

    def person_writes(self) -> Receipt:
        """Write as the test person."""
        return self.helpdesk.send(PostMessage(self.id, self._words(), customer=self.person))

    def tag(self) -> Receipt:
        """Put the test tag on."""
        return self.helpdesk.send(AddTag(self.id, self.agent, TAG))

    def untag(self) -> Receipt:
        """Take the test tag off."""
        return self.helpdesk.send(RemoveTag(self.id, self.agent, TAG))

    def close(self) -> Receipt:
        """Close the conversation."""
        return self.helpdesk.send(SetStatus(self.id, self.agent, CLOSED))

    def close_again(self) -> None:
        """Close it if the last step opened it."""
        if self.seen.registers.status.state is not State.CLOSED:
            self.step(self.close)

    def end(self) -> None:
        """Leave the conversation closed, whatever happened."""
        with suppress(ConnectorError):
            self.seen = self.helpdesk.conversation(self.id)
            self.close_again()

    def _words(self) -> str:
        # Each text is its own, so that a part can be told from the one before.
        self.steps += 1
        return WORDS.format(step=self.steps)


def keep_apart(store: Store, helpdesk: Helpdesk, conversation: str) -> None:
    """Record a test conversation as one that is gone for the sync, so that no run ever copies it."""
    with store.transaction():
        row = store.pairs.listed(helpdesk.side, conversation, due=0.0, queue=Queue.SYNC)
        # Gone is the one state from which nothing leads back.
        store.pairs.set_state(row, PairState.GONE)
        store.pairs.set_due(row, {})


def clean_up(helpdesk: Helpdesk, store: Store, person: Person, agent: str) -> None:
    """Set apart and close what the test person has open, from this probe and from any that was cut off."""
    with suppress(ConnectorError):
        for begun in list(helpdesk.begun_by(person, 0.0)):
            # Recorded before it is closed: the closing may fail, the copy must not happen.
            known = store.pairs.find(helpdesk.side, begun.id)
            if known is None or known.state is not PairState.GONE:
                keep_apart(store, helpdesk, begun.id)
            if begun.registers.status.state is not State.CLOSED and _is_open(helpdesk, begun.id):
                helpdesk.send(SetStatus(begun.id, agent, CLOSED))


def _is_open(helpdesk: Helpdesk, conversation: str) -> bool:
    """Ask afresh: a search may lag behind."""
    return helpdesk.conversation(conversation).registers.status.state is not State.CLOSED


def first(step: Step) -> Part | None:
    """Return the part with words that a step made."""
    return next((part for part in step.new if part.words is not None), None)
