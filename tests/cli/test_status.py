"""`status` is one screen for whoever is called at night: is it healthy, what waits, what to type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import BEGIN
from connector.host.lock import exclusive

NORA = "151204"

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_healthy_pair_says_so_in_its_first_line(bound: Any) -> None:
    """Since when, and how far behind each side is."""
    bound.run("sync")

    told, facts = bound.run("status"), bound.run("status", "--json").json

    assert told.out.splitlines()[0].startswith("healthy since ")
    assert "Dashly " in told.out
    assert facts["health"]["healthy"] is True
    assert (facts["lock"], facts["last_failure"], facts["backfill"]["left"]) == (None, None, 0)


def test_right_after_the_binding_nothing_is_wrong(bound: Any) -> None:
    """No run was made yet: that is not an alarm; what to type first is the same wherever it is told."""
    first, second, *_ = bound.run("status").out.splitlines()

    assert first == "not in step yet: no run has been made"
    assert second == f"  next: {BEGIN}"
    assert BEGIN in bound.run("doctor", "--json").out


def test_the_facts_are_rows_for_programs(bound: Any) -> None:
    """With `--plain` every line is a sentence, a title or a row: nothing is padded by blanks."""
    bound.run("sync")

    told = bound.run("status", "--plain").out + bound.run("sync", "--plain").out

    assert "lock\theld by nobody\n" in told
    assert "parts\tnothing new\n" in told
    assert "  " not in told


def test_an_expired_token_is_named_with_what_to_do(bound: Any) -> None:
    """The first two lines are the trouble and the next step; mended, the failure is still told."""
    right, bound.environment["INTERCOM_TOKEN"] = bound.environment["INTERCOM_TOKEN"], "expired"
    bound.run("sync")

    first, second, *_ = bound.run("status").out.splitlines()

    assert first.startswith("NOT HEALTHY since ")
    assert "Intercom refused the token" in first
    assert second.startswith("  next: ")
    bound.environment["INTERCOM_TOKEN"] = right
    bound.run("sync")
    told = bound.run("status").out
    assert told.startswith("healthy since ")
    assert "exit code 7" in told
    assert bound.run("status", "--json").json["last_failure"]["exit_code"] == 7


def test_who_holds_the_lock_is_told_with_its_age(bound: Any) -> None:
    """A run at work is seen from outside."""
    with exclusive(bound.state):
        facts, told = bound.run("status", "--json").json, bound.run("status").out

    assert facts["lock"]["seconds"] is not None
    assert f"held by process {facts['lock']['process']}" in told


def test_an_item_in_quarantine_says_what_to_type(bound: Any) -> None:
    """`status` and `quarantine list` show the same rows under the same names."""
    bound.talk()
    bound.world.fault("status", side="intercom", method="POST", path="/conversations$", status=422, times=9)
    bound.run("sync")

    (row,) = bound.run("status", "--json").json["quarantine"]

    assert row == bound.run("quarantine", "list", "--json").json["quarantine"][0]
    assert row["next"] == f"connector quarantine retry {row['id']}"
    assert row["next"] in bound.run("status").out
    assert bound.run("status", "--json").json["attention"]


def test_an_item_is_told_once_by_the_run_that_put_it_there(bound: Any) -> None:
    """The number is for the runs after it, and is not news to who was told of the item."""
    bound.talk()
    bound.world.fault("status", side="intercom", method="POST", path="/conversations$", status=422, times=9)

    first, second = bound.run("sync", "--json").json, bound.run("sync", "--json").json

    assert [(n["kind"], n["new"]) for n in first["notices"]] == [("quarantined", True)]
    assert [(n["kind"], n["new"]) for n in second["notices"]] == [("still-quarantined", False)]
    assert (first["exit_code"], second["exit_code"]) == (1, 0)


@pytest.mark.long
def test_a_backfill_at_work_says_what_it_has_done_and_when_it_ends(
    settle_in: Callable[..., Any], warp: Any
) -> None:
    """From another process, out of the state file; stopped, it says which command goes on."""
    place = settle_in()
    place.bind_slowly(talks=6)
    begun: list[str] = []
    seen: list[str] = []
    exchange = place.world.exchange

    def look(side: str, request: Any) -> Any:
        if side == "intercom" and request.method == "POST" and request.path == "/conversations":
            warp.jump(15)
            begun.append(request.path)
            if len(begun) == 6:
                seen.extend(beside(place, ["status"], ["status", "--json"]))
        return exchange(side, request)

    place.world.exchange = look
    # Without a live pass, which would carry these conversations before the backfill comes to them; and with a
    # backfill that waits for its answer until both have looked.
    place.configure('settle = "2s"', 'settle = "2s"\nworkers = 1\nevery = "1h"\ntimeout = "10m"')
    place.run("backfill", "--from", "dashly", "--yes")

    told, facts = seen[0], json.loads(seen[1])
    assert "from Dashly: " in told
    assert " a minute, ends in about " in told
    assert facts["backfill"]["running"] is True
    assert facts["backfill"]["done"] + facts["backfill"]["left"] == 6
    assert facts["backfill"]["ends"] is not None
    assert "backfill" not in place.run("status").out.split("Last runs")[0]


def beside(place: Any, *commands: list[str]) -> list[str]:
    """Return what processes of their own say meanwhile, all at once."""
    begun = [place.spawn(*command) for command in commands]
    return [process.communicate(timeout=300)[0] for process in begun]


@pytest.mark.long
def test_an_item_in_quarantine_leads_to_its_conversation(bound: Any) -> None:
    """The reason names the helpdesk and who is missing there, and Intercom's inbox is one click away."""
    bound.configure("[sync]\n", f'[map.admins]\n"{NORA}" = "814860"\n[sync]\n')
    talk = bound.talk()
    bound.run("sync")
    (mirror,) = bound.world.truth()["intercom"]["conversations"]
    bound.world.dashly.agent_writes(talk, "More", agent=NORA)
    bound.world.fault("status", side="intercom", method="POST", path="/reply$", status=404, times=9)
    bound.wait(5)
    bound.run("sync")
    address = bound.sandbox.intercom.base_url
    bound.configure(f'base_url = "{address}"', 'base_url = "https://api.eu.intercom.io"')

    (row,) = bound.run("quarantine", "list", "--json").json["quarantine"]
    told = bound.run("quarantine", "show", "1").out

    assert row["reason"].startswith("Intercom does not let the teammate Nora Field (814860) write")
    # Both places at once: whoever mends one of them only would meet the other in the next run.
    assert "who is default_admin in [intercom] and is named in [map.admins]" in row["reason"]
    assert row["links"]["intercom"].endswith(f"/inbox/conversation/{mirror['id']}")
    assert row["links"]["intercom"] in told
    assert "connector quarantine retry 1" in told
    assert "connector quarantine skip 1" in told


