"""Links of files that died since the export: where a fresh one is found."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from connector.errors import RemoteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.helpdesk.port import Helpdesk
    from mappings.model import Attachment, Conversation

KEPT = 10_000
"""Files are fetched soon after their conversation was read; of older ones the link is not found again."""

Place = tuple[str, str, int]


class Links:
    """Remembers in which conversation and part the addresses of files stood."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._lock = threading.Lock()

    def met(self, view: Conversation) -> None:
        """Remember the files of a conversation that was read from the export."""
        with self._lock:
            for place, attachment in _attachments(view):
                self._places[attachment.url] = place
                if len(self._places) > KEPT:
                    del self._places[next(iter(self._places))]  # a dict keeps the order

    def fresh(self, attachment: Attachment, live: Helpdesk) -> Attachment | None:
        """Return the same file with the address that the side shows now, or None."""
        with self._lock:
            place = self._places.get(attachment.url)
        if place is None:
            return None
        try:
            view = live.conversation(place[0])
        except RemoteError:
            return None
        return next((found for where, found in _attachments(view) if where == place), None)


def _attachments(view: Conversation) -> Iterator[tuple[Place, Attachment]]:
    for part in view.parts:
        for number, attachment in enumerate(part.words.attachments if part.words else ()):
            yield (view.id, part.id, number), attachment
