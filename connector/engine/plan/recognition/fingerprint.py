"""Recognising a write of ours when it is read back: by marker where the side keeps one, else by fingerprint.

A fingerprint is author, kind, text, file names and time. Each remote part confirms one intent only
(``claimed``), and a part is never chosen by its position.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from mappings.keyed import keyed, keyed_hash
from mappings.model import AuthorKind, Message, Note, Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mappings.model import Customer, Seconds

# How much before its request left a part may seem to be made: times are whole seconds, and our idea of a
# server's clock is as old as its last answer.
SLACK: Seconds = 5.0
# The Date of an answer may run ahead of the times of records, by as much as clocks may that count. In a
# conversation that nobody linked yet, or of which no part is known, and for a write that was confirmed, this
# can be allowed for: there is hardly another part that could be mistaken for it.
CLOCKS_APART: Seconds = 600.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What the part that a write makes will look like.

    ``conversation`` is empty for a start, ``person`` then says whose conversations to search.
    ``agent`` None means the customer's voice; ``created`` None that the side sets the time. ``source`` is
    the part whose words are written. ``app_code`` is how Intercom marks what our token wrote, where known.
    ``newest`` is the time of the newest part that the side showed before, ``beside`` are those of that time.
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
    newest: Seconds | None = None
    beside: tuple[str, ...] = ()

    def after(self, shown: Iterable[Part]) -> Expected:
        """Return what is expected in a conversation that showed these parts before."""
        parts = tuple(shown)
        if not parts:
            return self
        newest = max(part.created for part in parts)
        beside = tuple(part.id for part in parts if part.created == newest)
        return replace(self, newest=newest, beside=beside)

    def is_for(self, customer: Customer | None) -> bool | None:
        """Tell whether a start was made as this customer; None when a side does not say who it is."""
        if customer is None:
            return None
        return self.person == (customer.external_id if self.by_external_id else customer.id)

    @property
    def earliest(self) -> Seconds:
        """Return before when no part can be the one that is expected, where the side sets the time."""
        if self.newest is None:
            return self.sent_at - CLOCKS_APART
        # Both are times of records: no `Date` can be ahead of that.
        return min(self.sent_at - SLACK, self.newest)

    def dump(self, key: bytes) -> str:
        """Return the fingerprint as JSON for the intent, with the keyed hash of the text."""
        return json.dumps({**asdict(self), "text_hash": keyed(key, self.text_hash)})

    @staticmethod
    def load(text: str) -> Expected:
        """Return the fingerprint that ``dump`` wrote."""
        raw = json.loads(text)
        lists = {name: tuple(raw.get(name, ())) for name in ("files", "beside")}
        return Expected(**raw | lists)


def match(
    expected: Expected,
    parts: Iterable[Part],
    claimed: Collection[str],
    *,
    key: bytes,
    answered: bool = False,
) -> Part | None:
    """Return the part that this write made, or None; ``key`` is that of the hash in the fingerprint.

    ``claimed`` are the ids of parts that confirm something else. ``answered`` says that the side confirmed
    the write: then a time or a text that the side changed is forgiven, as long as only one part can be meant.
    """
    free = [part for part in parts if part.id not in claimed and not part.removed]
    if marked := [part for part in free if _bears_marker(expected, part)]:
        return _oldest(marked)
    free = [part for part in free if part.id not in expected.beside]
    alike = [part for part in free if _is_alike(expected, part, key) and _may_be_by_us(expected, part)]
    if on_time := [part for part in alike if _is_on_time(expected, part)]:
        # A person may say the same in the same second, and our own code may not be known yet.
        return _oldest(_by_an_app(expected, on_time) or on_time)
    late = [part for part in alike if part.created >= expected.earliest]
    if not answered:  # a side that sets its own time must at least say that an app wrote the part
        return _oldest(_by_an_app(expected, late))
    # A confirmed write is there: what is missing is only which part it is.
    ahead = [part for part in alike if part.created >= expected.sent_at - CLOCKS_APART]
    return _oldest(late) or _only(ahead) or _only([part for part in free if _is_in_place(expected, part)])


def _oldest(parts: Iterable[Part]) -> Part | None:
    return min(parts, key=lambda part: part.order, default=None)


def _only(parts: list[Part]) -> Part | None:
    return parts[0] if len(parts) == 1 else None


def _bears_marker(expected: Expected, part: Part) -> bool:
    return bool(expected.marker) and part.external_id == expected.marker


def _by_an_app(expected: Expected, parts: Iterable[Part]) -> list[Part]:
    """Return the parts that our app wrote, or some app while ours is not known."""
    return [p for p in parts if p.app_code is not None and expected.app_code in {None, p.app_code}]


def _is_in_place(expected: Expected, part: Part) -> bool:
    """Tell whether a part has the form, the voice and the time of the write, whatever it says."""
    return _is_of_kind(expected, part) and _is_on_time(expected, part)


def _is_on_time(expected: Expected, part: Part) -> bool:
    if expected.created is None:
        return part.created >= expected.earliest
    return int(part.created) == int(expected.created)


def _is_alike(expected: Expected, part: Part, key: bytes) -> bool:
    words = part.words
    if words is None or not _is_of_kind(expected, part):
        return False
    same = keyed_hash(key, words.text) == keyed(key, expected.text_hash)
    return same and _same_files(expected, words)


def _is_of_kind(expected: Expected, part: Part) -> bool:
    if part.external_id and part.external_id != expected.marker:
        return False
    return isinstance(part.words, Message if expected.public else Note) and _same_voice(expected, part)


def _may_be_by_us(expected: Expected, part: Part) -> bool:
    """Tell whether a part may have been written by the API; for a customer's own part no side says so."""
    if expected.agent is None:
        return True
    by_hand = expected.app_code is not None and part.app_code is None
    return part.by_api is not False and not by_hand


def _same_voice(expected: Expected, part: Part) -> bool:
    if expected.agent is None:
        return part.author.kind is AuthorKind.CUSTOMER
    if part.author.kind is AuthorKind.CUSTOMER:
        return False
    # A name such as `default_admin` stands for whomever the side puts there.
    return part.author.id is None or not expected.agent.isdigit() or part.author.id == expected.agent


def _same_files(expected: Expected, words: Message | Note) -> bool:
    names = sorted(attachment.name for attachment in words.attachments)
    # A side may show the words before it has taken the files.
    return not expected.files or not names or names == sorted(expected.files)
