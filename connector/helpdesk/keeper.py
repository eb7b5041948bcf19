"""What every side can keep for us: a text on a technical person of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that is kept on a technical person of ours, and the side's own id of that person."""

    person: str | None
    text: str


class Keeper(Protocol):
    """A side that keeps a text on a person who serves the connector alone."""

    def kept(self, external_id: str, person: str | None) -> Kept | None:
        """Return what is kept on the technical person with this external id, or None; creates nobody.

        ``person`` is the side's own id of the person, where it was learnt before: it saves a question.
        """

    def keep(self, external_id: str, person: str | None, text: str) -> Kept:
        """Keep a text on a technical person, who is made when missing; return what is kept there now.

        Another text than the given one says that the person was there before, though nothing had shown it.
        """
