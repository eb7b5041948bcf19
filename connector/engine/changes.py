"""Planning what happened to carried parts since: an edit becomes one note, a removal a tombstone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.actions import Action, Carry, Erase, Form, Record
from connector.engine.pieces import cut
from mappings.model import Side
from mappings.names import label
from mappings.text import words_hash
from state.ledger import CARRIED, Disposition, buried

if TYPE_CHECKING:
    from connector.engine.policy import Policy
    from connector.engine.snapshot import Snapshot
    from mappings.model import Part
    from state.ledger import LedgerRow


def plan_changes(
    snapshot: Snapshot, policy: Policy, source: Side
) -> tuple[tuple[Action, ...], tuple[str, ...]]:
    """Return the actions for edited and removed parts of a side, and what a person should hear."""
    view = snapshot.views.get(source)
    actions: list[Action] = []
    attention: list[str] = []
    for part in view.parts if view is not None else ():
        row = snapshot.ledger[source].get(part.id)
        if row is None or row.ours or row.removed:
            continue
        if part.removed:
            actions += _removal(snapshot, policy, part, row)
            attention += _by_hand(policy, part, row)
        elif _edited(part, row):
            actions += _edit(snapshot, policy, part, row)
    return tuple(actions), tuple(attention)


def _edited(part: Part, row: LedgerRow) -> bool:
    words = part.words
    return words is not None and row.text_hash is not None and words_hash(words) != row.text_hash


def _edit(snapshot: Snapshot, policy: Policy, part: Part, row: LedgerRow) -> list[Action]:
    words = part.words
    if words is None:
        return []
    digest = words_hash(words)
    known = replace(row, text_hash=digest)
    target = part.side.other
    carried = row.disposition in CARRIED and part.side in policy.sources
    if policy.edits == "ignore" or not carried or not snapshot.pair.linked:
        return [Record((known,))]
    agent, same = policy.voice(part.side, part.author)
    who = "" if same or not part.author.name else f" by {label(part.author)}"
    note = Carry(
        target=target,
        form=Form.NOTE,
        marker=policy.marker(part.side, part.id, f":edit-{digest[:8]}"),
        source=part.id,
        text=f"Edited{who}, now: {words.text}",
        agent=agent,
        created=snapshot.now[target],
        covers=(known,),
    )
    return list(cut(note, policy.abilities[target]))


def _removal(snapshot: Snapshot, policy: Policy, part: Part, row: LedgerRow) -> list[Action]:
    """Bury a part: nothing of its text stays with us, and its copy goes as far as the other side allows."""
    grave = buried(row)
    target = part.side.other
    copied = row.counterpart is not None and snapshot.pair.linked and part.side in policy.sources
    if policy.removals == "ignore" or not copied:
        return [Record((grave,))]
    able = policy.abilities[target].redaction and row.disposition is not Disposition.TRANSCRIPT
    if able and policy.removals == "redact":
        copies = [r.id for r in snapshot.ledger[target].values() if r.ours and r.counterpart == part.id]
        return [*(Erase(target, copy) for copy in copies), Record((grave,))]
    note = Carry(
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


def _by_hand(policy: Policy, part: Part, row: LedgerRow) -> list[str]:
    if row.counterpart is None or policy.removals == "ignore" or part.side is not Side.INTERCOM:
        return []
    return [f"{part.side} part {part.id} was removed; remove its copy dashly:{row.counterpart} by hand"]
