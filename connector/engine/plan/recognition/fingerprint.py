"""Recognising a write of ours when it is read back: by marker where the side keeps one, else by fingerprint.

A fingerprint is author, kind, text, file names and time. Each remote part answers for one intent only
(``claimed``), and a part is never chosen by its position.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from mappings.keyed import keyed, keyed_hash
from mappings.model import AuthorKind, Message, Note, Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mappings.model import Customer, Seconds

SLACK: Seconds = 5.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What the part that a write makes will look like.

    ``conversation`` is empty for a start, ``person`` then says whose conversations to search.
    ``agent`` None means the customer's voice; ``created`` None that the side sets the time. ``source`` is
    the part that the write carries. ``app_code`` is how Intercom marks what our token wrote, where known.
    """

    conversation: str
    public: bool
    text_hash: str
    sent_at: Seconds
    marker: str = ""
    agent: str | None = None
    created: Seconds | None = None
    files: tuple[str, ...] = ()
    source: str = ""
    source_created: Seconds | None = None
    person: str = ""
    by_external_id: bool = False
    app_code: str | None = None

    def is_for(self, customer: Customer | None) -> bool | None:
        """Tell whether a start was made as this customer; None when a side does not say who it is."""
        if customer is None:
            return None
        return self.person == (customer.external_id if self.by_external_id else customer.id)

    def dump(self, key: bytes) -> str:
        """Return the fingerprint as JSON for the intent, with the keyed hash of the text."""
        return json.dumps({**asdict(self), "text_hash": keyed(key, self.text_hash)}, ensure_ascii=False)

    @staticmethod
    def load(text: str) -> Expected:
        """Return the fingerprint that ``dump`` wrote."""
        raw = json.loads(text)
        return Expected(**{**raw, "files": tuple(raw["files"])})


def match(
    expected: Expected,
    parts: Iterable[Part],
    claimed: Collection[str],
    *,
    key: bytes,
    answered: bool = False,
) -> Part | None:
    """Return the part that this write made, or None; ``key`` is that of the hash in the fingerprint.

    ``answered`` says that the side confirmed the write: then a time or a text that the side changed is
    forgiven, as long as only one part can be meant.
    """
    free = [part for part in parts if part.id not in claimed and not part.removed]
    marked = [part for part in free if expected.marker and part.external_id == expected.marker]
    if marked:
        return min(marked, key=_order)
    alike = [part for part in free if _alike(expected, part, key) and _by_us(expected, part)]
    exact = [part for part in alike if _on_time(expected, part)]
    if exact:  # what an app wrote goes before what may be a person's, also while our own code is not known
        return min(exact, key=lambda part: (not _by_app(expected, part), _order(part)))
    late = [part for part in alike if part.created >= expected.sent_at - SLACK]
    if not answered:  # a side that sets its own time must at least say that an app wrote the part
        return min((part for part in late if _by_app(expected, part)), key=_order, default=None)
    if late:
        return min(late, key=_order)
    changed = [part for part in free if _same_kind(expected, part) and _on_time(expected, part)]
    return changed[0] if len(changed) == 1 else None


def _order(part: Part) -> tuple[float, int, str]:
    return part.order


def _on_time(expected: Expected, part: Part) -> bool:
    if expected.created is None:
        return part.created >= expected.sent_at - SLACK
    return int(part.created) == int(expected.created)


def _alike(expected: Expected, part: Part, key: bytes) -> bool:
    words = part.words
    if words is None or not _same_kind(expected, part):
        return False
    same = keyed_hash(key, words.text) == keyed(key, expected.text_hash)
    return same and _same_files(expected, words)


def _same_kind(expected: Expected, part: Part) -> bool:
    if part.external_id and part.external_id != expected.marker:
        return False
    return isinstance(part.words, Message if expected.public else Note) and _same_voice(expected, part)


def _by_us(expected: Expected, part: Part) -> bool:
    """An agent's part made by hand is not ours; a customer's may not say how it was made."""
    if expected.agent is None:
        return True
    by_hand = expected.app_code is not None and part.app_code is None
    return part.by_api is not False and not by_hand


def _by_app(expected: Expected, part: Part) -> bool:
    return part.app_code is not None and expected.app_code in {None, part.app_code}


def _same_voice(expected: Expected, part: Part) -> bool:
    if expected.agent is None:
        return part.author.kind is AuthorKind.CUSTOMER
    if part.author.kind is AuthorKind.CUSTOMER:
        return False
    return part.author.id is None or not expected.agent.isdigit() or part.author.id == expected.agent


def _same_files(expected: Expected, words: Message | Note) -> bool:
    names = sorted(attachment.name for attachment in words.attachments)
    return not expected.files or not names or names == sorted(expected.files)
