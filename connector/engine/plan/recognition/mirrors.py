"""Which of two conversations may be the copy of the other, where no marker says so. Pure.

The person is known to be the same. What remains is the first words and the times, which prove more on one
side than on the other: Intercom's copies have the second of their original wherever the version can
back-date, Dashly's show the time of copying. What ``lax`` allows is only safe for conversations that
nothing surer explained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.recognition.fingerprint import SLACK
from connector.engine.plan.sentences import is_opening_line
from connector.engine.plan.shadow import is_copy, is_stand_in
from mappings.files import without_not_copied
from mappings.model import AuthorKind, Message, Ref, Side
from mappings.text import text_hash

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from mappings.model import Conversation, Note, Part


def may_mirror(dashly: Conversation, intercom: Conversation, *, lax: bool) -> bool:
    """Tell whether one of the two may be the copy of the other."""
    if not dashly.parts or not intercom.parts:
        return False
    if is_copy(dashly):  # for sure, and the only question is of what
        return not is_stub(dashly.parts[0]) and _same_words(dashly.parts[0], intercom.parts[0])
    return _copied_to_intercom(dashly, intercom, lax=lax) or (lax and _copied_to_dashly(dashly, intercom))


def origin_of(views: Mapping[Side, Conversation]) -> Side:
    """Return where a pair began: a copy is known as ours, opens with our line, or is the younger."""
    dashly, intercom = views[Side.DASHLY], views[Side.INTERCOM]
    if is_copy(dashly) or (dashly.parts and is_stub(dashly.parts[0])):
        return Side.INTERCOM
    return Side.INTERCOM if int(intercom.created) < int(dashly.created) else Side.DASHLY


def moved_origin(views: Mapping[Side, Conversation], origin: Side, ours: Container[Ref]) -> Side:
    """Return the side to which a pair belongs: where the customer behind a stand-in answered."""
    if not is_stand_in(views[origin].customer):
        return origin
    said = (part for part in views[origin.other].parts if part.author.kind is AuthorKind.CUSTOMER)
    answered = any(isinstance(part.words, Message) and Ref(part.side, part.id) not in ours for part in said)
    return origin.other if answered else origin


def is_stub(part: Part) -> bool:
    """Tell whether a part is the neutral line that opens a mirror."""
    return part.words is not None and is_opening_line(part.words.text)


def _copied_to_intercom(dashly: Conversation, intercom: Conversation, *, lax: bool) -> bool:
    """Any part may have opened the copy: those before it may have had no words, or were left out."""
    opening = intercom.parts[0]
    return any(
        (is_stub(opening) or _same_words(part, opening)) and _fits(part, intercom, lax=lax)
        for part in dashly.parts
    )


def _fits(part: Part, intercom: Conversation, *, lax: bool) -> bool:
    same_second = int(part.created) == int(intercom.created)
    return same_second or (lax and intercom.created >= part.created - SLACK)


def _copied_to_dashly(dashly: Conversation, intercom: Conversation) -> bool:
    """A copy at a real user: made by a program, with the same first words, and not before its original."""
    opening = dashly.parts[0]
    by_us = is_stub(opening) or (opening.by_api is not False and _same_words(opening, intercom.parts[0]))
    return by_us and dashly.created >= intercom.created - SLACK


def _same_words(one: Part, other: Part) -> bool:
    if one.words is None or other.words is None:
        return False
    return not _hashes(one.words).isdisjoint(_hashes(other.words))


def _hashes(words: Message | Note) -> set[str]:
    """Return the hashes of the forms in which words may have been copied."""
    return {text_hash(without_not_copied(form)) for form in words.forms}
