"""Everything that may be wrong: the exit code, one sentence, the next step, and nothing written."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from connector.host.lock import exclusive
from connector.sandbox import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def unharmed(place: Any) -> Iterator[None]:
    """Check that nothing was written on either side, nor in the state file."""
    kept = place.contents(without=("budget", "runs", "meta")) if place.state.exists() else None
    asked = len(place.remote_writes())
    yield
    assert place.remote_writes()[asked:] == []
    if kept is not None:
        assert place.contents(without=("budget", "runs", "meta")) == kept


def refused(place: Any, code: int, *arguments: str) -> str:
    """Run a command that must be refused and return what it said; again with ``--json``."""
    with unharmed(place):
        said = place.run(*arguments)
        again = place.run(*arguments, "--json")
    assert (said.code, again.code) == (code, code), said.err
    assert said.is_told(), said.err
    told = again.json
    assert told["exit_code"] == code
    sentence = said.err.splitlines()[0].removeprefix("connector: ")
    assert told["error"] == sentence
    return said.err


# -- the configuration ---------------------------------------------------------------------------------

WRONG = {
    "a misspelt key": ('app_id = "', 'ap_id = "', "app_id"),
    "a misspelt section": ("[sync]", "[synk]", "[sync]"),
    "a missing key": ('default_admin = "814860"', "", "[intercom] default_admin"),
    "a wrong type": ("requests_per_minute = 6000", 'requests_per_minute = "many"', "whole number"),
    "a number that makes no sense": ("requests_per_minute = 6000", "requests_per_minute = 0", "at least"),
    "no duration": ('settle = "2s"', 'settle = "soon"', "duration"),
    "a version that never was": ("[sync]", "[intercom.x]\n[sync]", "known key"),
    "a token in the file": ("[intercom]", '[intercom]\ntoken = "s3cret-s3cret"', "INTERCOM_TOKEN"),
    "no TOML": ("[sync]", "[sync", "TOML"),
    "an unencrypted address": ('base_url = "http://127.0.0.1', 'base_url = "http://198.51.100.7', "https"),
    "an unknown direction": ('settle = "2s"', 'directions = ["both"]', "directions"),
    "an unknown override": ("[sync]", '[map.parts]\n"dashly.nonsense" = "skip"\n[sync]', "[map.parts]"),
    "an override that would publish": (
        "[sync]",
        '[map.parts]\n"dashly.note" = "message"\n[sync]',
        "map.parts",
    ),
}


@pytest.mark.parametrize(("before", "after", "word"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_configuration_is_told(bound: Any, before: str, after: str, word: str) -> None:
    """Exit 2 before anybody is asked anything; the place is named, a secret is not repeated."""
    bound.configure(before, after)
    asked = len(bound.world.requests())

    said = refused(bound, 2, "sync")

    assert word in said
    assert "s3cret" not in said
    assert len(bound.world.requests()) == asked


def test_a_missing_configuration_is_told(bound: Any) -> None:
    """Exit 2, and how to write one."""
    bound.config.unlink()

    assert "connector init" in refused(bound, 2, "sync")


def test_the_configuration_may_stand_anywhere(bound: Any) -> None:
    """`--config` before or after the command, or the variable; a wrong one is told."""
    moved = bound.config.rename(bound.folder / "elsewhere.toml")

    assert bound.run("--config", str(moved), "status").code == 0
    assert bound.run("status", "--config", str(moved)).code == 0
    bound.environment["CONNECTOR_CONFIG"] = str(moved)
    assert bound.run("status").code == 0
    assert "nowhere.toml" in refused(bound, 2, "status", "--config", "nowhere.toml")


# -- tokens and workspaces -----------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["DASHLY", "INTERCOM"])
def test_a_missing_token_names_its_variable(bound: Any, side: str) -> None:
    """Exit 2 with the name of the variable to set."""
    del bound.environment[f"{side}_TOKEN"]

    assert f"{side}_TOKEN is not set" in refused(bound, 2, "sync")


@pytest.mark.parametrize("side", ["DASHLY", "INTERCOM"])
@pytest.mark.parametrize("command", ["sync", "plan", "init"])
def test_a_wrong_token_names_its_variable_and_not_its_value(bound: Any, side: str, command: str) -> None:
    """Exit 3: the helpdesk said no; which token to look at is told, the token is not."""
    bound.environment[f"{side}_TOKEN"] = "app.1.n0t-the-right-one"

    said = bound.run(command)

    assert said.code == 7
    assert f"{side}_TOKEN" in said.err
    assert "n0t-the-right" not in said.err + said.out
    assert "Traceback" not in said.err


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_an_unreachable_side_ends_in_three(bound: Any, side: str) -> None:
    """Exit 3, run again later."""
    address = getattr(bound.sandbox, side).base_url
    bound.configure(address, "http://127.0.0.1:9")

    with unharmed(bound):
        said = bound.run("sync")

    assert said.code == 3
    assert "Traceback" not in said.err
    sentence, step = said.err.splitlines()[-2:]
    assert sentence.startswith("connector: ")
    assert f"base_url in [{side}]" in step


def test_a_refused_read_names_a_next_command(bound: Any) -> None:
    """The helpdesk says no more than a status: `doctor` finds out what it refuses."""
    bound.world.fault("status", side="intercom", method="POST", path="/search$", status=422, times=9)

    said = bound.run("sync", "--json")

    assert said.code == 3
    assert said.json["hint"] == "connector doctor"
    assert "  next: connector doctor" in said.err


def test_another_workspace_is_refused(bound: Any, settle_in: Callable[..., Any]) -> None:
    """Exit 7 when the token is for another workspace than the one bound; nothing is written anywhere."""
    other = settle_in(World(dashly_limit=6000, seed=2))
    other.world.intercom_api.state.workspace_id = "another1"
    bound.configure(bound.sandbox.intercom.base_url, other.sandbox.intercom.base_url)
    bound.environment["INTERCOM_TOKEN"] = other.sandbox.intercom.token

    for command in ("sync", "plan", "init"):
        with unharmed(bound), unharmed(other):
            said = bound.run(command)
        assert said.code == 7, said.err
        assert "another1" in said.err


# -- the state file ------------------------------------------------------------------------------------


def test_a_sync_without_a_state_file_says_init(place: Any) -> None:
    """Exit 2: nothing is synced before somebody asked for it."""
    place.talk()

    assert "connector init" in refused(place, 2, "sync")
    assert not place.state.exists()


def test_a_lost_state_file_is_never_a_first_sync(bound: Any) -> None:
    """Exit 7 when copies of ours stand on the other side: recover, not again from the beginning."""
    contact = bound.world.intercom.customer("Max", email="max@example.org")
    bound.world.intercom.customer_starts(contact, "Signed out")
    bound.run("sync")
    bound.state.unlink()

    for command in ("sync", "init"):
        assert "recover" in refused(bound, 7, command)
        assert not bound.state.exists()


def test_a_link_to_what_does_not_exist_is_the_typists_affair(bound: Any) -> None:
    """Exit 2 and where to look: the next run would not find it either."""
    assert "ids" in refused(bound, 2, "pairs", "link", "1", "2")


def test_a_lost_state_file_is_noticed_where_only_intercom_holds_copies(bound: Any) -> None:
    """No conversation of Dashly shows a mark then: the last run that wrote is kept on a person of ours."""
    bound.talk()
    assert bound.run("sync", "--json").json["writes"]["intercom"] > 0
    bound.state.unlink()

    for command in ("sync", "init"):
        assert "recover" in refused(bound, 7, command)
        assert not bound.state.exists()


@pytest.mark.long
def test_a_recovered_state_file_goes_on_where_the_lost_one_was(bound: Any) -> None:
    """After `recover` a sync writes nothing: everything was found again."""
    bound.talk()
    contact = bound.world.intercom.customer("Max", email="max@example.org")
    bound.world.intercom.customer_starts(contact, "Signed out")
    bound.run("sync")
    bound.run("sync")
    bound.state.unlink()

    recovered = bound.run("recover", "--json")
    synced = bound.run("sync", "--json")

    assert recovered.json["pairs_added"] == 2
    assert synced.json["writes"] == {"dashly": 0, "intercom": 0}
    assert bound.run("verify", "--json").json["differences"] == []


@pytest.mark.parametrize("command", ["sync", "status", "verify", "init"])
def test_garbage_in_place_of_the_state_file_is_told(bound: Any, command: str) -> None:
    """Exit 2; the file is left as it is."""
    for beside in bound.folder.glob("connector.db*"):
        beside.unlink()
    bound.state.touch(mode=0o600)
    bound.state.write_bytes(b"this is no database, it only stands here")

    said = bound.run(command)

    assert said.code == 2
    assert said.is_told()
    assert bound.state.read_bytes() == b"this is no database, it only stands here"


@pytest.mark.parametrize("command", ["sync", "status", "init"])
def test_a_newer_state_file_is_told(bound: Any, command: str) -> None:
    """Exit 2 and what to install."""
    with closing(sqlite3.connect(bound.state)) as file:
        file.execute("PRAGMA user_version = 99")

    assert "newer" in refused(bound, 2, command)


def test_a_damaged_state_file_is_told(bound: Any) -> None:
    """A file that breaks in the middle of its work ends in a sentence too."""
    with closing(sqlite3.connect(bound.state)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(bound.state.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    bound.state.write_bytes(content)

    said = bound.run("sync")

    assert said.code in (2, 3)
    assert "Traceback" not in said.err
    assert said.err.startswith("connector: ")


def test_another_run_is_left_in_peace(bound: Any) -> None:
    """Exit 0 and a line for cron, 4 with `--strict`; nobody is asked anything."""
    asked = len(bound.world.requests())

    with exclusive(bound.state):
        quiet, strict = bound.run("sync"), bound.run("sync", "--strict")
        as_json = bound.run("sync", "--json")

    assert (quiet.code, strict.code, as_json.code) == (0, 4, 0)
    assert "another run holds the lock" in quiet.err
    assert "another run holds the lock" in strict.err
    assert as_json.json["exit_code"] == 0
    assert len(bound.world.requests()) == asked


def test_a_backfill_beside_another_run_is_refused(bound: Any) -> None:
    """A person who asked for a backfill hears that it did not happen."""
    with exclusive(bound.state):
        assert bound.run("backfill", "--from", "dashly", "--yes").code == 4


# -- usage ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["sync", "--nonsense"],
        ["sync", "--every", "soon"],
        ["backfill"],
        ["backfill", "--from", "nowhere"],
        ["backfill", "--from", "dashly", "--yes", "--since", "soon"],
        ["backfill", "--from", "dashly", "--yes", "--since", "99999d" * 9],
        ["backfill", "--from", "dashly", "--yes", "--limit", "0"],
        ["backfill", "--from", "dashly", "--yes", "--status", "happy"],
        ["plan", "backfill"],
        ["pairs", "show"],
        ["pairs", "show", "99999"],
        ["pairs", "list", "--limit", "0"],
        ["quarantine", "show", "77"],
        ["quarantine", "retry", "77"],
        ["quarantine", "retry"],
        ["quarantine", "retry", "77", "--all"],
        ["quarantine", "skip", "77"],
        ["quarantine", "skip", "x"],
        ["sandbox", "--dashly-port", "70000"],
        ["init", "--since", "2026-13-01"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_ends_in_two(bound: Any, arguments: list[str]) -> None:
    """Exit 2 with a sentence and where to read more."""
    refused(bound, 2, *arguments)


def test_a_backfill_asks_before_it_writes(bound: Any) -> None:
    """Without a terminal and without `--yes` nothing happens."""
    bound.talk()

    assert "--yes" in refused(bound, 2, "backfill", "--from", "dashly")


def test_the_command_alone_shows_its_help(bound: Any) -> None:
    """Somebody who types only `connector` learns what there is."""
    said = bound.run()

    assert "Commands" in said.out + said.err
    assert "Traceback" not in said.err


# -- limits ---------------------------------------------------------------------------------------------


@pytest.mark.long
def test_new_conversations_over_the_limit_are_held(bound: Any) -> None:
    """Exit 5 and which limit; the others are copied, and accepting lets the rest go on."""
    for number in range(3):
        bound.talk(f"talk {number}")
    bound.configure("[sync]", "[limits]\nmax_creates = 2\n[sync]")

    said = bound.run("sync", "--json")
    mirrored = len(bound.world.truth()["intercom"]["conversations"])
    bound.run("sync", "--accept")

    assert said.code == 5
    assert "max_creates" in " ".join(said.json["attention"])
    assert mirrored == 2
    assert len(bound.world.truth()["intercom"]["conversations"]) == 3


@pytest.mark.long
def test_too_many_writes_stop_the_run(bound: Any) -> None:
    """Exit 5 at the limit; a raised limit goes on where it stopped, and nothing is doubled."""
    bound.talk()
    bound.configure("[sync]", "[limits]\nmax_writes = 1\n[sync]")

    stopped = bound.run("sync", "--json")
    bound.configure("max_writes = 1", "max_writes = 100")
    resumed = bound.run("sync", "--json")

    assert (stopped.code, stopped.json["exit_code"]) == (5, 5)
    assert resumed.code == 0
    (mirror,) = bound.world.truth()["intercom"]["conversations"]
    words = [part["body"] for part in mirror["parts"] if part["body"]]
    assert len(words) == 1
    assert bound.run("verify", "--json").json["differences"] == []


# -- secrets -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [False, True])
def test_no_token_and_no_words_in_the_log(bound: Any, wrong: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The most talkative log holds neither a secret nor what people wrote, on good days and on bad ones."""
    bound.talk("canary-in-the-text")
    if wrong:
        bound.world.fault(
            "status", side="intercom", method="POST", path="/conversations", status=400, times=9
        )
        bound.world.fault("html", side="dashly", method="GET", path="/parts", times=9)

    said = bound.run("sync", "--verbose", "--json")

    told = said.err + said.out
    assert "request" in said.err or "http" in said.err
    assert "canary-in-the-text" not in told
    for token in bound.environment.values():
        assert token not in told


