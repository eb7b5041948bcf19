"""Reads what Intercom sends, in any of its versions: conversations, parts, teammates and teams.

A 1.x conversation is lifted into the 2.x shape first. The opening message becomes a part whose id starts
with ``source:``, since message ids and part ids are different series. Only Unreadable is ever raised, and
by a bad part never.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mappings.html.markup import html_to_text
from mappings.model import (
    CLOSED,
    OPEN,
    Agent,
    Author,
    AuthorKind,
    BadPart,
    Conversation,
    Customer,
    Registers,
    Side,
    State,
    Status,
)
from mappings.reading.assembly import read_parts, revision, with_customer, with_snooze_end, with_writers_names
from mappings.reading.intercom_parts import Setting, author, read_opening, read_part
from mappings.roles import Role
from mappings.table import DEFAULT, KindTable
from mappings.wire.intercom import ConversationRow, Person, unwrap
from mappings.wire.legacy import lift
from mappings.wire.values import (
    Unreadable,
    parse,
    read_count,
    read_fields,
    read_flag,
    read_objects,
    read_optional_id,
    sensible,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mappings.model import Part

# "Retrieve a conversation" returns the 500 most recent parts.
MOST_PARTS_SHOWN = 500
_OPERATOR = re.compile(r"operator\+[\w-]+@intercom\.io", re.IGNORECASE)
_ROLES = {"user": Role.USER, "lead": Role.LEAD}


def read_conversation(
    raw: Mapping[str, object], *, table: KindTable = DEFAULT, known: Collection[str] = ()
) -> Conversation:
    """Read a conversation from a list, a single read or the answer to a write.

    Parts that are ``known`` are passed over, unless they were redacted: most of a long answer is known.
    """
    row = parse(ConversationRow, lift(read_fields(raw)), "the conversation")
    raws = unwrap(row.conversation_parts, "conversation_parts")
    shown_raw = raws if isinstance(raws, list) else []
    listed = [part for part in shown_raw if not _is_known(part, known)] if known else shown_raw
    setting = Setting(table, row.conversation_rating)
    parts, bad = read_parts(Side.INTERCOM, listed, lambda part: read_part(part, setting))
    opening, unread = _opening(row, setting)
    people = [row.source.author if row.source else None, *_authors(listed)]
    registers, customer = _registers(row), _customer(row.contacts, people)
    shown = with_customer(tuple(sorted((*opening, *parts), key=lambda part: part.order)), customer)
    shown = with_writers_names(shown)
    return Conversation(
        side=Side.INTERCOM,
        id=row.id,
        created=row.created_at or 0.0,
        updated=sensible(row.updated_at, row.created_at),
        registers=registers,
        customer=customer,
        parts=with_snooze_end(shown, row.snoozed_until or None),
        complete=raws is listed and not _truncated(row, len(listed)),
        parts_count=_parts_count(row),
        title=html_to_text(row.title).strip() or _subject(row),
        started_by=next((part.author for part in shown if part.opening), Author(AuthorKind.UNKNOWN)),
        revision=revision(registers, row.updated_at, row.statistics.count_conversation_parts),
        counted=isinstance(raws, list) and _is_counted(row, len(shown_raw)),
        bad=(*unread, *bad),
        by_email=row.source is not None and row.source.type == "email",
        linked=_linked(row),
    )


def read_agents(admins: object, teams: object = None) -> tuple[Agent, ...]:
    """Return teammates and teams, from the lists or the list objects that hold them."""
    listed = [
        *(("admin", raw) for raw in read_objects(unwrap(admins, "admins", "data"))),
        *(("team", raw) for raw in read_objects(unwrap(teams, "teams", "data"))),
    ]
    found: dict[tuple[str, str], Agent] = {}
    for series, raw in listed:
        person = parse(Person, {"type": series, **raw}, "the teammate")
        # The workspace's own bot is listed as a teammate, with an address that no person can have.
        robot = _OPERATOR.fullmatch(person.email or "") is not None
        kind = AuthorKind.BOT if robot else author(person).kind
        if person.id and kind in {AuthorKind.AGENT, AuthorKind.BOT, AuthorKind.TEAM}:
            found[kind, person.id] = Agent(person.id, person.name or person.id, person.email or None, kind)
    return tuple(found.values())


def _is_known(part: object, known: Collection[str]) -> bool:
    if not isinstance(part, dict) or part.get("redacted"):
        return False
    key = part.get("id")
    return key in known if type(key) is str else read_optional_id(key) in known


def _opening(row: ConversationRow, setting: Setting) -> tuple[tuple[Part, ...], tuple[BadPart, ...]]:
    if row.source is None:
        return (), ()
    try:
        return (read_opening(row, row.source, setting),), ()
    except Unreadable as error:
        return (), (BadPart(Side.INTERCOM, None, str(error)),)


def _linked(row: ConversationRow) -> tuple[str, ...]:
    listed = read_objects(unwrap(row.linked_objects, "data"))
    return tuple(str(one["id"]) for one in listed if one.get("type") == "conversation" and one.get("id"))


def _authors(parts: Iterable[object]) -> list[Person | None]:
    raws = [part.get("author") for part in read_objects(parts)]
    return [parse(Person, raw, "the author") for raw in read_objects(raws)]


def _customer(contacts: list[Person], people: list[Person | None]) -> Customer | None:
    contact = next((person for person in contacts if person.id), None)
    if contact is None:
        return next((_as_customer(p) for p in people if p and author(p).kind is AuthorKind.CUSTOMER), None)
    customer = _as_customer(contact)
    for person in people:
        if customer and person and person.id == customer.id:
            customer = replace(
                customer,
                name=customer.name or person.name or None,
                email=customer.email or person.email or None,
                role=_role(customer, person, opened=person is people[0]),
            )
    return customer


def _role(customer: Customer, person: Person, *, opened: bool) -> Role:
    """Return the role by what an author is called; a reply's author may be a user whatever they are."""
    shown = _ROLES.get(person.type, Role.UNKNOWN)
    if shown is Role.LEAD:
        return shown
    return shown if opened and customer.role is Role.UNKNOWN else customer.role


