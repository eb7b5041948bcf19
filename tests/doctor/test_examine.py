"""Every line of the doctor: in order, and with its fault."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from connector.cli.output.render import Screen
from connector.doctor.findings import Level
from connector.doctor.sides import _intercom_limit, clocks
from connector.doctor.witness import Allowance
from connector.intercom.versions import Version
from connector.sandbox import World
from mappings.model import Side
from state.records import Intent, Operation, Queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doctor.conftest import Room

ALWAYS = [
    "packages",
    "configuration",
    "notifications",
    "disk",
    "state folder",
    "lock",
    "state file",
    "state schema",
    "state key",
    "binding",
    "open writes",
    "quarantine",
    "last run",
    "clock jumps",
    "copies in chats",
    "growth",
    "dashly token",
    "dashly conversations",
    "dashly channels",
    "last writer",
    "dashly binding",
    "intercom token",
    "intercom workspace",
    "intercom conversations",
    "intercom contacts",
    "intercom teammates and teams",
    "intercom tags",
    "intercom limit",
    "intercom binding",
    "dashly limit",
    "dashly clock",
    "intercom clock",
    "clocks apart",
    "watermarks",
    "intercom version",
    "[intercom] default_admin",
    "[intercom] bot_admin",
    "agents",
    "probe",
]


@pytest.mark.long
def test_all_is_well(room: Room) -> None:
    """Every line is there in a fixed order, none fails, nothing is written, no token is shown."""
    assert room.run("sync").code == 0
    with closing(sqlite3.connect(room.state)) as file:
        before = list(file.iterdump())
    said = room.run("doctor")
    assert [check["check"] for check in said.json["checks"]] == ALWAYS
    assert all(set(check) == {"check", "status", "detail", "advice"} for check in said.json["checks"])
    assert {check["status"] for check in said.json["checks"]} == {"ok", "warn"}
    assert (said.code, said.json["exit_code"], said.json["probe"]) == (0, 0, None)
    assert said.lines["agents"]["status"] == "warn"
    assert "151702 (Tess Quill)" in said.lines["agents"]["detail"]
    assert room.writes() == []
    with closing(sqlite3.connect(room.state)) as file:
        after = list(file.iterdump())
    spent = [line for line in after if line not in before]
    assert all('"budget"' in line for line in spent)
    told = said.out + room.plain("--verbose", "doctor").out
    assert not any(token in told for token in (room.sandbox.dashly.token, room.sandbox.intercom.token))


def test_people_are_told_what_to_do(move_in: Callable[..., Room]) -> None:
    """Each warning and failure has its advice in its row, and a count ends the page."""
    room = move_in(bound=False)
    lines = room.plain("doctor").out.splitlines()
    (told,) = (line for line in lines if line.startswith("fail    state file"))
    assert told.endswith("  connector init")
    assert lines[-1].endswith("1 failure")

    rows = [line.split("\t") for line in room.plain("--plain", "doctor").out.splitlines()]
    assert rows[1] == ["# status", "check", "detail", "next"]
    (row,) = (row for row in rows if row[:2] == ["fail", "state file"])
    assert row[3] == "connector init"


def test_on_a_terminal_the_advice_stands_under_its_line(
    move_in: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row would be too wide for a window."""
    monkeypatch.setattr(Screen, "drawing", True)
    lines = move_in(bound=False).plain("doctor").out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("fail  state file"))
    assert lines[at + 1].strip() == "-> connector init"


def test_without_a_state_file(move_in: Callable[..., Room]) -> None:
    """The remotes and the mapping are looked at all the same, and no file comes to be."""
    room = move_in(bound=False)
    said = room.run("doctor")
    assert said.code == 1
    assert said.status("state file") == "fail"
    assert said.status("quarantine") == said.status("dashly binding") == "skip"
    assert said.status("intercom teammates and teams") == "ok"
    assert list(room.folder.iterdir()) == [room.config]


@pytest.mark.parametrize("text", [None, "[dashly\n", "[dashly]\napp_idd = 1\n"])
def test_without_a_configuration(room: Room, text: str | None) -> None:
    """Its line fails, tokens are still looked at, the rest is left out with a word."""
    room.config.unlink()
    if text is not None:
        room.config.write_text(text)
    said = room.run("doctor")
    assert said.code == 1
    told = {check["check"]: check["status"] for check in said.json["checks"]}
    assert told == {
        "packages": "ok",
        "configuration": "fail",
        "dashly token": "ok",
        "intercom token": "ok",
        "all else": "skip",
    }


