"""An event that the other side cannot show is told once, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.conversations import begin, bodies, mirror
from tests.faults.lab import NORA, NORA_THERE

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre


@pytest.mark.long
@pytest.mark.parametrize("apart", [True, False])
def test_a_move_to_an_unmapped_channel_makes_one_note(theatre: Theatre, *, apart: bool) -> None:
    """By its name, also after a move to a mapped one in the same run, or in an earlier one."""
    first = theatre.lab()
    mapped, other = [str(c) for c in first.world.dashly.state.channels][:2]
    team = next(str(key) for key in first.world.intercom.state.teams)
    for moves in ((other,), (mapped, other)):
        lab = theatre.bound(settings={"map": {"channels": {mapped: team}}})
        talk = begin(lab)
        lab.until_clean(lab.sync)
        before = len(bodies(lab, "intercom"))
        for channel in moves:
            lab.world.dashly.change_channel(talk, channel, agent=NORA)
            lab.time.sleep(2)
            if apart:
                lab.until_clean(lab.sync)
        lab.until_clean(lab.sync)
        notes = bodies(lab, "intercom")[before:]
        assert len(notes) == 1, (moves, notes)
        assert other not in notes[0]


@pytest.mark.long
def test_an_agents_waking_is_told_once_and_a_timers_never(theatre: Theatre) -> None:
    """Dashly cannot show a snooze: both of the agent's acts are notes there."""
    lab = theatre.bound()
    begin(lab)
    lab.until_clean(lab.sync)
    talk = mirror(lab, "intercom")
    for act in ("snooze", "reopen"):
        before = len(bodies(lab, "dashly"))
        if act == "snooze":
            lab.world.intercom.snooze(talk, lab.time.now() + 10 * 86_400, agent=NORA_THERE)
        else:
            lab.world.intercom.reopen(talk, agent=NORA_THERE)
        lab.until_clean(lab.sync)
        assert len(bodies(lab, "dashly")) == before + 1, act
