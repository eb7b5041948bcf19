"""Watermarks, runs, facts, people, quarantine and conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.model import Agent, AuthorKind, Customer, Side
from state.records import Queue

if TYPE_CHECKING:
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.floats(0, 1e10), min_size=1, max_size=10))
def test_a_watermark_never_goes_back(store: Store, times: list[float]) -> None:
    """Whatever order runs end in, the furthest window end stays."""
    store.watermarks.reset(D, 0.0)
    for at in times:
        store.watermarks.advance(D, at)

    assert max(times) == store.watermarks.get(D)


def test_a_watermark_can_be_chosen(store: Store) -> None:
    """Only a deliberate reset moves it back, and one side at a time."""
    store.watermarks.advance(D, 50.0)

    store.watermarks.reset(D, 10.0)

    assert (store.watermarks.get(D), store.watermarks.get(IC)) == (10.0, None)


def test_a_killed_run_is_shown_without_an_end(store: Store) -> None:
    """The log of runs shows the newest first and tells a killed one from a finished one."""
    store.runs.begin("a", Queue.SYNC, 1.0)
    store.runs.finish("a", 2.0, 1, {"seen": 3, "who": "Zoë"})
    store.runs.begin("b", "backfill", 5.0)

    newest, oldest = store.runs.last(5)

    assert tuple(newest[k] for k in ("id", "finished", "exit_code", "report")) == ("b", None, None, None)
    assert tuple(oldest[k] for k in ("id", "finished", "exit_code", "report")) == (
        "a",
        2.0,
        1,
        {"seen": 3, "who": "Zoë"},
    )
    assert [run["id"] for run in store.runs.last(1)] == ["b"]


def test_a_fact_is_replaced(store: Store) -> None:
    """A fact has one value."""
    store.meta.set("k", "1")
    store.meta.set("k", "2")

    assert (store.meta.get("k"), store.meta.get("other")) == ("2", None)


def test_teammates_are_remembered_with_what_was_known_of_them(store: Store) -> None:
    """A later listing without an e-mail does not erase the one that was known."""
    met = (Agent("1", "Anna", "anna@example.com"), Agent("2", "Bot", kind=AuthorKind.BOT))
    store.people.put_agents(D, met)

    store.people.put_agents(D, (Agent("1", "Anna B."),))

    assert store.people.agents(D) == (
        Agent("1", "Anna B.", "anna@example.com"),
        Agent("2", "Bot", kind=AuthorKind.BOT),
    )
    assert store.people.agents(IC) == ()


def test_a_customer_is_found_by_external_id_on_their_own_side_only(store: Store) -> None:
    """Nobody is mistaken for a person of the other side, nor for a teammate."""
    store.people.put_customer(D, Customer("7", external_id="u1", email="a@b.c"))
    store.people.put_agents(D, (Agent("8", "Anna"),))

    assert (store.people.by_external_id(D, "u1"), store.people.by_external_id(IC, "u1")) == ("7", None)


def test_no_address_of_a_customer_is_kept(store: Store) -> None:
    """The file holds ids of customers, but neither e-mail nor name."""
    store.people.put_customer(D, Customer("7", external_id="u1", name="Zoë", email="a@b.c", phone="1"))

    row = store.file.read("SELECT * FROM people")[0]

    assert (row["name"], row["email"]) == (None, None)


def test_a_counterpart_survives_meeting_the_customer_again(store: Store) -> None:
    """Who stands for whom is settled once."""
    store.people.set_counterpart(D, "7", "c1")
    store.people.put_customer(D, Customer("7", external_id="u1"))

    assert (store.people.counterpart(D, "7"), store.people.by_external_id(D, "u1")) == ("c1", "7")


def test_quarantine_counts_attempts_and_stops_the_conversation(store: Store) -> None:
    """The same poison twice is one item with two attempts; the conversation is not worked on."""
    row = store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)

    store.quarantine.put(row, D, "p", "first", at=1.0)
    store.quarantine.put(row, D, "p", "again", at=5.0)

    (item,) = store.quarantine.items()
    assert (item.reason, item.first_at, item.last_at, item.attempts) == ("again", 1.0, 5.0, 2)
    assert store.pairs.due(Queue.SYNC, 9.0, linked=False, after=0, limit=5) == []


def test_a_conversation_goes_on_when_its_last_item_is_released(store: Store) -> None:
    """With two items in quarantine, releasing one is not enough."""
    row = store.pairs.listed(D, "1", due=1.0, queue=Queue.BACKFILL)
    store.quarantine.put(row, D, "p", "bad", at=1.0)
    store.quarantine.put(row, D, "q", "bad", at=1.0)
    first, second = (item.id for item in store.quarantine.items())

    assert store.quarantine.release(first, due=7.0)
    between = store.pairs.get(row).state
    assert store.quarantine.release(second, due=7.0)

    pair = store.pairs.get(row)
    assert (between, pair.state, pair.due, pair.queue) == ("quarantined", "active", {D: 7.0}, "backfill")
    assert not store.quarantine.release(first, due=7.0)


def test_what_is_tried_again_wakes_when_its_time_has_come(store: Store) -> None:
    """A failure that may pass is counted, sleeps until its time, and is forgotten when all went well."""
    row = store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)
    store.pairs.set_due(row, {})
    for at in (10.0, 20.0):
        store.quarantine.put(row, D, "", "did not answer", at=at, retry_at=at + 60)

    store.quarantine.release_due(Queue.SYNC, 79.0, failed_before=70.0)
    store.quarantine.release_due(Queue.SYNC, 80.0, failed_before=20.0)
    store.quarantine.release_due(Queue.BACKFILL, 80.0, failed_before=70.0)
    before = store.pairs.get(row).state
    store.quarantine.release_due(Queue.SYNC, 80.0, failed_before=70.0)

    assert (before, store.pairs.get(row).state, store.pairs.get(row).due) == (
        "quarantined",
        "active",
        {D: 80.0},
    )
    assert store.quarantine.attempts(row) == 2
    store.quarantine.forget_retried(row)
    assert (store.quarantine.items(), store.quarantine.attempts(row)) == ([], 0)


def test_what_was_woken_in_vain_sleeps_on(store: Store) -> None:
    """A run that ended before it came to it leaves it as it was."""
    row = store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)
    other = store.pairs.listed(D, "2", due=1.0, queue=Queue.SYNC)
    store.quarantine.put(row, D, "", "did not answer", at=1.0, retry_at=2.0)
    store.quarantine.release_due(Queue.SYNC, 5.0, failed_before=5.0)

    store.quarantine.park(Queue.SYNC)

    assert (store.pairs.get(row).state, store.pairs.get(row).due) == ("quarantined", {})
    assert (store.pairs.get(other).state, store.pairs.get(other).due) == ("active", {D: 1.0})


def test_what_waits_for_a_person_does_not_wake(store: Store) -> None:
    """One part that cannot be carried holds its conversation, whatever else may pass."""
    row = store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)
    store.quarantine.put(row, D, "", "did not answer", at=1.0, retry_at=2.0)
    store.quarantine.put(row, D, "9", "bad part", at=1.0)

    store.quarantine.release_due(Queue.SYNC, 50.0, failed_before=50.0)
    store.quarantine.forget_retried(row)

    assert store.pairs.get(row).state == "quarantined"
    assert [item.part for item in store.quarantine.items()] == ["9"]


def test_a_side_that_failed_is_not_held_against_its_conversations(store: Store) -> None:
    """After an outage everything is tried again at once."""
    row = store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)
    for _ in range(7):
        store.quarantine.put(row, D, "", "did not answer", at=5.0, retry_at=3000.0)

    store.quarantine.reset(since=6.0)
    kept = store.quarantine.attempts(row)
    store.quarantine.reset(since=5.0)

    assert kept == 7
    assert [(item.attempts, item.retry_at) for item in store.quarantine.items()] == [(1, 5.0)]


def test_a_conflict_is_kept_once(store: Store) -> None:
    """The same two values again are not news."""
    row = store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)
    values = {D: "open", IC: "closed"}

    news = [
        store.conflicts.put(row, "status", values, winner="dashly", rule="newer", at=at) for at in (1.0, 2.0)
    ]

    assert news == [True, False]
    assert [(c.dashly, c.intercom, c.winner, c.at) for c in store.conflicts.last(5)] == [
        ("open", "closed", "dashly", 1.0)
    ]
    assert store.conflicts.last(5, conversation=row + 1) == []


def test_old_reports_are_added_up_by_day(store: Store) -> None:
    """After a month a quiet run is a figure in its day; one that wrote keeps its row, for what it made."""
    day, now = 86_400.0, 400 * 86_400.0
    for number in range(3):
        wrote = {"dashly": 2 * (number == 1), "intercom": 0}
        store.runs.begin(f"r{number}", Queue.SYNC, number * 60.0)
        report = {"writes": wrote, "parts": {"copied": number}, "attention": ["told"], "run_id": "x"}
        store.runs.finish(f"r{number}", number * 60.0 + 1, number % 2, report)
    store.runs.begin("killed", Queue.SYNC, 200.0)
    store.runs.begin("new", Queue.SYNC, now - 29 * day)
    store.runs.finish("new", now, 0, {"writes": {}})

    store.runs.roll_up(now)
    store.runs.roll_up(now)

    assert [(run["id"], run["report"]) for run in store.runs.last(9)] == [
        ("new", {"writes": {}}),
        ("killed", None),
        ("r1", None),
    ]
    assert store.runs.days() == [
        {
            "day": "1970-01-01",
            "command": Queue.SYNC,
            "writes": {"dashly": 2, "intercom": 0},
            "parts": {"copied": 3},
            "exit_codes": {"0": 2, "1": 1},
        }
    ]
    store.runs.roll_up(now + 2 * day)
    assert [one["day"] for one in store.runs.days()] == ["1971-01-07"]
