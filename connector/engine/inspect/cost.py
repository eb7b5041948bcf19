"""What a plan costs in API calls, from what carrying out each action needs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from connector.engine.plan.actions import ChangeTag, Form, PostWords, Redaction, SetRegister
from mappings.model import Side

if TYPE_CHECKING:
    from connector.engine.plan.actions import Plan


class Acquaintance(Enum):
    """What a run knows of the customer of a conversation that it begins on the other side."""

    NEW = "new"
    """Nobody stands for them there."""
    KNOWN = "known"
    """Somebody does, and their conversations there were not looked through in this run."""
    MET = "met"
    """They were."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """How a run meets the customer of a conversation that it begins on the other side.

    ``searched`` says that Intercom has a search (2.x), ``asked`` how often it is asked besides for who they
    are, ``withheld`` that a contact is made without the address of a Dashly user, of which agents are told
    afterwards.
    """

    acquaintance: Acquaintance
    searched: bool = True
    asked: int = 0
    withheld: bool = False


START = {
    Acquaintance.NEW: {Side.INTERCOM: 3, Side.DASHLY: 3},
    Acquaintance.KNOWN: {Side.INTERCOM: 2, Side.DASHLY: 2},
    Acquaintance.MET: {Side.INTERCOM: 1, Side.DASHLY: 2},
}
"""Intercom: the contact searched for and made, or their conversations searched for, and one begun. Dashly:
the shadow user made, the conversation begun and read back."""


def calls_of(planned: Plan, customer: Meeting) -> Counter[Side]:
    """Return how many calls each side needs."""
    calls: Counter[Side] = Counter()
    unread: set[Side] = set()  # whose registers are read before the next one is set
    for action in planned.writes:
        side = action.target
        match action:
            case PostWords(form=Form.START):
                calls[side] += START[customer.acquaintance][side]
                calls += _around_start(side, customer)
                unread |= {Side.INTERCOM} & {side}
            case PostWords():
                calls[side] += 1
                unread -= {Side.INTERCOM} & {side}  # it answers with the whole conversation
                if side is Side.DASHLY and action.form is Form.MESSAGE:
                    unread.add(side)  # its answer shows no registers, and a message may have moved them
            case SetRegister():
                calls[side] += 1 + (side in unread)
                unread.discard(side)
                # Dashly's answer to a change shows no registers either, so the next one reads again.
                unread |= {Side.DASHLY} & {side}
            case ChangeTag():
                calls[side] += 1 + (side in unread)
                unread.discard(side)
            case Redaction():
                calls[side] += 1
    calls[Side.INTERCOM] += _is_read_again(planned)
    return calls


def _around_start(side: Side, customer: Meeting) -> Counter[Side]:
    """Return the calls that depend on who the customer is and what the version shows of them."""
    calls = Counter({Side.INTERCOM: customer.asked})
    if side is Side.INTERCOM and not customer.searched:
        calls[side] += 1  # the begun conversation is looked for
    if customer.withheld:  # both are read again, and one note is written and read back
        calls += Counter({Side.DASHLY: 1, Side.INTERCOM: 3})
    return calls


def calls_before_first(side: Side, *, known: bool) -> int:
    """Return how many calls it takes to ask for the last run that wrote, and to note this one.

    Dashly is asked in two steps for a person, so that none is created who was not there.
    """
    return 3 if known and side is Side.DASHLY else 2


def _is_read_again(planned: Plan) -> bool:
    """Tell whether the last write to Intercom is one to which it does not answer with the conversation."""
    written = [action for action in planned.writes if action.target is Side.INTERCOM]
    match written[-1:]:
        case [ChangeTag() | PostWords(form=Form.START)]:
            return True
        case _:
            return False
