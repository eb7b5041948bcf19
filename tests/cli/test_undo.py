"""What a backfill made is taken back, unless somebody else has touched it; then it can be made again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.cli.terminal import Terminal

DAY = 86_400.0
NORA, NORA_THERE = "151204", "814860"


@pytest.fixture
def past(place: Any) -> Any:
    """A bound place whose Dashly has a past: closed, tagged, given to somebody, and two of one customer."""
    desk, now = place.world.dashly, place.world.clock.now()
    talks = []
    for number in range(4):
        customer = desk.customer(f"Eva {number}", user_id=f"acct-{number}")
        talks.append(desk.customer_starts(customer, f"Question {number}", created=now - 9 * DAY))
        desk.agent_writes(talks[-1], f"Answer {number}", agent=NORA, created=now - 8 * DAY)
    desk.close(talks[0], agent=NORA, created=now - 7 * DAY)
    desk.tag(talks[1], "vip", created=now - 7 * DAY)
    desk.assign(talks[2], NORA, created=now - 7 * DAY)
    desk.customer_starts(customer, "One more thing", created=now - 6 * DAY)
    place.wait(5)
    assert place.run("init").code == 0
    return place


def backfill(place: Any) -> str:
    """Carry the past over and return the run's id."""
    done = place.run("backfill", "--from", "dashly", "--yes", "--json")
    assert done.code == 0, done.err
    run: str = done.json["run_id"]
    return run


def there(place: Any) -> tuple[int, int]:
    """Return how many conversations and contacts Intercom has."""
    truth = place.world.truth()["intercom"]
    people = [person for person in truth["contacts"] if not person.get("deleted")]
    return len(truth["conversations"]), len(people)


def copy_of(place: Any, words: str) -> str:
    """Return the copy that begins with some words."""
    talks = place.world.truth()["intercom"]["conversations"]
    (found,) = [talk["id"] for talk in talks if words in talk["source"]["body"]]
    return str(found)


def test_what_a_backfill_made_is_taken_back_and_can_be_made_again(past: Any) -> None:
    """No conversation and no contact of ours is left, `verify` says so, and a backfill makes it again."""
    before = there(past)
    run = backfill(past)
    assert there(past) == (before[0] + 5, before[1] + 4)

    undone = past.run("undo", "--run", run, "--yes", "--json")

    assert (undone.code, len(undone.json["deleted"]), undone.json["contacts_deleted"]) == (0, 5, 4)
    assert there(past) == before
    checked = past.run("verify", "--json")
    assert (checked.json["pairs"], checked.json["conversations"]["without_mirror"]) == (0, 5)
    again = past.run("undo", "--run", run, "--yes", "--json")
    assert (again.code, again.json["deleted"], again.json["contacts_deleted"]) == (0, [], 0)
    assert past.run("sync", "--json").json["writes"] == {"dashly": 0, "intercom": 0}
    backfill(past)
    assert there(past) == (before[0] + 5, before[1] + 4)
    assert past.run("verify").code == 0


def test_a_backfill_is_found_again_after_any_number_of_runs(past: Any) -> None:
    """Without --run the backfills are listed, newest first; an unknown id names the command that does it."""
    first = past.run("backfill", "--from", "dashly", "--limit", "2", "--yes", "--json").json["run_id"]
    past.wait(60)
    second = backfill(past)
    for _ in range(6):
        past.run("sync")

    listed = past.run("undo")
    told = past.run("undo", "--json").json
    unknown = past.run("undo", "--run", "nosuchrun", "--yes")

    assert (listed.code, told["exit_code"]) == (0, 0)
    assert [row["run_id"] for row in told["backfills"]] == [second, first]
    assert [(row["intercom"], row["dashly"]) for row in told["backfills"]] == [(3, 0), (2, 0)]
    assert listed.out.index(second) < listed.out.index(first)
    assert listed.out.endswith(f"Next: connector undo --run {second}\n")
    assert unknown.code == 2
    assert "next: connector undo\n" in unknown.err
    assert past.run("undo", "--run", first, "--yes").code == 0
    assert [row["run_id"] for row in past.run("undo", "--json").json["backfills"]] == [second]


TOUCHED = {
    "an answer": lambda desk, talk: desk.agent_writes(talk, "I looked at it.", agent=NORA_THERE),
    "a note": lambda desk, talk: desk.agent_notes(talk, "Look at this.", agent=NORA_THERE),
    "a tag": lambda desk, talk: desk.tag(talk, "keep", agent=NORA_THERE),
    "a new status": lambda desk, talk: desk.close(talk, agent=NORA_THERE),
    "an assignment": lambda desk, talk: desk.assign(talk, NORA_THERE, agent=NORA_THERE),
    "the customer": lambda desk, talk: desk.customer_writes(talk, "Hello again"),
}


@pytest.mark.long
@pytest.mark.parametrize("how", TOUCHED)
@pytest.mark.parametrize(
    ("synced", "marked"), [(False, True), (True, True), (True, False)], ids=["unseen", "seen", "unmarked"]
)
def test_what_somebody_touched_is_left(past: Any, how: str, synced: bool, marked: bool) -> None:  # noqa: FBT001 - parameters
    """It stays with its contact, in step, and is told.

    Neither whether a sync saw it before makes a difference, nor whether Intercom marks what our token did.
    """
    state = past.world.intercom.state
    state.switches = replace(state.switches, app_package_code=marked)
    run = backfill(past)
    kept = copy_of(past, "Question 1")
    past.wait(60)
    TOUCHED[how](past.world.intercom, kept)
    if synced:
        past.wait(60)
        past.run("sync")

    undone = past.run("undo", "--run", run, "--yes", "--json")

    assert undone.code == 1
    assert [row["intercom"] for row in undone.json["kept"]] == [kept]
    assert len(undone.json["deleted"]) == 4
    assert copy_of(past, "Question 1") == kept
    assert any(kept in line for line in undone.json["attention"])


