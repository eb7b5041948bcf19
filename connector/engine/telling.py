"""What a part tells: its words for the other side, its name in front, its row in the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mappings import text
from mappings.model import (
    AuthorKind,
    ChannelChanged,
    Event,
    Loss,
    LossKind,
    Message,
    Note,
    Side,
)
from mappings.names import label
from mappings.speech import spoken
from state.ledger import LedgerRow, row_of

if TYPE_CHECKING:
    from connector.engine.delivery import Delivery
    from connector.engine.policy import Policy
    from mappings.model import Conversation, Entry, Part

TITLES = {Side.DASHLY: "Dashly", Side.INTERCOM: "Intercom"}


def content_of(part: Part, policy: Policy) -> Message | Note | Event | None:
    """Return the words of a part, with the lines that tell of its events; None when only registers changed.

    Lines never join a message: they would become public.
    """
    message = next((entry for entry in part.entries if isinstance(entry, Message)), None)
    if message is not None:
        return message
    told = [entry for entry in part.entries if isinstance(entry, Note | Event)]
    told += [
        Event(f"{spoken(entry)} in Dashly") for entry in part.entries if _unmapped_channel(entry, policy)
    ]
    if len(told) < 2:  # noqa: PLR2004 - nothing to join
        return told[0] if told else None
    files = tuple(file for entry in told if isinstance(entry, Note) for file in entry.attachments)
    return Note("\n\n".join(entry.text for entry in told), files)


def _unmapped_channel(entry: Entry, policy: Policy) -> bool:
    return isinstance(entry, ChannelChanged) and (entry.channel or "") not in policy.channels


def covering(part: Part, delivery: Delivery, *, same: bool) -> LedgerRow:
    """Return the ledger row of a part that is carried, and the author's loss if nobody stands for them."""
    row = row_of(part, delivery.disposition, text_hash=words_hash(part))
    known = delivery.as_customer or same or part.author.kind is AuthorKind.CUSTOMER
    if known or any(loss.kind is LossKind.AUTHOR for loss in row.losses):
        return row
    told = f"{label(part.author)} is named in the text" if part.author.name else "the author is not known"
    return replace(row, losses=(*row.losses, Loss(LossKind.AUTHOR, told)))


def words_hash(part: Part) -> str | None:
    """Return the hash by which a later edit of the part is noticed."""
    return text.words_hash(part.words) if part.words else None


def customer_id(view: Conversation) -> str | None:
    """Return the id of the conversation's own customer."""
    return view.customer.id if view.customer else None


def minute(seconds: float) -> str:
    """Return a time in UTC to the minute, as people read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