@pytest.mark.long
def test_many_items_leave_room_on_the_screen(bound: Any) -> None:
    """Five are shown, the others counted; when one cause was behind all, one command lets all go on."""
    bound.world.fault("status", side="intercom", method="POST", path="/conversations$", status=422, times=99)
    for number in range(7):
        bound.talk(f"Question {number}")
    bound.run("sync")

    told = bound.run("status").out

    assert "7 items wait" in told
    assert "and 2 more: connector quarantine list" in told
    assert "connector quarantine retry --all" in told

    bound.world.clear_faults()
    released = bound.run("quarantine", "retry", "--all", "--json").json
    assert (len(released["ids"]), released["next"]) == (7, "connector sync")
    assert bound.run("sync", "--json").json["conversations"]["created"] == 7
    assert bound.run("quarantine", "retry", "--all").out == "Nothing is in quarantine.\n"


def test_a_run_that_hangs_is_not_healthy(bound: Any) -> None:
    """The first two lines name the process and how it is ended; other commands say the same."""
    bound.run("sync")
    with exclusive(bound.state):
        bound.wait(1200)

        first, second, *_ = bound.run("status").out.splitlines()
        other = bound.run("quarantine", "retry", "1")

    assert first.startswith("NOT HEALTHY since ")
    assert "has finished no step for 20 minutes" in first
    assert second.startswith("  next: end it with: kill ")
    assert other.code == 1
    assert "has finished no step" in other.err
    assert bound.run("status").out.startswith("healthy since ")
