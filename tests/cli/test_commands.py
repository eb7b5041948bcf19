"""Every command on a good day, for people and for programs."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from connector.sandbox.exchange import Upload

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 86_400.0
README = Path(__file__).parents[2] / "README.md"
NORA, NORA_THERE = "151204", "814860"
READS = ["plan", "verify", "status", "pairs list", "mapping", "mapping check", "quarantine list"]
REPORT = {
    "run_id",
    "command",
    "started",
    "finished",
    "exit_code",
    "requests",
    "writes",
    "conversations",
    "parts",
    "attention",
}


def test_init_writes_a_configuration_that_loads(place: Any) -> None:
    """Without a file there is one afterwards, commented, private, and the next step is told."""
    place.config.unlink()

    done = place.run("init")

    assert done.code == 0
    assert "connector init" in done.out
    assert place.config.stat().st_mode & 0o777 == 0o600
    assert "[dashly]" in place.config.read_text()
    assert not place.state.exists()


def test_init_binds_and_creates_the_state_file(place: Any) -> None:
    """With a file both workspaces are bound and nothing is written on them."""
    done = place.run("init", "--json")

    assert done.code == 0
    assert done.json["created"]
    assert done.json["dashly"] == place.sandbox.dashly.app_id
    assert done.json["intercom"] == place.sandbox.intercom.workspace_id
    assert place.state.stat().st_mode & 0o777 == 0o600
    assert place.remote_writes() == []


def test_init_twice_changes_nothing(bound: Any) -> None:
    """A second init finds what the first one made; only its requests are counted."""
    before = bound.contents(without=("budget",))

    again = bound.run("init", "--json")

    assert (again.code, again.json["created"]) == (0, False)
    assert bound.contents(without=("budget",)) == before
    assert bound.run("status", "--json").json["budget"]["dashly"]["used"] > 0


def test_a_conversation_of_the_same_second_is_not_missed(place: Any) -> None:
    """What begins right after `init`, within the grain of the clocks, is live."""
    place.run("init")
    place.talk()

    assert place.run("sync", "--json").json["conversations"]["created"] == 1


def test_a_sync_carries_a_conversation_over_and_the_next_one_is_quiet(bound: Any) -> None:
    """What a customer wrote is on the other side; then nothing is written and little is read."""
    bound.talk()

    first, second, third = (bound.run("sync", "--json") for _ in range(3))

    assert [first.code, second.code, third.code] == [0, 0, 0]
    assert set(first.json) >= REPORT
    assert first.json["conversations"]["created"] == 1
    assert first.json["parts"] == {"copied": 2}
    (copy,) = bound.world.truth()["intercom"]["conversations"]
    assert "Hello" in copy["source"]["body"]
    assert ["Answer to Hello" in (part["body"] or "") for part in copy["parts"]].count(True) == 1
    assert bound.world.notifications(via="api") == []
    for quiet in (second, third):
        assert quiet.json["writes"] == {"dashly": 0, "intercom": 0}
        assert quiet.json["parts"] == {}
        assert max(quiet.json["requests"].values()) <= 12


@pytest.mark.long
def test_a_message_typed_in_the_mirror_is_delivered(bound: Any) -> None:
    """An agent's answer on Intercom reaches the customer on Dashly, once."""
    talk = bound.talk()
    bound.run("sync")
    (mirror,) = [c["id"] for c in bound.world.truth()["intercom"]["conversations"]]

    bound.world.intercom.agent_writes(mirror, "Solved!", agent=NORA_THERE)
    bound.run("sync")
    bound.run("sync")

    (told,) = bound.world.notifications(via="api")
    assert (told.side, told.conversation, told.text) == ("dashly", talk, "Solved!")


