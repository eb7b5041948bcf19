"""Planning what happened to parts after they were copied: an edit becomes one note, a removal a tombstone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.config.choices import Edits, Removals
from connector.engine.plan.actions import Action, Form, Plan, PostWords, Redaction, WriteLedger
from connector.engine.plan.direction import passed_over_removal
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.splitting import cut
from mappings.keyed import keyed
from mappings.model import Side
from mappings.names import TITLES, label
from mappings.sentences import Sentence
from mappings.text import words_hash
from state.records import CARRIED, MOVED, Disposition, tombstone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from mappings.model import Part
    from state.records import LedgerRow


def plan_edits(snapshot: Snapshot, policy: Policy, source: Side) -> Plan:
    """Plan the edited and removed parts of a side."""
    return plan_changes(snapshot, policy, changed_parts(snapshot, policy, source))


def plan_changes(snapshot: Snapshot, policy: Policy, changed: Iterable[tuple[Part, LedgerRow]]) -> Plan:
    """Plan parts that are known to be edited or removed, with their rows."""
    planned = Plan()
    for part, row in changed:
        if part.removed:
            planned += _removal(snapshot, policy, part, row)
        else:
            planned += Plan(_edit(snapshot, policy, part, row))
    return planned


def changed_parts(snapshot: Snapshot, policy: Policy, side: Side) -> Iterator[tuple[Part, LedgerRow]]:
    """Yield the copied parts of a side that were removed or have other words now, with their rows."""
    view = snapshot.views.get(side)
    for part in view.parts if view is not None else ():
        row = snapshot.ledger[side].get(part.id)
        if row is None or row.ours or row.removed:
            continue
        if part.removed or is_edited(part, row, policy.key):
            yield part, row


def is_edited(part: Part, row: LedgerRow, key: bytes) -> bool:
    """Tell whether a part has other words than those that were carried last."""
    words, known = part.words, row.text_hash
    return words is not None and known is not None and keyed(key, words_hash(words)) != keyed(key, known)


def _edit(snapshot: Snapshot, policy: Policy, part: Part, row: LedgerRow) -> tuple[Action, ...]:
    words = part.words
    if words is None:
        return ()
    digest = keyed(policy.key, words_hash(words))
    known = replace(row, text_hash=digest)
    target = part.side.other
    copied = snapshot.pair.linked and (row.disposition in CARRIED or row.reason == MOVED)
    if policy.edits is Edits.IGNORE or not copied:
        return (WriteLedger((known,)),)
    if part.side not in policy.sources:  # told once the side is read again, so it stays unknown till then
        return ()
    agent, _ = policy.speaker_for(part.side, part.author)
    note = PostWords(
        target=target,
        form=Form.NOTE,
        marker=policy.marker(part.side, part.id, f":edit-{digest[:8]}"),  # one note for each edit
        source=part.id,
        text=edit_told(policy, part, words.in_language(policy.wording.language)),
        agent=agent,
        created=snapshot.now[target],
        covers=(known,),
    )
    return tuple(cut(note, policy.capabilities[target], policy.wording, snapshot.begun))


def edit_told(policy: Policy, part: Part, text: str) -> str:
    """Return the sentence that tells of an edited part, by name where another speaks."""
    wording = policy.wording
    _, same = policy.speaker_for(part.side, part.author)
    if same or not part.author.name:
        return wording.say(Sentence.EDITED, text=text)
    return wording.say(Sentence.EDITED_BY, who=label(part.author, wording), text=text)


def _removal(snapshot: Snapshot, policy: Policy, part: Part, row: LedgerRow) -> Plan:
    """Keep nothing of a removed part's text, and redact its copy as far as the other side allows."""
    record = WriteLedger((tombstone(row),))
    target = part.side.other
    if policy.removals is Removals.IGNORE or row.counterpart is None or not snapshot.pair.linked:
        return Plan((record,))
    if part.side not in policy.sources:
        return _passed_over(snapshot, row)
    notices = _by_hand(snapshot, part, row.counterpart)
    # A transcript note tells other parts too: redacting it would remove them as well.
    able = policy.capabilities[target].redaction and row.disposition is not Disposition.TRANSCRIPT
    if able and policy.removals is Removals.REDACT:
        copies = [r.id for r in snapshot.ledger[target].values() if r.ours and r.counterpart == part.id]
        return Plan((*(Redaction(target, copy) for copy in copies), record), notices)
    note = PostWords(
        target=target,
        form=Form.NOTE,
        marker=policy.marker(part.side, part.id, ":removed"),
        source=part.id,
        text=policy.wording.say(Sentence.PART_REMOVED, side=TITLES[part.side]),
        agent=policy.default_agent[target],
        created=snapshot.now[target],
        covers=record.rows,
    )
    return Plan((note,), notices)


def _passed_over(snapshot: Snapshot, row: LedgerRow) -> Plan:
    """Leave the copy of a removed part until its side is read again, and say so."""
    told = Notice(NoticeKind.COPY_STAYS, row.side, snapshot.pair.ids[row.side], row.id, row.counterpart or "")
    return Plan((WriteLedger((passed_over_removal(row),)),), (told,))


def _by_hand(snapshot: Snapshot, part: Part, copy: str) -> tuple[Notice, ...]:
    """Return the notice that somebody must act, since no call of Dashly's API removes the copy."""
    if part.side is not Side.INTERCOM:
        return ()
    return (Notice(NoticeKind.PART_REMOVED, part.side, snapshot.pair.ids[part.side], part.id, copy),)


def plan_vanished(snapshot: Snapshot) -> Plan:
    """Plan the parts of Dashly that are in no list any more: a tombstone each, and who looks at the copy.

    A missing part need not have been removed: no copy is erased for it.
    """
    rows = tuple(_vanished(snapshot))
    if not rows:
        return Plan()
    told = tuple(_of_vanished(snapshot, row) for row in rows if row.counterpart is not None)
    return Plan((WriteLedger(tuple(map(tombstone, rows))),), told)


def _vanished(snapshot: Snapshot) -> Iterator[LedgerRow]:
    # Intercom marks what was removed, and lets parts move to another conversation when two are merged.
    view = snapshot.views.get(Side.DASHLY)
    # The row of the conversation and the list of its parts must agree that all are here.
    if view is None or not view.complete or view.parts_count != len(view.parts):
        return
    shown = {part.id for part in view.parts}
    for row in snapshot.ledger[Side.DASHLY].values():
        if row.id not in shown and row.text_hash is not None and not (row.ours or row.removed):
            yield row


def _of_vanished(snapshot: Snapshot, row: LedgerRow) -> Notice:
    ids = snapshot.pair.ids
    return Notice(
        NoticeKind.PART_VANISHED,
        row.side,
        ids.get(row.side, ""),
        row.id,
        row.counterpart or "",
        mirror=ids.get(row.side.other, ""),
    )
