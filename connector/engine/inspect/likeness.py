"""Comparing what stands on a side with the writes that should have made it. Pure.

Left out of the comparison is what changes by itself: white space, links of files (signed anew at each read),
where a long text was cut, the time zone, and the role behind a name, which copies of the first version do not
bear.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from connector.engine.inspect.expected import ANYBODY
from connector.engine.plan.actions import Form
from connector.engine.plan.recognition.similarity import PIECE
from mappings.files import is_named_in, without_not_copied
from mappings.languages import Language
from mappings.model import AuthorKind, Message
from mappings.sentences import Sentence, beginnings, say
from mappings.text import comparison_text
from mappings.wording import in_utc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from connector.engine.inspect.expected import Posts
    from mappings.model import Attachment, Part

ROLE = re.compile(r" \((?:customer|agent|bot|team)\)(?=: | · | wrote |, now: )")
_FILES = "|".join(map(re.escape, beginnings(Sentence.FILE) + beginnings(Sentence.FILE_NOT_COPIED)))
_SIZES = "|".join(
    re.escape(say(unit, language, size="\0")).replace(re.escape("\0"), r"[\d.]+")
    for unit in (Sentence.BYTES, Sentence.KILOBYTES, Sentence.MEGABYTES)
    for language in Language
)
# Blank lines are no beginning of one: a thousand of them would be looked through from each.
FILE_LINE = re.compile(rf"^([^\S\r\n]*(?:{_FILES}).+?)(?:, (?:{_SIZES}))?(?:, \S+)?\]$", re.MULTILINE)
MARKERS = str.maketrans("", "", "-*•>|")
ABSENT = frozenset({AuthorKind.NOBODY, AuthorKind.UNKNOWN})


def reduced(text: str) -> str:
    """Return a text as it is compared: without roles, times in UTC, and of a file's line only the name."""
    return comparison_text(ROLE.sub("", FILE_LINE.sub(r"\1]", in_utc(text))))


def squeezed(text: str) -> str:
    """Return a text without white space, so that it is the same wherever it was cut into pieces."""
    return "".join(reduced(text).split()).translate(MARKERS)


class Aspect(Enum):
    """In what a copy may differ."""

    FORM = "form"
    AUTHOR = "author"
    TEXT = "text"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One way in which the copies of a part differ from what should stand there, in words."""

    aspect: Aspect
    what: str


def mismatches(posts: Posts, copies: Sequence[Part], customers: Collection[str | None]) -> list[Mismatch]:
    """Return how the copies of one part differ from the writes that should have made them.

    ``customers`` are the ids under which the conversation's own customer is known there.
    """
    found = [
        wrong
        for copy in copies
        for wrong in (*form_mismatches(posts[0].form, copy), *_author(posts[0].agent, copy, customers))
    ]
    if not _same_texts(posts, copies):
        found.append(Mismatch(Aspect.TEXT, f"its copy {copies[0].id} has another text"))
    return [*found, *_files(posts, copies)]


def form_mismatches(form: Form, copy: Part) -> Iterator[Mismatch]:
    """Yield whether a copy is public or private where it should not be."""
    public = isinstance(copy.words, Message)
    if public and form is Form.NOTE:
        yield Mismatch(Aspect.FORM, f"its copy {copy.id} is public, but must not be")
    if not public and form is not Form.NOTE:
        yield Mismatch(Aspect.FORM, f"its copy {copy.id} is a note, but should be a message")


def is_by(agent: str | None, copy: Part, customers: Collection[str | None]) -> bool:
    """Tell whether a copy is by the agent, or with None by the customer.

    A default sender has no id of its own, and a side that has lost the author names nobody.
    """
    author = copy.author
    if agent is None or author.kind is AuthorKind.CUSTOMER:
        return agent is None and author.kind is AuthorKind.CUSTOMER and author.id in customers
    # A side that names nobody contradicts nothing.
    if agent == ANYBODY or author.kind in ABSENT:
        return True
    # Dashly's `default_admin` is a word, and its sender is shown without an id.
    return author.id == (agent if agent.isdigit() else None)


def _author(agent: str | None, copy: Part, customers: Collection[str | None]) -> Iterator[Mismatch]:
    if not is_by(agent, copy, customers):
        yield Mismatch(Aspect.AUTHOR, f"its copy {copy.id} is by another author")


def _same_texts(posts: Posts, copies: Sequence[Part]) -> bool:
    wanted = [post.text for post in posts]
    given = [copy.words.text for copy in copies if copy.words]
    if [_text(text) for text in wanted] == [_text(text) for text in given]:
        return True
    # The limit may be another one today, so that the text was cut elsewhere: compare it whole.
    whole = _whole(wanted)
    return _whole(given) == whole or _whole(_spoken(copies)) == whole


def _text(text: str) -> str:
    return reduced(without_not_copied(text))


def _whole(texts: list[str]) -> str:
    joined = "\n".join(PIECE.sub("", text) for text in texts) if len(texts) > 1 else "".join(texts)
    return squeezed(without_not_copied(joined))


def _spoken(copies: Sequence[Part]) -> list[str]:
    """Return the texts of copies without those that only name the files they bring."""
    return [
        copy.words.text
        for copy in copies
        if copy.words and copy.words.text.strip() != ", ".join(file.name for file in copy.words.attachments)
    ]


def _files(posts: Posts, copies: Sequence[Part]) -> Iterator[Mismatch]:
    wanted = Counter(_stem(file) for post in posts for file in post.attachments)
    given = Counter(_stem(file) for copy in copies if copy.words for file in copy.words.attachments)
    texts = [copy.words.text for copy in copies if copy.words]
    for post in posts:
        for file in post.attachments:
            # Counted, not listed: two files may bear one name.
            missing = wanted[_stem(file)] > given[_stem(file)]
            if missing and not any(is_named_in(text, file.name) for text in texts):
                yield Mismatch(Aspect.FILES, f"its copy {copies[0].id} lacks the file {file.name}")
    for name in given - wanted:
        yield Mismatch(Aspect.FILES, f"its copy {copies[0].id} has a file that nobody sent: {name}")


def _stem(file: Attachment) -> str:
    """Return a file's name without its extension, which follows from what the bytes show."""
    return file.name.rpartition(".")[0] or file.name
