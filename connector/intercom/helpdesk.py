"""Intercom as a ``Helpdesk``, in 1.x and 2.x alike: what differs is behind ``Generation``."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import Gone, Rejected
from connector.helpdesk.keeper import Kept
from connector.helpdesk.port import Person, Workspace
from connector.helpdesk.query import fits
from connector.http.helpdesk import HttpHelpdesk
from connector.intercom.answers import Merged
from connector.intercom.generation import is_found_by
from connector.intercom.legacy import Legacy
from connector.intercom.modern import Modern
from connector.intercom.records import IntercomRecords
from connector.intercom.traces import is_untouched
from connector.intercom.versions import capabilities
from connector.intercom.views import Views
from connector.intercom.writer import Writer
from mappings.model import AuthorKind, Customer, Side
from mappings.persons import TECHNICAL_NAME
from mappings.reading import intercom
from mappings.roles import Role
from mappings.text import address_key
from mappings.wire.values import read_fields, read_optional_id, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.helpdesk.port import Receipt, Write
    from connector.helpdesk.query import HistoryQuery
    from connector.host.clock import Clock
    from connector.http.files.download import Downloader
    from connector.http.stack import Meters
    from connector.intercom.answers import Json
    from connector.intercom.client import IntercomClient
    from connector.intercom.generation import Contact, Generation
    from connector.intercom.versions import Settings
    from mappings.model import Agent, Conversation, Seconds


class IntercomHelpdesk(HttpHelpdesk):
    """One Intercom workspace in the configured version of the API."""

    side = Side.INTERCOM

    def __init__(
        self,
        client: IntercomClient,
        downloader: Downloader,
        meters: Meters,
        clock: Clock,
        *,
        settings: Settings,
    ) -> None:
        super().__init__(client, downloader, meters)
        self.capabilities = capabilities(client.version, tag_version=settings.tag_version)
        self.client = client
        self._generation: Generation = Legacy(client) if client.version.legacy else Modern(client)
        self._views = Views(client, settings.table, settings.ours)
        self.records = IntercomRecords(client, self._generation, self._views)
        self._writer = Writer(client, self._generation, self._views, clock, settings=settings)

    def identity(self) -> Workspace:
        """Return the workspace of the token."""
        app = read_fields(self.client.me().get("app"))
        workspace = read_optional_id(app.get("id_code"))
        if workspace is None:
            raise self.client.unreadable("the workspace of the token", "no app")
        return Workspace(id=workspace, name=read_text(app.get("name")))

    def agents(self, *, fresh: bool = False) -> tuple[Agent, ...]:
        """Return the teammates, bots and teams."""
        return intercom.read_agents(self._admins(fresh=fresh), self._teams(fresh=fresh))

    def teams(self) -> tuple[Agent, ...]:
        """Return the teams; versions before 1.4 show them among the teammates and nowhere else."""
        apart = self.client.version.has("teams")
        listed = ([], self._teams()) if apart else (self._admins(), [])
        return tuple(found for found in intercom.read_agents(*listed) if found.kind is AuthorKind.TEAM)

    def tags(self) -> tuple[str, ...]:
        """Return the names of all tags of the workspace."""
        names = (
            read_text(row.get("name")).strip() for row in self.client.lists.optional("tags", self.client.tags)
        )
        return tuple(sorted({name for name in names if name}))

    def changed_since(self, since: Seconds) -> Iterator[Conversation]:
        """Yield listed conversations whose last change is at or after ``since``, without their parts."""
        return map(self._views.row, self._generation.changed_since(since))

    def deleted_since(self, since: Seconds) -> Iterator[str]:
        """Yield the ids of conversations deleted at or after ``since``; versions before 2.16 have no list."""
        return self._generation.deleted_since(since)

    def history(self, query: HistoryQuery) -> Iterator[Conversation]:
        """Yield every listed conversation that fits the query, without their parts."""
        for raw in self._generation.history(query):
            row = self._views.row(raw)
            if fits(row, query, now=self.now()):
                yield row

    def conversation(
        self,
        conversation: str,
        *,
        known: frozenset[str] = frozenset(),  # noqa: ARG002 - Intercom always sends all
        fresh: bool = True,  # noqa: ARG002 - Intercom's lists show no parts
    ) -> Conversation:
        """Return one conversation with its newest 500 parts; Gone when it does not exist."""
        return self._views.whole(self.client.conversation(conversation))

    def begun_by(self, customer: Person, since: Seconds) -> Iterator[Conversation]:
        """Yield the customer's conversations created at or after ``since``, each with its opening."""
        contact = customer.id
        if customer.by_external_id:
            found = self._generation.by_external_id(customer.id)
            if found is None:
                return
            contact = found.id
        yield from map(self._views.row, self._generation.begun_by(contact, since))

    def customer(self, customer: str) -> Customer | None:
        """Return what the contact's own record says; conversations show no more than an id and a role."""
        found = self._generation.current(customer)
        if found is None:
            return None
        role = Role.USER if found.role == "user" else Role.LEAD
        return Customer(found.id, found.external_id, found.name, found.email, found.phone, role)

    def find_customer(self, *external_ids: str) -> Person | None:
        """Return the one contact of role ``user`` with one of these external ids, the best first."""
        found = self._generation.find(external_ids)
        return None if found is None else _person(found)

    def find_by_email(self, *addresses: str) -> Mapping[str, Person]:
        """Return by address the one user with it and without an external id; 1.x finds nobody."""
        bearers: dict[str, list[Contact]] = {address_key(address): [] for address in addresses if address}
        for contact in self._generation.by_address(tuple(bearers)):
            if contact.role == "user":
                bearers.get(address_key(contact.email or ""), []).append(contact)
        only = {address: found[0] for address, found in bearers.items() if len(found) == 1}
        return {
            address: Person(one.id, by_email=True)
            for address, one in only.items()
            if is_found_by(address, one)
        }

    def create_customer(self, customer: Customer, *, by_email: bool = False) -> Person | None:
        """Create the contact of this customer; filled fields of one that is there are left alone."""
        if not customer.external_id:
            raise ValueError("a contact is made under an external id")
        made = self._generation.create(customer, by_email=by_email)
        if made is None:
            return None
        return replace(_person(made), withheld=bool(customer.email) and not made.email)

    def is_bare(self, customer: str) -> bool:
        """Tell whether a contact has no conversation, never came, and was given nothing by anybody."""
        try:
            record = self.client.contact(customer)
        except Merged:  # somebody knows them as another, whom a deletion might reach
            return False
        except Gone:
            return True
        return is_untouched(record) and not any(map(self._is_there, self.begun_by(Person(customer), 0.0)))

    def delete_customer(self, customer: str) -> None:
        """Delete a contact for good."""
        with contextlib.suppress(Gone):
            self.client.delete_contact(customer)

    def kept(self, external_id: str, person: str | None) -> Kept | None:
        """Return what is kept in the name of the technical person with this external id, or None.

        A search may show the name of a while ago, so that the contact itself is asked.
        """
        if person is None:
            named = self._generation.by_external_id(external_id)
            if named is None:
                return None
            person = named.id
        found = self._generation.current(person)
        return None if found is None or found.external_id != external_id else _kept(found)

    def keep(self, external_id: str, person: str | None, text: str) -> Kept:
        """Keep a text in the name of a technical person, who is made when missing."""
        name = f"{TECHNICAL_NAME} {text}"
        renamed = self._generation.rename(person, name) if person is not None else None
        someone = Customer(external_id, external_id, name=name)
        made = renamed or self._generation.create(someone, by_email=False)
        if made is None:
            raise Rejected("Somebody else holds the id of a technical person.", status=409, code="conflict")
        return _kept(made)

    def send(self, write: Write, *, known: frozenset[str] = frozenset()) -> Receipt:
        """Carry out one write, once; ``Rejected`` for what this version cannot do."""
        return self._writer.send(write, known)

    def _is_there(self, listed: Conversation) -> bool:
        """Tell whether a conversation that was found exists: a search shows deleted ones for a while."""
        try:
            self.client.conversation(listed.id)
        except Gone:
            return False
        return True

    def _admins(self, *, fresh: bool = False) -> list[Json]:
        return self.client.lists.optional("teammates", self.client.admins, fresh=fresh)

    def _teams(self, *, fresh: bool = False) -> list[Json]:
        return self.client.lists.optional("teams", self.client.teams, fresh=fresh)


def _kept(contact: Contact) -> Kept:
    return Kept(contact.id, (contact.name or "").removeprefix(TECHNICAL_NAME).strip())


def _person(contact: Contact) -> Person:
    return Person(contact.id, made=contact.made, by_email=contact.by_email)
