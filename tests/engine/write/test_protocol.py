"""The write protocol under everything that may happen, and without each of its six parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.write.departure import Departures
from connector.engine.write.job import Blocked, Job, Made
from connector.engine.write.protocol import Protocol
from connector.errors import Unclear

if TYPE_CHECKING:
    from connector.helpdesk.port import Receipt
    from mappings.model import Conversation
    from state.store import Store

pytestmark = pytest.mark.long

KINDS = ["dashly", "intercom", "intercom-1x"]
QUICK = {
    "any one crash, lost answer and late request": {"refused": 0},
    "a refusal": {"refused": 1, "lost": 0, "late": 0},
    "an opening": {"start": True, "refused": 0, "lost": 0},
    "three messages": {"texts": ("ok", "ok", "go"), "refused": 0, "lost": 0, "humans": 0},
    "two crashes": {"crashes": 2, "refused": 0, "lost": 0, "humans": 0},
    "a read that fails": {"texts": ("ok",), "unreadable": 1, "refused": 0, "humans": 0},
}
OVER_POSTGRES = {"refused": 0, "lost": 0}
SWEPT = {
    "two messages": {"crashes": 2, "unreadable": 1, "refused": 0},
    "three messages": {"texts": ("ok", "ok", "go"), "crashes": 2, "refused": 0, "lost": 0},
    "an opening": {"texts": ("ok", "ok", "go"), "start": True, "crashes": 2, "refused": 0, "lost": 0},
    "two late requests": {"late": 2, "crashes": 2, "refused": 0, "lost": 0},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scope", QUICK.values(), ids=QUICK.keys())
def test_every_message_arrives_once_and_in_order(
    explorer: Any, names: Any, kind: str, scope: dict[str, Any]
) -> None:
    """Whatever happens and whenever: one copy of each, rightly paired, in order, no stranger's taken."""
    assert explorer.explore(names.scope(kind=names.kinds[kind], **scope)) > 50


@pytest.mark.parametrize("kind", KINDS)
def test_every_message_arrives_once_over_postgres(explorer_of_postgres: Any, names: Any, kind: str) -> None:
    """A smaller scope of the same, where each commit is one of a database."""
    scope = names.scope(kind=names.kinds[kind], **OVER_POSTGRES)

    assert explorer_of_postgres.explore(scope) > 50


@pytest.mark.sweep
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scope", SWEPT.values(), ids=SWEPT.keys())
def test_every_message_arrives_once_in_the_whole_scope(
    explorer: Any, names: Any, kind: str, scope: dict[str, Any]
) -> None:
    """The same with two crashes, three messages and two late requests."""
    assert explorer.explore(names.scope(kind=names.kinds[kind], **scope)) > 1_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_that_lingers_longer_than_settling_makes_a_duplicate(
    explorer: Any, names: Any, kind: str
) -> None:
    """The one assumption: `settle` outlasts any request. Beyond it no protocol without a key can help."""
    scope = names.scope(texts=("ok",), kind=names.kinds[kind], linger=500.0)

    with pytest.raises(names.violation, match="there twice"):
        explorer.explore(scope)


class WithoutIntent(Protocol):
    """Part 1 is missing: nothing is written down before the request leaves."""

    def __init__(self, store: Store, helpdesks: Any, clock: Any, departures: Any, **more: Any) -> None:
        del departures  # what leaves is not known there
        super().__init__(store, helpdesks, clock, Departures(store, clock), **more)


class WithoutSettling(Protocol):
    """Part 3 is missing: an unclear write is looked for at once."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **{**more, "settle": 0.0})


class WithoutBlocking(Protocol):
    """Part 4 is missing: after an unclear write the next message goes on."""

    def perform(self, job: Job) -> Made | None:
        """Go on where the protocol would wait."""
        try:
            return super().perform(job)
        except Blocked:
            return None

    def settle(self, row: int) -> None:
        """Look for what may be looked for, and go on with the rest."""
        for intent in self._store.journal.open(row):
            if self._clock.now() >= intent.settle_at and not self._adopt(intent):
                self._store.journal.drop(intent.marker)


class WithoutClaims(Protocol):
    """Part 5 is missing: one copy may answer for two intents."""

    def _claimed(self, row: int, side: Any) -> frozenset[str]:
        del row, side
        return frozenset()


class ByPosition(Protocol):
    """Part 6 is missing: the last part of an answer is taken for ours."""

    def _find(self, job: Job, view: Conversation | None, claimed: frozenset[str]) -> str | None:
        del job, claimed
        return view.parts[-1].id if view is not None and view.parts else None


CRIPPLED = {
    "3 settle": (WithoutSettling, "dashly", "there twice"),
    "4 block": (WithoutBlocking, "dashly", "the order is wrong"),
    "5 claim once": (WithoutClaims, "intercom", "paired with"),
    "6 match the answer": (ByPosition, "intercom", "taken for ours|paired with"),
}


@pytest.mark.parametrize(("protocol", "kind", "harm"), CRIPPLED.values(), ids=CRIPPLED.keys())
def test_each_part_of_the_protocol_is_needed(
    explorer: Any, names: Any, protocol: type[Protocol], kind: str, harm: str
) -> None:
    """Without any one of the parts the search finds a way to double, mix up or mispair a message."""
    explorer.protocol = protocol

    with pytest.raises(names.violation, match=harm):
        explorer.explore(names.scope(kind=names.kinds[kind], crashes=0, refused=0))


@pytest.mark.parametrize("kind", KINDS)
def test_writing_down_what_is_about_to_be_sent_is_needed(explorer: Any, names: Any, kind: str) -> None:
    """Part 1 is missing: after a crash nobody knows that the message left, and it is there twice."""

    class Trusting(names.desk):
        """A remote that does not ask for an intent."""

        def _check_intent(self, write: Any) -> None:
            del write

    explorer.protocol, explorer.desk = WithoutIntent, Trusting

    with pytest.raises(names.violation, match="there twice"):
        explorer.explore(names.scope(kind=names.kinds[kind], late=0, lost=0))


@pytest.mark.parametrize("kind", KINDS)
def test_sending_only_once_is_needed(explorer: Any, names: Any, kind: str) -> None:
    """Part 2 is missing: an unclear write that is repeated blindly is there twice."""

    class Repeating(names.desk):
        """A client that repeats what it got no answer to."""

        def send(self, write: Any, *, known: frozenset[str] = frozenset()) -> Receipt:  # noqa: ARG002 - part of Helpdesk
            """Send, and once more."""
            try:
                return super().send(write)
            except Unclear:
                return super().send(write)

    explorer.desk = Repeating

    with pytest.raises(names.violation, match="there twice"):
        explorer.explore(names.scope(kind=names.kinds[kind]))


def test_a_write_that_no_intent_announced_is_noticed(explorer: Any, names: Any) -> None:
    """The explorer itself sees to it that every request has a committed intent."""
    explorer.protocol = WithoutIntent

    with pytest.raises(names.violation, match="without a durable intent"):
        explorer.explore(names.scope(texts=("ok",)))


def test_without_trouble_there_is_one_path(explorer: Any, names: Any) -> None:
    """With nothing that may go wrong, the search has nothing to choose."""
    quiet = {"crashes": 0, "late": 0, "lost": 0, "refused": 0, "humans": 0}

    assert explorer.explore(names.scope(**quiet)) == 1
