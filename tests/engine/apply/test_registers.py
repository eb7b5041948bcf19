"""Bringing registers to a value: what is sent, what a refusal leaves, and what is read before."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.apply.execution import Execution
from connector.engine.apply.records import Records
from connector.engine.apply.registers import RegisterChanges
from connector.engine.plan.actions import Agreed, ChangeTag, Redaction, SetRegister
from connector.engine.plan.notices import NoticeKind
from connector.engine.run.events import Events
from connector.engine.run.limits import Limits
from connector.engine.run.report import Report
from connector.errors import AccessDenied, Gone, Rejected
from connector.helpdesk.port import AddTag, Assign, Redact, RemoveTag, SetStatus
from mappings.model import CLOSED, Registers, Side
from mappings.registers import Register
from state import store as states
from state.records import Queue
from tests.clock import BEGIN, VirtualClock
from tests.engine.plan.plans import conversation
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

D, IC = Side.DASHLY, Side.INTERCOM
REFUSED = Rejected("no", status=422, code="bad")
FORBIDDEN = AccessDenied("may not", status=403)
UNAUTHORISED = AccessDenied("who are you", status=401)
GONE = Gone("gone", status=404, code="not_found")
BOTH = (Agreed(D, Register.STATUS, CLOSED), Agreed(IC, Register.STATUS, CLOSED))
CLOSE = SetRegister(IC, Register.STATUS, CLOSED, "11", BOTH)


class Place:
    """Register changes over a side that takes, or refuses, what is sent."""

    def __init__(self, folder: Path) -> None:
        self.store = states.create(folder / "connector.db", key=KEY)
        row = self.store.pairs.listed(D, "d1", due=BEGIN, queue=Queue.SYNC)
        self.store.pairs.link(row, IC, "i1", at=BEGIN, run="r")
        self.sent: list[Any] = []
        self.error: Exception | None = None
        self.shown = Registers()
        self.reads = 0
        self.report = Report("r", "sync", BEGIN)
        self.limits = Limits(max_writes=99, max_creates=9, max_removals=9)
        side: Any = SimpleNamespace(conversation=self._conversation)
        protocol: Any = SimpleNamespace(perform=self._perform)
        self.changes = RegisterChanges(
            store=self.store,
            helpdesks={D: side, IC: side},
            protocol=protocol,
            limits=self.limits,
            records=Records(self.store, self.report, VirtualClock(), "r"),
            report=self.report,
            events=Events("r"),
        )

    def _perform(self, job: Any) -> None:
        self.sent.append(job.write)
        if self.error is not None:
            raise self.error

    def _conversation(self, conversation: str, *, known: frozenset[str]) -> Any:
        assert known == frozenset()
        assert conversation in {"d1", "i1"}
        self.reads += 1
        return SimpleNamespace(registers=self.shown)

    def base(self, side: Side) -> Registers:
        """Return what is remembered of a side."""
        return self.store.pairs.get(1).base.get(side, Registers())

    def told(self) -> list[NoticeKind]:
        """Return of what people hear."""
        return [notice.kind for notice in self.report.notices]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place with a state file of its own."""
    made = Place(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def execution(make: Any) -> Execution:
    """The execution of a plan for which Dashly was read, and Intercom was not."""
    return Execution(conversation(make, make.part(D, 1)))


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        (CLOSE, SetStatus("i1", "11", CLOSED)),
        (SetRegister(IC, Register.TEAM, "7", "11"), Assign("i1", "11", team="7")),
        (SetRegister(IC, Register.ASSIGNEE, "12", "11"), Assign("i1", "11", assignee="12")),
    ],
)
def test_a_register_is_brought_to_its_value(place: Place, execution: Any, change: Any, sent: Any) -> None:
    """The side was read before; both are agreed then, and the next change reads again."""
    for _ in range(2):
        place.changes.set(execution, change)

    assert place.sent == [sent, sent]
    assert (place.reads, place.limits.writes, place.told()) == (2, 2, [])
    assert IC in execution.wrote
    if change.agreed:
        assert (place.base(D).status, place.base(IC).status) == (CLOSED, CLOSED)


