"""What recovery remembers of a person's conversations."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from connector.engine.recover.recovery import MOST_REMEMBERED, PEOPLE_REMEMBERED, REMEMBERED_FOR, Recovery
from connector.helpdesk.port import Person
from mappings.keyed import keyed_id
from mappings.model import Customer, Side
from mappings.persons import FOR_CONTACT
from tests.clock import VirtualClock
from tests.keys import KEY

D, IC = Side.DASHLY, Side.INTERCOM


class Desk:
    """A side on which everybody has as many conversations, and which counts how often it is asked."""

    def __init__(self, each: int = 1) -> None:
        self.each = each
        self.asked: list[str] = []
        self.listed = 0

    def begun_by(self, person: Person, since: float) -> list[str]:
        """Return the conversations of a person."""
        assert since == 0.0
        self.asked.append(person.id)
        return [f"{person.id}/{number}" for number in range(self.each)]

    def history(self, query: object) -> list[Any]:
        """Return all conversations: one of a contact, and one of nobody."""
        del query
        self.listed += 1
        return [SimpleNamespace(customer=None), SimpleNamespace(customer=Customer("c1"))]


def recovery(desk: Desk, clock: VirtualClock, *, remember: bool = True) -> Any:
    """Return a recovery between two such sides."""
    shadows: dict[str, str] = {}
    store = SimpleNamespace(key=KEY, people=SimpleNamespace(set_shadow=shadows.__setitem__, shadows=shadows))
    parts: dict[str, Any] = {"policy": None, "report": None, "reader": SimpleNamespace(remember=remember)}
    made: Any = Recovery(store=store, helpdesks=dict.fromkeys(Side, desk), clock=clock, **parts)  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(("side", "asked"), [(IC, 1), (D, 2)])
def test_intercom_is_asked_once_for_several_of_the_same_person(side: Side, asked: int) -> None:
    """Dashly's come with all their parts, which is too much to hold."""
    desk = Desk()
    found = recovery(desk, VirtualClock())

    both = [found.begun_by(side, Person("c1")) for _ in range(2)]

    assert both == [("c1/0",)] * 2
    assert len(desk.asked) == asked


@pytest.mark.parametrize(("after", "asked"), [(REMEMBERED_FOR - 1, 1), (REMEMBERED_FOR, 2)])
def test_what_others_made_meanwhile_is_seen_soon(after: float, asked: int) -> None:
    """An answer is old after some minutes."""
    desk, clock = Desk(), VirtualClock()
    found = recovery(desk, clock)
    found.begun_by(IC, Person("c1"))
    clock.advance(after)

    found.begun_by(IC, Person("c1"))

    assert len(desk.asked) == asked


@pytest.mark.parametrize(("each", "asked"), [(MOST_REMEMBERED, 1), (MOST_REMEMBERED + 1, 2)])
def test_memory_does_not_grow_with_what_people_wrote(each: int, asked: int) -> None:
    """Of whoever has very many conversations none is held."""
    desk = Desk(each)
    found = recovery(desk, VirtualClock())

    for _ in range(2):
        assert len(found.begun_by(IC, Person("c1"))) == each

    assert len(desk.asked) == asked


def test_memory_does_not_grow_with_the_people() -> None:
    """Who was met first is asked for again behind many others."""
    desk = Desk()
    found = recovery(desk, VirtualClock())
    for number in range(PEOPLE_REMEMBERED):
        found.begun_by(IC, Person(str(number)))
    found.begun_by(IC, Person("0"))
    found.begun_by(IC, Person("one more"))
    found.begun_by(IC, Person("0"))

    assert desk.asked.count("0") == 2


def test_a_contact_is_found_by_the_key_on_one_walk() -> None:
    """The list is long: it is walked once, and who was found is remembered."""
    desk = Desk()
    found = recovery(desk, VirtualClock())

    assert found.contact_by_key(keyed_id(KEY, FOR_CONTACT, "c1")) == Person("c1")
    assert found.contact_by_key(keyed_id(KEY, FOR_CONTACT, "c2")) is None

    assert desk.listed == 1
    assert list(found.store.people.shadows.values()) == ["c1"]


def test_a_look_remembers_nobody() -> None:
    """`plan` writes nothing into the state file."""
    found = recovery(Desk(), VirtualClock(), remember=False)

    assert found.contact_by_key(keyed_id(KEY, FOR_CONTACT, "c1")) == Person("c1")
    assert found.store.people.shadows == {}
