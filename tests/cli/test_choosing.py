"""What a backfill is asked for: every option chooses the same for `plan`, `backfill` and `verify`."""

from __future__ import annotations

import re
from typing import Any

import pytest

DAY = 86_400.0
NORA = "151204"
CHANNEL = "3012"


@pytest.fixture
def past(place: Any) -> dict[str, str]:
    """A bound place whose Dashly has a past of many kinds; the conversations by what is special in them."""
    desk, now = place.world.dashly, place.world.clock.now()
    talks = {}
    for number, name in enumerate(("old", "closed", "tagged", "given", "moved", "plain")):
        customer = desk.customer(name.title(), user_id=f"acct-{name}")
        talks[name] = desk.customer_starts(customer, name, created=now - (6 - number) * DAY)
    desk.close(talks["closed"], agent=NORA, created=now - 4.9 * DAY)
    desk.tag(talks["tagged"], "vip", created=now - 3.9 * DAY)
    desk.assign(talks["given"], NORA, created=now - 2.9 * DAY)
    desk.state.conversations[int(talks["moved"])].channel = int(CHANNEL)
    place.wait(5)
    assert place.run("init").code == 0
    return talks


def carried(place: Any) -> list[str]:
    """Return what stands first in each conversation on Intercom, in the order in which they were made."""
    talks = place.world.truth()["intercom"]["conversations"]
    return [
        re.sub("<[^>]*>", "", talk["source"]["body"]) for talk in sorted(talks, key=lambda t: int(t["id"]))
    ]


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--tag", "vip"], {"tagged"}),
        (["--status", "closed"], {"closed"}),
        (["--assignee", NORA], {"given"}),
        (["--channel", CHANNEL], {"moved"}),
        (["--since", "4d", "--until", "50h"], {"tagged", "given"}),
        (["--sample", "5"], {"old", "closed", "tagged", "given", "moved"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_plan_and_backfill_choose_the_same(
    place: Any, past: dict[str, str], options: list[str], expected: set[str]
) -> None:
    """What the plan counted is what is carried, and nothing else."""
    assert past

    planned = place.run("plan", "backfill", "--from", "dashly", *options, "--json")
    done = place.run("backfill", "--from", "dashly", *options, "--yes", "--json")

    assert set(carried(place)) == expected
    assert planned.json["created"] == done.json["conversations"]["created"] == len(expected)


@pytest.mark.long
def test_ids_may_stand_in_a_file(place: Any, past: dict[str, str]) -> None:
    """One a line, with remarks; a backfill that is stopped names the file, not a thousand ids."""
    file = place.folder / "wanted.txt"
    file.write_text(f"# the two that matter\n{past['old']}\n\n{past['plain']}\n{past['old']}\n")

    done = place.run("backfill", "--from", "dashly", "--id-file", str(file), "--yes", "--json")

    assert done.code == 0
    assert set(carried(place)) == {"old", "plain"}
    command = place.run("status", "--json").json["backfill"]["command"]
    assert command == f"connector backfill --from dashly --id-file {file}"


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["closed", "plain", "moved", "given", "tagged", "old"]),
        (["--order", "newest"], ["plain", "moved", "given", "tagged", "closed", "old"]),
        (["--order", "oldest"], ["old", "closed", "tagged", "given", "moved", "plain"]),
        (["--order", "oldest", "--limit", "2"], ["old", "closed"]),
        (["--limit", "2"], ["closed", "plain"]),
    ],
    ids=lambda value: " ".join(value) or "as it is",
)
def test_an_order_is_kept(place: Any, past: dict[str, str], options: list[str], expected: list[str]) -> None:
    """With one worker the conversations are made in that order, whatever an earlier backfill had listed."""
    place.configure('settle = "2s"', 'settle = "2s"\nworkers = 1')
    place.configure("[sync]", "[limits]\nmax_writes = 1\n[sync]")
    stopped = place.run("backfill", "--from", "dashly", "--id", past["given"], "--yes")
    place.configure("max_writes = 1", "max_writes = 1000")
    assert stopped.code == 5
    begun = carried(place)

    place.run("backfill", "--from", "dashly", *options, "--yes")

    assert [name for name in carried(place) if name not in begun] == [n for n in expected if n not in begun]


def test_a_channel_of_intercom_is_a_team(bound: Any) -> None:
    """`--channel` takes the team's id there."""
    desk = bound.world.intercom
    team = next(iter(desk.state.teams))
    customer = desk.customer("Max")
    given, _other = (desk.customer_starts(customer, word) for word in ("for the team", "for nobody"))
    desk.state.conversations[int(given)].team_assignee = team

    done = bound.run("backfill", "--from", "intercom", "--channel", str(team), "--yes", "--json")

    assert done.json["conversations"]["created"] == 1


WRONG = {
    "upside down": ["--since", "2026-03-01", "--until", "2026-02-01"],
    "in the future": ["--since", "2096-01-01"],
    "a tag that is not there": ["--tag", "no such tag"],
    "a teammate who is not there": ["--assignee", "999999"],
    "a team that is not there": ["--channel", "999999"],
    "a name for an id": ["--assignee", "Nora"],
    "an empty tag": ["--tag", ""],
    "an empty id": ["--id", ""],
    "an unknown id": ["--id", "999999"],
    "ids and a filter": ["--id", "1", "--tag", "vip"],
    "ids and a sample": ["--id", "1", "--sample", "3"],
    "a sample and a limit": ["--sample", "3", "--limit", "3"],
    "no sample at all": ["--sample", "0"],
    "an order that is none": ["--order", "random"],
    "no file": ["--id-file", "nowhere.txt"],
    "a folder": ["--id-file", "."],
}