def test_no_words_in_the_state_file(bound: Any) -> None:
    """What people wrote is remembered by its hash only."""
    bound.talk("canary-in-the-text")
    bound.run("sync")

    held = b"".join(found.read_bytes() for found in bound.folder.rglob("*.db*") if found.is_file())

    assert b"canary-in-the-text" not in held
    for token in bound.environment.values():
        assert token.encode() not in held


def test_an_error_in_json_is_one_object(bound: Any) -> None:
    """A program that reads stdout finds error, hint and exit code, also for a usage error."""
    said = bound.run("--json", "nonsense")

    assert set(json.loads(said.out)) >= {"error", "hint", "exit_code"}


def test_a_place_that_cannot_be_is_a_wrong_configuration(bound: Any) -> None:
    """A folder instead of a file, or a file in no folder: no later run finds anything else there."""
    folder = bound.folder / "disk"
    folder.mkdir()

    for place in ("nowhere/connector.db", "disk"):
        assert place.split("/")[0] in refused(bound, 2, "state", "move", "--to", place)
    assert "no folder" in refused(bound, 2, "state", "move", "--to", "nowhere/connector.db")
    assert "no folder" in refused(bound, 2, "state", "backup", "nowhere/copy.db")
    bound.configure("[sync]", '[state]\nurl_file = "disk"\n\n[sync]')
    assert "[state] url_file" in refused(bound, 2, "status")


def test_a_doctor_says_what_it_can_while_the_state_file_is_locked(
    bound: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that hangs in a transaction keeps it so: the other checks say what is wrong with that run."""
    monkeypatch.setattr("state.file.opening.BUSY_MS", 50)

    with closing(sqlite3.connect(bound.state, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = bound.run("doctor", "--json")

    checks = {line["check"]: line for line in said.json["checks"]}
    assert said.code == 1
    assert checks["dashly conversations"]["detail"].endswith("another program keeps it locked")
    assert "connector status" in checks["dashly conversations"]["advice"]
    assert {"lock", "binding", "quarantine", "intercom workspace"} <= set(checks)


def test_a_file_of_another_user_is_named(bound: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be given to this user is the file itself: a token, or the lock."""
    lock = bound.folder / "connector.db.lock"
    bound.run("sync")
    opened = os.open

    def refuse(path: Any, *rest: Any, **named: Any) -> int:
        if str(path) == str(lock):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *rest, **named)

    monkeypatch.setattr(os, "open", refuse)
    said = bound.run("sync")

    assert said.code == 7
    assert f"chmod {lock} for this user" in said.err
