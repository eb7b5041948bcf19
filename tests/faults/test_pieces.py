"""A text in pieces whose writing was cut off: what goes on are the pieces that were fixed when it began."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.conversations import begin, bodies, mirror
from tests.faults.lab import IC, Crash

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

WORDS = [f"paragraph{number:03}." for number in range(300)]
LONG = "\n\n".join(f"{word} " + "x" * 90 for word in WORDS)


def dies_after(lab: Lab, side: str, text: str) -> None:
    """Let the process die right after a text reached a side."""

    def dies(_number: int, what: str, when: str) -> bool:
        return (what, when) == ("commit", "after") and any(text in body for body in bodies(lab, side))

    lab.die = dies


def cut_off(lab: Lab, side: str) -> None:
    """Run until the first pieces are there, and no further."""
    dies_after(lab, side, WORDS[0])
    with pytest.raises(Crash):
        lab.sync()
    lab.die = None
    assert not any(WORDS[-1] in body for body in bodies(lab, side))
    lab.time.sleep(200)


def times(lab: Lab, side: str) -> list[int]:
    """Return how often each paragraph was copied to a side."""
    everything = "\n".join(bodies(lab, side))
    return [everything.count(word) for word in WORDS]


@pytest.mark.long
def test_a_limit_learnt_in_between_changes_no_piece(theatre: Theatre) -> None:
    """The other pieces are those that were fixed, though a shorter text would be cut otherwise now."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.until_clean(lab.sync)
    lab.world.dashly.customer_writes(talk, LONG)
    cut_off(lab, "intercom")
    with lab.memory() as store:
        store.meta.set_max_text(IC, 7_000)

    lab.until_clean(lab.sync)

    assert times(lab, "intercom") == [1] * len(WORDS)


def test_an_edit_in_between_arrives_as_an_edit(theatre: Theatre) -> None:
    """What was begun is left as it is, and the new words arrive whole in a note."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.until_clean(lab.sync)
    part = lab.world.dashly.customer_writes(talk, LONG)
    cut_off(lab, "intercom")
    lab.world.dashly.edit_part(talk, part, "never mind.")

    lab.sync()

    assert sum("never mind." in body for body in bodies(lab, "intercom")) == 1
    assert any(body.startswith("Edited") for body in bodies(lab, "intercom") if "never mind." in body)


@pytest.mark.long
@pytest.mark.parametrize("learnt", [None, 3_000])
def test_a_transcript_goes_on_within_a_part(theatre: Theatre, learnt: int | None) -> None:
    """A part that no note holds whole is told to its end, and not once more from its beginning."""
    lab = theatre.bound()
    desk = lab.world.intercom
    then = lab.time.now() - 1_000_000
    desk.customer_starts(desk.customer("Eva"), LONG, created=then)
    dies_after(lab, "dashly", WORDS[0])
    with pytest.raises(Crash):
        lab.backfill(IC)
    lab.die = None
    lab.time.sleep(200)
    if learnt is not None:
        with lab.memory() as store:
            store.meta.set_max_text(IC.other, learnt)

    lab.until_clean(lambda: lab.backfill(IC))

    assert times(lab, "dashly") == [1] * len(WORDS)
    assert mirror(lab, "dashly")
