"""Small builders of the neutral model, for examples and for properties, and a state file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.plan.policy import AgentMap, Policy
from connector.engine.plan.snapshot import Snapshot
from connector.helpdesk.capabilities import Capabilities
from mappings.model import (
    Author,
    AuthorKind,
    Conversation,
    Customer,
    Entry,
    Part,
    Registers,
    Side,
    State,
)
from state import store as states
from state.records import Pair, PairState, Queue
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from state.records import LedgerRow
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
NOW = 1_800_000_000.0
CONVERSATIONS = {D: "d1", IC: "i1"}
PEOPLE = {D: "u1", IC: "c1"}
DASHLY_CAN = Capabilities(
    silent_messages=False,
    back_dating=False,
    states=frozenset({State.CLOSED}),
    tags=True,
    teams=False,
    redaction=False,
    files_per_message=1,
    max_file_bytes=1_000,
    max_text=500,
    file_types=frozenset({"png", "pdf"}),
)
INTERCOM_CAN = Capabilities(
    silent_messages=True,
    back_dating=True,
    states=frozenset(State),
    tags=True,
    teams=True,
    redaction=True,
    files_per_message=10,
    max_file_bytes=2_000,
    max_text=1_000,
)


class Make:
    """Makes parts, views, pairs, snapshots and policies with sensible defaults."""

    now = NOW
    customer = Author(AuthorKind.CUSTOMER, None, "Carla")
    agent = Author(AuthorKind.AGENT, "1", "Anna")
    stranger = Author(AuthorKind.AGENT, "77", "Stefan")
    bot = Author(AuthorKind.BOT, "b", "Robi")
    nobody = Author(AuthorKind.NOBODY)
    dashly_can = DASHLY_CAN
    intercom_can = INTERCOM_CAN

    def part(
        self,
        side: Side,
        number: int,
        *entries: Entry,
        by: Author | None = None,
        ago: float = 60.0,
        **more: Any,
    ) -> Part:
        """Return a part made some seconds ago."""
        author = by or self.customer
        if author.kind is AuthorKind.CUSTOMER and author.id is None:
            author = replace(author, id=PEOPLE[side])
        kind = "reply_user" if side is D else "comment"
        more = {"type": kind, **more}
        return Part(side=side, id=str(number), created=NOW - ago, author=author, entries=entries, **more)

    def view(self, side: Side, *parts: Part, registers: Registers | None = None, **more: Any) -> Conversation:
        """Return a conversation with these parts."""
        ordered = tuple(sorted(parts, key=lambda part: part.order))
        return Conversation(
            side=side,
            id=CONVERSATIONS[side],
            created=min((part.created for part in ordered), default=NOW),
            updated=NOW,
            registers=registers or Registers(),
            customer=Customer(PEOPLE[side], name="Carla"),
            parts=ordered,
            parts_count=len(ordered),
            **more,
        )

    def pair(
        self,
        origin: Side = D,
        *,
        linked: bool = False,
        base: dict[Side, Registers] | None = None,
    ) -> Pair:
        """Return a pair that knows its origin only, or both conversations."""
        return Pair(
            row=1,
            ids=dict(CONVERSATIONS) if linked else {origin: CONVERSATIONS[origin]},
            origin=origin,
            state=PairState.ACTIVE,
            base=base or {},
            seen={},
            people=dict(PEOPLE) if linked else {},
            shadow=False,
            due={},
            queue=Queue.SYNC,
            checked=0.0,
        )

    def snapshot(
        self, pair: Pair, *views: Conversation, known: Iterable[LedgerRow] = (), **more: Any
    ) -> Snapshot:
        """Return what is known of a pair."""
        ledger: dict[Side, dict[str, LedgerRow]] = {side: {} for side in Side}
        for row in known:
            ledger[row.side][row.id] = row
        more = {"now": dict.fromkeys(Side, NOW), **more}
        return Snapshot(pair=pair, views={view.side: view for view in views}, ledger=ledger, **more)

    def policy(self, **changes: Any) -> Policy:
        """Return a policy in which agent 1 is 11 on Intercom."""
        return Policy(
            key=KEY,
            **{
                "app": "app",
                "workspace": "ws",
                "agents": AgentMap({D: {"1": "11", "2": "12"}, IC: {"11": "1", "12": "2"}}),
                "capabilities": {D: DASHLY_CAN, IC: INTERCOM_CAN},
                "default_agent": {D: "99", IC: "990"},
                "bot_agent": {D: "98", IC: "980"},
                **changes,
            },
        )


@pytest.fixture(scope="session")
def make() -> Make:
    """Builders of the neutral model."""
    return Make()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new state file."""
    made = states.create(tmp_path / "connector.db", key=KEY)
    yield made
    made.close()