@pytest.mark.long
def test_a_backfill_is_silent_and_idempotent(place: Any) -> None:
    """History of both sides is carried over without a notification; again, nothing is written."""
    place.talk()
    contact = place.world.intercom.customer("Max", email="max@example.org")
    begun = place.world.intercom.customer_starts(contact, "Signed out")
    place.world.intercom.agent_writes(begun, "Which version?", agent=NORA_THERE)
    place.wait(2 * DAY)
    place.run("init")
    sides = ("dashly", "intercom")

    first = [place.run("backfill", "--from", side, "--yes", "--json") for side in sides]
    again = [place.run("backfill", "--from", side, "--yes", "--json") for side in sides]

    assert [run.code for run in (*first, *again)] == [0, 0, 0, 0]
    assert [run.json["conversations"]["created"] for run in first] == [1, 1]
    assert [run.json["writes"] for run in again] == [{"dashly": 0, "intercom": 0}] * 2
    assert place.world.notifications(via="api") == []
    assert place.run("verify", "--json").json["differences"] == []


@pytest.mark.parametrize("command", READS)
def test_json_stands_before_or_after_the_command(bound: Any, command: str) -> None:
    """`--json` gives one object wherever it stands, and the same one."""
    bound.talk()
    bound.run("sync")

    before = bound.run("--json", *command.split())
    after = bound.run(*command.split(), "--json")

    assert before.code == after.code
    assert set(before.json) == set(after.json)


@pytest.mark.parametrize("command", READS)
def test_a_person_reads_words(bound: Any, command: str) -> None:
    """Without `--json` there is text on stdout and nothing on stderr."""
    said = bound.run(*command.split())

    assert said.out.strip()
    assert said.err == ""


@pytest.mark.long
@pytest.mark.parametrize("command", [*READS, "plan backfill --from dashly"])
def test_what_only_looks_writes_nothing(bound: Any, command: str) -> None:
    """A dry run leaves both sides and the state file as they were, but for requests and runs."""
    bound.talk()
    bound.run("sync")
    bound.talk("More")
    talk = bound.world.truth()["intercom"]["conversations"][0]["id"]
    bound.world.intercom.close(talk, agent=NORA_THERE)
    kept, truth = bound.contents(without=("budget", "runs")), bound.world.truth()
    asked = len(bound.remote_writes())

    bound.run(*command.split())

    assert bound.contents(without=("budget", "runs")) == kept
    assert bound.remote_writes()[asked:] == []
    after = bound.world.truth()
    assert (after["dashly"], after["intercom"]) == (truth["dashly"], truth["intercom"])


def test_a_plan_tells_what_a_sync_does(bound: Any) -> None:
    """The counts of the plan are those of the run that follows."""
    bound.talk()

    planned = bound.run("plan", "--json").json
    done = bound.run("sync", "--json").json

    assert (planned["conversations"], planned["created"]) == (1, 1)
    assert planned["parts"] == done["parts"]
    assert sum(planned["actions"].values()) == 2


def test_a_plan_says_what_an_old_version_cannot_do(bound: Any) -> None:
    """Whoever stays on an old version of Intercom's API reads beforehand what it costs."""
    assert bound.run("plan", "--json").json["degraded"] == []

    bound.configure("[intercom]", '[intercom]\napi_version = "1.4"')
    degraded = bound.run("plan", "--json").json["degraded"]

    assert any("become notes" in line for line in degraded)


@pytest.mark.long
def test_verify_finds_a_difference(bound: Any) -> None:
    """What somebody changed behind our back is shown, and the exit code says so."""
    bound.talk()
    bound.run("sync")
    (mirror,) = bound.world.truth()["intercom"]["conversations"]
    assert bound.run("verify").code == 0

    bound.world.intercom.remove_part(mirror["id"], mirror["parts"][0]["id"])
    found = bound.run("verify", "--json")

    assert found.code == 1
    assert found.json["differences"]


def test_status_counts_what_is_there(bound: Any) -> None:
    """Pairs, parts, watermarks and the last runs, newest first."""
    bound.talk()
    bound.run("sync")

    told = bound.run("status", "--json").json

    assert told["pairs"] == {"linked": 1}
    assert told["parts"] == {"copied": 2}
    assert (told["open_intents"], told["quarantine"]) == (0, [])
    newest = told["runs"][0]
    assert (newest["command"], newest["exit_code"]) == ("sync", 0)