def test_a_missing_and_a_wrong_token(room: Room) -> None:
    """Each concerns its own side only, and is for a person to mend."""
    room.patch.delenv("DASHLY_TOKEN")
    room.patch.setenv("INTERCOM_TOKEN", "dG9rOmludmFsaWQ=")
    said = room.run("doctor")
    assert said.code == 1
    assert (said.status("dashly token"), said.status("dashly")) == ("fail", "skip")
    assert (said.status("intercom token"), said.status("intercom workspace")) == ("ok", "fail")
    assert "INTERCOM_TOKEN" in said.lines["intercom workspace"]["advice"]
    assert said.status("agents") == said.status("[intercom] default_admin") == "skip"


@pytest.mark.parametrize(("side", "check"), [("dashly", "conversations"), ("intercom", "workspace")])
def test_a_side_that_is_away(room: Room, side: str, check: str) -> None:
    """Exit code 3: run again later; the other side is looked at."""
    room.world.fault("refuse", side=side, times=1000)
    said = room.run("doctor")
    assert said.code == 3
    assert said.status(f"{side} {check}") == "fail"
    other = "intercom tags" if side == "dashly" else "dashly channels"
    assert said.status(other) == "ok"


@pytest.mark.parametrize(
    ("side", "path", "check"),
    [
        ("dashly", "/channels$", "dashly channels"),
        ("intercom", "/conversations/search$", "intercom conversations"),
        ("intercom", "/contacts/search$", "intercom contacts"),
        ("intercom", "/teams$", "intercom teammates and teams"),
    ],
)
def test_a_permission_that_lacks(room: Room, side: str, path: str, check: str) -> None:
    """The line of that kind fails and no other."""
    room.world.fault("status", side=side, path=path, status=403, times=1000)
    said = room.run("doctor")
    assert said.code == 1
    assert [c["check"] for c in said.json["checks"] if c["status"] == "fail"] == [check]


def test_a_list_that_only_enriches_may_be_refused(room: Room) -> None:
    """Without the list of tags they are not carried: no failure, and the line says so."""
    room.world.fault("status", side="intercom", path="/tags$", status=403, times=1000)
    said = room.run("doctor")
    assert said.code == 0
    assert [c["check"] for c in said.json["checks"] if c["status"] == "fail"] == []


def test_another_workspace_than_bound(room: Room) -> None:
    """Both ids are named."""
    with room.store() as store:
        store.meta.set("intercom_workspace", "other1")
    said = room.run("doctor")
    assert (said.code, said.status("intercom binding"), said.status("dashly binding")) == (1, "fail", "ok")
    assert "other1" in said.lines["intercom binding"]["detail"]


WRITTEN = {
    "dashly": '[sync]\ndirections = ["intercom-to-dashly"]\n',
    "intercom": '[sync]\ndirections = ["dashly-to-intercom"]\n',
}


def has_written(room: Room, side: str) -> None:
    """Let a sync write to one side only, which keeps the generation then."""
    room.configure(WRITTEN[side])
    desk = room.world.desk("intercom" if side == "dashly" else "dashly")
    desk.customer_starts(desk.customer("Eva Lind"), "question.")
    assert room.run("sync").code == 0


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_a_state_file_that_knows_the_last_writer(room: Room, side: str) -> None:
    """The side that keeps it is asked, and nothing is written."""
    has_written(room, side)
    wrote = room.writes()
    said = room.run("doctor")
    assert said.lines["last writer"]["detail"] == "known to this state file"
    assert (said.code, room.writes()) == (0, wrote)


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_a_state_file_that_is_not_the_last_one(room: Room, side: str) -> None:
    """What a run would end with 7 for is a failure here."""
    has_written(room, side)
    with room.store() as store:
        store.meta.set(f"{side}_generations", "[]")
    said = room.run("doctor")
    assert (said.code, said.status("last writer")) == (1, "fail")
    assert "connector recover" in said.lines["last writer"]["advice"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "told"), [("/props$", "did not keep it"), ("/users/[^/]*$", "does not show it")]
)
def test_a_side_that_does_not_keep_the_last_writer(room: Room, path: str, told: str) -> None:
    """The promise that hangs on it is taken back in words."""
    room.world.fault("status", side="dashly", path=path, status=403, times=1000)
    room.world.dashly.customer_starts(room.world.dashly.customer("Eva Lind"), "question.")
    assert room.run("sync").code == 0
    said = room.run("doctor")
    assert (said.code, said.status("last writer")) == (0, "warn")
    assert f"{told}: a restored folder is not recognised" in said.lines["last writer"]["detail"]


