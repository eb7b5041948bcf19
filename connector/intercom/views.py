"""Raw conversations of Intercom as the neutral model, by the mapping table in force."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mappings.persons import NOBODY
from mappings.reading import intercom
from mappings.wire.values import Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection

    from connector.intercom.answers import Json
    from connector.intercom.client import IntercomClient
    from mappings.model import Conversation
    from mappings.persons import OurPeople
    from mappings.table import KindTable


class Views:
    """Reads conversations; what cannot be read becomes the error that fits how it was met."""

    def __init__(self, client: IntercomClient, table: KindTable, ours: OurPeople = NOBODY) -> None:
        self._client = client
        self._table = table
        self._ours = ours

    def whole(self, raw: Json) -> Conversation:
        """Return a conversation that was asked for."""
        try:
            return self._read(raw)
        except Unreadable as error:
            raise self._client.unreadable("a conversation", str(error)) from error

    def written(self, raw: Json, known: Collection[str]) -> Conversation:
        """Return the conversation that a write answered, without ``known`` parts.

        When it cannot be read, the write is unclear.
        """
        try:
            return self._read(raw, known)
        except Unreadable as error:
            raise self._client.unreadable("a write", str(error), read=False) from error

    def row(self, raw: Json) -> Conversation:
        """Return a listed conversation: lists show the opening but no parts."""
        return replace(self.whole(raw), complete=False)

    def _read(self, raw: Json, known: Collection[str] = ()) -> Conversation:
        found = intercom.read_conversation(raw, table=self._table, known=known)
        return self._ours.in_conversation(found)
