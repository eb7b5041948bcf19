"""Who gets notified: how one entry may arrive on the other side. The decision table of visibility.

A copy on the mirror is silent, or it is a note. An agent's message typed in the mirror is delivered on the
origin, unless it is too old. Nothing here makes a note public: a ``Note`` has one branch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.plan.actions import Form
from mappings.model import AuthorKind, Message, Side
from mappings.names import label
from mappings.sentences import Sentence
from state.records import Disposition

if TYPE_CHECKING:
    from connector.engine.plan.policy import Policy
    from mappings.model import Author, Event, Note


@dataclass(frozen=True, slots=True)
class Visibility:
    """How words arrive: ``lead`` is put in front of them, ``late`` says that a customer waits for them."""

    form: Form
    silent: bool = True
    as_customer: bool = False
    disposition: Disposition = Disposition.COPIED
    lead: str = ""
    late: bool = False


NOTE = Visibility(Form.NOTE, disposition=Disposition.NOTE)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides besides the entry: ``history`` is silent always, ``shadow`` a user nothing can reach.

    ``stand_in`` says that the customer at the origin was made for somebody of the other side.
    """

    source: Side
    origin: Side
    history: bool
    shadow: bool
    stand_in: bool = False

    @property
    def to_origin(self) -> bool:
        """Tell whether the words go to where the customer is reached."""
        return self.source is not self.origin

    @property
    def delivers(self) -> bool:
        """Tell whether an agent's words would reach a customer who has not got them."""
        return self.to_origin and not self.stand_in


def visibility_of(
    entry: Message | Note | Event, author: Author, where: Circumstances, policy: Policy
) -> Visibility:
    """Return how an entry arrives on the other side."""
    if not isinstance(entry, Message):
        return NOTE
    match author.kind:
        case AuthorKind.CUSTOMER:
            return Visibility(Form.MESSAGE, as_customer=True)
        case AuthorKind.AGENT | AuthorKind.TEAM:
            return _agent_message(author, where, policy)
        case AuthorKind.BOT:  # delivered to the customer, it could make two bots answer each other for ever
            return NOTE if where.to_origin else _copy(author, where, policy)
        case AuthorKind.NOBODY | AuthorKind.UNKNOWN:  # never guess and publish
            return NOTE


def _agent_message(author: Author, where: Circumstances, policy: Policy) -> Visibility:
    if not where.delivers:
        return _copy(author, where, policy)
    if not where.history:  # the one branch that notifies anybody
        return Visibility(Form.MESSAGE, silent=False)
    lead = _lead(Sentence.NOT_DELIVERED, author, policy)
    return Visibility(Form.NOTE, disposition=Disposition.NOTE, lead=lead, late=True)


def _copy(author: Author, where: Circumstances, policy: Policy) -> Visibility:
    if _can_be_silent(where, policy):
        return Visibility(Form.MESSAGE)
    lead = _lead(Sentence.WROTE, author, policy)
    return Visibility(Form.NOTE, disposition=Disposition.NOTE, lead=lead)


def _lead(sentence: Sentence, author: Author, policy: Policy) -> str:
    return policy.wording.say(sentence, who=label(author, policy.wording, Sentence.AN_AGENT))


def _can_be_silent(where: Circumstances, policy: Policy) -> bool:
    """Tell whether an agent's message can be copied to the mirror without anybody being notified."""
    if where.source.other is Side.DASHLY:
        # No call of Dashly's API writes a message silently: only a user without any address is out of reach.
        return where.shadow and not policy.full_contacts
    # The customer behind a stand-in must not get what was said to the stand-in.
    loud = policy.loud_mirror and not where.history and not where.stand_in
    return policy.capabilities[Side.INTERCOM].silent_messages or loud
