"""Comparing what is on a side with the writes that should have made it. Pure.

Left out of the comparison is what changes by itself: white space between words, links of files (signed again
at each read), where a long text was cut, and the time zone. Copies of the first version have no role behind a
name.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from itertools import islice
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
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from connector.engine.inspect.expected import Posts
    from mappings.model import Attachment, Part

ROLE = re.compile(r" \((?:customer|agent|bot|team)\)(?=: | · | wrote |, now: )")
_FILES = "|".join(map(re.escape, beginnings(Sentence.FILE) + beginnings(Sentence.FILE_NOT_COPIED)))
_SIZES = "|".join(
    re.escape(say(unit, language, size="\0")).replace(re.escape("\0"), r"[\d.]+")
    for unit in (Sentence.BYTES, Sentence.KILOBYTES, Sentence.MEGABYTES)
    for language in Language
)
# Blank lines do not begin one: a thousand of them would be searched from each.
FILE_LINE = re.compile(rf"^([^\S\r\n]*(?:{_FILES}).+?)(?:, (?:{_SIZES}))?(?:, \S+)?\]$", re.MULTILINE)
MARKERS = str.maketrans("", "", "-*•>|")
ABSENT = frozenset({AuthorKind.NOBODY, AuthorKind.UNKNOWN})


def reduced(text: str) -> str:
    """Return a text as it is compared: times in UTC, and of a file's line only the name."""
    return comparison_text(FILE_LINE.sub(r"\1]", in_utc(text)))


def as_written(text: str) -> tuple[str, ...]:
    """Return a text of ours as it may be there: with the roles behind names, and without."""
    return tuple(dict.fromkeys((text, ROLE.sub("", text))))


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
    """One way in which the copies of a part differ from what should be there, in words."""

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


def judged(wrong: list[Mismatch], *, worded: bool) -> list[Mismatch]:
    """Return what counts as wrong: unless ``worded``, all but the words."""
    return [one for one in wrong if worded or one.aspect is not Aspect.TEXT]


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


def is_beginning(copies: Sequence[Part], posts: Posts) -> bool:
    """Tell whether the text of the only copy is how the only write begins."""
    texts = [copy.words.text for copy in copies if copy.words]
    return len(texts) == len(posts) == 1 and _text(posts[0].text).startswith(_text(texts[0]))


def _same_texts(posts: Posts, copies: Sequence[Part]) -> bool:
    forms = zip(*(2 * as_written(post.text) for post in posts), strict=False)
    return any(_fit(list(wanted), copies) for wanted in islice(forms, 2))


def _fit(wanted: list[str], copies: Sequence[Part]) -> bool:
    given = [copy.words.text for copy in copies if copy.words]
    shown = list(map(_text, wanted))
    spoken = _spoken(copies)
    if shown in (list(map(_text, given)), list(map(_text, spoken))):
        return True
    if len(wanted) == len(spoken) == 1:
        return False
    # The limit may be another one today, so that the text was cut elsewhere: compare it whole.
    whole = _whole(wanted)
    return _whole(given) == whole or _whole(spoken) == whole


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
            # Counted, not listed: two files may have one name.
            missing = wanted[_stem(file)] > given[_stem(file)]
            if missing and not any(is_named_in(text, file.name) for text in texts):
                yield Mismatch(Aspect.FILES, f"its copy {copies[0].id} lacks the file {file.name}")
    for name in given - wanted:
        yield Mismatch(Aspect.FILES, f"its copy {copies[0].id} has a file that nobody sent: {name}")
    if given == wanted:
        sent = _sizes(file for post in posts for file in post.attachments)
        there = _sizes(file for copy in copies if copy.words for file in copy.words.attachments)
        for name, sizes in sent.items():
            # Of an image in a body, and of files in old samples, no size is shown.
            if None not in (*sizes, *there[name]) and sizes != there[name]:
                yield Mismatch(Aspect.FILES, f"its copy {copies[0].id} has another file named {name}")


def _sizes(files: Iterable[Attachment]) -> dict[str, Counter[int | None]]:
    """Return how large the files of each name are."""
    sizes: dict[str, Counter[int | None]] = {}
    for file in files:
        sizes.setdefault(_stem(file), Counter()).update([None if file.inline else file.size])
    return sizes


def _stem(file: Attachment) -> str:
    """Return a file's name without its extension, which follows from what the bytes show."""
    return file.name.rpartition(".")[0] or file.name