def test_what_the_mapping_names_in_vain(room: Room) -> None:
    """Unknown teammates, teams and channels fail; an operator in no channel may exist all the same."""
    text = room.config.read_text().replace('default_admin = "814860"', 'default_admin = "1"')
    room.config.write_text(text)
    room.configure('[map.admins]\n"77" = "88"\n"151204" = "814860"\n[map.channels]\n"5" = "team:6"\n')
    said = room.run("doctor")
    assert said.code == 1
    failing = {c["check"] for c in said.json["checks"] if c["status"] == "fail"}
    assert failing == {
        "[intercom] default_admin",
        "[intercom] bot_admin",
        "[map.admins] intercom",
        "[map.channels] dashly",
        "[map.channels] intercom",
    }
    assert said.status("[map.admins] dashly") == "warn"
    assert "814860 (Nora Field)" in said.lines["[intercom] default_admin"]["advice"]


def test_what_the_mapping_names_rightly(move_in: Callable[..., Room]) -> None:
    """Every named person and place is found."""
    room = move_in(operator="151204")
    room.configure('[map.admins]\n"151702" = "814893"\n[map.channels]\n"3012" = "team:9001"\n')
    said = room.run("doctor")
    named = [c for c in said.json["checks"] if c["check"].startswith("[")]
    assert [c["status"] for c in named] == ["ok"] * 7


def test_a_team_that_should_write(room: Room) -> None:
    """A team among the teammates of the mapping is a warning that names it, not a teammate that exists."""
    room.configure('[map.admins]\n"151204" = "9001"\n"151377" = "814872"\n')
    said = room.run("doctor")
    line = said.lines["[map.admins] intercom"]
    assert (said.code, line["status"]) == (0, "warn")
    assert "9001 (Billing)" in line["detail"]
    assert "[map.channels]" in line["advice"]


@pytest.mark.parametrize("version", ["1.4", "2.10"])
def test_an_old_version(move_in: Callable[..., Room], version: str) -> None:
    """Each shortcoming of the one table of versions is a line, and no fault."""
    said = move_in(version=version).run("doctor")
    lines = [c for c in said.json["checks"] if c["check"] == "intercom version"]
    assert [c["detail"] for c in lines] == [
        f"{version}: {sentence}" for sentence in Version.parse(version).shortcomings()
    ]
    assert said.code == 0
    assert {c["status"] for c in lines} == {"warn"}


@pytest.mark.parametrize(("seconds", "level", "code"), [(20, "warn", 0), (-300, "fail", 1)])
def test_a_clock_that_is_wrong(room: Room, seconds: float, level: str, code: int) -> None:
    """Dashly's clock is off: its own line and the difference of both tell it."""
    room.world.skew("dashly", seconds)
    said = room.run("doctor")
    assert said.code == code
    told = [said.status(check) for check in ("dashly clock", "intercom clock", "clocks apart")]
    assert told == [level, "ok", level]


def test_a_watermark_in_the_future(room: Room) -> None:
    """Nothing of that side would be read; the next sync heals it."""
    with room.store() as store:
        store.watermarks.advance(Side.INTERCOM, 4_000_000_000.0)
    said = room.run("doctor")
    assert (said.code, said.status("watermarks")) == (1, "fail")


def test_clocks_that_are_not_told() -> None:
    """A side without a time leaves out what needs it."""
    found = clocks({Side.DASHLY: 0.0})
    assert [finding.level for finding in found] == [Level.OK, Level.SKIP, Level.SKIP]


