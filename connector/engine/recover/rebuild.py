"""Rebuilding a lost or outdated state file from the markers and fingerprints on both sides.

Reads everything, writes only the state file.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.shadow import is_shadow
from connector.engine.recover.adopt import adopt_marked, adopt_mirror
from connector.errors import Gone, PersonNeeded
from connector.helpdesk.port import HistoryQuery
from mappings.model import Customer, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.recover.recovery import Recovery
    from connector.helpdesk.port import Helpdesk
    from mappings.model import Conversation

HEAD = 50
PROBED = 5


def bears_marks(helpdesks: Mapping[Side, Helpdesk]) -> bool:
    """Tell whether the remotes show copies of ours, by a look at the newest conversations."""
    rows = list(islice(helpdesks[Side.DASHLY].changed_since(0.0), HEAD))
    for row in rows:
        if is_shadow(row.customer) or any((p.external_id or "").startswith("ic:") for p in row.parts):
            return True
    return any(_is_known_there(helpdesks, row) for row in rows[:PROBED])


def _is_known_there(helpdesks: Mapping[Side, Helpdesk], row: Conversation) -> bool:
    """Tell whether Intercom has a contact whom only the connector can have made for this user."""
    if row.customer is None:
        return False
    return helpdesks[Side.INTERCOM].find_customer(Customer(id=row.customer.id)) is not None


def refuse_if_marked(helpdesks: Mapping[Side, Helpdesk]) -> None:
    """Raise PersonNeeded when there is no state file although the remotes show copies of ours."""
    if bears_marks(helpdesks):
        raise PersonNeeded(
            "the state file is gone, but both sides hold copies that the connector made; "
            "starting afresh would copy everything twice",
            hint="put the state file back, or run: connector recover",
        )


def recover(recovery: Recovery) -> int:
    """Find all pairs and remember them; return how many were added.

    What markers or equal seconds prove comes first, so that two conversations of one customer that begin
    alike are not crossed.
    """
    added, doubtful = 0, []
    for listing in recovery.helpdesks[Side.DASHLY].history(HistoryQuery()):
        recovery.report.count(seen=1)
        pair = recovery.store.pairs.find(Side.DASHLY, listing.id)
        if pair is not None and pair.linked:
            continue
        dashly = recovery.helpdesks[Side.DASHLY].conversation(listing.id, fresh=False)
        surely = adopt_marked if is_shadow(dashly.customer) else partial(adopt_mirror, lax=False)
        if surely(recovery, dashly):
            added += 1
        else:
            doubtful.append(listing.id)
    if recovery.helpdesks[Side.DASHLY].passed_over:
        recovery.report.notice(
            Notice(
                NoticeKind.WITHOUT_ID, Side.DASHLY, detail=str(recovery.helpdesks[Side.DASHLY].passed_over)
            )
        )
    alone = [dashly for dashly in doubtful if not _adopt_doubtful(recovery, dashly)]
    if alone:
        recovery.report.notice(Notice(NoticeKind.NO_MIRROR_FOUND, Side.DASHLY, detail=str(len(alone))))
    added += len(doubtful) - len(alone)
    recovery.report.count(changed=added)
    return added


def _adopt_doubtful(recovery: Recovery, conversation: str) -> bool:
    try:
        dashly = recovery.helpdesks[Side.DASHLY].conversation(conversation)
    except Gone:
        return False
    if adopt_mirror(recovery, dashly, lax=True):
        return True
    if is_shadow(dashly.customer):
        recovery.report.notice(Notice(NoticeKind.NO_ORIGINAL_FOUND, Side.DASHLY, dashly.id))
    return False
