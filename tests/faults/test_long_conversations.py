"""Long conversations cost no more a part than short ones: what is known of an answer is not read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.intercom.views import Views
from tests.faults.conversations import bodies
from tests.faults.lab import NORA, D

if TYPE_CHECKING:
    import pytest

    from mappings.model import Conversation
    from tests.faults.conftest import Theatre

PARTS = 30


def test_each_part_of_an_answer_is_read_once(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backfill of thirty parts reads each of its copies in one answer only."""
    lab = theatre.lab()
    desk = lab.world.dashly
    talk = desk.customer_starts(desk.customer("Eva"), "question.")
    for number in range(PARTS - 1):
        lab.time.sleep(60)
        desk.agent_writes(talk, f"answer {number}.", agent=NORA)
    lab.time.sleep(100)
    lab.init()
    read: list[int] = []
    written = Views.written

    def counted(self: Views, raw: dict[str, object], known: frozenset[str]) -> Conversation:
        view = written(self, raw, known)
        read.append(len([part for part in view.parts if not part.opening]))
        return view

    monkeypatch.setattr(Views, "written", counted)
    lab.backfill(D)

    assert read == [1] * (PARTS - 1)
    assert sum("answer" in text for text in bodies(lab, "intercom")) == PARTS - 1
    assert lab.differences() == []
