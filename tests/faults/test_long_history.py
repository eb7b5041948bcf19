"""Long histories: few notes whatever stands between the words, and what follows on a part left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import Side
from tests.faults.conversations import DAY, bodies, told
from tests.faults.lab import IC

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre


def test_events_that_are_left_out_cut_no_transcript(theatre: Theatre) -> None:
    """Real threads are full of silent events: eleven short messages still make one note."""
    lab = theatre.bound()
    desk, then = lab.world.intercom, lab.time.now() - 5 * DAY
    talk = desk.customer_starts(desk.customer("Eva", created=then), "line 0.", created=then)
    for number in range(1, 11):
        at = then + number * 10
        desk.customer_writes(talk, f"line {number}.", created=at)
        desk.insert_part(talk, "operator_workflow_event", created=at + 1, fields={"author": "bot"})

    lab.until_clean(lambda: lab.backfill(IC))

    notes = [body for body in bodies(lab, "dashly") if "History copied" in body]
    assert len(notes) == 1
    assert [told(lab, "dashly", f"line {number}.") for number in range(11)] == [1] * 11


def test_a_long_message_is_no_loop(theatre: Theatre) -> None:
    """The pieces of one text count once for the breaker."""
    lab = theatre.bound(settings={"limits": {"breaker_writes": 5}})
    desk = lab.world.dashly
    desk.customer_starts(desk.customer("Eva"), " ".join(["word"] * 40_000))

    ran = lab.sync()

    assert ran.code == 0
    assert len(bodies(lab, "intercom")) > 5


def test_a_backfill_goes_on_where_a_part_was_left_out(theatre: Theatre) -> None:
    """What a person decided about a past conversation is carried out by the next backfill."""
    lab = theatre.bound()
    desk, then = lab.world.dashly, lab.time.now() - 5 * DAY
    talk = desk.customer_starts(desk.customer("Eva", created=then), "one.", created=then)
    desk.customer_writes(talk, "two.", created=then + 10)
    desk.customer_writes(talk, "three.", created=then + 20)
    lab.world.fault("status", side="intercom", method="POST", path="/reply$", status=400)
    lab.backfill(Side.DASHLY)

    assert lab.skip_all() == ["connector backfill --from dashly"]
    lab.until_clean(lambda: lab.backfill(Side.DASHLY))

    assert [told(lab, "intercom", text) for text in ("one.", "two.", "three.")] == [1, 0, 1]