@pytest.mark.parametrize("why", WRONG)
def test_what_chooses_nothing_is_refused(bound: Any, why: str) -> None:
    """One sentence, the next step and exit 2, from `plan` as from `backfill`; nothing is written."""
    for command in (["plan", "backfill"], ["backfill", "--yes"]):
        said = bound.run(*command, "--from", "intercom", *WRONG[why])

        assert said.code == 2, said.err
        assert said.is_told(), said.err
    assert bound.remote_writes() == []


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "names no conversation"),
        (b"# none\n\n", "names no conversation"),
        (b"12 13\n", "line 1"),
        (b"\xff\xfe1", "is not text"),
    ],
    ids=["empty", "remarks only", "two on a line", "is not text"],
)
def test_a_file_without_ids_is_refused(bound: Any, content: bytes, word: str) -> None:
    """An empty file must not mean everything."""
    (bound.folder / "ids.txt").write_bytes(content)

    said = bound.run("backfill", "--from", "dashly", "--id-file", "ids.txt", "--yes")

    assert (said.code, said.is_told()) == (2, True)
    assert word in said.err


def test_unknown_ids_are_named_and_the_others_wait(place: Any, past: dict[str, str]) -> None:
    """Nothing is written while one of them is wrong."""
    said = place.run("backfill", "--from", "dashly", "--id", past["old"], "--id", "77", "--id", "78", "--yes")

    assert said.code == 2
    assert "77, 78" in said.err
    assert place.remote_writes() == []


def test_a_side_that_is_not_read_is_refused(place: Any) -> None:
    """`directions` leaves it out: a backfill from there would do nothing, and says so."""
    place.configure("[sync]", '[sync]\ndirections = ["dashly-to-intercom"]')
    place.run("init")

    said = place.run("backfill", "--from", "intercom", "--yes")

    assert (said.code, said.is_told()) == (2, True)
    assert "directions" in said.err


def test_a_choice_that_nothing_fits_is_told(place: Any, past: dict[str, str]) -> None:
    """Dashly has no list of its tags, so a tag may be wrong or only new: no failure, but a word."""
    assert past
    for command in (["plan", "backfill"], ["backfill", "--yes"]):
        said = place.run(*command, "--from", "dashly", "--tag", "vipp", "--json")

        assert said.code == 0
        assert said.json["attention"] == ["no conversation of Dashly matches the options"]


@pytest.mark.long
def test_verify_compares_what_it_is_asked_for(place: Any, past: dict[str, str]) -> None:
    """By an id of either side, or by the time of the last change; the rest is not read."""
    place.run("backfill", "--from", "dashly", "--yes")
    mirror = place.world.truth()["intercom"]["conversations"][0]["id"]

    one = place.run("verify", "--id", past["old"], "--json")
    other = place.run("verify", "--id", mirror, "--json")
    none = place.run("verify", "--since", "1m", "--json")
    place.wait(120)
    place.world.dashly.customer_writes(past["old"], "and now?")
    changed = place.run("verify", "--since", "1m", "--json")

    assert (one.code, one.json["pairs"], other.json["pairs"]) == (0, 1, 1)
    assert none.json["pairs"] <= len(past)
    assert (changed.code, changed.json["pairs"]) == (1, 1)


@pytest.mark.parametrize(
    "options",
    [["--id", "77"], ["--id", ""], ["--since", "2096-01-01"], ["--id", "77", "--since", "1d"]],
    ids=" ".join,
)
def test_verify_refuses_what_chooses_nothing(bound: Any, options: list[str]) -> None:
    """One sentence and exit 2."""
    said = bound.run("verify", *options)

    assert (said.code, said.is_told()) == (2, True)


@pytest.mark.long
def test_a_quick_look_says_what_it_does_not_see(place: Any, past: dict[str, str]) -> None:
    """First and last line; it costs a list of each side, and sees what moved and what is missing."""
    place.run("backfill", "--from", "dashly", "--yes")
    place.run("sync")
    before = len(place.world.requests())
    good = place.run("verify", "--quick")
    asked = [request.path for request in place.world.requests()[before:]]
    place.world.dashly.close(past["plain"], agent=NORA)
    place.world.dashly.customer_writes(past["old"], "and now?")
    mirror = next(iter(place.world.truth()["intercom"]["conversations"]))["id"]
    place.world.intercom.delete_conversation(mirror)

    bad = place.run("verify", "--quick", "--json")

    told = good.out.strip().splitlines()
    assert good.code == 0, good.out
    assert "not compared" in told[0]
    assert "not compared" in told[-1]
    assert not any(path.endswith("/parts") for path in asked)
    assert (bad.code, bad.json["texts_compared"]) == (1, False)
    told_differences = {(row["dashly"], row["what"]) for row in bad.json["differences"]}
    assert (past["plain"], "the status changed since both sides agreed on it") in told_differences
    assert (past["old"], "the list counts 2 parts, the ledger 1") in told_differences
    assert "the list of Intercom does not show it" in {what for _, what in told_differences}
    assert place.run("verify", "--json").json["texts_compared"]


def test_a_quick_look_at_one_conversation_is_refused(bound: Any) -> None:
    """Lists show all or nothing."""
    said = bound.run("verify", "--quick", "--id", "7")

    assert (said.code, said.is_told()) == (2, True)
