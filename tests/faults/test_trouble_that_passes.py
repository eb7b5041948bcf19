"""Trouble that may pass: whatever fails holds up nobody else, and is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.sandbox.exchange import Upload
from tests.faults.conversations import begin, bodies, parts, told

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

ENDLESS = 10_000


def watermark(lab: Lab) -> float:
    """Return how far Intercom was read."""
    with lab.memory() as store:
        return min(store.watermarks.get(side) or 0.0 for side in store.budgets)


def waiting(lab: Lab) -> list[tuple[int, bool]]:
    """Return of everything in quarantine how often it failed and whether it is tried again by itself."""
    with lab.memory() as store:
        return [(item.attempts, item.retry_at is not None) for item in store.quarantine.items()]


@pytest.mark.long
def test_a_conversation_that_always_fails_delays_only_itself(theatre: Theatre) -> None:
    """Others go on, the watermark passes, fewer reads are spent, and it is carried once it answers."""
    lab = theatre.bound(settings={"sync": {"sweep": 0}})
    poison = begin(lab, "intercom", "poison.")
    rule = lab.world.fault("status", side="intercom", path=f"/conversations/{poison}$", times=ENDLESS)
    lab.sync()
    before = watermark(lab)
    begin(lab, "intercom", "another one.")
    ran = lab.sync()
    for _ in range(6):
        lab.time.sleep(30)
        lab.sync()
    tried = rule.used
    lab.time.sleep(10)
    quiet = lab.sync()

    assert told(lab, "dashly", "another one.") == 1
    assert watermark(lab) > before
    assert ran.code == 1
    assert any("in quarantine" in line for line in ran.attention)
    assert [(failed > 5, again) for failed, again in waiting(lab)] == [(True, True)]
    assert (rule.used, quiet.writes) == (tried, 0)
    lab.world.clear_faults()
    lab.time.sleep(4000)
    lab.until_clean(lab.sync)
    assert told(lab, "dashly", "poison.") == 1
    assert waiting(lab) == []


@pytest.mark.long
def test_an_outage_is_not_held_against_the_conversations(theatre: Theatre) -> None:
    """While Intercom answers no conversation, nothing is given up; afterwards all are carried."""
    lab = theatre.bound(settings={"sync": {"sweep": 0}})
    for number in range(7):
        begin(lab, "intercom", f"question {number}.")
    lab.world.fault("status", side="intercom", method="GET", path=r"/conversations/\d+$", times=ENDLESS)
    codes = set()
    for _ in range(8):
        codes.add(lab.sync().code)
        lab.time.sleep(30)
    lab.world.clear_faults()
    lab.time.sleep(1000)

    lab.until_clean(lab.sync)

    assert codes == {1, 3}
    assert [told(lab, "dashly", f"question {number}.") for number in range(7)] == [1] * 7


@pytest.mark.long
@pytest.mark.parametrize("count", [1, 7])
def test_writes_that_always_fail_hold_no_run(theatre: Theatre, count: int) -> None:
    """A mirror that takes no word: the run waits for it once, others go on, and later runs do not wait."""
    lab = theatre.bound()
    talks = [begin(lab, "dashly", f"question {number}.") for number in range(count)]
    lab.until_clean(lab.sync)
    lab.world.fault("status", side="intercom", method="POST", path="/reply$", times=ENDLESS)
    for talk in talks:
        lab.world.dashly.customer_writes(talk, "never arrives.")
    began = lab.time.now()
    lab.sync()
    first = lab.time.now() - began
    lab.world.clear_faults()
    lab.world.fault("status", side="intercom", method="POST", path="/reply$", times=ENDLESS, nth=2)
    began = lab.time.now()
    begin(lab, "intercom", "another one.")
    lab.sync()

    assert first < 300
    assert lab.time.now() - began < 60
    assert told(lab, "dashly", "another one.") == 1
    lab.world.clear_faults()
    lab.time.sleep(1000)
    lab.until_clean(lab.sync)
    assert told(lab, "intercom", "never arrives.") == count


def test_unreadable_conversations_are_no_outage(theatre: Theatre) -> None:
    """However many answers make no sense, the others are carried in the same run."""
    lab = theatre.bound(settings={"sync": {"sweep": 0}})
    bad = [begin(lab, "intercom", f"bad {number}.") for number in range(8)]
    begin(lab, "intercom", "good.")
    for talk in bad:
        lab.world.fault("html", side="intercom", path=f"/conversations/{talk}$", status=200, times=ENDLESS)

    ran = lab.sync()

    assert (ran.code, told(lab, "dashly", "good.")) == (1, 1)


@pytest.mark.long
def test_a_file_host_that_is_away_for_a_moment_loses_no_file(theatre: Theatre) -> None:
    """The message waits for its file for a few runs; after that the file is named, in the ledger as well."""
    paper = Upload("paper.txt", b"on paper", "text/plain")
    for minutes, arrives in ((1, True), (ENDLESS, False)):
        lab = theatre.bound()
        desk = lab.world.intercom
        desk.customer_starts(desk.customer("Max"), "with a file.", attachments=[paper])
        lab.away = minutes
        for _ in range(6):
            lab.sync()
            lab.time.sleep(200)
        lab.until_clean(lab.sync)

        files = [file["name"] for part in parts(lab, "dashly") for file in part["attachments"]]
        assert files == (["paper.txt"] if arrives else [])
        assert told(lab, "dashly", "with a file.") == 1
        named = [body for body in bodies(lab, "dashly") if "File not copied: paper.txt" in body]
        assert len(named) == (0 if arrives else 1)
        with lab.memory() as store:
            (pair,) = store.pairs.linked_pairs()
            lost = [row.losses for rows in store.ledger.of(pair.row).values() for row in rows.values()]
        assert any("paper.txt" in loss.detail for losses in lost for loss in losses) is not arrives


@pytest.mark.long
def test_a_backlog_is_no_loop(theatre: Theatre) -> None:
    """Three hours without the connector and many messages: all are carried, whatever the breaker allows."""
    lab = theatre.bound(settings={"limits": {"breaker_writes": 10}})
    talk = begin(lab)
    lab.until_clean(lab.sync)
    for number in range(36):
        lab.time.sleep(300)
        lab.world.dashly.customer_writes(talk, f"line {number}.")

    ran = lab.sync()

    assert ran.code == 0
    assert [told(lab, "intercom", f"line {number}.") for number in range(36)] == [1] * 36
