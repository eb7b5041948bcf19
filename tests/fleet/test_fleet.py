"""Several pairs in one process, over real HTTP."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.fleet.harbour import eventually

if TYPE_CHECKING:
    from tests.fleet.harbour import Harbour


def passes(harbour: Harbour, *names: str) -> dict[str, int]:
    """Pass every pair once and return the exit codes by name."""
    told = harbour.json("fleet", "run", "--once", *names)
    return {pair["name"]: pair["exit_code"] for pair in told["pairs"]}


@pytest.mark.long
def test_every_pair_is_passed_with_its_own_tokens(harbour: Harbour) -> None:
    """What a customer asks arrives in the workspace of that pair, and in no other."""
    for name in ("acme", "borg"):
        harbour.add(name)
        harbour.ask(name, f"Question for {name}")

    assert passes(harbour) == {"acme": 0, "borg": 0}
    assert [harbour.copies(name, f"for {name}") for name in ("acme", "borg")] == [1, 1]
    assert harbour.copies("acme", "for borg") == 0


@pytest.mark.long
def test_a_poisoned_pair_delays_only_itself(harbour: Harbour) -> None:
    """A wrong file, a refused token and a side that is away leave the others alone; the worst code counts."""
    for name in ("away", "broken", "good", "refused"):
        harbour.add(name)
        harbour.ask(name, "Hello")
    harbour.config("broken").write_text("[dashly")
    harbour.put_tokens("refused", dashly="app.48213.wrong-token-of-another")
    harbour.sandboxes["away"].close()

    told = harbour.json("fleet", "run", "--once")

    codes = {pair["name"]: pair["exit_code"] for pair in told["pairs"]}
    assert codes == {"away": 3, "broken": 2, "good": 0, "refused": 7}
    assert told["exit_code"] == 7
    assert harbour.copies("good", "Hello") == 1


@pytest.mark.long
def test_one_workspace_under_two_names_is_refused(harbour: Harbour) -> None:
    """A copied file would copy every conversation twice, so neither is passed; a third pair is."""
    harbour.add("acme")
    harbour.add("borg")
    harbour.ask("acme", "Hello")
    copied = harbour.config("acme").read_text().replace("acme.db", "other.db")
    harbour.config("acme-old").write_text(copied)

    told = harbour.json("fleet", "run", "--once")

    assert [pair["exit_code"] for pair in told["pairs"]] == [2, 2, 0]
    assert "acme-old" in told["pairs"][0]["error"]
    assert harbour.copies("acme", "Hello") == 0


def test_two_pairs_may_not_share_an_intercom_workspace(harbour: Harbour) -> None:
    """Which workspace a pair has is known from its state file, whatever its configuration is called."""
    harbour.add("acme")
    harbour.add("borg", bind=False)
    there = harbour.sandboxes["borg"].world.intercom.state
    there.workspace_id = harbour.sandboxes["acme"].world.intercom.state.workspace_id
    harbour.run("--config", str(harbour.config("borg")), "init")

    assert passes(harbour) == {"acme": 2, "borg": 2}


@pytest.mark.long
def test_a_paused_pair_is_left_alone_until_it_is_resumed(harbour: Harbour) -> None:
    """`fleet pause` leaves a file beside the pair's own."""
    harbour.add("acme")
    harbour.add("borg")

    assert harbour.run("fleet", "pause", "borg")[0] == 0
    assert passes(harbour) == {"acme": 0}
    assert harbour.status()["borg"]["health"] == "paused"
    assert harbour.run("fleet", "resume", "borg")[0] == 0
    assert passes(harbour) == {"acme": 0, "borg": 0}


def test_an_unknown_name_is_told_with_the_nearest(harbour: Harbour) -> None:
    """A slip of the finger pauses nobody."""
    harbour.add("acme")

    code, _, told = harbour.run("fleet", "pause", "acne")

    assert code == 2
    assert "Did you mean acme?" in told


def test_a_token_of_another_pair_is_never_taken(harbour: Harbour) -> None:
    """A token without a pair's name belongs to no pair of a fleet."""
    harbour.add("acme")
    (harbour.tokens / "acme.dashly_token").rename(harbour.tokens / "dashly_token")

    told = harbour.json("fleet", "run", "--once")["pairs"][0]

    assert told["exit_code"] == 2
    assert "acme.dashly_token" in told["error"]


@pytest.mark.parametrize("arguments", [("run",), ("status",), ("check",), ("pause", "acme")])
def test_a_folder_that_is_not_there_is_told(harbour: Harbour, arguments: tuple[str, ...]) -> None:
    """It is one sentence with the next step."""
    harbour.pairs.rmdir()

    code, _, told = harbour.run("fleet", *arguments)

    assert (code, told.count("\n")) == (2, 2)
    assert "There is no folder" in told


