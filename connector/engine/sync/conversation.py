"""Working off one conversation: settle, observe, plan, apply, and say when to look again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.apply.executor import apply
from connector.engine.sync.deletion import deleted_side, propagate_deletion
from connector.engine.sync.failures import Result, after_failure
from connector.engine.sync.planning import read_and_plan
from connector.engine.sync.triage import is_settled_by_a_look
from connector.errors import AccessDenied, DiskFailed, Gone, NeverSent, RailTripped
from mappings.model import Side
from state.errors import StateError, TakenOver
from state.records import Queue

if TYPE_CHECKING:
    from connector.engine.apply.execution import Execution
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.run.context import Context
    from mappings.model import Conversation, Seconds
    from state.records import Pair

SURE_AFTER: Seconds = 1.5  # Intercom's times are whole seconds: a read in the same second may miss a part


def work(context: Context, row: int, *, whole: bool = False) -> Result:
    """Bring one conversation in step; what goes wrong with it stays with it. ``whole`` reads all parts.

    Raises what must stop the run: AccessDenied, DiskFailed, NeverSent, RailTripped, StateError, TakenOver.
    """
    pair = context.store.pairs.maybe(row)
    if pair is None:  # the mirror that an earlier run began was listed, and was linked meanwhile
        return Result.DONE
    try:
        _work_or_part(context, pair, whole=whole)
    except (AccessDenied, DiskFailed, NeverSent, RailTripped, StateError, TakenOver):
        raise
    except Exception as error:  # noqa: BLE001 - a poison conversation must delay only itself
        return after_failure(context, pair, error)
    return Result.DONE


def _work_or_part(context: Context, pair: Pair, *, whole: bool) -> None:
    """Work on a pair; when something does not exist, find out whether it is one of the conversations."""
    try:
        _work(context, pair, whole=whole)
    except Gone:
        deleted = deleted_side(context, pair)
        if deleted is None:
            raise
        propagate_deletion(context, context.store.pairs.get(pair.row), deleted)


def _work(context: Context, pair: Pair, *, whole: bool) -> None:
    context.protocol.settle(pair.row)
    context.report.unblock(pair.row)
    pair = context.store.pairs.get(pair.row)
    due = [side for side in Side if side in pair.due]
    fresh = pair.row not in context.listed
    context.listed.discard(pair.row)
    decided = read_and_plan(
        context, pair, due, whole=whole, fresh=fresh, settled=lambda seen: is_settled_by_a_look(context, seen)
    )
    if decided is None:
        return
    snapshot, planned = decided
    if planned.writes:
        context.report.count(changed=1)
    context.report.notice(*planned.notices)
    execution = apply(context, snapshot, planned)
    context.store.journal.clear_done(pair.row)
    _finish(execution)


def _finish(done: Execution) -> None:
    """Remember what each side showed, and when it must be read again."""
    context, snapshot, row = done.context, done.snapshot, done.row
    pairs, now = context.store.pairs, context.clock.now()
    due: dict[Side, Seconds] = dict.fromkeys(done.look, now)
    for side, view in snapshot.views.items():
        if snapshot.holds_back(side):
            continue
        if side not in done.wrote and side not in done.look and _sure(view, snapshot):
            pairs.set_seen(row, side, view.revision, now)
        elif side is Side.INTERCOM:
            due[side] = now + SURE_AFTER
    if Side.INTERCOM in done.wrote:
        due[Side.INTERCOM] = now + SURE_AFTER
    known = done.ids()
    pairs.set_due(row, {side: at for side, at in due.items() if side in known})
    for side in snapshot.views:
        if snapshot.holds_back(side):
            pairs.listed(side, known[side], due=now, queue=Queue.SYNC)
    context.store.quarantine.forget_retried(row)


def _sure(view: Conversation, snapshot: Snapshot) -> bool:
    return view.side is Side.DASHLY or int(view.updated) < int(snapshot.now[Side.INTERCOM])
