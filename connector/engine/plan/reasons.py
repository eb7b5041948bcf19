"""Why a conversation is held, in the words of a support lead: the one table. Pure.

Each names the helpdesk, and the person or thing that is missing there; customers are not named.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from mappings.names import TITLES

if TYPE_CHECKING:
    from mappings.model import Side


class Reason(StrEnum):
    """Sentences, with what is given in braces."""

    DEFAULT_CANNOT_WRITE = (
        "{title} does not let the teammate {who} write, who is default_admin in [{side}]{also} ({why}); "
        "name somebody who is there"
    )
    TEAMMATE_CANNOT_WRITE = (
        "{title} does not let the teammate {who} write ({why}); correct [map.admins], or name nobody there"
    )
    CUSTOMER_MISSING = "the customer of this conversation is not in {title} any more ({why})"
    COPIED_ALREADY = "{title} part {part} was copied to {other} already; a second copy was refused"
    NOT_FOUND_AGAIN = (
        "{title} confirmed a message, but it cannot be told from the rest of the conversation there; "
        "check whether it arrived, and leave it out here if it did"
    )
    LOOP = (
        "{why} copies in it were each answered at once, as machines do; check whether a bot in Dashly and "
        "one in Intercom answer each other"
    )
    COPY_OF_NOTHING = (
        "this {title} conversation is a copy that the connector made, and its original in {other} is not "
        "known; delete it, or link it: connector pairs link"
    )
    UNREADABLE = "{title} shows a part that cannot be read ({why})"
    UNSETTLED = "a write of it is not confirmed yet; it is looked for before anything is sent again"
    OUR_FAULT = "a fault of this program ({why}); please report it"

    def tell(self, side: Side, *, who: str = "", also: str = "", part: str = "", why: str = "") -> str:
        """Return the sentence about a side; ``also`` is where else a teammate is configured."""
        return self.value.format(
            title=TITLES[side],
            other=TITLES[side.other],
            side=side,
            who=who,
            also=f" and is named in {also}" if also else "",
            part=part,
            why=why.rstrip("."),
        )
