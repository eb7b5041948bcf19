"""What to know before a run: whom an address alone would match, which copies show in customers' chats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import Form, PostWords
from mappings.model import Side
from mappings.roles import Ours
from mappings.text import address_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.engine.plan.actions import Action
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.write.identification import Identification
    from mappings.model import Customer

PAUSE = (
    "pause Dashly's automatic messages, chat bots and triggers on new conversations meanwhile: they may "
    "answer there, and the customer reads it"
)
PAUSES = {
    Side.DASHLY: PAUSE,
    Side.INTERCOM: "pause Intercom's workflows, bots, automatic replies, rating requests, and campaigns for "
    "new contacts meanwhile: a new conversation may start them",
}
"""Which automations of the side that is written to are to be paused."""
RISK = "anybody can type an address in a chat, and would then be shown what concerns its owner"


def matches_by_email(identification: Identification, users: Iterable[Customer]) -> int:
    """Return how many Dashly users would be taken for a contact by their address alone; asks Intercom."""
    wanted: dict[str, Customer] = {}
    for user in users:
        if user.email and user.ours is Ours.NO and not identification.is_known(user):
            wanted.setdefault(address_key(user.email), user)  # two users with one address are not one person
    found = identification.helpdesks[Side.INTERCOM].find_by_email(*wanted)
    free = (wanted[address] for address, contact in found.items() if identification.is_free(contact))
    # Who is known by an id is matched by that.
    return sum(
        identification.helpdesks[Side.INTERCOM].find_customer(*identification.user_ids(user)) is None
        for user in free
    )


def is_in_a_chat(action: Action, snapshot: Snapshot) -> bool:
    """Tell whether an action makes a copy that a real Dashly user sees in their chat."""
    starts = isinstance(action, PostWords) and action.form is Form.START and action.target is Side.DASHLY
    return starts and not snapshot.shadow


def of_copies_in_chats(count: int) -> str:
    """Return the warning about so many copies that belong to real users of Dashly."""
    return f"{count} copies belong to real users of Dashly and show in their chats: {PAUSE}"


def of_addresses(count: int, *, matched: bool) -> str:
    """Return the warning about so many people, who are matched or only could be."""
    who = f"{count} customers have the address of just one contact without an id"
    if matched:
        return f'{who}: [people] match_email = "users" takes them for one person, and {RISK}'
    return f'{who}: [people] match_email = "users" would take them for one person; {RISK}'