def test_a_side_that_shows_the_value_already_is_left_alone(place: Place, execution: Any) -> None:
    """It is agreed all the same."""
    place.shown = Registers(CLOSED)

    place.changes.set(execution, CLOSE)

    assert (place.sent, place.limits.writes, execution.wrote) == ([], 0, set())
    assert (place.base(D).status, place.base(IC).status) == (CLOSED, CLOSED)


ASSIGN = SetRegister(IC, Register.ASSIGNEE, "12", "11")
UNASSIGN = SetRegister(IC, Register.ASSIGNEE, None, "11")


@pytest.mark.parametrize(
    ("change", "error", "raised"),
    [
        (CLOSE, REFUSED, False),
        (CLOSE, FORBIDDEN, True),
        (CLOSE, GONE, True),
        (ASSIGN, REFUSED, False),
        (ASSIGN, FORBIDDEN, False),
        (ASSIGN, UNAUTHORISED, True),
        (SetRegister(IC, Register.ASSIGNEE, "", "11"), FORBIDDEN, True),
        (SetRegister(IC, Register.TEAM, "7", "11"), FORBIDDEN, True),
    ],
)
def test_a_refused_change_is_told_and_holds_up_nothing(
    place: Place, execution: Any, change: Any, error: Exception, *, raised: bool
) -> None:
    """What may be about the token, or about the whole conversation, is more than a refusal."""
    place.error = error
    if raised:
        with pytest.raises(type(error)):
            place.changes.set(execution, change)
    else:
        place.changes.set(execution, change)

    assert place.told() == ([] if raised else [NoticeKind.REGISTER_REFUSED])


def test_the_source_is_agreed_where_the_change_was_refused(place: Place, execution: Any) -> None:
    """Else it would be tried again in every run; the other side keeps what it shows."""
    place.error = REFUSED

    place.changes.set(execution, CLOSE)

    assert (place.base(D).status, place.base(IC).status) == (CLOSED, Registers().status)


@pytest.mark.parametrize(
    ("put_on", "sent", "calls"),
    [(True, AddTag("i1", "11", "vip"), 2), (False, RemoveTag("i1", "11", "vip"), 1)],
)
def test_a_tag_is_put_on_or_taken_off(
    place: Place, execution: Any, sent: Any, calls: int, *, put_on: bool
) -> None:
    """A tag may have to be made; of a copy that is changed first what it began with is read once."""
    for _ in range(2):
        place.changes.tag(execution, ChangeTag(IC, "vip", put_on, "11"))

    assert place.sent == [sent, sent]
    assert (place.limits.writes, place.reads, execution.refused_tags[IC]) == (2 * calls, 1, {})
    assert IC in execution.wrote


@pytest.mark.parametrize("put_on", [True, False])
def test_a_refused_tag_stays_as_it_is(place: Place, execution: Any, *, put_on: bool) -> None:
    """What was not put on is not there, what was not taken off is."""
    place.error = REFUSED

    place.changes.tag(execution, ChangeTag(IC, "vip", put_on, "11"))

    assert execution.refused_tags[IC] == {"vip": not put_on}
    assert place.told() == [NoticeKind.REGISTER_REFUSED]


@pytest.mark.parametrize(("error", "told"), [(None, []), (REFUSED, [NoticeKind.REDACTION_REFUSED])])
def test_a_copy_is_redacted_or_left_to_people(
    place: Place, execution: Any, error: Exception | None, told: list[NoticeKind]
) -> None:
    """One that the side does not remove is told."""
    place.error = error

    place.changes.redact(execution, Redaction(IC, "p"))

    assert (place.sent, place.told(), place.limits.removals) == ([Redact("i1", "p")], told, 1)


@pytest.mark.parametrize("change", [ChangeTag(IC, "vip", put_on=True, actor="11"), Redaction(IC, "p")])
def test_a_conversation_that_is_gone_is_more_than_a_refusal(
    place: Place, execution: Any, change: Any
) -> None:
    """Somebody else finds out which one was deleted."""
    place.error = GONE
    carry_out = place.changes.tag if isinstance(change, ChangeTag) else place.changes.redact

    with pytest.raises(Gone):
        carry_out(execution, change)
