"""Reads Dashly's conversations with as few requests as the known parts allow.

Lists are walked from the head (``before``) and never with ``after``, which is not promised to work.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from connector.dashly import forms
from connector.dashly.client import DashlyClient, Form, Rows, as_json
from connector.errors import Gone
from connector.helpdesk.keeper import Kept
from connector.helpdesk.port import Person
from connector.helpdesk.query import fits
from connector.http.lists import Json, Page
from mappings.model import State
from mappings.persons import NOBODY
from mappings.reading import dashly
from mappings.wire.values import Unreadable, read_fields, read_moment, read_optional_id, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.helpdesk.query import HistoryQuery
    from connector.http.server_time import ServerTime
    from mappings.model import Conversation, Customer, Seconds
    from mappings.persons import OurPeople
    from mappings.table import KindTable

# Rows of a list stand for a read when their conversation is worked on soon after.
ROWS_KEPT = 2000

_STATES: dict[State, Form] = {
    State.OPEN: {"closed": "false"},
    State.CLOSED: {"closed": "true"},
    State.SNOOZED: {"delayed": "true"},
}


class Reader:
    """The reads of a ``DashlyHelpdesk``."""

    def __init__(
        self,
        client: DashlyClient,
        server_time: ServerTime,
        table: KindTable,
        ours: OurPeople = NOBODY,
    ) -> None:
        self._client = client
        self._server_time = server_time
        self._table = table
        self._ours = ours
        self._listed: dict[str, Json] = {}

    def changed_since(self, since: Seconds) -> Iterator[Conversation]:
        """Yield the head of the list down to the first row that changed before ``since``."""
        yield from self._from_head({}, since)

    def history(self, query: HistoryQuery) -> Iterator[Conversation]:
        """Yield what fits the query, last changed first; the side's filters are checked again here."""
        for row in self._from_head(_filters(query), query.since or 0.0):
            if fits(row, query, now=self._server_time.now()):
                yield row

    def conversation(self, conversation: str, known: frozenset[str], *, fresh: bool) -> Conversation:
        """Return one conversation; parts are only fetched when there are some outside ``known``.

        Unless it must be ``fresh``, a row that was listed before stands for the conversation once.
        """
        listed = self._listed.pop(conversation, None)
        raw = self._client.conversation(conversation) if fresh or listed is None else listed
        missing = _missing(raw, known)
        row = self._read(raw)
        newest_only = bool(row.parts) and row.parts[-1].id not in known
        # The only part of a conversation is in its row.
        if missing == 0 or (missing == 1 and newest_only) or (row.complete and row.parts):
            return row
        return self._with_parts(raw, known, missing)

    def raw(self, conversation: str) -> tuple[Json, list[Json]]:
        """Return a conversation and all its parts as they were sent, oldest first."""
        raw = self._listed.pop(conversation, None) or self._client.conversation(conversation)
        pages = self._client.lists.pages(lambda position: self._client.parts(conversation, position=position))
        return raw, [part for page in pages for part in page.rows][::-1]

    def view(self, raw: Json, parts: list[Json]) -> Conversation:
        """Read what ``raw`` returned."""
        return self._read(raw, parts)

    def begun_by(self, customer: Person, since: Seconds) -> Iterator[Conversation]:
        """Yield the customer's conversations from ``since`` on, whole; an unknown customer has none."""

        def page(position: str | None) -> Rows:
            with contextlib.suppress(Gone):
                return self._client.user_conversations(
                    customer.id, by_user_id=customer.by_external_id, position=position
                )
            return Page((), None)

        for raw in self._client.lists.rows(page):
            row = self._read(raw)
            if _changed_before(raw, since):
                return
            if row.created >= since:
                yield self._with_parts(raw, frozenset(), None)

    def user(self, external_id: str) -> Person | None:
        """Return the user with this external id, by Dashly's own id where a conversation shows it."""
        try:
            page = self._client.user_conversations(external_id, by_user_id=True)
        except Gone:
            return None
        shown = (self._read(raw).customer for raw in page.rows)
        known = next((one.id for one in shown if one and one.external_id == external_id), None)
        return Person(external_id, by_external_id=True) if known is None else Person(known)

    def customer(self, user: str) -> Customer | None:
        """Return a user as their newest conversations show them; None when there is none."""
        try:
            page = self._client.user_conversations(user, by_user_id=False)
        except Gone:
            return None
        shown = (self._read(raw).customer for raw in page.rows)
        return next((one for one in shown if one and one.id == user), None)

    def kept(self, external_id: str, person: str | None) -> Kept | None:
        """Return what is kept on a technical person; asked by a chosen id, Dashly creates who is missing."""
        try:
            if person is None:
                self._client.user_conversations(external_id, by_user_id=True)
            raw = self._client.user(person or external_id, by_user_id=person is None)
        except Gone:
            return None
        if raw.get("user_id") != external_id or raw.get("removed"):
            return None
        own = read_fields(raw.get("props_custom"))
        return Kept(read_optional_id(raw.get("id")), read_text(own.get(forms.KEPT)))

    def newest_tags(self) -> tuple[str, ...]:
        """Return the tags on the first page of the list, which is one request."""
        rows = map(self._read, self._client.conversations({}).rows)
        return tuple(sorted({tag for row in rows if not row.deleted for tag in row.registers.tags}))

    def _from_head(self, filters: Form, since: Seconds) -> Iterator[Conversation]:
        def page(position: str | None) -> Rows:
            return self._client.conversations(filters, position=position)

        for raw in self._client.lists.rows(page):
            row = self._read(raw)
            if _changed_before(raw, since):
                return
            if len(self._listed) < ROWS_KEPT:
                self._listed[row.id] = raw
            yield row

    def _with_parts(self, raw: Json, known: frozenset[str], missing: int | None) -> Conversation:
        """Fetch parts, newest first, until all missing ones are here.

        A known part is no place to stop by itself: our own newest write may hide an older unseen part.
        """
        lists = self._client.lists
        cut = lists.cut
        parts: list[Json] = []
        found = 0
        for page in lists.pages(lambda position: self._client.parts(str(raw["id"]), position=position)):
            parts += page.rows
            found += sum(read_optional_id(read_fields(part)) not in known for part in page.rows)
            if page.next is not None and known and missing is not None and found >= missing:
                return self._read(raw, parts, complete=False)
        return self._read(raw, parts, complete=lists.cut == cut)

    def _read(self, raw: Json, parts: list[Json] | None = None, *, complete: bool = True) -> Conversation:
        """Return the neutral conversation; without ``parts`` with the newest one, if it is shown whole."""
        try:
            view = dashly.read_conversation(raw, parts, complete=complete, table=self._table)
        except Unreadable as error:
            raise self._client.unreadable("a conversation", str(error)) from error
        return self._ours.in_conversation(view)


def _changed_before(raw: Json, since: Seconds) -> bool:
    """Tell whether a row's last change is older; one without a sensible time ends no list."""
    moment = read_moment(raw.get("last_update"))
    return moment is not None and 0 < moment < since


def _missing(raw: Json, known: frozenset[str]) -> int | None:
    """Return how many parts are not known; None when that cannot be told."""
    count, last = raw.get("parts_count"), raw.get("part_last")
    if not known or not isinstance(count, int) or count < len(known):
        return None
    if isinstance(last, dict) and str(last.get("id")) not in known:
        return max(1, count - len(known))
    return count - len(known)


def _filters(query: HistoryQuery) -> Form:
    filters = dict(_STATES[query.status]) if query.status else {}
    if query.closed is not None:
        filters |= {"closed": str(query.closed).lower()}
    if query.team is not None:
        filters |= {"channel": query.team}
    if query.assignee is not None:
        filters |= {"assigned": query.assignee, "include_not_assigned": "false"}
    if query.tag is not None:
        filters["tags"] = as_json([query.tag])
    return filters
