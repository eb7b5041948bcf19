"""Planning the status, last of all: words and assignments may have reopened a conversation before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import Agreed, Reread, SetBase, SetRegister
from connector.engine.plan.registers.register_plan import RegisterPlan, conflict
from connector.engine.plan.registers.three_way import MARGIN, safer_side
from connector.engine.plan.registers.unsupported import unsupported
from connector.engine.plan.registers.write_over import write_over
from mappings.model import OPEN, AuthorKind, Message, Side, State
from mappings.registers import Register

if TYPE_CHECKING:
    from connector.engine.plan.registers.comparison import RegisterComparison
    from connector.engine.plan.registers.three_way import Outcome
    from mappings.model import Part, Status


def plan_status(compared: RegisterComparison, wrote: frozenset[Side]) -> RegisterPlan:
    """Bring the statuses together; ``wrote`` are the sides that this plan writes to before."""
    statuses = {side: _status(compared, side) for side in Side}
    tie = safer_side(statuses, compared.snapshot.pair.origin)
    outcome = compared.outcome(Register.STATUS, same=same_status(compared), tie=tie)
    return conflict(compared, Register.STATUS, outcome) + _follow(compared, outcome, wrote)


def same_status(compared: RegisterComparison) -> bool:
    """Tell whether both sides show the same status."""
    return _status(compared, Side.DASHLY) == _status(compared, Side.INTERCOM)


def _follow(compared: RegisterComparison, outcome: Outcome, wrote: frozenset[Side]) -> RegisterPlan:
    winner = outcome.winner
    if _woken_by_hand(compared):
        return unsupported(compared, Side.INTERCOM, Register.STATUS, wrote) + _keep(compared, wrote)
    if outcome.agree:
        return RegisterPlan((compared.base_as_shown(Register.STATUS),)) + _keep(compared, wrote)
    if winner is None:
        # No conversation is closed on a customer who just wrote: their words may leave the copy open.
        answered = {side.other for side in Side if _awaits_answer(compared, side)}
        return _keep(compared, wrote - answered)
    if _status(compared, winner).state is State.CLOSED and _customer_came_later(compared, winner):
        return _reopen(compared, winner)
    if winner is Side.INTERCOM and _opens_by_itself(compared):
        # No call reopens a conversation on Dashly, but a customer's message may: see what it did first.
        return RegisterPlan((Reread(Side.DASHLY),))
    return write_over(compared, winner, Register.STATUS, wrote) + _keep(compared, wrote & {winner})


def _woken_by_hand(compared: RegisterComparison) -> bool:
    """Tell whether an agent ended a snooze that Dashly had only a note of: there it was open throughout."""
    if State.SNOOZED in compared.policy.capabilities[Side.DASHLY].states:
        return False
    event = compared.event(Side.INTERCOM, Register.STATUS)
    if event is None or event.author.kind is not AuthorKind.AGENT or not same_status(compared):
        return False
    was, now = compared.base[Side.INTERCOM].status, _status(compared, Side.INTERCOM)
    woken = was.state is State.SNOOZED and now.state is State.OPEN
    return woken and Side.INTERCOM in compared.policy.sources and not event.type.startswith("timer_")


def _status(compared: RegisterComparison, side: Side) -> Status:
    return compared.now[side].status


def _customers_words(compared: RegisterComparison, *sides: Side) -> list[Part]:
    return [
        part
        for side in sides
        for part in compared.snapshot.new_parts(side)
        if part.author.kind is AuthorKind.CUSTOMER and isinstance(part.words, Message)
    ]


def _customer_came_later(compared: RegisterComparison, closed: Side) -> bool:
    """Tell whether a customer wrote after the closing, or too close to it to tell: then open wins."""
    closing = compared.event(closed, Register.STATUS)
    if closing is None:
        return False
    unsure = compared.snapshot.skew + MARGIN
    return any(
        part.order > closing.order if part.side is closed else part.created >= closing.created - unsure
        for part in _customers_words(compared, *Side)
    )


def _awaits_answer(compared: RegisterComparison, side: Side) -> bool:
    """Tell whether a customer just wrote on a side; in a backfill nobody waits."""
    return not compared.snapshot.backfill and bool(_customers_words(compared, side))


def _opens_by_itself(compared: RegisterComparison) -> bool:
    """Tell whether a customer's message that is planned for Dashly is expected to reopen it there."""
    open_there = _status(compared, Side.INTERCOM).state is State.OPEN
    return open_there and bool(_customers_words(compared, Side.INTERCOM))


def _reopen(compared: RegisterComparison, closed: Side) -> RegisterPlan:
    """Open the side that was closed before a customer wrote."""
    other = closed.other
    if other not in compared.policy.sources:
        return RegisterPlan((compared.base_as_shown(Register.STATUS, closed),))
    if State.OPEN not in compared.policy.capabilities[closed].states:
        return _await_reopening(compared, closed)
    agreed = (
        Agreed(closed, Register.STATUS, OPEN),
        Agreed(other, Register.STATUS, _status(compared, other)),
    )
    actor = compared.policy.default_agent[closed]
    return RegisterPlan((SetRegister(closed, Register.STATUS, OPEN, actor, agreed),))


def _await_reopening(compared: RegisterComparison, closed: Side) -> RegisterPlan:
    """Make the closing the base of both sides, and see what the customer's message does to it.

    Should the message not reopen the conversation, the other side is the one that changed last.
    """
    status = _status(compared, closed)
    agreed = tuple(Agreed(side, Register.STATUS, status) for side in (closed, closed.other))
    return RegisterPlan((SetBase(agreed), Reread(closed)))


def _keep(compared: RegisterComparison, sides: frozenset[Side]) -> RegisterPlan:
    """Restore the status of sides to what it is now: what is written there before may reopen it."""
    return RegisterPlan(
        tuple(
            SetRegister(target, Register.STATUS, status, compared.policy.default_agent[target])
            for target in sorted(sides)
            if (status := _status(compared, target)).state is not State.OPEN
            and status.state in compared.policy.capabilities[target].states
        )
    )
