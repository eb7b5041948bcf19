"""The decision table of visibility, row by row and as rules over all its cells."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from connector.engine.plan.actions import Form
from connector.engine.plan.visibility import Circumstances, Visibility, visibility_of
from mappings.model import Author, AuthorKind, Event, Message, Note, Side
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.plan.policy import Policy

D, IC = Side.DASHLY, Side.INTERCOM
FROM_DASHLY = {"source": D, "origin": D}
TO_DASHLY_MIRROR = {"source": IC, "origin": IC}
TO_DASHLY_ORIGIN = {"source": IC, "origin": D}
TO_INTERCOM_ORIGIN = {"source": D, "origin": IC}

AS_NOTE = (Form.NOTE, "silent", "agent", Disposition.NOTE)
AS_SILENT_MESSAGE = (Form.MESSAGE, "silent", "agent", Disposition.COPIED)
AS_CUSTOMER = (Form.MESSAGE, "silent", "customer", Disposition.COPIED)
DELIVERED = (Form.MESSAGE, "loud", "agent", Disposition.COPIED)
SHADOW, HISTORY = {"shadow": True}, {"history": True}
OLD_VERSION = {"silent": False}
FULL, LOUD = {"full_contacts": True}, {"loud_mirror": True}

ROWS: list[tuple[str, dict[str, Any], tuple[object, ...]]] = [
    # a customer's message is a message on either side, silent since customers are not notified of their own
    ("customer", FROM_DASHLY, AS_CUSTOMER),
    ("customer", FROM_DASHLY | HISTORY, AS_CUSTOMER),
    ("customer", FROM_DASHLY | OLD_VERSION, AS_CUSTOMER),
    ("customer", TO_DASHLY_MIRROR, AS_CUSTOMER),
    ("customer", TO_DASHLY_MIRROR | SHADOW | FULL, AS_CUSTOMER),
    ("customer", TO_DASHLY_ORIGIN, AS_CUSTOMER),
    ("customer", TO_INTERCOM_ORIGIN, AS_CUSTOMER),
    # an agent's message on the Intercom mirror: silent where the version can, else a note
    ("agent", FROM_DASHLY, AS_SILENT_MESSAGE),
    ("agent", FROM_DASHLY | HISTORY, AS_SILENT_MESSAGE),
    ("agent", FROM_DASHLY | OLD_VERSION, AS_NOTE),
    ("agent", FROM_DASHLY | OLD_VERSION | LOUD, AS_SILENT_MESSAGE),
    # an agent's message on the Dashly mirror: a message only to a user whom nothing can reach
    ("agent", TO_DASHLY_MIRROR, AS_NOTE),
    ("agent", TO_DASHLY_MIRROR | LOUD, AS_NOTE),
    ("agent", TO_DASHLY_MIRROR | SHADOW, AS_SILENT_MESSAGE),
    ("agent", TO_DASHLY_MIRROR | SHADOW | FULL, AS_NOTE),
    # an agent's message typed in the mirror is delivered, unless it is too old
    ("agent", TO_DASHLY_ORIGIN, DELIVERED),
    ("agent", TO_DASHLY_ORIGIN | HISTORY, AS_NOTE),
    ("agent", TO_INTERCOM_ORIGIN, DELIVERED),
    ("agent", TO_INTERCOM_ORIGIN | OLD_VERSION, DELIVERED),
    ("agent", TO_INTERCOM_ORIGIN | HISTORY, AS_NOTE),
    # a bot is copied like an agent, but never delivered
    ("bot", FROM_DASHLY, AS_SILENT_MESSAGE),
    ("bot", FROM_DASHLY | OLD_VERSION, AS_NOTE),
    ("bot", TO_DASHLY_MIRROR, AS_NOTE),
    ("bot", TO_DASHLY_MIRROR | SHADOW, AS_SILENT_MESSAGE),
    ("bot", TO_DASHLY_ORIGIN, AS_NOTE),
    ("bot", TO_INTERCOM_ORIGIN, AS_NOTE),
    # nobody knows who wrote it: never a guess that publishes
    ("nobody", FROM_DASHLY, AS_NOTE),
    ("nobody", TO_DASHLY_MIRROR | SHADOW, AS_NOTE),
    ("unknown", FROM_DASHLY, AS_NOTE),
    ("unknown", TO_INTERCOM_ORIGIN, AS_NOTE),
]


class Cell(NamedTuple):
    """One cell of the table."""

    where: Circumstances
    policy: Policy


def cell(make: Any, given: dict[str, Any]) -> Cell:
    """Return the circumstances and the policy that a row describes."""
    can = replace(make.intercom_can, silent_messages=given.get("silent", True))
    where = Circumstances(
        source=given["source"],
        origin=given["origin"],
        history=given.get("history", False),
        shadow=given.get("shadow", False),
    )
    policy = make.policy(
        capabilities={D: make.dashly_can, IC: can},
        full_contacts=given.get("full_contacts", False),
        loud_mirror=given.get("loud_mirror", False),
    )
    return Cell(where, policy)


def shown(visibility: Visibility) -> tuple[object, ...]:
    """Return a visibility in the terms of the table."""
    return (
        visibility.form,
        "silent" if visibility.silent else "loud",
        "customer" if visibility.as_customer else "agent",
        visibility.disposition,
    )


@pytest.mark.parametrize(("author", "given", "expected"), ROWS)
def test_a_message_arrives_as_the_table_says(
    make: Any, author: str, given: dict[str, Any], expected: tuple[object, ...]
) -> None:
    """Each row of the table: who wrote, where it goes, and how it arrives."""
    where, policy = cell(make, given)

    found = visibility_of(Message("Hi"), Author(AuthorKind(author), "1", "Anna"), where, policy)

    assert shown(found) == expected


def test_a_late_message_says_that_it_was_not_delivered(make: Any) -> None:
    """An agent finds in the note who wrote and that the customer did not get it."""
    where, policy = cell(make, TO_DASHLY_ORIGIN | HISTORY)

    found = visibility_of(Message("Hi"), make.agent, where, policy)

    assert found.late
    assert found.lead == "Not delivered, seen too late. Anna (agent) wrote to the customer:"


def test_a_message_that_becomes_a_note_says_whose_it_was(make: Any) -> None:
    """A copy that could not be silent names its author and that the customer read it."""
    where, policy = cell(make, TO_DASHLY_MIRROR)

    assert (
        visibility_of(Message("Hi"), make.agent, where, policy).lead == "Anna (agent) wrote to the customer:"
    )


def every_cell(make: Any) -> Iterator[tuple[AuthorKind, Circumstances, Policy, Visibility, type]]:
    """Yield every cell of the table with what is decided there."""
    flags = [False, True]
    for source, origin, kind, entry in product(Side, Side, AuthorKind, (Message, Note, Event)):
        for history, shadow, silent, full, loud in product(flags, repeat=5):
            given = {
                "source": source,
                "origin": origin,
                "history": history,
                "shadow": shadow,
                "silent": silent,
                "full_contacts": full,
                "loud_mirror": loud,
            }
            where, policy = cell(make, given)
            found = visibility_of(entry("words"), Author(kind, "1", "Anna"), where, policy)
            yield kind, where, policy, found, entry


def test_the_whole_table_keeps_the_rules(make: Any) -> None:
    """In all cells: notes stay notes, nobody is notified on a mirror, only agents are delivered, and live."""
    count = 0
    for kind, where, policy, found, entry in every_cell(make):
        count += 1
        if entry is not Message:
            assert shown(found) == AS_NOTE
        if kind in (AuthorKind.NOBODY, AuthorKind.UNKNOWN):
            assert shown(found) == AS_NOTE
        if not found.silent:
            assert (kind, where.to_origin, where.history) in {
                (AuthorKind.AGENT, True, False),
                (AuthorKind.TEAM, True, False),
            }
        if found.as_customer:
            assert kind is AuthorKind.CUSTOMER
        if found.form is Form.MESSAGE and not found.as_customer and not where.to_origin:
            to_dashly = where.source is IC
            assert not to_dashly or (where.shadow and not policy.full_contacts)
            assert to_dashly or policy.capabilities[IC].silent_messages or policy.loud_mirror
        assert found.form is not Form.START
        assert (found.form is Form.NOTE) == (found.disposition is Disposition.NOTE)
    assert count == 2 * 2 * len(AuthorKind) * 3 * 2**5
