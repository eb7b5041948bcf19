"""When a part may be the copy of another, told from words, time and who speaks. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.plan.recognition.fingerprint import CLOCKS_APART, SLACK
from connector.engine.plan.rendering import content_of
from connector.engine.plan.sentences import tells_of_edit
from mappings.files import is_named_in, lists, without_not_copied
from mappings.languages import Language
from mappings.model import AuthorKind, Event, Message, Note, Part, Side
from mappings.names import label
from mappings.text import comparison_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from connector.engine.plan.policy import Policy
    from mappings.model import Seconds

_ENOUGH = 40
"""So many characters tell where in a first piece the words begin."""
# "(2/3) ", as long texts are numbered.
PIECE = re.compile(r"^\((\d+)/\d+\)\s*")


@dataclass(frozen=True, slots=True)
class Likeness:
    """What must agree: the words, the time, and with ``same_voice`` who speaks.

    ``tolerance`` allows copies that other hands made later, ``any_later`` ours on a side that gives each the
    time of copying, however long ago the last run was.
    """

    policy: Policy
    tolerance: Seconds = 0.0
    same_voice: bool = False
    any_later: bool = False

    def holds(self, source: Part, content: Message | Note | Event, copy: Part) -> bool:
        """Tell whether a part may be the copy of another, which says ``content``."""
        voice = not self.same_voice or same_voice(source, copy, self.policy)
        return voice and self._near(source, copy) and _are_words_of(content, copy.words)

    def _near(self, source: Part, copy: Part) -> bool:
        if source.opening and copy.opening:  # a conversation has one, whenever the mirror was made
            return True
        apart = int(copy.created) - int(source.created)
        if self.tolerance or self.policy.capabilities[copy.side].back_dating:
            return abs(apart) <= self.tolerance
        if self.any_later:
            return apart >= -CLOCKS_APART
        return not self.same_voice and apart >= -SLACK  # the copy has the time of copying


def says(content: Message | Note, copies: Iterable[Part]) -> bool:
    """Tell whether copies of ``content`` have its words as they are now; those of a file alone have none."""
    words = [copy.words for copy in copies if copy.words]
    return all(_has_words_of(content, w) for w in words if comparison_text(without_not_copied(w.text)))


def same_voice(source: Part, copy: Part, policy: Policy) -> bool:
    """Tell whether a copy is by whom we would have let speak, or who speaks for those who cannot."""
    if _speaks_for_absent(source, copy, policy):
        return True
    if AuthorKind.CUSTOMER in (source.author.kind, copy.author.kind):
        return source.author.kind is copy.author.kind
    wanted, _ = policy.speaker_for(source.side, source.author)
    return copy.author.id is None or not wanted.isdigit() or copy.author.id == wanted


def _speaks_for_absent(source: Part, copy: Part, policy: Policy) -> bool:
    """Tell whether a copy names its author and is by the default; a customer's is a note then."""
    default = policy.default_agent[copy.side]
    by_default = copy.author.kind is AuthorKind.AGENT and copy.author.id == (
        default if default.isdigit() else None
    )
    if not by_default or copy.words is None or not source.author.name:
        return False
    if source.author.kind is AuthorKind.CUSTOMER and not isinstance(copy.words, Note):
        return False
    piece = PIECE.match(copy.words.text)
    if piece is not None and int(piece[1]) > 1:  # the name is in the first
        return True
    said = copy.words.text[piece.end() if piece else 0 :]
    wordings = (policy.in_language(language).wording for language in Language)
    return any(said.startswith(f"{label(source.author, wording)}: ") for wording in wordings)


def in_place_of(source: Part, copy: Part, policy: Policy) -> bool:
    """Tell whether a copy is in the same second and by the same person, whatever its words are."""
    public = isinstance(source.words, Note) and isinstance(copy.words, Message)
    same_second = int(source.created) == int(copy.created)
    return same_second and not public and same_voice(source, copy, policy)


def shows_apps(parts: Iterable[Part], policy: Policy) -> bool:
    """Tell whether Intercom shows which app wrote a part, by the parts of one conversation."""
    return policy.app_code is not None or any(part.app_code is not None for part in parts)


def is_typed(part: Part, *, apps_shown: bool) -> bool:
    """Tell whether an agent surely typed a part of Intercom by hand, where it shows which app wrote one.

    It shows none of an opening, nor of what a customer is said to have written.
    """
    by_agent = part.author.kind is AuthorKind.AGENT and not part.opening
    return apps_shown and by_agent and part.app_code is None


def is_perhaps_typed(part: Part) -> bool:
    """Tell whether an agent may have typed a part by hand: in a mirror only we let a customer speak."""
    return part.author.kind is not AuthorKind.CUSTOMER and part.app_code is None


def may_be_copy(
    part: Part, sources: Iterable[Part], seconds: Collection[int], policy: Policy, *, apps_shown: bool
) -> bool:
    """Tell whether unexplained words in a mirror may be ours; ``sources`` are the origin's parts.

    What surely was typed by hand is not, nor what would notify the customer. A copy on Intercom has the
    very second of its original, and is by whom we let speak for its author. ``seconds`` are those of parts
    of which nothing else is known.
    """
    if part.side is Side.DASHLY:
        return part.by_api is not False
    if is_typed(part, apps_shown=apps_shown) or _is_too_loud(part, policy):
        return False
    at = int(part.created)
    if not policy.capabilities[part.side].back_dating or at in seconds or is_of_edit(part):
        return True
    return any(int(source.created) == at and _may_stand_for(source, part, policy) for source in sources)