def test_the_file_of_the_fleet_names_the_folder_and_the_metrics(harbour: Harbour) -> None:
    """`fleet.toml` beside the folder is read; each pair's numbers have its name."""
    harbour.add("acme")
    harbour.pairs.rename(harbour.folder / "elsewhere")
    (harbour.folder / "fleet.toml").write_text(
        '[fleet]\npairs = "elsewhere"\n[metrics]\ntextfile = "fleet.prom"\n'
    )

    assert passes(harbour) == {"acme": 0}
    told = (harbour.folder / "fleet.prom").read_text()
    assert 'connector_pair_last_exit_code{pair="acme"} 0.0' in told
    assert [line.split("{")[1].split("}")[0] for line in told.splitlines() if "lag_seconds{" in line] == [
        'pair="acme",side="dashly"',
        'pair="acme",side="intercom"',
    ]


def test_the_metrics_of_a_pair_bear_its_name(harbour: Harbour) -> None:
    """Files of several pairs lie in one folder of the collector."""
    harbour.add("acme")
    with harbour.config("acme").open("a") as file:
        file.write('[metrics]\ntextfile = "acme.prom"\n')

    passes(harbour)

    assert 'connector_last_run_exit_code{pair="acme"} 0.0' in (harbour.pairs / "acme.prom").read_text()


@pytest.mark.long
def test_check_examines_every_pair(harbour: Harbour) -> None:
    """What the doctor of one pair cannot see is told too; the codes are summed up."""
    for name in ("acme", "borg"):
        harbour.add(name)
    harbour.put_tokens("borg", dashly="app.48213.wrong-token-of-another")

    told = harbour.json("fleet", "check")

    assert {pair["name"]: pair["exit_code"] for pair in told["pairs"]} == {"acme": 0, "borg": 1}
    assert told["exit_code"] == 1
    # What the doctor advises is typed for one pair, which no folder of the fleet names by itself.
    assert "A command for one pair: connector --config " in harbour.run("fleet", "check")[1]


def test_check_proposes_nothing_for_a_file_whose_name_cannot_be_used(harbour: Harbour) -> None:
    """No `init` would bind it: its tokens have no name either."""
    harbour.config("acme & co").write_text("")

    told = harbour.json("fleet", "check")["pairs"][0]["checks"]

    assert [(one["check"], one["status"]) for one in told] == [("fleet", "fail")]
    assert told[0]["advice"].startswith("name the file with")


@pytest.mark.long
def test_one_page_tells_of_all_pairs(harbour: Harbour) -> None:
    """With the sums of those whose state can be read, and what is wrong with the others."""
    for name in ("acme", "borg", "<b>evil"):
        harbour.add(name, bind=name != "<b>evil")
    harbour.ask("acme", "Hello")
    passes(harbour)

    code, told, _ = harbour.run("fleet", "status", "--html", "fleet.html")

    page = (harbour.folder / "fleet.html").read_text()
    assert (code, told) == (0, "fleet.html written; open it in a browser\n")
    assert all(f"<bdi>{name}</bdi>" in page for name in ("acme", "borg", "&lt;b&gt;evil"))
    assert "is not a usable name for a pair" in page
    assert "<dt>conversations in step</dt><dd>1</dd>" in page


@pytest.mark.long
def test_status_is_one_table(harbour: Harbour) -> None:
    """Health, lag, the last failure and the reason stand side by side, the ill ones first."""
    for name in ("acme", "borg"):
        harbour.add(name)
    passes(harbour)
    harbour.config("borg").write_text("[dashly")

    code, told, _ = harbour.run("fleet", "status", "--plain")

    rows = [line.split("\t")[:2] for line in told.splitlines() if "\t" in line]
    assert code == 0
    assert rows[1:] == [["borg", "ill"], ["acme", "well"]]


@pytest.mark.long
@pytest.mark.parametrize(("later", "health"), [(1.0, "ill"), (-3600.0, "well")])
def test_a_pass_that_failed_before_its_run_began_is_shown(
    harbour: Harbour, later: float, health: str
) -> None:
    """Where no run could be written down, only the fleet knows; a run that went well since outranks it."""
    harbour.add("acme")
    passes(harbour)
    published = harbour.pairs / ".fleet.json"
    told = json.loads(published.read_text())
    last = told["pairs"]["acme"]["last"]
    last.update(exit_code=3, error="No space left on device", hint="make room", at=last["at"] + later)
    told["pairs"]["acme"]["failures"] = 3
    published.write_text(json.dumps(told))

    shown = harbour.status()["acme"]

    assert shown["health"] == health
    assert (shown["why"], shown["hint"]) == (
        ("No space left on device", "make room") if health == "ill" else ("", "")
    )
    assert (shown["last_failure"] is not None) is (health == "ill")


