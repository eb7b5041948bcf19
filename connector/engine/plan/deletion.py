"""Planning what becomes of a pair when one of its conversations was deleted: it is never created again.

The copies of a deleted origin go with it, as far as `removals` says. Nothing goes with a deleted mirror:
what agents typed there belongs to the origin since it was delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connector.config.choices import Removals
from connector.engine.plan.actions import Action, Form, Plan, PostWords, Redaction, WriteLedger
from connector.engine.plan.direction import passed_over_removal
from connector.engine.plan.notices import Notice, NoticeKind
from mappings.model import Side
from mappings.names import TITLES
from mappings.sentences import Sentence
from state.records import LedgerRow, tombstone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.plan.policy import Policy
    from mappings.model import Seconds
    from state.records import Pair

Ledger = Mapping[Side, Mapping[str, LedgerRow]]


def plan_deletion(
    pair: Pair, ledger: Ledger, policy: Policy, deleted: Side, *, now: Mapping[Side, Seconds]
) -> Plan:
    """Return what is done for a pair whose conversation on ``deleted`` does not exist any more."""
    tombstones = WriteLedger(tuple(tombstone(row) for row in ledger[deleted].values()))
    if not pair.linked:  # nobody was told of it, so nobody misses it
        return Plan((tombstones,))
    target = deleted.other
    copies = _copies(ledger[target]) if _begins_there(pair, policy, deleted) else []
    if not copies:
        return Plan((tombstones,), (_notice(pair, NoticeKind.CONVERSATION_DELETED, deleted),))
    if deleted not in policy.sources:
        passed = WriteLedger(tuple(map(passed_over_removal, ledger[deleted].values())))
        return Plan((passed,), (_notice(pair, NoticeKind.COPIES_STAY, deleted),))
    if policy.capabilities[target].redaction and policy.removals is Removals.REDACT:
        redacted = _notice(pair, NoticeKind.COPIES_REDACTED, deleted)
        return Plan((*_redactions(target, copies), tombstones), (redacted,))
    note = _note(pair, policy, deleted, now[target])
    return Plan((note, tombstones), (_notice(pair, NoticeKind.REMOVE_BY_HAND, deleted),))


def takes_copies_along(pair: Pair, policy: Policy, deleted: Side) -> bool:
    """Tell whether the copies on the other side are to go as well."""
    return _begins_there(pair, policy, deleted) and deleted in policy.sources


def _begins_there(pair: Pair, policy: Policy, deleted: Side) -> bool:
    """Tell whether `removals` asks for the copies of a deleted conversation, one way or both."""
    return pair.linked and pair.origin is deleted and policy.removals is not Removals.IGNORE


def _copies(ledger: Mapping[str, LedgerRow]) -> list[LedgerRow]:
    """Return what we wrote for parts of the other side; a stub or a change of a register says nothing."""
    forms = set(Form)  # the type of a row of ours is the operation that made it
    return [
        row
        for row in ledger.values()
        if row.ours and row.counterpart and row.type in forms and not row.removed
    ]


def _redactions(target: Side, copies: list[LedgerRow]) -> Iterator[Action]:
    """Yield the redaction of every copy, each recorded at once, so that the next run continues after a stop.

    People count conversations, so the whole counts as one removal.
    """
    for number, copy in enumerate(copies):
        yield Redaction(target, copy.id, counted=number == 0)
        yield WriteLedger((tombstone(copy),))


def _note(pair: Pair, policy: Policy, deleted: Side, now: Seconds) -> PostWords:
    target, conversation = deleted.other, pair.ids[deleted]
    return PostWords(
        target=target,
        form=Form.NOTE,
        marker=policy.marker(deleted, conversation, ":deleted"),
        source=conversation,
        text=policy.wording.say(Sentence.CONVERSATION_REMOVED, side=TITLES[deleted]),
        agent=policy.default_agent[target],
        created=now,
    )


def _notice(pair: Pair, kind: NoticeKind, deleted: Side) -> Notice:
    return Notice(kind, deleted, pair.ids.get(deleted, ""), mirror=pair.ids.get(deleted.other, ""))
