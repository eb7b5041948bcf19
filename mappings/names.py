"""Names of sides, people and files as they stand in a label: on one line, short, and never a second label.

A name is chosen by whoever bears it. It must look neither like the role that is put behind it nor like the
border between two entries of a transcript.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mappings.characters import one_line
from mappings.languages import Language
from mappings.model import AuthorKind, Side
from mappings.sentences import Sentence, say

if TYPE_CHECKING:
    from mappings.model import Author
    from mappings.wording import Wording

TITLES = {Side.DASHLY: "Dashly", Side.INTERCOM: "Intercom"}
"""The sides as people call them."""
BORDER = "\N{MIDDLE DOT}"
# A label stands in front of each copied message.
_LONGEST = 60
# No extension that programs go by is longer.
_LONGEST_EXTENSION = 10
# A name is cut before it is cleaned, so that a long one costs nothing.
_MOST_READ = 1_000
_CUT = "\N{HORIZONTAL ELLIPSIS}"
_ROLES = {
    AuthorKind.CUSTOMER: Sentence.CUSTOMER,
    AuthorKind.AGENT: Sentence.AGENT,
    AuthorKind.BOT: Sentence.BOT,
    AuthorKind.TEAM: Sentence.TEAM,
    AuthorKind.NOBODY: Sentence.UNKNOWN,
    AuthorKind.UNKNOWN: Sentence.UNKNOWN,
}
_ROLE_WORDS = {*AuthorKind, *(say(role, language) for role in _ROLES.values() for language in Language)}
_CLAIMED_ROLE = re.compile(rf"[(\uff08]\s*(?:{'|'.join(sorted(_ROLE_WORDS))})\s*[)\uff09]", re.IGNORECASE)
_SQUARE = str.maketrans("[]", "()")


def shown_name(name: str | None, otherwise: str = "unknown") -> str:
    """Return a name in at most 60 characters on one line, without what labels are made of; never empty."""
    line = one_line((name or "")[:_MOST_READ])
    while (without := _CLAIMED_ROLE.sub(" ", line)) != line:
        line = without
    return _plain(line)[:_LONGEST].rstrip() or otherwise


def shown_file_name(name: str) -> str:
    """Return a file's name in at most 60 characters on one line; a long one keeps its extension."""
    plain = _plain(one_line(name)) or "file"
    if len(plain) <= _LONGEST:
        return plain
    extension = plain.rpartition(".")[2][:_LONGEST_EXTENSION]
    return f"{plain[: _LONGEST - len(extension) - 2].rstrip()}{_CUT}.{extension}"


def label(author: Author, wording: Wording, otherwise: Sentence | None = None) -> str:
    """Return a person's name with their role, as in ``Nora Field (customer)``; without a name their role."""
    role = wording.say(_ROLES[author.kind])
    name = shown_name(author.name, "")
    if name:
        return f"{name} ({role})"
    return wording.say(otherwise) if otherwise else role


def _plain(line: str) -> str:
    words = line.translate(_SQUARE).split()
    return " ".join(word for word in words if word.strip(BORDER))