@pytest.mark.long
def test_pairs_come_and_go_while_the_fleet_runs(harbour: Harbour) -> None:
    """New and mended files, tokens and accepted mappings are noticed; SIGTERM ends within seconds."""
    harbour.add("acme")
    harbour.add("borg")
    harbour.put_tokens("borg", dashly="app.48213.wrong-token-of-another")
    fleet = harbour.spawn("fleet", "run", "--every", "1")

    assert eventually(lambda: harbour.status()["borg"]["health"] == "resting")
    harbour.ask("borg", "Is my token right?")
    harbour.put_tokens("borg")
    assert eventually(lambda: harbour.copies("borg", "token right") == 1)

    harbour.add("late")
    harbour.ask("late", "Too late?")
    assert eventually(lambda: harbour.copies("late", "Too late") == 1)

    with harbour.config("acme").open("a") as file:
        file.write('[map.tags]\n"vip" = "VIP"\n')
    assert eventually(lambda: "accepted" in (harbour.status()["acme"]["rests"] or ""))
    harbour.ask("acme", "After the mapping")
    assert harbour.run("--config", str(harbour.config("acme")), "sync", "--accept")[0] == 0
    assert eventually(lambda: harbour.status()["acme"]["health"] == "well")
    assert eventually(lambda: harbour.status()["acme"]["rests"] is None)

    harbour.config("late").unlink()
    fleet.send_signal(signal.SIGHUP)
    assert eventually(lambda: any(line["event"] == "fleet.read_again" for line in harbour.log()))
    fleet.send_signal(signal.SIGTERM)
    assert fleet.wait(timeout=5) == 0
    assert {line["pair_name"] for line in harbour.log() if line["event"] == "pass.ended"} == {
        "acme",
        "borg",
        "late",
    }


@pytest.mark.long
def test_a_killed_fleet_goes_on_where_it_was(harbour: Harbour) -> None:
    """After kill -9 in the middle of work nothing is copied twice and nothing is lost."""
    names = ("acme", "borg", "cora")
    for name in names:
        harbour.add(name)
        for number in range(4):
            harbour.ask(name, f"Question {number}.")
    for _ in range(4):
        fleet = harbour.spawn("fleet", "run", "--every", "1")
        eventually(lambda: any(harbour.copies(name, "Question") % 4 for name in names), seconds=3)
        fleet.kill()
        fleet.wait()
    harbour.spawn("fleet", "run", "--every", "1")

    assert eventually(lambda: all(harbour.copies(name, "Question") >= 4 for name in names))
    assert [harbour.copies(name, f"Question {n}.") for name in names for n in range(4)] == [1] * 12


@pytest.mark.long
def test_a_folder_has_one_fleet(harbour: Harbour) -> None:
    """A second one is told which process runs the first, and leaves."""
    harbour.add("acme")
    fleet = harbour.spawn("fleet", "run", "--every", "1")
    assert eventually(lambda: harbour.json("fleet", "status")["fleet"]["running"])

    code, _, told = harbour.run("fleet", "run", "--once")

    assert code == 4
    assert f"process {fleet.pid}" in told


@pytest.mark.long
def test_quiet_passes_log_nothing(harbour: Harbour) -> None:
    """A line for each thing that is done: three hundred pairs would fill the log with nothing."""
    harbour.add("acme")
    world = harbour.sandboxes["acme"].world
    before = len(world.requests())
    fleet = harbour.spawn("fleet", "run", "--every", "1")
    assert eventually(lambda: len(world.requests()) > before + 12)
    fleet.send_signal(signal.SIGTERM)
    fleet.wait(timeout=10)

    assert [line for line in harbour.log() if line["event"] == "pass.ended"] == []


@pytest.mark.long
def test_a_folder_that_is_away_for_a_moment_ends_nothing(harbour: Harbour) -> None:
    """Passes go on with what was read before."""
    harbour.add("acme")
    harbour.config("acme").write_text(harbour.config("acme").read_text().replace('"acme.db"', '"../acme.db"'))
    (harbour.pairs / "acme.db").rename(harbour.folder / "acme.db")
    harbour.ask("acme", "Hello")
    fleet = harbour.spawn("fleet", "run", "--every", "1")
    assert eventually(lambda: any(line["event"] == "pass.ended" for line in harbour.log()))

    harbour.pairs.rename(harbour.folder / "gone")
    assert eventually(lambda: any(line["event"] == "folder.failed" for line in harbour.log()))
    (harbour.folder / "gone").rename(harbour.pairs)
    harbour.ask("acme", "Still there?")

    assert eventually(lambda: harbour.copies("acme", "Still there") == 1)
    assert fleet.poll() is None


@pytest.mark.long
def test_a_file_that_is_removed_during_its_pass_ends_nothing(harbour: Harbour) -> None:
    """The pass goes to its end, and the others are passed on."""
    harbour.add("acme")
    world = harbour.add("slow")
    harbour.ask("slow", "Take your time.")
    world.fault("slow", seconds=4.0, times=2)
    fleet = harbour.spawn("fleet", "run", "--every", "1")
    assert eventually(lambda: harbour.status()["slow"]["at_work_since"] is not None)

    harbour.config("slow").unlink()
    assert eventually(lambda: harbour.copies("slow", "Take your time") == 1)
    harbour.ask("acme", "Still there?")

    assert eventually(lambda: harbour.copies("acme", "Still there") == 1)
    assert fleet.poll() is None
