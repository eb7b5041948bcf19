"""What a run and the passes within it report: each sentence once, and what waits as one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.run.report import Report
from mappings.model import Side

if TYPE_CHECKING:
    import pytest


def notice(number: int) -> Notice:
    """Return a notice about a conversation."""
    return Notice(NoticeKind.NOT_SENT, Side.DASHLY, str(number), "1")


def test_a_sentence_is_made_once_for_each_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are already: a mailing to everybody makes one for each customer."""
    made: list[str] = []
    sentence = Notice.sentence

    def counted(told: Notice) -> str:
        made.append(told.conversation)
        return sentence(told)

    monkeypatch.setattr(Notice, "sentence", counted)
    report = Report("r", "sync", 0.0)

    for number in (*range(50), 7):
        report.notice(notice(number))

    assert len(made) == 51
    assert [told.conversation for told in report.notices] == [str(number) for number in range(50)]


def test_a_conversation_that_waits_for_a_pass_waits_for_the_run() -> None:
    """Until a later pass goes on with it; what was counted stays apart."""
    report = Report("r", "backfill", 0.0)
    report.block(1)
    report.beside("sync", 1.0).block(2)
    assert (report.blocked, report.exit_code) == (2, 1)

    later = report.beside("sync", 2.0)
    later.unblock(2)
    later.count(seen=3)

    assert (report.blocked, report.seen, later.run_id) == (1, 0, "r")
