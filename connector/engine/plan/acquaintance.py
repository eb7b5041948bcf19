"""What agents are told about a contact in Intercom, once and in a note: why they were taken for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import Form, Plan, PostWords, RememberTold, Reread
from mappings.model import Side
from mappings.sentences import Sentence
from state.records import ToTell

if TYPE_CHECKING:
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot


def plan_note_of_contact(snapshot: Snapshot, policy: Policy) -> Plan:
    """Return the note that is still to be written, and that it was; Dashly is read first where it quotes."""
    contact, dashly = snapshot.pair.people.get(Side.INTERCOM), snapshot.views.get(Side.DASHLY)
    if snapshot.to_tell is None or contact is None or not snapshot.pair.linked:
        return Plan()
    if Side.DASHLY not in policy.sources:  # nothing is written to Intercom, not even this
        return Plan()
    told = RememberTold(contact)
    if snapshot.to_tell is ToTell.MATCHED:
        return Plan((_note(snapshot, policy, policy.wording.say(Sentence.MATCHED_BY_EMAIL)), told))
    if dashly is None:  # no address is kept: only Dashly has it
        return Plan((Reread(Side.DASHLY),))
    address = dashly.customer.email if dashly.customer else None
    if not address:
        return Plan((told,))
    text = policy.wording.say(Sentence.ADDRESS_WITHHELD, address=address)
    return Plan((_note(snapshot, policy, text), told))


def _note(snapshot: Snapshot, policy: Policy, text: str) -> PostWords:
    conversation = snapshot.pair.ids[Side.DASHLY]
    return PostWords(
        target=Side.INTERCOM,
        form=Form.NOTE,
        marker=policy.marker(Side.DASHLY, conversation, ":contact"),
        source=conversation,  # somebody who is forgotten there is forgotten here
        text=text,
        agent=policy.default_agent[Side.INTERCOM],
    )