@pytest.mark.long
def test_a_conflict_is_shown_with_the_value_that_lost(bound: Any) -> None:
    """Both sides assigned somebody else: the run decides by its rule, and both values stay to be read."""
    talk = bound.talk()
    bound.run("sync")
    (pair,) = bound.run("pairs", "list", "--json").json["pairs"]
    bound.world.dashly.assign(talk, "151377")
    bound.wait(60)
    bound.world.intercom.assign(pair["intercom"], NORA_THERE)

    bound.run("sync")

    (kept,) = bound.run("status", "--json").json["last_conflicts"]
    values = (kept["register"], kept["dashly_value"], kept["intercom_value"])
    assert values == ("assignee", "Ilya Brandt", "Nora Field")
    assert (kept["winner"], kept["rule"], kept["dashly"]) == ("intercom", "newer", talk)
    assert bound.run("pairs", "show", talk, "--json").json["conflicts"] == [kept]
    assert "Ilya Brandt" in bound.run("status").out
    assert "Ilya Brandt" in bound.run("pairs", "show", talk).out


@pytest.mark.long
def test_pairs_shows_both_timelines(bound: Any) -> None:
    """By an id of either side, with what merged of every part."""
    talk = bound.talk()
    bound.run("sync")
    (pair,) = bound.run("pairs", "list", "--json").json["pairs"]

    by_dashly = bound.run("pairs", "show", talk, "--json").json
    by_intercom = bound.run("pairs", "show", f"intercom:{pair['intercom']}", "--json").json

    assert (pair["dashly"], pair["origin"]) == (talk, "dashly")
    assert by_dashly == by_intercom
    assert [line["fate"].split()[0] for line in by_dashly["dashly"]["parts"]] == ["copied", "copied"]
    assert "Hello" in bound.run("pairs", "show", talk).out


def test_mapping_needs_no_configuration(place: Any) -> None:
    """The tables are there to read before anything is set up."""
    place.config.unlink()

    rows = place.run("mapping", "--json").json["rows"]

    assert {row["side"] for row in rows} == {"dashly", "intercom"}
    assert {"vote", "reply_user", "comment"} <= {row["type"] for row in rows}


def test_pairs_show_tells_losses_and_what_was_left_out(bound: Any) -> None:
    """As text and as JSON: a file that was only named, and a part that no timeline shows any more."""
    talk = bound.world.intercom.customer_starts(bound.world.intercom.customer("Max"), "Hello")
    photo = Upload("photo.heic", b"heic", "image/heic")
    bound.world.intercom.agent_writes(talk, "see this", agent=NORA_THERE, attachments=[photo])
    bound.run("sync")
    with closing(sqlite3.connect(bound.state)) as file, file:
        file.execute("INSERT INTO words (word) VALUES ('by hand')")
        file.execute(
            "INSERT INTO parts (conversation, side, part, type, created, disposition, reason) "
            "SELECT conversation, side, '77', type, created, 5, code FROM parts, words "
            "WHERE side = 1 AND word = 'by hand' LIMIT 1"
        )

    shown = bound.run("pairs", "show", talk).out
    lines = bound.run("pairs", "show", talk, "--json").json["intercom"]["parts"]

    assert [line["losses"] for line in lines if line["losses"]] == [
        [{"kind": "attachment", "detail": "photo.heic"}]
    ]
    assert [line["fate"] for line in lines if line["part"] == "77"] == ["skipped: by hand"]
    assert "not carried: attachment" in " ".join(shown.split())
    assert "by hand" in " ".join(shown.split())


def test_mapping_shows_an_override(place: Any) -> None:
    """A row that the configuration changed is marked."""
    with place.config.open("a") as file:
        file.write('\n[map.parts]\n"dashly.vote" = "skip"\n')

    rows = place.run("mapping", "--json").json["rows"]

    assert [row["type"] for row in rows if row["overridden"]] == ["vote"]


