"""Linking two conversations that existed on both sides before, and taking such a link back."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.plan.recognition.matches import ref_of
from connector.engine.plan.recognition.matching import match_conversations
from connector.engine.recover.adopt import adopt_pair
from connector.errors import ConfigError
from mappings.model import Side
from mappings.names import TITLES
from state.records import Disposition, PairState, row_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.plan.recognition.matches import Matching
    from connector.engine.recover.recovery import Recovery
    from mappings.model import Conversation, Seconds

COPIED_WITHIN: Seconds = 600.0
"""How far apart two parts may lie that another tool copied: its queue, and clocks that nobody compared."""

MATCHED_BY_HAND = "it was there before the conversations were linked, as a copy"
"""The reason of a part that other hands copied: it bears neither our label nor our agent."""


def link(recovery: Recovery, dashly: str, intercom: str, *, at: Seconds = math.inf) -> Matching:
    """Pair two conversations; nothing that either held ``at`` that time is copied, only what came after."""
    for side, conversation in ((Side.DASHLY, dashly), (Side.INTERCOM, intercom)):
        _check_free(recovery, side, conversation, {Side.DASHLY: dashly, Side.INTERCOM: intercom})
    views = {
        Side.DASHLY: recovery.helpdesks[Side.DASHLY].conversation(dashly),
        Side.INTERCOM: recovery.helpdesks[Side.INTERCOM].conversation(intercom),
    }
    # The customer wrote first where the older one is.
    origin = min(views, key=lambda side: views[side].created)
    found = match_conversations(views, origin, recovery.policy, tolerance=COPIED_WITHIN)
    # What matched is named, the rest left out; what the ledger said before overrules both.
    _name_other_hands(found)
    _leave_out(found, views, at)
    _keep_what_is_known(recovery, found, views)
    adopt_pair(recovery, views, origin, found)
    return found


def _check_free(recovery: Recovery, side: Side, conversation: str, wanted: Mapping[Side, str]) -> None:
    """Refuse a conversation that is known otherwise; the two of an unlinked pair may come back."""
    store = recovery.store
    pair = store.pairs.find(side, conversation)
    if pair is None or (pair.state is PairState.UNLINKED and pair.ids == wanted):
        return
    if pair.linked and pair.state is not PairState.UNLINKED:
        raise ConfigError(
            f"{TITLES[side]} conversation {conversation} is linked already",
            hint=f"connector pairs show {side}:{conversation}",
        )
    if store.journal.open(pair.row):
        raise ConfigError(
            f"a write for {TITLES[side]} conversation {conversation} is not settled yet",
            hint="connector sync",
        )
    if store.ledger.of(pair.row)[side]:
        raise ConfigError(
            f"{TITLES[side]} conversation {conversation} was worked on before", hint="connector pairs list"
        )


def _name_other_hands(found: Matching) -> None:
    found.rows = {
        key: replace(row, reason=MATCHED_BY_HAND) if row.ours else row for key, row in found.rows.items()
    }


def _leave_out(found: Matching, views: Mapping[Side, Conversation], at: Seconds) -> None:
    for view in views.values():
        for part in view.parts:
            if part.created <= at and not found.knows(part):
                row = row_of(part, Disposition.SKIPPED, "it was there before the conversations were linked")
                found.rows[ref_of(part)] = row


def _keep_what_is_known(recovery: Recovery, found: Matching, views: Mapping[Side, Conversation]) -> None:
    """What the ledger says of a pair that was unlinked stays true."""
    pair = recovery.store.pairs.find(Side.DASHLY, views[Side.DASHLY].id)
    known = recovery.store.ledger.of(pair.row) if pair is not None else {}
    found.rows = {ref: row for ref, row in found.rows.items() if ref.id not in known.get(ref.side, {})}


def unlink(recovery: Recovery, conversation: str, side: Side) -> None:
    """Stop keeping a pair in step; both conversations stay as they are and are not copied again."""
    pair = recovery.store.pairs.find(side, conversation)
    if pair is None or not pair.linked:
        raise ConfigError(
            f"{TITLES[side]} conversation {conversation} is not linked", hint="connector pairs list"
        )
    if recovery.store.journal.open(pair.row):
        # It may still arrive, and nobody would look for it in a pair that was given up.
        raise ConfigError("a write of this pair is not settled yet", hint="connector sync, then unlink again")
    recovery.store.pairs.set_state(pair.row, PairState.UNLINKED)
    recovery.store.pairs.set_due(pair.row, {})
