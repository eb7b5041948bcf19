"""People who act in the very second in which the connector writes: no side may hide what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.conversations import begin, bodies, mirror
from tests.faults.lab import IC, NORA, NORA_THERE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab


def when_written(lab: Lab, when: str, act: Callable[[], object]) -> None:
    """Let somebody act once, right before or after the next write to Intercom is carried out."""
    waiting = [act]

    def look(_point: int, what: str, moment: str) -> bool:
        if what == "request" and moment == when and waiting and _is_write(lab, when):
            waiting.pop()()
        return False

    lab.die = look


def _is_write(lab: Lab, when: str) -> bool:
    if when == "before":  # what comes is not known yet: after the search the next request is the write
        return bool(lab.requests) and lab.requests[-1][2] in {"/conversations/search", "/conversations"}
    side, method, path = lab.requests[-1]
    return side is IC and method == "POST" and path.endswith("/reply")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("api_version", ["2.16", "1.4"])
def test_a_note_in_the_second_of_a_copy_is_carried(theatre: Theatre, api_version: str, when: str) -> None:
    """The answer to a write shows it or not; Intercom's times are whole seconds."""
    lab = theatre.bound(settings={"intercom": {"api_version": api_version}})
    known = begin(lab, "dashly", "question.")
    lab.until_clean(lab.sync)
    there = mirror(lab, "intercom")

    lab.world.dashly.agent_notes(known, "copied.", agent=NORA)
    lab.time.sleep(2)
    lab.requests.clear()
    when_written(lab, when, lambda: lab.world.intercom.agent_notes(there, "meanwhile.", agent=NORA_THERE))
    lab.until_clean(lab.sync)

    assert [text for text in bodies(lab, "dashly") if "meanwhile" in text] != []
    assert lab.differences() == []


def test_a_tag_in_the_second_of_a_copy_is_carried(theatre: Theatre) -> None:
    """A tag adds no part that could be counted."""
    lab = theatre.bound()
    known = begin(lab, "dashly", "question.")
    lab.until_clean(lab.sync)
    there = mirror(lab, "intercom")

    lab.world.dashly.agent_notes(known, "copied.", agent=NORA)
    lab.time.sleep(2)
    when_written(lab, "after", lambda: lab.world.intercom.tag(there, "vip"))
    lab.until_clean(lab.sync)

    assert lab.differences() == []


def test_the_answer_to_a_write_is_enough(theatre: Theatre) -> None:
    """It holds the whole conversation: nothing is read again when it shows nothing but what we did."""
    lab = theatre.bound(settings={"sync": {"sweep": 0}})
    known = begin(lab, "dashly", "question.")
    lab.until_clean(lab.sync)
    lab.world.dashly.agent_notes(known, "copied.", agent=NORA)
    lab.time.sleep(2)
    lab.requests.clear()

    began = lab.time.now()
    lab.sync()

    reads = [path for side, method, path in lab.requests if (side, method) == (IC, "GET")]
    assert mirror(lab, "intercom") not in " ".join(reads)
    assert lab.time.now() - began < 1.5


def test_what_changed_in_the_second_of_a_read_is_read_again_in_the_next(theatre: Theatre) -> None:
    """At once would be the same second again, over and over. 1.x counts no parts that would tell."""
    lab = theatre.bound(settings={"intercom": {"api_version": "1.4"}})
    known = begin(lab, "intercom", "question.")
    lab.requests.clear()

    lab.sync()

    reads = [path for side, method, path in lab.requests if side is IC and method == "GET"]
    assert 0 < reads.count(f"/conversations/{known}") <= 4
