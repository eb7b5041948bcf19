"""What the API calls of a plan cost, told from what carrying out each action needs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from connector.engine.plan.actions import ChangeTag, Form, PostWords, Redaction, SetRegister
from mappings.model import Side

if TYPE_CHECKING:
    from connector.engine.plan.actions import Plan

START_FOR_SOMEBODY_NEW = {Side.INTERCOM: 5, Side.DASHLY: 4}
"""Intercom: the contact searched for, once in search of a mirror and once to write as them, and made; the
conversation begun and read back. Dashly: the shadow user, the conversation, it and its parts read back."""

START_FOR_SOMEBODY_KNOWN = {Side.INTERCOM: 3, Side.DASHLY: 4}
"""Intercom: their conversations searched for, then as above without the search and the making."""


def calls_of(planned: Plan, *, known: bool) -> Counter[Side]:
    """Return how many calls each side needs; ``known`` when the customer stands on the other side already."""
    calls: Counter[Side] = Counter()
    unread: set[Side] = set()  # whose registers are read before the next one is set
    for action in planned.writes:
        side = action.target
        match action:
            case PostWords(form=Form.START):
                calls[side] += (START_FOR_SOMEBODY_KNOWN if known else START_FOR_SOMEBODY_NEW)[side]
                calls[Side.INTERCOM] += side is Side.DASHLY  # a shadow user bears the contact's name
            case PostWords():
                calls[side] += 1
                if side is Side.DASHLY and action.form is Form.MESSAGE:
                    unread.add(side)  # its answer shows no registers, and a message may have moved them
            case SetRegister():
                # The side's answer to a change shows no registers either, so the next one reads again.
                calls[side] += 1 + (side in unread)
                unread |= {Side.DASHLY} & {side}
            case ChangeTag() | Redaction():
                calls[side] += 1
    calls[Side.INTERCOM] += _writes_to(planned, Side.INTERCOM)
    return calls


def _writes_to(planned: Plan, side: Side) -> bool:
    """Tell whether a side is written to: Intercom, whose times are whole seconds, is read once more then."""
    return any(action.target is side for action in planned.writes)
