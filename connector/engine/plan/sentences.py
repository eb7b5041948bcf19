"""The lines by which a conversation of ours is recognised as a copy: written here, recognised when read back.

Each is recognised in every language and time zone: what is chosen now may not be what was chosen then.
"""

from __future__ import annotations

import re
from datetime import UTC
from itertools import chain
from typing import TYPE_CHECKING

from mappings.languages import Language
from mappings.model import Side
from mappings.names import TITLES
from mappings.sentences import Sentence, beginnings, say

if TYPE_CHECKING:
    from mappings.wording import Wording


def opening_line(source: Side, wording: Wording) -> str:
    """Return the neutral line that opens a mirror when no customer's message can."""
    return wording.say(Sentence.STUB, side=TITLES[source])


def is_opening_line(text: str) -> bool:
    """Tell whether a text is the neutral line that opens a mirror."""
    return text.strip() in _STUBS


def history_heading(source: Side, wording: Wording) -> str:
    """Return the first line of a transcript; it names the time zone, unless the times are UTC."""
    heading = wording.say(Sentence.HISTORY, side=TITLES[source])
    utc = wording.zone is UTC
    return heading if utc else heading + wording.say(Sentence.TIMES_IN, zone=str(wording.zone))


def is_transcript(text: str, source: Side) -> bool:
    """Tell whether a text begins with the heading of a transcript of this side."""
    return _HEADINGS[source].match(text) is not None


def below_heading(text: str, source: Side) -> str:
    """Return what a transcript tells below its heading."""
    return _HEADINGS[source].sub("", text)


def tells_of_edit(text: str) -> bool:
    """Tell whether a text begins as the notes do that tell of an edit."""
    return text.startswith(_EDITED)


def tells_of_removal(text: str, source: Side) -> bool:
    """Tell whether a text is the note that a part of this side was removed."""
    return text.strip() in _REMOVALS[source]


def copies_nothing(text: str) -> bool:
    """Tell whether a text begins as our notes do that are not copies: of a removal, of the customer."""
    return text.startswith(_OF_NO_PART)


def _heading(source: Side, language: Language) -> str:
    begun = re.escape(say(Sentence.HISTORY, language, side=TITLES[source]))
    zone = re.escape(say(Sentence.TIMES_IN, language, zone="\0")).replace(re.escape("\0"), r"\S{1,60}")
    continued = re.escape(say(Sentence.CONTINUED, language))
    return f"{begun}(?:{zone})?(?:{continued})?"


_STUBS = {say(Sentence.STUB, language, side=TITLES[side]) for side in Side for language in Language}
_REMOVALS = {
    side: {say(Sentence.PART_REMOVED, language, side=TITLES[side]) for language in Language} for side in Side
}
_OF_NO_PART = (
    *beginnings(Sentence.ADDRESS_WITHHELD),
    *beginnings(Sentence.MATCHED_BY_EMAIL),
    *chain.from_iterable(_REMOVALS.values()),
    *(say(Sentence.CONVERSATION_REMOVED, language, side=TITLES[s]) for s in Side for language in Language),
)
_EDITED = (*beginnings(Sentence.EDITED), *beginnings(Sentence.EDITED_BY))
_HEADINGS = {
    side: re.compile(rf"\A(?:{'|'.join(_heading(side, language) for language in Language)})") for side in Side
}
