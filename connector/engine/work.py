"""Working off one conversation: settle, observe, plan, apply, and say when to look again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.apply import Applier
from connector.engine.farewell import deleted_side, part_with
from connector.engine.first_look import is_settled_by_a_look
from connector.engine.observe import observe
from connector.engine.plan import needs_fresh, plan
from connector.engine.trouble import Result, after_failure
from connector.errors import AccessDenied, Gone, NeverSent, RailTripped
from mappings.model import Side
from state.errors import StateFailed, TakenOver

if TYPE_CHECKING:
    from connector.engine.context import Context
    from connector.engine.snapshot import Snapshot
    from mappings.model import Conversation, Seconds
    from state.pairs import Pair

SURE_AFTER: Seconds = 1.5  # Intercom's times are whole seconds: a read in the same second may miss a part


def work(context: Context, row: int, *, whole: bool = False) -> Result:
    """Bring one conversation in step; what goes wrong with it stays with it. ``whole`` reads all parts.

    Raises what must stop the run: AccessDenied, NeverSent, RailTripped, TakenOver.
    """
    pair = context.store.pairs.maybe(row)
    if pair is None:  # the mirror that an earlier run began was listed, and was linked meanwhile
        return Result.DONE
    try:
        _work_or_part(context, pair, whole=whole)
    except (AccessDenied, NeverSent, RailTripped, StateFailed, TakenOver):
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
        part_with(context, context.store.pairs.get(pair.row), deleted)


def _work(context: Context, pair: Pair, *, whole: bool) -> None:
    context.protocol.settle(pair.row)
    context.report.unblock(pair.row)
    pair = context.store.pairs.get(pair.row)
    due = [side for side in Side if side in pair.due]
    fresh = pair.row not in context.listed
    context.listed.discard(pair.row)
    snapshot = observe(context, pair, due, whole=whole, fresh=fresh)
    if is_settled_by_a_look(context, snapshot):
        return
    planned = plan(snapshot, context.policy)
    missing = needs_fresh(planned, snapshot)
    if missing is not None:
        snapshot = observe(context, pair, Side)
        if is_settled_by_a_look(context, snapshot):
            return
        planned = plan(snapshot, context.policy)
    if planned.writes:
        context.report.count(changed=1)
    context.report.notice(*planned.attention)
    applier = Applier(context, snapshot)
    applier.apply(planned)
    context.store.journal.clear_done(pair.row)
    _finish(context, snapshot, applier)


def _finish(context: Context, snapshot: Snapshot, applier: Applier) -> None:
    """Remember what each side showed, and when it must be read again."""
    row, now = snapshot.pair.row, context.clock.now()
    due: dict[Side, Seconds] = dict.fromkeys(applier.look, now)
    for side, view in snapshot.views.items():
        if snapshot.holds_back(side):
            continue
        if side not in applier.wrote and _sure(view, snapshot):
            context.store.pairs.set_seen(row, side, view.revision, now)
        elif side is Side.INTERCOM:
            due[side] = now + SURE_AFTER
    if Side.INTERCOM in applier.wrote:
        due[Side.INTERCOM] = now + SURE_AFTER
    known = context.store.pairs.get(row).ids
    context.store.pairs.set_due(row, {side: at for side, at in due.items() if side in known})
    for side in snapshot.views:
        if snapshot.holds_back(side):
            context.store.pairs.listed(side, known[side], due=now, queue="sync")


def _sure(view: Conversation, snapshot: Snapshot) -> bool:
    return view.side is Side.DASHLY or int(view.updated) < int(snapshot.now[Side.INTERCOM])
