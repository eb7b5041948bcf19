"""How the connector words what it writes: in which language, and in which time zone it tells times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from mappings.languages import Language
from mappings.sentences import Sentence, say

if TYPE_CHECKING:
    from mappings.model import Seconds

_STAMP = re.compile(r"\b(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?) (?:([+-]\d\d:\d\d)|UTC\b)")
_MINUTE = len("2024-03-01 12:00")


@dataclass(frozen=True, slots=True)
class Wording:
    """A language and a time zone; every time names its zone, by its distance from UTC."""

    language: Language = Language.ENGLISH
    zone: tzinfo = UTC

    def say(self, sentence: Sentence, **values: str) -> str:
        """Return a sentence."""
        return say(sentence, self.language, **values)

    def time(self, moment: Seconds) -> str:
        """Return a time to the second, as people read it."""
        return self._told(moment, "seconds")

    def minute(self, moment: Seconds) -> str:
        """Return a time to the minute, as people read it."""
        return self._told(moment, "minutes")

    def _told(self, moment: Seconds, until: str) -> str:
        try:
            at = datetime.fromtimestamp(moment, self.zone)
        except (ValueError, OverflowError, OSError):
            return self.say(Sentence.UNKNOWN_TIME)
        local = at.replace(tzinfo=None).isoformat(" ", until)
        offset = at.isoformat()[len(at.replace(tzinfo=None).isoformat()) :]
        return f"{local} {'UTC' if self.zone is UTC else offset}"


PLAIN = Wording()
"""English and UTC, as long as nothing else is chosen."""


def in_utc(text: str) -> str:
    """Return a text whose times are told in UTC, so that it is the same whatever zone was chosen."""
    return _STAMP.sub(_stamp_in_utc, text)


def _stamp_in_utc(found: re.Match[str]) -> str:
    local, offset = found[1], found[2]
    if offset is None:
        return found[0]
    try:
        at = datetime.fromisoformat(local + offset).astimezone(UTC)
    except (ValueError, OverflowError):
        return found[0]
    until = "minutes" if len(local) == _MINUTE else "seconds"
    return f"{at.replace(tzinfo=None).isoformat(' ', until)} UTC"
