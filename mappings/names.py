"""Names of sides, people and files as they are in a label: on one line, short, and never a second label.

A name is chosen by whoever has it. It must look neither like the role that is put behind it nor like the
border between two entries of a transcript.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from mappings.characters import one_line
from mappings.languages import Language
from mappings.model import AuthorKind, LossKind, Side
from mappings.sentences import Sentence, say

if TYPE_CHECKING:
    from mappings.model import Author
    from mappings.wording import Wording

TITLES = {Side.DASHLY: "Dashly", Side.INTERCOM: "Intercom"}
"""The sides as people call them."""
SIDES_SHOWN = {side.value: title for side, title in TITLES.items()}
"""The same, by the word that data holds."""
LOSSES_SHOWN: dict[str, str] = {
    kind: "no API call" if kind is LossKind.NO_API else kind.value for kind in LossKind
}
"""What a translation could not carry, as people read it."""
BORDER = "\N{MIDDLE DOT}"
# A label is in front of each copied message.
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
_SQUARE = str.maketrans("[]", "()")
_BRACKETED = re.compile(r"\(([^()]*)(?:\)|\Z)")
_ROUND = {"Ps": "(", "Pe": ")"}
_LOOK_ALIKES = str.maketrans("авеіјкмнорсѕтухһԁɡոαεικνορτ", "abeijkmhopcstyxhdgnaeikvopt")
_NOT_SEEN = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs of no width or no ink; other invisible characters are no letters."""
_DOTS = f"{BORDER}\u0387\u1427\u16eb\u2022\u2027\u2219\u22c5\u25cf\u2e31\u2e33\u30fb\ua78f\uff65"
"""What a reader takes for the border between two entries."""


def shown_name(name: str | None, otherwise: str = "unknown") -> str:
    """Return a name in at most 60 characters on one line, without what labels are made of; never empty."""
    line = one_line((name or "")[:_MOST_READ])
    while (without := _without_a_claim(line)) != line:
        line = without
    shown = _plain(line)[:_LONGEST].rstrip()
    return shown if shown.strip("".join(_NOT_SEEN)) else otherwise


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


def _without_a_claim(line: str) -> str:
    """Return a line without the first role that is in it between brackets of any kind."""
    round_ones = "".join(_ROUND.get(unicodedata.category(character), character) for character in line)
    for found in _BRACKETED.finditer(round_ones):
        if _skeleton(found[1]) in _ROLE_WORDS:
            return f"{line[: found.start()]} {line[found.end() :]}"
    return line


def _skeleton(word: str) -> str:
    """Return what a reader sees of a word: its letters, whatever they are made of."""
    letters = unicodedata.normalize("NFKD", word).casefold().translate(_LOOK_ALIKES)
    return "".join(one for one in letters if one.isalpha() and one not in _NOT_SEEN)


_ROLE_WORDS = {
    _skeleton(word)
    for word in (*AuthorKind, *(say(role, language) for role in _ROLES.values() for language in Language))
}


def _plain(line: str) -> str:
    words = line.translate(_SQUARE).split()
    return " ".join(word for word in words if word.strip(_DOTS))
