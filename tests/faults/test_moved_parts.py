"""Parts that move or are copied into another conversation: an id is a side's own, and not unique to one."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING

import pytest

from connector.sandbox.switches import IntercomSwitches, MergedParts
from mappings.model import Side
from tests.faults.conversations import begin, bodies, mirror
from tests.faults.lab import NORA, NORA_THERE

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

MOVING = [MergedParts.MOVED, MergedParts.COPIED, MergedParts.COPIED_ANEW]


def runs_after_quiet(lab: Lab) -> list[int]:
    """Return how many writes each of some runs makes, with time between them."""
    writes = []
    for _ in range(2):
        lab.time.sleep(300)
        writes.append(lab.sync().writes)
    return writes


def counted(lab: Lab, side: str) -> Counter[str]:
    """Return how often each text was copied to a side."""
    return Counter(bodies(lab, side))


@pytest.mark.long
@pytest.mark.parametrize("how", MOVING)
def test_parts_of_a_merged_conversation_are_not_copied_again(theatre: Theatre, how: MergedParts) -> None:
    """What was copied where the parts came from is known, with their ids or with new ones."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(merge_parts=how))
    first, second = begin(lab, "intercom", "one."), begin(lab, "intercom", "two.")
    lab.world.intercom.customer_writes(second, "two more.")
    lab.world.intercom.agent_writes(second, "answered.", agent=NORA_THERE)
    lab.until_clean(lab.sync)
    before = counted(lab, "dashly")

    lab.world.intercom.merge_conversations(second, first)
    lab.until_clean(lab.sync)

    assert {text: n for text, n in (counted(lab, "dashly") - before).items() if "more" in text} == {}
    assert counted(lab, "dashly")["two."] == before["two."]
    assert [t for t in (counted(lab, "dashly") - before) if "answered" in t] == []
    assert runs_after_quiet(lab) == [0, 0]


@pytest.mark.long
@pytest.mark.parametrize("how", MOVING)
def test_copies_of_ours_that_moved_are_never_carried_back(theatre: Theatre, how: MergedParts) -> None:
    """Two mirrors are merged: what the customers wrote on the other side does not come back to either."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(merge_parts=how))
    begin(lab, "dashly", "one.")
    second = begin(lab, "dashly", "two.")
    lab.world.dashly.agent_writes(second, "answered.")
    lab.until_clean(lab.sync)
    before = counted(lab, "dashly")
    mirrors = [t["id"] for t in lab.world.truth()["intercom"]["conversations"]]

    lab.world.intercom.merge_conversations(mirrors[1], mirrors[0])
    lab.until_clean(lab.sync)

    fresh = counted(lab, "dashly") - before
    assert [t for t in fresh if "two." in t or "one." in t or "answered" in t] == []
    assert runs_after_quiet(lab) == [0, 0]


@pytest.mark.long
@pytest.mark.parametrize("how", MOVING)
def test_parts_that_moved_before_they_were_seen_are_copied_once(theatre: Theatre, how: MergedParts) -> None:
    """Nothing is lost to a merge that came first."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(merge_parts=how))
    first, second = begin(lab, "intercom", "one."), begin(lab, "intercom", "two.")
    lab.until_clean(lab.sync)
    lab.world.intercom.customer_writes(second, "unseen.")

    lab.world.intercom.merge_conversations(second, first)
    lab.until_clean(lab.sync)

    assert sum("unseen." in body for body in bodies(lab, "dashly")) == 1
    assert runs_after_quiet(lab) == [0, 0]


@pytest.mark.long
@pytest.mark.parametrize("how", [MergedParts.COPIED, MergedParts.COPIED_ANEW])
def test_two_threads_do_not_both_carry_a_part_that_two_conversations_hold(
    theatre: Theatre, how: MergedParts
) -> None:
    """Each thread is held up before its first write until the other is there, or a second has passed."""
    lab = theatre.bound(
        settings={"sync": {"workers": 4}}, intercom_switches=IntercomSwitches(merge_parts=how)
    )
    first, second = begin(lab, "intercom", "one."), begin(lab, "intercom", "two.")
    lab.until_clean(lab.sync)
    lab.world.intercom.customer_writes(second, "unseen.")
    lab.world.intercom.merge_conversations(second, first)
    together = Barrier(2)

    def meet(_number: int, _what: str, when: str) -> bool:
        side, method, _path = lab.requests[-1]
        if side is Side.DASHLY and method == "POST" and when == "before":
            with suppress(BrokenBarrierError):
                together.wait(1.0)
        return False

    lab.die = meet
    lab.until_clean(lab.sync)

    assert sum("unseen." in body for body in bodies(lab, "dashly")) == 1


def test_conversations_that_share_their_message_are_each_mirrored_once(theatre: Theatre) -> None:
    """A mailing begins several conversations with one message of one id."""
    lab = theatre.bound()
    desk = lab.world.intercom
    people = [desk.customer("Eva", email="eva@example.org"), desk.customer("Ben", email="ben@example.org")]
    talks = desk.mailing(people, "<p>New!</p>")
    for talk, name in zip(talks, ("Eva", "Ben"), strict=True):
        desk.customer_writes(talk, f"thanks from {name}.")
    lab.until_clean(lab.sync)

    copies = counted(lab, "dashly")
    assert [n for text, n in copies.items() if "thanks" in text] == [1, 1]
    assert runs_after_quiet(lab) == [0, 0]


@pytest.mark.parametrize("how", MOVING)
def test_nothing_differs_after_a_merge(theatre: Theatre, how: MergedParts) -> None:
    """What was carried where it stood before is no difference there, nor where it stands now."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(merge_parts=how))
    first, second = begin(lab, "intercom", "one."), begin(lab, "intercom", "two.")
    lab.world.intercom.customer_writes(second, "two more.")
    lab.until_clean(lab.sync)
    for number in range(2):
        lab.world.dashly.agent_writes(mirror(lab, "dashly", number), f"answer {number}.", agent=NORA)
    lab.until_clean(lab.sync)

    lab.world.intercom.merge_conversations(second, first)
    lab.until_clean(lab.sync)

    assert lab.differences() == []


@pytest.mark.long
def test_an_edit_of_a_note_that_moved_arrives(theatre: Theatre) -> None:
    """It is in the mirror of the conversation in which the note stands now."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(merge_parts=MergedParts.MOVED))
    first, second = begin(lab, "intercom", "one."), begin(lab, "intercom", "two.")
    note = lab.world.intercom.agent_notes(second, "aside.")
    lab.until_clean(lab.sync)
    lab.world.intercom.merge_conversations(second, first)
    lab.until_clean(lab.sync)

    lab.world.intercom.edit_part(first, note, "another aside.")
    lab.time.sleep(60)
    lab.until_clean(lab.sync)

    assert sum("another aside." in body for body in bodies(lab, "dashly")) == 1
