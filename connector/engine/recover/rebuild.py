"""Rebuilding a lost or outdated state file from the markers and fingerprints on both sides.

Reads everything, writes only the state file.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.shadow import is_copy, is_shadow
from connector.engine.recover.adopt import adopt_marked, adopt_mirror
from connector.engine.write.generation import technical_id
from connector.errors import AccessDenied, Gone, PersonNeeded, Rejected
from connector.helpdesk.query import HistoryQuery
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.engine.recover.recovery import Recovery
    from connector.engine.run.crew import Crew
    from connector.helpdesk.port import Helpdesk
    from mappings.model import Conversation, Customer

HEAD = 50  # one page of Dashly's list: copies of ours are made all the time, so the newest show them


def bears_marks(helpdesks: Mapping[Side, Helpdesk], key: bytes | None) -> bool:
    """Tell whether the newest conversations of Dashly show copies of ours, or a side the last run that wrote.

    That is kept on a person whom only the ``key`` of the pair finds.
    """
    newest = list(islice(helpdesks[Side.DASHLY].changed_since(0.0), HEAD))
    return any(_is_marked(listing) for listing in newest) or (
        key is not None and _was_written(helpdesks, key)
    )


def _was_written(helpdesks: Mapping[Side, Helpdesk], key: bytes) -> bool:
    app, workspace = (helpdesks[side].identity().id for side in (Side.DASHLY, Side.INTERCOM))
    return any(
        _keeps(helpdesks[side], technical_id(key, side, app=app, workspace=workspace)) for side in Side
    )


def _keeps(helpdesk: Helpdesk, person: str) -> bool:
    try:
        return helpdesk.kept(person, None) is not None
    except (AccessDenied, Rejected):  # a side that we may not ask keeps nothing for us either
        return False


def _is_marked(listing: Conversation) -> bool:
    """Tell whether a conversation is a shadow user's, or its newest part has a marker of any workspace."""
    marked = any(p.by_api is not False and (p.external_id or "").startswith("ic:") for p in listing.parts)
    return marked or is_shadow(listing.customer)


def refuse_if_marked(helpdesks: Mapping[Side, Helpdesk], key: bytes | None) -> None:
    """Raise PersonNeeded when there is no state file although the remotes show that we have written."""
    if bears_marks(helpdesks, key):
        raise PersonNeeded(
            "the state file is gone, but the helpdesks hold copies that the connector made; "
            "starting from scratch would copy everything twice",
            hint="put the state file back: connector state restore; without a backup: connector recover",
        )


def recover(recovery: Recovery, crew: Crew) -> int:
    """Find all pairs and remember them; return how many were added.

    What markers or equal seconds prove comes first, so that two conversations of one customer that begin
    alike are not crossed.
    """
    certain, doubtful = _adopt_what_is_proved(recovery, crew)
    of_absent = _adopt_what_the_absent_left(recovery, crew, doubtful)
    again = crew.each(partial(_still_there, recovery.helpdesks[Side.DASHLY]), doubtful)
    likely = sum(dashly is not None and _adopt_likeliest(recovery, dashly) for dashly in again)
    added = certain + of_absent + likely
    recovery.report.count(changed=added)
    _tell(recovery, alone=len(doubtful) - likely)
    return added


def _adopt_what_is_proved(recovery: Recovery, crew: Crew) -> tuple[int, dict[str, Customer | None]]:
    """Return how many pairs were proved, and by Dashly conversation without one whose that is."""
    helpdesk, (certain, doubtful) = recovery.helpdesks[Side.DASHLY], (0, dict[str, "Customer | None"]())
    # The list has just shown it: its row stands for a read. Many are read at once, and paired in turn.
    for dashly in crew.each(lambda key: helpdesk.conversation(key, fresh=False), _without_pair(recovery)):
        # A copy has the time of copying: its time proves nothing.
        adopt = adopt_marked if is_copy(dashly) else partial(adopt_mirror, lax=False)
        if adopt(recovery, dashly):
            certain += 1
        else:
            doubtful[dashly.id] = dashly.customer
    return certain, doubtful


def _adopt_what_the_absent_left(recovery: Recovery, crew: Crew, doubtful: dict[str, Customer | None]) -> int:
    """Pair what equal seconds prove with mirrors of deleted contacts; take it out of what is doubtful."""
    given = recovery.reader.identification.ids_ever_given
    users = [user for user in doubtful.values() if user is not None and not is_shadow(user)]
    if users:
        recovery.look_for_absent({external_id for user in users for external_id in given(user)})
    perhaps = [talk for talk, user in doubtful.items() if user is not None and recovery.of_absent(user)]
    found = [
        dashly.id
        for dashly in crew.each(partial(_still_there, recovery.helpdesks[Side.DASHLY]), perhaps)
        if dashly is not None and adopt_mirror(recovery, dashly, lax=False)
    ]
    for talk in found:
        del doubtful[talk]
    return len(found)


def _without_pair(recovery: Recovery) -> Iterator[str]:
    for listing in recovery.helpdesks[Side.DASHLY].history(HistoryQuery()):
        recovery.report.count(seen=1)
        recovery.listener.listed()
        pair = recovery.store.pairs.find(Side.DASHLY, listing.id)
        if pair is None or not pair.linked:
            yield listing.id


def _adopt_likeliest(recovery: Recovery, dashly: Conversation) -> bool:
    """Pair what nothing proves with what is nearest; tell of a copy whose original is not found."""
    if adopt_mirror(recovery, dashly, lax=True):
        return True
    if is_copy(dashly):
        recovery.report.notice(Notice(NoticeKind.NO_ORIGINAL_FOUND, Side.DASHLY, dashly.id))
    return False


def _still_there(helpdesk: Helpdesk, conversation: str) -> Conversation | None:
    try:
        return helpdesk.conversation(conversation)
    except Gone:  # deleted since the list was read
        return None


def _tell(recovery: Recovery, *, alone: int) -> None:
    passed_over = recovery.helpdesks[Side.DASHLY].passed_over
    if passed_over:
        recovery.report.notice(Notice(NoticeKind.WITHOUT_ID, Side.DASHLY, detail=str(passed_over)))
    if alone:
        recovery.report.notice(Notice(NoticeKind.NO_MIRROR_FOUND, Side.DASHLY, detail=str(alone)))