def _as_customer(person: Person) -> Customer | None:
    if person.id is None:
        return None
    return Customer(
        person.id,
        person.external_id,
        person.name or None,
        person.email or None,
        person.phone or None,
        _ROLES.get(person.type, Role.UNKNOWN),
    )


def _registers(row: ConversationRow) -> Registers:
    return Registers(_status(row), row.admin_assignee_id, row.team_assignee_id, frozenset(row.tags))


def _status(row: ConversationRow) -> Status:
    until = row.snoozed_until or None
    match row.state:
        case "open":
            return OPEN
        case "closed":
            return CLOSED
        case "snoozed":
            return Status(State.SNOOZED, until)
        case _ if until:
            return Status(State.SNOOZED, until)
        case _:
            return OPEN if row.open is None or read_flag(row.open) else CLOSED


def _subject(row: ConversationRow) -> str | None:
    return (html_to_text(row.source.subject).strip() if row.source else "") or None


def _listed_count(row: ConversationRow) -> int | None:
    listed = row.conversation_parts
    return read_count(listed.get("total_count")) if isinstance(listed, dict) else None


def _parts_count(row: ConversationRow) -> int | None:
    counted = row.statistics.count_conversation_parts
    return _listed_count(row) if counted is None else counted


def _is_counted(row: ConversationRow, shown: int) -> bool:
    """Tell whether the count that lists show as well is that of the parts: then one more moves it."""
    return row.statistics.count_conversation_parts in {shown, shown + (1 if row.source else 0)}


def _truncated(row: ConversationRow, shown: int) -> bool:
    """Return whether parts are missing; whether Intercom counts the opening as a part is not documented."""
    opening = 1 if row.source else 0
    counted = row.statistics.count_conversation_parts or 0
    return shown >= MOST_PARTS_SHOWN or (_listed_count(row) or 0) > shown or counted > shown + opening
