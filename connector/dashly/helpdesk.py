"""Dashly as a ``Helpdesk``: one app, read by a ``Reader`` and written by a ``Writer``.

Dashly knows no silent message: ``silent`` on an agent's message means that the engine vouches for the
recipient being a shadow user without any address, so the helpdesk sends it as any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.dashly import forms
from connector.dashly.reader import Reader
from connector.dashly.records import DashlyRecords
from connector.dashly.writer import Writer
from connector.errors import Rejected
from connector.helpdesk.capabilities import Capabilities
from connector.helpdesk.keeper import Kept
from connector.helpdesk.port import Person, Workspace
from connector.http.helpdesk import HttpHelpdesk
from mappings.model import Side, State
from mappings.persons import NOBODY
from mappings.reading import dashly
from mappings.table import DEFAULT
from mappings.wire.values import read_optional_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.dashly.client import DashlyClient
    from connector.helpdesk.port import Receipt, Write
    from connector.helpdesk.query import HistoryQuery
    from connector.http.files.download import Downloader
    from connector.http.lists import Json
    from connector.http.stack import Meters
    from mappings.model import Agent, Conversation, Customer, Seconds
    from mappings.persons import OurPeople
    from mappings.table import KindTable

_FILE_TYPES = "jpg jpeg png gif pdf rar zip html csv docx doc xlsx xls txt sig"
_CAPABILITIES = Capabilities(
    silent_messages=False,
    back_dating=False,
    states=frozenset({State.CLOSED}),
    tags=True,
    teams=False,
    redaction=False,
    files_per_message=1,
    max_file_bytes=10 * 1024 * 1024,
    max_text=10_000,  # Dashly has a limit (ReplyTooBig) but does not say which
    file_types=frozenset(_FILE_TYPES.split()),
)


class DashlyHelpdesk(HttpHelpdesk):
    """One Dashly app."""

    side = Side.DASHLY

    def __init__(
        self,
        client: DashlyClient,
        downloader: Downloader,
        meters: Meters,
        *,
        full_contacts: bool = False,
        table: KindTable = DEFAULT,
        ours: OurPeople = NOBODY,
    ) -> None:
        super().__init__(client, downloader, meters)
        self.capabilities = _CAPABILITIES
        self.client = client
        self._full_contacts = full_contacts
        self._reader = Reader(client, meters.server_time, table, ours)
        self._writer = Writer(client)
        self.records = DashlyRecords(self._reader)
        self._channels: list[Json] | None = None

    def identity(self) -> Workspace:
        """Return the app that the token reads; the list of its conversations also proves access."""
        rows = self.client.conversations({}, count=1).rows
        user = rows[0].get("user") if rows else None
        app = read_optional_id(user.get("app")) if isinstance(user, dict) else None
        return Workspace(id=str(app or self.client.app_id), name=f"Dashly app {app or self.client.app_id}")

    def agents(self, *, fresh: bool = False) -> tuple[Agent, ...]:  # noqa: ARG002 - part of Helpdesk
        """Return the operators of the channels, Dashly's only list of teammates; read once."""
        return dashly.read_channels(self._listed_channels())

    def teams(self) -> tuple[Agent, ...]:
        """Return the channels; read once, together with the operators."""
        return dashly.read_teams(self._listed_channels())

    def tags(self) -> tuple[str, ...]:
        """Return the tags on the newest page of conversations: Dashly has no list of tags."""
        return self._reader.newest_tags()

    def changed_since(self, since: Seconds) -> Iterator[Conversation]:
        """Yield listed conversations whose last change is at or after ``since``, newest first."""
        return self._reader.changed_since(since)

    def deleted_since(self, since: Seconds) -> Iterator[str]:  # noqa: ARG002 - part of Helpdesk
        """Yield nothing: Dashly keeps no such list; what it removed shows when it is read."""
        return iter(())

    def history(self, query: HistoryQuery) -> Iterator[Conversation]:
        """Yield every listed conversation that fits the query, last changed first."""
        return self._reader.history(query)

    def conversation(
        self, conversation: str, *, known: frozenset[str] = frozenset(), fresh: bool = True
    ) -> Conversation:
        """Return one conversation with the parts outside ``known``; Gone when it does not exist."""
        return self._reader.conversation(conversation, known, fresh=fresh)

    def begun_by(self, customer: Person, since: Seconds) -> Iterator[Conversation]:
        """Yield the customer's conversations created at or after ``since``, each with its parts."""
        return self._reader.begun_by(customer, since)

    def customer(self, customer: str) -> Customer | None:
        """Return what the user's newest conversations show of them; creates nobody."""
        return self._reader.customer(customer)

    def find_customer(self, *external_ids: str) -> Person | None:
        """Return the user with one of these external ids, asked for by the one call that creates nobody."""
        found = map(self._reader.user, external_ids)
        return next((person for person in found if person is not None), None)

    def find_by_email(self, *addresses: str) -> Mapping[str, Person]:  # noqa: ARG002 - part of Helpdesk
        """Return nobody: Dashly has no search by address."""
        return {}

    def create_customer(self, customer: Customer, *, by_email: bool = False) -> Person:  # noqa: ARG002 - part of Helpdesk
        """Create a user without an address unless details are full, or give one of ours what it lacks."""
        if not customer.external_id:
            raise ValueError("a user is made under an external id")
        self.client.set_props(customer.external_id, forms.shadow_form(customer, full=self._full_contacts))
        return Person(customer.external_id, by_external_id=True)

    def is_bare(self, customer: str) -> bool:  # noqa: ARG002 - part of Helpdesk
        """Return False: no call tells it, and none would remove them."""
        return False

    def delete_customer(self, customer: str) -> None:  # noqa: ARG002 - part of Helpdesk
        """Refuse: Dashly has no call for it."""
        raise Rejected("Dashly has no call for deleting a user.", status=0, code="no_api")

    def kept(self, external_id: str, person: str | None) -> Kept | None:
        """Return what is kept on the technical person with this external id, or None; creates nobody."""
        return self._reader.kept(external_id, person)

    def keep(self, external_id: str, person: str | None, text: str) -> Kept:
        """Keep a text on a technical person, who is made when missing."""
        self.client.set_props(external_id, forms.keeping_form(text))
        return Kept(person, text)

    def send(self, write: Write, *, known: frozenset[str] = frozenset()) -> Receipt:  # noqa: ARG002 - part of Helpdesk
        """Carry out one write, once; ``Rejected`` for what Dashly cannot do."""
        return self._writer.send(write)

    def _listed_channels(self) -> list[Json]:
        if self._channels is None:
            self._channels = self.client.lists.optional("channels", self.client.channels)
        return self._channels
