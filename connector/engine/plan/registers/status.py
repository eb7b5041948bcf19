"""Planning the status, last of all: words and assignments may have reopened a conversation before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import Agreed, Reread, SetBase, SetRegister
from connector.engine.plan.registers.assignee import carry_over
from connector.engine.plan.registers.three_way import MARGIN, open_side
from connector.helpdesk.port import SetStatus
from mappings.model import OPEN, AuthorKind, Message, Side, State
from mappings.registers import Register

if TYPE_CHECKING:
    from connector.engine.plan.registers.comparison import Ground
    from mappings.model import Part


def plan_status(ground: Ground) -> None:
    """Bring the statuses together, and keep those of the sides that get words where they were."""
    wrote = ground.wrote
    now = {side: ground.now[side].status for side in Side}
    tie = open_side(now, ground.snapshot.pair.origin)
    outcome = ground.outcome(Register.STATUS, same=same_status(ground), tie=tie)
    winner = outcome.winner
    if winner and now[winner].state is State.CLOSED and _customer_came_later(ground, winner):
        _reopen(ground, winner)
    elif outcome.agree:
        ground.settle(Register.STATUS)
        _restore(ground, wrote)
    elif winner is None:
        _restore(ground, wrote - {side.other for side in Side if _awaits_answer(ground, side)})
    elif winner is Side.INTERCOM and _reopens_by_itself(ground):
        ground.actions.append(Reread(Side.DASHLY))
    else:
        carry_over(ground, winner, Register.STATUS)
        _restore(ground, wrote & {winner})


def same_status(ground: Ground) -> bool:
    """Tell whether both sides show the same status."""
    return ground.now[Side.DASHLY].status == ground.now[Side.INTERCOM].status


def _customers_words(ground: Ground, *sides: Side) -> list[Part]:
    return [
        part
        for side in sides
        for part in ground.snapshot.new_parts(side)
        if part.author.kind is AuthorKind.CUSTOMER and isinstance(part.words, Message)
    ]


def _customer_came_later(ground: Ground, closed: Side) -> bool:
    """Tell whether a customer wrote after the closing, or too close to it to tell: then open wins."""
    closing = ground.event(closed, Register.STATUS)
    if closing is None:
        return False
    unsure = ground.snapshot.skew + MARGIN
    return any(
        part.order > closing.order if part.side is closed else part.created >= closing.created - unsure
        for part in _customers_words(ground, *Side)
    )


def _awaits_answer(ground: Ground, side: Side) -> bool:
    """Tell whether a customer just wrote on a side: then the copy may stay open on the other."""
    return not ground.snapshot.backfill and bool(_customers_words(ground, side))


def _reopens_by_itself(ground: Ground) -> bool:
    """Tell whether a customer's message that is planned for Dashly is expected to reopen it there."""
    open_there = ground.now[Side.INTERCOM].status.state is State.OPEN
    return open_there and bool(_customers_words(ground, Side.INTERCOM))


def _reopen(ground: Ground, closed: Side) -> None:
    other = closed.other
    if other not in ground.policy.sources:
        ground.settle(Register.STATUS, closed)
    elif State.OPEN not in ground.policy.capabilities[closed].states:
        _hope_for_reopening(ground, closed)
    else:
        agreed = (
            Agreed(closed, Register.STATUS, OPEN),
            Agreed(other, Register.STATUS, ground.now[other].status),
        )
        write = SetStatus(ground.conversation(closed), ground.policy.default_agent[closed], OPEN)
        ground.actions.append(SetRegister(closed, Register.STATUS, write, agreed))


def _hope_for_reopening(ground: Ground, closed: Side) -> None:
    """Count the closing as carried over before the customer wrote, and look what their message does there.

    Should it not reopen the conversation, the other side is the one that changed last.
    """
    status = ground.now[closed].status
    agreed = tuple(Agreed(side, Register.STATUS, status) for side in (closed, closed.other))
    ground.actions += [SetBase(agreed), Reread(closed)]


def _restore(ground: Ground, sides: frozenset[Side]) -> None:
    """Writing words may reopen a conversation: afterwards put the status back where it was."""
    for target in sorted(sides):
        status = ground.now[target].status
        if status.state is not State.OPEN and status.state in ground.policy.capabilities[target].states:
            write = SetStatus(ground.conversation(target), ground.policy.default_agent[target], status)
            ground.actions.append(SetRegister(target, Register.STATUS, write))
