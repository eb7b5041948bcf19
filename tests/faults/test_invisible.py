"""Messages of which nobody sees anything, and links that are signed anew: neither may hold up or multiply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.sandbox.switches import IntercomSwitches
from state.records import Disposition
from tests.faults.lab import IC, NORA, NORA_THERE, D
from tests.faults.test_regressions import begin, bodies, told

if TYPE_CHECKING:
    from mappings.model import Side
    from state.records import LedgerRow
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

UNSEEN = ["\u200b", "\ufeff", "\u2060", " \u200e\xad\n"]
STRICT = IntercomSwitches(invisible_stripped=True)


def rows(lab: Lab, side: Side) -> list[LedgerRow]:
    """Return what the ledger holds of the one pair there is."""
    with lab.memory() as store:
        (pair,) = store.pairs.linked_pairs(limit=2)
        return list(store.ledger.of(pair.row)[side].values())


@pytest.mark.parametrize("text", UNSEEN)
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_an_invisible_message_holds_up_nothing(theatre: Theatre, side: str, text: str) -> None:
    """It is in the ledger as left out, and what the customer and the agents write next is carried."""
    lab = theatre.bound(intercom_switches=STRICT)
    desk, other = lab.world.desk(side), "intercom" if side == "dashly" else "dashly"
    talk = begin(lab, side)
    desk.customer_writes(talk, text)
    desk.agent_notes(talk, text, agent=NORA if side == "dashly" else NORA_THERE)
    lab.time.sleep(2)
    desk.customer_writes(talk, "are you there?")

    lab.until_clean(lab.sync)

    assert bodies(lab, other) == ["question.", "are you there?"]
    assert lab.differences() == []
    left_out = [
        row for row in rows(lab, D if side == "dashly" else IC) if row.disposition is Disposition.SKIPPED
    ]
    assert [row.reason for row in left_out] == ["it carries nothing", "it carries nothing"]


@pytest.mark.parametrize("text", UNSEEN)
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_a_conversation_may_begin_invisibly(theatre: Theatre, side: str, text: str) -> None:
    """Its mirror is made by the first words that anybody sees."""
    lab = theatre.bound(intercom_switches=STRICT)
    talk = begin(lab, side, text)
    lab.until_clean(lab.sync)

    lab.world.desk(side).customer_writes(talk, "hello?")
    lab.until_clean(lab.sync)

    assert told(lab, "intercom" if side == "dashly" else "dashly", "hello?") == 1
    assert lab.differences() == []


SIGNED = '<p>See <a href="https://downloads.intercomcdn.com/i/o/{path}?expires={at}&amp;signature={at}f">it</a></p>'


def test_a_link_signed_anew_is_no_edit(theatre: Theatre) -> None:
    """Only another path is: then one note says so."""
    lab = theatre.bound()
    desk = lab.world.intercom
    talk = begin(lab, "intercom")
    part = desk.agent_writes(talk, SIGNED.format(path="1/a.pdf", at=1), agent=NORA_THERE)
    lab.until_clean(lab.sync)

    for at in (2, 3):
        desk.edit_part(talk, part, SIGNED.format(path="1/a.pdf", at=at))
        lab.until_clean(lab.sync)
    signed_anew = told(lab, "dashly", "Edited")
    desk.edit_part(talk, part, SIGNED.format(path="2/a.pdf", at=3))
    lab.until_clean(lab.sync)

    assert (signed_anew, told(lab, "dashly", "Edited")) == (0, 1)