@pytest.mark.parametrize(
    ("allowance", "level"),
    [(None, Level.WARN), (Allowance(100, 9, 60.0), Level.WARN), (Allowance(100, 10, 60.0), Level.OK)],
)
def test_what_intercom_says_of_its_limit(allowance: Allowance | None, level: Level) -> None:
    """No headers, little left, enough left."""
    found = _intercom_limit(SimpleNamespace(allowance=allowance), 50.0)  # type: ignore[arg-type]
    assert found.level is level


def test_dashlys_limit(room: Room) -> None:
    """More requests a minute than Dashly promises is a warning; the requests used are counted."""
    assert room.run("doctor").status("dashly limit") == "warn"
    room.config.write_text(room.config.read_text().replace("6000", "60"))
    said = room.run("doctor")
    assert said.status("dashly limit") == "ok"
    assert said.lines["dashly limit"]["detail"].startswith("8 of 60")


def test_what_is_open(room: Room) -> None:
    """An open intent and an item in quarantine are warnings."""
    with room.store() as store:
        row = store.pairs.listed(Side.DASHLY, "1", due=0.0, queue=Queue.SYNC)
        store.journal.begin(Intent("m", row, Side.INTERCOM, Operation.NOTE, "", "", "[]", 0.0, 0.0), None)
        store.quarantine.put(row, Side.DASHLY, "", "because", at=0.0)
    said = room.run("doctor")
    assert (said.code, said.status("open writes"), said.status("quarantine")) == (0, "warn", "warn")


@pytest.mark.parametrize(
    ("age", "code", "level"),
    [(60.0, 0, "ok"), (60.0, 3, "warn"), (60.0, None, "warn"), (200_000.0, 0, "warn")],
)
def test_the_last_run(room: Room, age: float, code: int | None, level: str) -> None:
    """Fresh and clean, failed, not ended, long ago."""
    now = room.world.clock.now()
    with room.store() as store:
        store.runs.begin("r", "sync", now - age)
        if code is not None:
            store.runs.finish("r", now - age + 1, code, {})
    assert room.run("doctor").status("last run") == level


def test_never_run(room: Room) -> None:
    """A bound file without a run is a warning that names the next step."""
    assert "connector sync" in room.run("doctor").lines["last run"]["advice"]


def test_an_unbound_file(room: Room) -> None:
    """The binding fails and names init."""
    with room.store() as store, store.transaction() as db:
        db.execute("DELETE FROM meta WHERE key LIKE '%_workspace'")
    said = room.run("doctor")
    assert (said.code, said.lines["binding"]["advice"]) == (1, "connector init")
    assert said.status("dashly binding") == "skip"


def test_a_full_week(move_in: Callable[..., Room]) -> None:
    """With conversations on both sides all reads are tried on them."""
    world = World(dashly_limit=6000)
    customer = world.dashly.customer("Eva", email="eva@example.org")
    world.dashly.customer_starts(customer, "Hello")
    contact = world.intercom.customer("Eva", email="eva@example.org")
    world.intercom.customer_starts(contact, "Hello")
    said = move_in(world).run("doctor")
    assert said.code == 0
    assert world.notifications() == []


@pytest.mark.long
def test_each_setting_that_a_customer_could_hear_is_named(move_in: Callable[..., Room]) -> None:
    """The loudest first; without any of them one line says so."""
    quiet = move_in().run("doctor")
    room = move_in(version="2.14")
    text = room.config.read_text()
    text = text.replace("[intercom]\n", "[intercom]\nloud_mirror = true\n")
    room.config.write_text(text.replace("[dashly]\n", '[dashly]\ncontact_details = "full"\n'))

    said = room.run("doctor")

    assert [line["status"] for line in quiet.json["checks"] if line["check"] == "notifications"] == ["ok"]
    told = [line for line in said.json["checks"] if line["check"] == "notifications"]
    assert [line["status"] for line in told] == ["warn", "warn"]
    assert "loud_mirror" in told[0]["detail"]
    assert "contact_details" in told[1]["detail"]


def test_it_is_short_unless_asked(move_in: Callable[..., Room]) -> None:
    """What is fine is counted; `--verbose` shows each line."""
    room = move_in()

    short, whole = room.plain("doctor").out, room.plain("doctor", "--verbose").out

    fine = re.compile(r"^ok +lock\b", re.MULTILINE)
    assert not fine.search(short)
    assert "connector doctor --verbose" in short
    assert fine.search(whole)