def may_be_answer(copy: Part, answers: Iterable[Part], policy: Policy, *, apps_shown: bool) -> bool:
    """Tell whether unexplained words in an origin may be ours; ``answers`` are what was said in the mirror.

    Words that are still there explain their copy, so only what was edited or removed may have another.
    """
    surely_typed = copy.by_api is False or is_typed(copy, apps_shown=apps_shown)
    if surely_typed or copy.author.kind is AuthorKind.CUSTOMER:
        return False
    if is_of_edit(copy):
        return True
    changed = (answer for answer in answers if _is_changed(answer) and _is_in_time(answer, copy, policy))
    return any(_may_stand_for(answer, copy, policy) for answer in changed)


def _is_changed(part: Part) -> bool:
    return part.removed or (part.updated is not None and part.updated > part.created)


def _is_in_time(source: Part, copy: Part, policy: Policy) -> bool:
    """Tell whether a copy has the second of its original, or one of copying before that was edited."""
    if policy.capabilities[copy.side].back_dating:
        return int(source.created) == int(copy.created)
    edited = source.updated if source.updated is not None and not source.removed else math.inf
    return source.created - CLOCKS_APART <= copy.created <= edited + CLOCKS_APART


def _is_too_loud(part: Part, policy: Policy) -> bool:
    """Tell whether an agent's words in a mirror are public though we would have written a note."""
    by_agent = part.author.kind is AuthorKind.AGENT and isinstance(part.words, Message)
    return by_agent and not (policy.loud_mirror or policy.capabilities[part.side].silent_messages)


def _may_stand_for(source: Part, copy: Part, policy: Policy) -> bool:
    """Tell whether a copy of a source could be by this voice and in this form, whatever its words were."""
    content = content_of(source, policy)
    if content is None and not source.removed:  # only a register changed, and nothing of it is told in words
        return False
    private = not source.removed and not isinstance(content, Message)
    return not (private and isinstance(copy.words, Message)) and same_voice(source, copy, policy)


def is_piece(source: Part, copies: list[Part]) -> bool:
    """Tell whether several copies are one part together: numbered texts, or a text and its files."""
    texts = [comparison_text(copy.words.text) for copy in copies if copy.words]
    numbered = all(PIECE.match(text) for text in texts)
    return numbered or bool(source.words and source.words.attachments)


def lacks_beginning(content: Message | Note | Event, copies: list[Part]) -> bool:
    """Tell whether copies are later pieces without the first, of something else that ends in these words."""
    numbers = [PIECE.match(copy.words.text) for copy in copies if copy.words]
    pieces = bool(numbers) and all(numbers) and not PIECE.match(content.text)
    return pieces and not any(number and int(number[1]) == 1 for number in numbers)


def is_bare_start(source: Part, copies: list[Part]) -> bool:
    """Tell whether a mirror was opened with a text whose files did not follow: they are still to come."""
    files = [
        file
        for file in (source.words.attachments if source.words else ())
        if not any(copy.words and is_named_in(copy.words.text, file.name) for copy in copies)
    ]
    shown = any(copy.words and copy.words.attachments for copy in copies)
    return bool(files) and bool(copies) and copies[0].opening and not shown


def _are_words_of(content: Message | Note | Event, copy: Message | Note | None) -> bool:
    """Tell whether a copy says what ``content`` says, whole or a piece of it, its files apart."""
    if copy is None or _is_leak(content, copy):
        return False
    return not is_note_of_edit(content, copy) and _has_words_of(content, copy)


def _has_words_of(content: Message | Note | Event, copy: Message | Note) -> bool:
    given = comparison_text(without_not_copied(copy.text))
    names = set() if isinstance(content, Event) else {file.name for file in content.attachments}
    if given and lists(given, names):
        return True
    wanted = tuple(map(comparison_text, content.forms))
    if not wanted[0]:
        return _brings_every_file(names, copy)
    # The author's name or the time may be in front of the words.
    return given.endswith(wanted) or any(_is_piece_of(one, given) for one in wanted)


def _is_leak(content: Message | Note | Event, copy: Message | Note) -> bool:
    """Tell whether a copy is public though its original is not: the connector never makes such a copy."""
    return isinstance(copy, Message) and not isinstance(content, Message)


def is_of_edit(part: Part) -> bool:
    """Tell whether a part is worded as our notes about edits are."""
    return isinstance(part.words, Note) and tells_of_edit(PIECE.sub("", part.words.text))


def is_note_of_edit(content: Message | Note | Event, copy: Message | Note) -> bool:
    """Tell whether a note tells of an edit: it ends in today's words, and the copy comes before it."""
    told = isinstance(copy, Note) and tells_of_edit(PIECE.sub("", copy.text))
    return told and not tells_of_edit(content.text)


def _brings_every_file(names: set[str], copy: Message | Note) -> bool:
    shown = {file.name for file in copy.attachments}
    return bool(names) and names == shown | {name for name in names if is_named_in(copy.text, name)}


def _is_piece_of(wanted: str, given: str) -> bool:
    number, piece = PIECE.match(given), PIECE.sub("", given)
    if number is None or not piece:
        return False
    return piece in wanted or (int(number[1]) == 1 and _begins(wanted, piece))


def _begins(wanted: str, piece: str) -> bool:
    """Tell whether a first piece ends as the words begin: a name or a time may stand in front of them."""
    start = piece.find(wanted[:_ENOUGH])
    return start > 0 and wanted.startswith(piece[start:])
