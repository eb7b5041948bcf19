"""A side whose conversations are read from an export, and everything else from the side itself.

What changed on the side since the export was begun is read there too: the outcome is the same as without a
file, for a fraction of the requests.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from connector.archive.links import Links
from connector.errors import Rejected
from connector.helpdesk.port import File
from connector.helpdesk.query import fits
from connector.http.files.download import LARGEST_FILE, safe_name
from connector.http.files.file_type import named
from mappings.files import file_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from connector.archive.reading import Archive
    from connector.helpdesk.capabilities import Capabilities
    from connector.helpdesk.keeper import Kept
    from connector.helpdesk.port import Helpdesk, Person, Receipt, Usage, Workspace, Write
    from connector.helpdesk.query import HistoryQuery
    from connector.helpdesk.records import Records
    from mappings.model import Agent, Attachment, Conversation, Customer, Seconds, Side

_HASH = re.compile("[0-9a-f]{64}")
OVERLAP: Seconds = 300.0
"""So long before the export was begun a change may have been shown late."""


class ArchivedHelpdesk:
    """One side with an export of it; ``folder`` holds the files that were taken along."""

    def __init__(self, live: Helpdesk, archive: Archive, folder: Path | None = None) -> None:
        self._live = live
        self._archive = archive
        self._folder = folder
        self._links = Links()
        self._changed: set[str] = set(archive.unread)

    # -- from the file ---------------------------------------------------------------------------------

    def history(self, query: HistoryQuery) -> Iterator[Conversation]:
        """Yield what fits the query: unchanged conversations from the file, all others from the side."""
        since = self._archive.header.made - OVERLAP
        gone = set(self._live.deleted_since(since))
        # First, so that nothing that changed is taken from the file; then once more for what they show.
        self._changed.update(row.id for row in self._live.changed_since(since))
        for key in self._archive.ids():
            if key not in self._changed and key not in gone:
                row = self._filed(key)
                if row is not None and fits(row, query, now=self.now()):
                    yield row
        for key in sorted(self._changed - gone):
            row = self._there(key)
            if row is not None and fits(row, query, now=self.now()):
                yield row

    def conversation(
        self, conversation: str, *, known: frozenset[str] = frozenset(), fresh: bool = True
    ) -> Conversation:
        """Return a conversation from the file, unless it is not there or changed since."""
        found = None if conversation in self._changed else self._filed(conversation)
        return found or self._live.conversation(conversation, known=known, fresh=fresh)

    def customer(self, customer: str) -> Customer | None:
        """Return what the file tells of a customer, or else the side."""
        told = self._archive.person(customer)
        found = None if told is None else self._live.records.customer(told)
        return found or self._live.customer(customer)

    def download(self, attachment: Attachment) -> File:
        """Take a file from the folder; else fetch it from its link, or from a fresh one."""
        taken = self._from_folder(attachment)
        if taken is not None:
            return taken
        try:
            return self._live.download(attachment)
        except Rejected:
            fresh = self._links.fresh(attachment, self._live)
            if fresh is None:
                raise
            return self._live.download(fresh)

    def release(self, file: File) -> None:
        """Let a downloaded file go; the folder is kept as it is."""
        if self._folder is None or file.path.parent != self._folder:
            self._live.release(file)

    def changed_since(self, since: Seconds) -> Iterator[Conversation]:
        """Yield what the side lists as changed; from then on it is read there."""
        for row in self._live.changed_since(since):
            self._changed.add(row.id)
            yield row

    def _filed(self, key: str) -> Conversation | None:
        entry = self._archive.find(key)
        if entry is None:
            return None
        view = self._live.records.view(entry.record)
        self._links.met(view)
        return view

    def _there(self, key: str) -> Conversation | None:
        try:
            return self._live.conversation(key)
        except Rejected:
            return None

    def _from_folder(self, attachment: Attachment) -> File | None:
        told = self._archive.file(attachment.url)
        if told is None or self._folder is None:
            return None
        path = self._folder / str(told.get("sha256", ""))
        if not _HASH.fullmatch(path.name) or path.parent != self._folder or not _bears_its_hash(path):
            return None
        kind = named(str(told.get("content_type", "")))
        name = file_name(safe_name(attachment.name), "", kind)
        return File(name, kind, path.stat().st_size, path.name, path)

    # -- from the side ---------------------------------------------------------------------------------

    @property
    def side(self) -> Side:
        """Which side this is."""
        return self._live.side

    @property
    def capabilities(self) -> Capabilities:
        """What this side can do."""
        return self._live.capabilities

    @property
    def records(self) -> Records:
        """Its conversations as they were sent."""
        return self._live.records

    @property
    def usage(self) -> Usage:
        """The calls made so far."""
        return self._live.usage

    @property
    def width(self) -> float:
        """How many requests under way use up what the side allows."""
        return self._live.width

    @property
    def passed_over(self) -> int:
        """How many rows of lists had no id."""
        return self._live.passed_over

    @property
    def lists_cut(self) -> int:
        """How many lists were given up."""
        return self._live.lists_cut

    @property
    def lists_refused(self) -> tuple[str, ...]:
        """Which lists the token may not see."""
        return self._live.lists_refused

    def identity(self) -> Workspace:
        """Return the workspace of the token."""
        return self._live.identity()

    def now(self) -> Seconds:
        """Return the server's time."""
        return self._live.now()

    def told_time(self) -> Seconds | None:
        """Return the time by the answers' Date headers."""
        return self._live.told_time()

    def agents(self, *, fresh: bool = False) -> tuple[Agent, ...]:
        """Return the teammates."""
        return self._live.agents(fresh=fresh)

    def teams(self) -> tuple[Agent, ...]:
        """Return where a conversation can be put."""
        return self._live.teams()

    def tags(self) -> tuple[str, ...]:
        """Return the names of the tags."""
        return self._live.tags()

    def deleted_since(self, since: Seconds) -> Iterator[str]:
        """Yield what the side lists as deleted."""
        return self._live.deleted_since(since)

    def begun_by(self, customer: Person, since: Seconds) -> Iterator[Conversation]:
        """Yield the customer's conversations."""
        return self._live.begun_by(customer, since)

    def find_customer(self, *external_ids: str) -> Person | None:
        """Return the one identified person with one of these external ids."""
        return self._live.find_customer(*external_ids)

    def find_by_email(self, *addresses: str) -> Mapping[str, Person]:
        """Return by address the one identified person with it."""
        return self._live.find_by_email(*addresses)

    def create_customer(self, customer: Customer, *, by_email: bool = False) -> Person | None:
        """Create an identified person."""
        return self._live.create_customer(customer, by_email=by_email)

    def is_bare(self, customer: str) -> bool:
        """Tell whether a person is known to nobody."""
        return self._live.is_bare(customer)

    def delete_customer(self, customer: str) -> None:
        """Delete a person."""
        self._live.delete_customer(customer)

    def kept(self, external_id: str, person: str | None) -> Kept | None:
        """Return what is kept on a technical person."""
        return self._live.kept(external_id, person)

    def keep(self, external_id: str, person: str | None, text: str) -> Kept:
        """Keep a text on a technical person."""
        return self._live.keep(external_id, person, text)

    def send(self, write: Write, *, known: frozenset[str] = frozenset()) -> Receipt:
        """Carry out one write."""
        return self._live.send(write, known=known)


def _bears_its_hash(path: Path) -> bool:
    """Tell whether a file is there and holds what its name says; a link leads to who knows what."""
    # No larger than one that is fetched: it is sent from memory.
    if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_FILE:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == path.name
