"""Planning what happened to carried parts since: an edit becomes one note, a removal a tombstone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.config.choices import Edits, Removals
from connector.engine.plan.actions import Action, Form, PostWords, Redaction, WriteLedger
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.splitting import cut
from mappings.keyed import keyed, keyed_hash
from mappings.model import Side
from state.records import CARRIED, Disposition, tombstone

if TYPE_CHECKING:
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from mappings.model import Part
    from state.records import LedgerRow


def plan_changes(
    snapshot: Snapshot, policy: Policy, source: Side
) -> tuple[tuple[Action, ...], tuple[Notice, ...]]:
    """Return the actions for edited and removed parts of a side, and what a person should hear."""
    view = snapshot.views.get(source)
    actions: list[Action] = []
    notices: list[Notice] = []
    for part in view.parts if view is not None else ():
        row = snapshot.ledger[source].get(part.id)
        if row is None or row.ours or row.removed:
            continue
        if part.removed:
            actions += _removal(snapshot, policy, part, row)
            notices += _by_hand(snapshot, policy, part, row)
        elif _edited(part, row, policy.key):
            actions += _edit(snapshot, policy, part, row)
    return tuple(actions), tuple(notices)


def _edited(part: Part, row: LedgerRow, key: bytes) -> bool:
    words = part.words
    known = row.text_hash
    return words is not None and known is not None and keyed_hash(key, words.text) != keyed(key, known)


def _edit(snapshot: Snapshot, policy: Policy, part: Part, row: LedgerRow) -> list[Action]:
    words = part.words
    if words is None:
        return []
    digest = keyed_hash(policy.key, words.text)
    known = replace(row, text_hash=digest)
    target = part.side.other
    carried = row.disposition in CARRIED and part.side in policy.sources
    if policy.edits is Edits.IGNORE or not carried or not snapshot.pair.linked:
        return [WriteLedger((known,))]
    agent, same = policy.speaker_for(part.side, part.author)
    who = "" if same or not part.author.name else f" by {part.author.name}"
    note = PostWords(
        target=target,
        form=Form.NOTE,
        marker=policy.marker(part.side, part.id, f":edit-{digest[:8]}"),
        source=part.id,
        text=f"Edited{who}, now: {words.text}",
        agent=agent,
        created=snapshot.now[target],
        covers=(known,),
    )
    return list(cut(note, policy.capabilities[target]))


def _removal(snapshot: Snapshot, policy: Policy, part: Part, row: LedgerRow) -> list[Action]:
    """Bury a part: nothing of its text stays with us, and its copy goes as far as the other side allows."""
    grave = tombstone(row)
    target = part.side.other
    copied = row.counterpart is not None and snapshot.pair.linked and part.side in policy.sources
    if policy.removals is Removals.IGNORE or not copied:
        return [WriteLedger((grave,))]
    able = policy.capabilities[target].redaction and row.disposition is not Disposition.TRANSCRIPT
    if able and policy.removals is Removals.REDACT:
        copies = [r.id for r in snapshot.ledger[target].values() if r.ours and r.counterpart == part.id]
        return [*(Redaction(target, copy) for copy in copies), WriteLedger((grave,))]
    note = PostWords(
        target=target,
        form=Form.NOTE,
        marker=policy.marker(part.side, part.id, ":removed"),
        source=part.id,
        text=f"A part was removed in {part.side.title()}: its copy here should be removed too.",
        agent=policy.default_agent[target],
        created=snapshot.now[target],
        covers=(grave,),
    )
    return [note]


def _by_hand(snapshot: Snapshot, policy: Policy, part: Part, row: LedgerRow) -> list[Notice]:
    if row.counterpart is None or policy.removals is Removals.IGNORE or part.side is not Side.INTERCOM:
        return []
    conversation = snapshot.pair.ids.get(part.side, "")
    return [Notice(NoticeKind.PART_REMOVED, part.side, conversation, part.id, row.counterpart)]