def test_mapping_check_lists_who_is_unmapped(bound: Any) -> None:
    """Teammates without a counterpart, as information."""
    told = bound.run("mapping", "check", "--json")

    assert told.code == 0
    assert told.json["unmapped"]["dashly"] == {"151702": "Tess Quill"}
    assert "814893" in told.json["unmapped"]["intercom"]


@pytest.mark.long
def test_a_quarantined_conversation_goes_on_when_a_person_says_so(bound: Any) -> None:
    """PartRefused delays its own conversation only; it is listed, shown, and can be retried."""
    talks = {bound.talk("one"), bound.talk("two")}
    bound.world.fault("status", side="intercom", method="POST", path="/conversations$", status=422, times=1)

    ran = bound.run("sync", "--json")
    (item,) = bound.run("quarantine", "list", "--json").json["quarantine"]
    shown = bound.run("quarantine", "show", str(item["id"]))
    released = bound.run("quarantine", "retry", str(item["id"]))
    again = bound.run("sync", "--json")

    assert (ran.code, ran.json["conversations"]["created"]) == (1, 1)
    assert item["dashly"] in talks
    assert item["dashly"] in ran.json["attention"][0]
    assert item["dashly"] in shown.out
    assert (released.code, again.code) == (0, 0)
    assert {pair["dashly"] for pair in bound.run("pairs", "list", "--json").json["pairs"]} == talks


@pytest.mark.long
def test_the_sandbox_tells_its_addresses_first(place: Any) -> None:
    """One JSON line with addresses and tokens, then it serves until it is stopped, and ends cleanly."""
    process = place.spawn("sandbox", "--json", "--empty")

    told = json.loads(process.stdout.readline())
    process.terminate()
    _, err = process.communicate(timeout=20)

    assert set(told["dashly"]) == {"base_url", "token", "app_id"}
    assert set(told["intercom"]) == {"base_url", "token", "workspace_id"}
    assert process.returncode == 0
    assert err.startswith("connector: stopping")


@pytest.mark.long
def test_the_sandbox_week_names_only_addresses_of_the_sandbox(place: Any) -> None:
    """A picture that a message of the past shows is asked of the sandbox, never of another server."""
    process = place.spawn("sandbox", "--json")
    try:
        told = json.loads(process.stdout.readline())
        asked = httpx.post(f"{told['intercom']['base_url']}/__control__/truth", json={}, trust_env=False)
    finally:
        process.terminate()
        process.communicate(timeout=20)

    own = (told["dashly"]["base_url"] + "/", told["intercom"]["base_url"] + "/")
    named = re.findall(r"http://127[^\"\\<]*", asked.text)
    assert named
    assert [address for address in named if not address.startswith(own)] == []


@pytest.mark.long
def test_the_demo_agrees_with_itself(place: Any) -> None:
    """The main job end to end, with the command as installed."""
    process = place.spawn("demo", "--json")

    out, err = process.communicate(timeout=120)

    assert (process.returncode, err, json.loads(out)["problems"]) == (0, "", [])
    assert shown_by_readme() == {run["title"]: figures(run) for run in json.loads(out)["runs"][:1]}


def shown_by_readme() -> dict[str, tuple[str, ...]]:
    """Return the rows of the demo's table in README, whose cells go over several lines."""
    (screen,) = re.findall(r"^ what happened .*?\n ─+\n(.*?) …", README.read_text(), re.MULTILINE | re.DOTALL)
    lines = [
        [line[a:b].strip() for a, b in ((1, 23), (23, 34), (34, 49), (49, 69), (69, 80))]
        for line in screen.splitlines()
    ]
    title, *cells = (" ".join(filter(None, column)) for column in zip(*lines, strict=True))
    return {title: tuple(cells)}


def figures(run: dict[str, Any]) -> tuple[str, ...]:
    """Return what the demo's table shows of a run."""
    parts = ", ".join(f"{name} {count}" for name, count in run["parts"].items())
    writes = run["writes"]
    return (
        run["command"],
        str(run["conversations"]["created"]),
        parts,
        f"{writes['dashly']} / {writes['intercom']}",
    )


