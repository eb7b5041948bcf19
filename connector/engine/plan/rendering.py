"""A part in the terms of the other side: its words, who is named in front of them, its row in the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mappings import text
from mappings.languages import Language, Told, joined
from mappings.model import AuthorKind, ChannelChanged, Event, Loss, LossKind, Message, Note, Side
from mappings.names import TITLES, label
from mappings.sentences import Sentence, tell
from mappings.speech import spoken
from mappings.wording import PLAIN, Wording
from state.records import LedgerRow, row_of

if TYPE_CHECKING:
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.visibility import Visibility
    from mappings.model import Author, Conversation, Entry, Part


def content_of(part: Part, policy: Policy) -> Message | Note | Event | None:
    """Return the words of a part, with the lines that tell of its events; None when only registers changed.

    Lines never join a message: they would become public.
    """
    message = next((entry for entry in part.entries if isinstance(entry, Message)), None)
    if message is not None:
        return message
    # What moved to a channel without a team would be seen nowhere on Intercom, so agents read it.
    lines = [entry for entry in part.entries if isinstance(entry, Note | Event)]
    lines += [_in_dashly(entry) for entry in part.entries if _unmapped_channel(entry, policy)]
    match lines:
        case []:
            return None
        case [line]:
            return line
    files = tuple(file for line in lines if isinstance(line, Note) for file in line.attachments)
    told = joined("\n\n", (Told(line.forms) for line in lines))
    return Note(told.text, files, translated=told.translated)


def _in_dashly(entry: Entry) -> Event:
    event = Told(tuple(spoken(entry, Wording(language)) for language in Language))
    line = tell(Sentence.IN_SIDE, event=event, side=TITLES[Side.DASHLY])
    return Event(line.text, translated=line.translated)


def _unmapped_channel(entry: Entry, policy: Policy) -> bool:
    return isinstance(entry, ChannelChanged) and (entry.channel or "") not in policy.channels


def copied_row(part: Part, visibility: Visibility, *, same: bool) -> LedgerRow:
    """Return the ledger row of a part that is copied, with the author's loss if nobody stands for them."""
    row = row_of(part, visibility.disposition, text_hash=words_hash(part))
    known = visibility.as_customer or same or part.author.kind is AuthorKind.CUSTOMER
    # The mapping may have recorded this loss already, of a part that has no author.
    if known or any(loss.kind is LossKind.AUTHOR for loss in row.losses):
        return row
    lost = (
        f"{label(part.author, PLAIN)} is named in the text" if part.author.name else "the author is not known"
    )
    return replace(row, losses=(*row.losses, Loss(LossKind.AUTHOR, lost)))


def introduction(
    author: Author, visibility: Visibility, customer: str | None, wording: Wording, *, same: bool
) -> str:
    """Return what comes before copied words so that nobody speaks under another's name.

    ``customer`` is the conversation's own customer, ``same`` says that the author speaks for themselves.
    """
    if visibility.lead:
        return f"{visibility.lead}\n"
    if visibility.as_customer:
        other = author.id not in {None, customer}
        return f"{label(author, wording)}: " if other and author.name else ""
    if author.kind is AuthorKind.BOT:
        return f"{label(author, wording, Sentence.A_BOT)}: "
    return "" if same or not author.name else f"{label(author, wording)}: "


def with_name(author: Author, words: str, wording: Wording) -> str:
    """Return words with their author's name in front, unless it is there already."""
    named = f"{label(author, wording)}: "
    return words if not author.name or words.startswith(named) else f"{named}{words}"


def words_hash(part: Part) -> str | None:
    """Return the hash by which a later edit of the part is noticed."""
    return text.words_hash(part.words) if part.words else None


def customer_id(view: Conversation) -> str | None:
    """Return the id of the conversation's own customer."""
    return view.customer.id if view.customer else None
