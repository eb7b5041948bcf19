"""What stands on a side, compared with what the planner would have written there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connector.config.choices import HistoryMode
from connector.engine.inspect.copies import Copies
from connector.engine.plan.actions import PostWords
from connector.engine.plan.edits import edit_told
from connector.engine.plan.planner import plan
from mappings.keyed import keyed
from mappings.model import Author, AuthorKind, Message, Note, Part, Side
from mappings.text import words_hash
from state.records import Disposition, LedgerRow, Operation

if TYPE_CHECKING:
    from connector.engine.plan.policy import Policy

D, IC = Side.DASHLY, Side.INTERCOM


def carried(
    make: Any, policy: Policy, *parts: Part, **more: Any
) -> tuple[Any, dict[Side, dict[str, LedgerRow]]]:
    """Return the mirror that a plan makes of a conversation of Dashly, and the ledger after it."""
    planned = plan(make.snapshot(make.pair(D), make.view(D, *parts), **more), policy)
    ledger: dict[Side, dict[str, LedgerRow]] = {side: {} for side in Side}
    made = []
    for number, post in enumerate(one for one in planned.actions if isinstance(one, PostWords)):
        copy = replace(
            make.part(
                IC, 900 + number, (Note if post.form == "note" else Message)(post.text, post.attachments)
            ),
            author=Author(AuthorKind.AGENT, post.agent) if post.agent else Author(AuthorKind.CUSTOMER, "c1"),
            created=post.created or make.now,
            opening=post.form == "start",
        )
        made.append(copy)
        kind = Operation(post.form)
        ledger[IC][copy.id] = LedgerRow(
            IC, copy.id, kind, copy.created, Disposition.ABSORBED, ours=True, counterpart=post.source or None
        )
        for row in post.covers:
            ledger[row.side][row.id] = replace(row, counterpart=copy.id)
    return make.view(IC, *made), ledger


def faults(make: Any, policy: Policy, view: Any, other: Any, ledger: Any) -> list[str]:
    """Return what is wrong with the copies."""
    pair = make.pair(D, linked=True)
    return [one.what for one in Copies(pair, view, other, ledger, policy).faults()]


def labelled(other: Any, was: str, now: str) -> Any:
    """Return a mirror in which a label was written otherwise."""
    parts = tuple(
        replace(part, entries=(replace(part.words, text=part.words.text.replace(was, now)),))
        for part in other.parts
    )
    return replace(other, parts=parts)


@pytest.mark.parametrize("label", ["Stefan: ", "Stefan (agent): "])
def test_both_forms_of_a_label_are_known(make: Any, label: str) -> None:
    """Copies of the first version name who speaks without their role."""
    policy, talk = (
        make.policy(),
        (make.part(D, 1, Message("Hi")), make.part(D, 2, Message("Yes"), by=make.stranger)),
    )
    other, ledger = carried(make, policy, *talk)
    shown = labelled(other, "Stefan (agent): ", label)

    assert any(label in part.words.text for part in shown.parts)
    assert faults(make, policy, make.view(D, *talk), shown, ledger) == []


def test_a_limit_that_was_learnt_since_is_no_difference(make: Any) -> None:
    """The pieces of a text were cut where the limit of that day was."""
    policy = make.policy()
    words = "\n\n".join(f"A paragraph {number} of some length - with a dash." for number in range(60))
    talk = (make.part(D, 1, Message("Hi")), make.part(D, 2, Message(words), by=make.agent))
    other, ledger = carried(make, policy, *talk)
    shorter = replace(make.intercom_can, max_text=300)
    today = replace(policy, capabilities={**policy.capabilities, IC: shorter})

    assert len(other.parts) > 3
    assert faults(make, today, make.view(D, *talk), other, ledger) == []
    swapped = replace(other, parts=(other.parts[0], other.parts[2], other.parts[1], *other.parts[3:]))
    assert faults(make, today, make.view(D, *talk), swapped, ledger) != []


def test_a_mapping_that_changed_since_is_no_difference(make: Any) -> None:
    """Somebody who has a counterpart today was named in the text before, and the reverse."""
    mapped, unmapped = (
        make.policy(),
        make.policy(agents=replace(make.policy().agents, to_other={D: {}, IC: {}})),
    )
    talk = (make.part(D, 1, Message("Hi")), make.part(D, 2, Message("Yes"), by=make.agent))
    view = make.view(D, *talk)

    for before, today in ((mapped, unmapped), (unmapped, mapped)):
        other, ledger = carried(make, before, *talk)
        assert faults(make, today, view, other, ledger) == []


@pytest.mark.parametrize("cut", ["line 3", "line 7"])
def test_a_line_that_is_not_in_the_transcript_is_named(make: Any, cut: str) -> None:
    """Over as many notes as it takes, with the part that is missing."""
    history = {D: HistoryMode.TRANSCRIPT, IC: HistoryMode.TRANSCRIPT}
    policy = make.policy(history=history)
    talk = [make.part(D, n, Message(f"line {n} " + "word " * 40), ago=1e6 - n) for n in range(1, 12)]
    other, ledger = carried(make, policy, *talk, backfill=True)
    view = make.view(D, *talk)

    assert sum(part.words.text.startswith("History") for part in other.parts) > 2
    assert faults(make, policy, view, other, ledger) == []
    assert faults(make, policy, view, labelled(other, cut, "line"), ledger) == [
        "its line in the transcript is missing or has other words"
    ]
    planted = labelled(other, "customer) · message: " + cut, "customer) · message: x\nplanted " + cut)
    assert len(faults(make, policy, view, planted, ledger)) == 1


@pytest.mark.parametrize("told", ["Is edited", "Other"])
def test_a_note_of_an_edit_is_compared(make: Any, told: str) -> None:
    """The newest note must tell the words as they are now."""
    policy = make.policy()
    talk = (make.part(D, 1, Message("Hi")), make.part(D, 2, Message("Yes"), by=make.agent))
    other, ledger = carried(make, policy, *talk)
    edited = replace(talk[1], entries=(Message("Is edited"),))
    view = make.view(D, talk[0], edited)
    row = replace(ledger[D]["2"], text_hash=keyed(policy.key, words_hash(edited.words)))
    ledger[D]["2"] = row
    note = make.part(IC, 990, Note(edit_told(policy, edited, told)), by=Author(AuthorKind.AGENT, "11"))
    ledger[IC]["990"] = LedgerRow(
        IC, "990", Operation.NOTE, note.created, Disposition.ABSORBED, ours=True, counterpart="2"
    )
    shown = replace(other, parts=(*other.parts, note))

    expected = [] if told == "Is edited" else ["its copy 990 has another text"]
    assert faults(make, policy, view, shown, ledger) == expected