@pytest.mark.long
def test_the_table_set_never_grows(bound: Any) -> None:
    """No command makes a table that the schema does not know."""
    bound.talk()
    with closing(sqlite3.connect(bound.state)) as file:
        before = file.execute("SELECT name FROM sqlite_master ORDER BY 1").fetchall()

    for command in ("sync", "plan", "verify", "status"):
        bound.run(command)

    with closing(sqlite3.connect(bound.state)) as file:
        assert file.execute("SELECT name FROM sqlite_master ORDER BY 1").fetchall() == before


def test_sync_goes_on_every_few_seconds(bound: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--every` runs again until it is stopped, and sees what came in between."""
    from connector.hints.waker import Waker  # noqa: PLC0415 - to see each pause

    pauses: list[float] = []

    def wait(waker: Waker, seconds: float, _config: object) -> None:
        pauses.append(seconds)
        bound.talk(f"talk {len(pauses)}")
        bound.world.advance(seconds)
        if len(pauses) == 2:
            cast("Any", waker._clock).stop()

    monkeypatch.setattr(Waker, "wait", wait)

    done = bound.run("sync", "--every", "60", "--json")

    reports = [json.loads(line) for line in done.out.splitlines()]
    assert [report["conversations"]["created"] for report in reports] == [0, 1]


HEAVY = {
    "httpx",
    "pydantic",
    "sqlite_utils",
    "rich",
    "tenacity",
    "nh3",
    "justhtml",
    "sqlite3",
    "connector.engine.sync.sync",
}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Help is instant since no command is imported for it."""
    script = (
        "import sys\nfrom connector.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert HEAVY & set(done.stderr.split()) == set()


def test_every_command_has_help(bound: Any) -> None:
    """Each command that the main help lists explains itself."""
    from connector.cli import COMMANDS  # noqa: PLC0415 - a list of names

    listed = bound.run("--help").out

    for name in COMMANDS:
        shown = bound.run(name, "--help")
        assert (shown.code, shown.err) == (0, "")
        assert f" {name} " in shown.out.splitlines()[0]
        assert f"  {name}" in listed


@pytest.mark.long
def test_two_sides_of_one_story_agree(settle_in: Callable[..., Any]) -> None:
    """After everybody acted on both sides, verify finds nothing and no private word is public."""
    place = settle_in()
    place.run("init")
    place.wait(5)
    talk = place.talk()
    place.world.dashly.agent_notes(talk, "secret: he owes us", agent=NORA)
    place.world.dashly.tag(talk, "VIP", agent=NORA)
    place.world.dashly.assign(talk, NORA, agent=NORA)
    place.run("sync")
    (mirror,) = place.world.truth()["intercom"]["conversations"]
    place.world.intercom.agent_notes(mirror["id"], "secret: be kind", agent=NORA_THERE)
    place.world.intercom.close(mirror["id"], agent=NORA_THERE)
    place.run("sync")
    place.run("sync")

    assert place.run("verify", "--json").json["differences"] == []
    truth = place.world.truth()
    shown = [
        part for side in ("dashly", "intercom") for c in truth[side]["conversations"] for part in c["parts"]
    ]
    secrets = [part for part in shown if "secret" in (part["body"] or "")]
    assert [part["public"] for part in secrets] == [False] * 4
    assert truth["dashly"]["conversations"][0]["closed"]
    assert truth["intercom"]["conversations"][0]["tags"] == ["VIP"]


def test_a_list_of_pairs_that_is_cut_says_so(bound: Any) -> None:
    """Nobody takes the first ones for all."""
    bound.talk("One")
    bound.talk("Two")
    bound.run("sync")

    assert (
        "There are more: connector pairs list --limit 10\n" in bound.run("pairs", "list", "--limit", "1").out
    )
    assert bound.run("pairs", "list", "--limit", "1", "--json").json["cut"] is True
    whole = bound.run("pairs", "list", "--limit", "2")
    assert "There are more" not in whole.out