@pytest.mark.long
def test_a_contact_that_somebody_knows_is_left(past: Any) -> None:
    """One who wrote by themselves meanwhile, and one to whom a teammate gave an attribute."""
    run = backfill(past)
    state = past.world.intercom.state
    made = sorted(
        (contact for contact in state.contacts.values() if contact.external_id in {"acct-0", "acct-1"}),
        key=lambda contact: contact.external_id,
    )
    past.world.intercom.customer_starts(made[0].id, "A question of my own")
    made[1].custom_attributes["plan"] = "gold"

    undone = past.run("undo", "--run", run, "--yes", "--json")

    assert (len(undone.json["deleted"]), undone.json["contacts_deleted"]) == (5, 2)
    assert not made[0].deleted
    assert not made[1].deleted


GIVEN = {
    "a phone": ("phone", "+79001234567"),
    "an e-mail": ("email", "eva@example.org"),
    "a name": ("name", "Eve"),
}


@pytest.mark.long
@pytest.mark.parametrize("what", GIVEN)
def test_a_contact_to_whom_somebody_gave_details_is_left(past: Any, what: str) -> None:
    """What Intercom shows of them did not come from their Dashly user: they stay, and a person is told."""
    run = backfill(past)
    state = past.world.intercom.state
    (made,) = [contact for contact in state.contacts.values() if contact.external_id == "acct-1"]
    setattr(made, *GIVEN[what])

    undone = past.run("undo", "--run", run, "--yes", "--json")

    assert (undone.code, len(undone.json["deleted"]), undone.json["contacts_deleted"]) == (1, 5, 3)
    assert [kept["intercom"] for kept in undone.json["contacts_kept"]] == [made.id]
    assert not made.deleted
    assert any(made.id in line for line in undone.json["attention"])
    again = past.run("undo", "--run", run, "--yes", "--json")
    assert (again.code, again.json["contacts_deleted"]) == (0, 0)


def test_copies_on_dashly_are_named_for_a_person(place: Any) -> None:
    """No call of Dashly's removes anything: all is listed and nothing is written."""
    contact = place.world.intercom.customer("Max")
    talk = place.world.intercom.customer_starts(contact, "Signed out")
    place.wait(5)
    place.run("init")
    run = place.run("backfill", "--from", "intercom", "--yes", "--json").json["run_id"]
    written = len(place.remote_writes())

    undone = place.run("undo", "--run", run, "--yes", "--json")

    assert (undone.code, undone.json["deleted"]) == (1, [])
    assert [row["intercom"] for row in undone.json["by_hand"]] == [talk]
    assert len(place.remote_writes()) == written


@pytest.mark.long
def test_before_2_13_everything_is_named_for_a_person(past: Any) -> None:
    """There a conversation cannot be deleted."""
    past.configure("[intercom]", '[intercom]\napi_version = "2.11"')
    run = backfill(past)

    undone = past.run("undo", "--run", run, "--yes", "--json")

    assert (undone.code, undone.json["deleted"], len(undone.json["by_hand"])) == (1, [], 5)


@pytest.mark.parametrize("run", ["no-such-run", ""])
def test_an_unknown_run_is_refused(past: Any, run: str) -> None:
    """One sentence and exit 2."""
    said = past.run("undo", "--run", run, "--yes")

    assert (said.code, said.is_told()) == (2, True), said.err


def test_only_a_backfill_is_taken_back(past: Any) -> None:
    """What a sync carried is live: nobody deletes that by a run's number."""
    run = past.run("sync", "--json").json["run_id"]

    said = past.run("undo", "--run", run, "--yes")

    assert (said.code, said.is_told()) == (2, True)
    assert "sync" in said.err


@pytest.mark.long
def test_it_asks_first(past: Any) -> None:
    """Without a terminal and without `--yes` nothing is deleted."""
    run = backfill(past)
    before = there(past)

    said = past.run("undo", "--run", run)

    assert (said.code, said.is_told()) == (2, True)
    assert there(past) == before


@pytest.mark.long
def test_a_no_deletes_nothing_and_says_so(past: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left in doubt: the conversations are named as deleted by no sentence."""
    run = backfill(past)
    before = there(past)
    monkeypatch.setattr("sys.stdin", Terminal(lambda: "n"))

    said = past.run("undo", "--run", run)

    assert (said.code, there(past)) == (130, before)
    assert said.err.endswith("connector: aborted; nothing was deleted\n  next: connector undo\n")


def test_with_nothing_left_to_delete_nobody_is_asked(past: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that there is nothing, and what to type next; programs get rows alone."""
    run = backfill(past)
    assert past.run("undo", "--run", run, "--yes").code == 0
    monkeypatch.setattr("sys.stdin", Terminal())

    again, listed, rows = past.run("undo", "--run", run), past.run("undo"), past.run("undo", "--plain")

    assert (again.code, again.err) == (0, "")
    assert again.out.startswith("0 conversations to delete")
    assert again.out.endswith("Next: connector undo\n")
    assert listed.out == "Backfills that made copies: none\nNext: connector status\n"
    assert [line[:1] for line in rows.out.splitlines()] == ["#", "#"]


@pytest.mark.long
def test_a_mapping_that_was_mended_does_not_stand_in_the_way(past: Any) -> None:
    """What a wrong mapping made is the very reason for an undo."""
    run = backfill(past)
    past.config.write_text(past.config.read_text() + f'\n[map.admins]\n"{NORA}" = "{NORA_THERE}"\n')

    assert past.run("undo", "--run", run, "--yes").code == 0
    assert past.run("sync").code == 5
