"""A side in a file: written so that it may be cut off, and read as if the side had just sent it."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from connector.sandbox.exchange import Upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = 86_400.0
NORA = "151204"
TALKS = 6


@pytest.fixture
def past(place: Any) -> Any:
    """A bound place with a past on both sides; one customer wrote twice."""
    desk, now = place.world.dashly, place.world.clock.now()
    customers = [desk.customer(f"Eva {number}", user_id=f"acct-{number}") for number in range(TALKS // 2)]
    for number in range(TALKS):
        customer = customers[number // 2]
        talk = desk.customer_starts(customer, f"Question {number}", created=now - (20 - number) * DAY)
        desk.agent_writes(talk, f"Answer {number}", agent=NORA, created=now - (19.5 - number) * DAY)
        if number % 2:
            desk.close(talk, agent=NORA, created=now - (19.4 - number) * DAY)
    contact = place.world.intercom.customer("Max", email="max@example.org")
    place.world.intercom.customer_starts(contact, "From the other side", created=now - 5 * DAY)
    place.wait(5)
    assert place.run("init").code == 0
    return place


def lines(path: Path) -> list[dict[str, Any]]:
    """Return what is in an export."""
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("name", ["all.ndjson", "all.ndjson.gz"])
def test_an_export_holds_all_of_a_side(past: Any, name: str) -> None:
    """A header, each conversation with its parts, each person once, and an end; private, and alone."""
    done = past.run("export", "--from", "dashly", name, "--json")

    path = past.folder / name
    header, *entries, end = lines(path)
    assert done.code == 0
    assert done.json["conversations"] == TALKS
    assert (header["format"], header["side"], header["account"]) == (1, "dashly", past.sandbox.dashly.app_id)
    assert len({entry["conversation"]["id"] for entry in entries}) == len(entries) == TALKS
    assert all(len(entry["parts"]) == entry["conversation"]["parts_count"] for entry in entries)
    people = [person["id"] for entry in entries for person in entry["people"]]
    assert len(people) == len(set(people)) == TALKS // 2
    assert end == {"end": True, "conversations": TALKS, "unread": {}}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in past.folder.glob("all.*")] == [name]
    assert past.remote_writes() == []


def test_contacts_of_intercom_stand_in_its_export(past: Any) -> None:
    """What a conversation hides of its contact is asked for once."""
    past.run("export", "--from", "intercom", "all.ndjson")

    (entry,) = lines(past.folder / "all.ndjson")[1:-1]
    assert "parts" not in entry
    assert [person["email"] for person in entry["people"]] == ["max@example.org"]


@pytest.mark.long
@pytest.mark.parametrize("name", ["all.ndjson", "all.ndjson.gz"])
def test_a_backfill_from_a_file_is_a_backfill(past: Any, name: str) -> None:
    """The plan and the copies are the same; of the source hardly anything is asked."""
    live = past.run("plan", "backfill", "--from", "dashly", "--json").json
    past.run("export", "--from", "dashly", name)
    planned = past.run("plan", "backfill", "--from", "dashly", "--source", name, "--json").json
    before = len(past.world.requests())

    done = past.run("backfill", "--from", "dashly", "--source", name, "--yes", "--json")

    assert done.code == 0
    asked = [request.path for request in past.world.requests()[before:] if request.side == "dashly"]
    assert [path for path in asked if "/v2/conversations/" in path] == []
    for figure in ("conversations", "created", "actions", "parts", "losses"):
        assert planned[figure] == live[figure]
    assert done.json["conversations"]["created"] == live["created"]
    assert past.run("verify", "--json").json["pairs"] == TALKS
    assert past.run("backfill", "--from", "dashly", "--source", name, "--yes", "--json").json["writes"] == {
        "dashly": 0,
        "intercom": 0,
    }


@pytest.mark.long
def test_contacts_are_taken_from_the_file_too(past: Any) -> None:
    """Their records are not asked for again."""
    past.run("export", "--from", "intercom", "all.ndjson")

    past.run("backfill", "--from", "intercom", "--source", "all.ndjson", "--yes")

    asked = [request.path for request in past.world.requests() if request.path.startswith("/contacts/")]
    assert len(asked) == 1
    assert past.run("verify", "--json").json["pairs"] == 1


@pytest.mark.long
def test_what_changed_since_is_read_from_the_side(past: Any) -> None:
    """A new message, a new conversation: nothing between the export and the backfill is lost."""
    past.run("export", "--from", "dashly", "all.ndjson")
    past.wait(2 * DAY)
    desk = past.world.dashly
    first = next(iter(past.world.truth()["dashly"]["conversations"]))["id"]
    desk.customer_writes(first, "One more thing")
    desk.customer_starts(desk.customer("New", user_id="acct-new"), "Hello")
    past.wait(60)

    past.run("backfill", "--from", "dashly", "--source", "all.ndjson", "--yes")
    past.run("sync")

    assert past.run("verify", "--json").json["pairs"] == TALKS + 1
    bodies = str(past.world.truth()["intercom"]["conversations"])
    assert bodies.count("One more thing") == 1
    assert past.run("verify").code in {0, 1}
    assert past.run("verify", "--id", first).code == 0


# -- files ---------------------------------------------------------------------------------------------


def with_a_file(place: Any) -> str:
    """Let somebody send a file on Dashly and return the conversation."""
    desk = place.world.dashly
    customer = desk.customer("Fay", user_id="acct-f")
    upload = Upload("plan.pdf", b"%PDF-1.4 the plan", "application/pdf")
    talk: str = desk.customer_starts(customer, "See the plan", attachments=[upload])
    place.wait(3 * DAY)
    return talk


def copied_files(place: Any) -> list[str]:
    """Return the names of the files that stand on Intercom."""
    truth = place.world.truth()["intercom"]["conversations"]
    parts = [part for talk in truth for part in [talk["source"], *talk["parts"]]]
    return [file["name"] for part in parts for file in part.get("attachments", [])]


@pytest.mark.long
def test_files_come_from_the_folder(past: Any) -> None:
    """Under their hashes; the links may be dead by then, and the folder stays as it is."""
    with_a_file(past)
    done = past.run("export", "--from", "dashly", "all.ndjson", "--files", "files", "--json")
    past.world.fault("status", side="dashly", path="/files/", status=404, times=99)

    past.run("backfill", "--from", "dashly", "--source", "all.ndjson", "--files", "files", "--yes")

    assert (done.code, done.json["files"], done.json["files_missing"]) == (0, 1, 0)
    assert copied_files(past) == ["plan.pdf"]
    assert [path.read_bytes() for path in (past.folder / "files").iterdir()] == [b"%PDF-1.4 the plan"]


def test_a_file_that_cannot_be_fetched_is_counted(past: Any) -> None:
    """The export is whole but for it, and says so by its exit code."""
    with_a_file(past)
    past.world.fault("status", side="dashly", path="/files/", status=404, times=99)

    done = past.run("export", "--from", "dashly", "all.ndjson", "--files", "files", "--json")

    assert (done.code, done.json["files"], done.json["files_missing"]) == (1, 0, 1)
    assert done.json["conversations"] == TALKS + 1


@pytest.mark.long
def test_without_a_folder_files_come_from_the_side(past: Any) -> None:
    """By the link of the export while it lives."""
    with_a_file(past)
    past.run("export", "--from", "dashly", "all.ndjson")

    past.run("backfill", "--from", "dashly", "--source", "all.ndjson", "--yes")

    assert copied_files(past) == ["plan.pdf"]


# -- cut off and damaged -------------------------------------------------------------------------------


@pytest.mark.long
def test_an_export_goes_on_where_it_was_cut_off(past: Any) -> None:
    """A side that is away ends it with 3; the torn line of a crash is written again, and nothing twice."""
    past.world.fault("refuse", side="dashly", path="/parts", nth=2, times=99)
    cut = past.run("export", "--from", "dashly", "all.ndjson")
    part = past.folder / "all.ndjson.part"
    there = len(lines(part))
    with part.open("ab") as file:
        file.write(b'{"conversation": {"id": "12')
    past.world.clear_faults()

    done = past.run("export", "--from", "dashly", "all.ndjson", "--json")

    assert (cut.code, done.code) == (3, 0)
    assert 1 <= there < TALKS + 1
    assert done.json["added"] == TALKS + 1 - there
    entries = lines(past.folder / "all.ndjson")[1:-1]
    assert len({entry["conversation"]["id"] for entry in entries}) == len(entries) == TALKS
    assert not part.exists()


def test_what_failed_by_chance_is_tried_once_more(past: Any) -> None:
    """At the end, when everything else is written."""
    odd = past.world.truth()["dashly"]["conversations"][2]["id"]
    past.world.fault("status", side="dashly", path=f"/conversations/{odd}/parts", status=502, times=6)

    done = past.run("export", "--from", "dashly", "all.ndjson", "--json")

    assert (done.code, done.json["conversations"], done.json["unread"]) == (0, TALKS, [])


@pytest.mark.long
def test_what_cannot_be_read_is_named_and_read_later(past: Any) -> None:
    """The others are exported; the end of the file names it, and a backfill asks the side for it."""
    odd = past.world.truth()["dashly"]["conversations"][2]["id"]
    past.world.fault("status", side="dashly", path=f"/conversations/{odd}/parts", status=400, times=99)

    done = past.run("export", "--from", "dashly", "all.ndjson", "--json")

    assert done.code == 1
    assert [row["id"] for row in done.json["unread"]] == [odd]
    assert list(lines(past.folder / "all.ndjson")[-1]["unread"]) == [odd]
    past.world.clear_faults()
    past.run("backfill", "--from", "dashly", "--source", "all.ndjson", "--yes")
    assert past.run("verify", "--json").json["pairs"] == TALKS


def cut(content: bytes) -> bytes:
    """Tear the last lines off."""
    return content[: len(content) * 2 // 3]


def first_lines(content: bytes, number: int) -> bytes:
    """Keep the first lines."""
    return b"".join(content.splitlines(keepends=True)[:number])


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": cut,
    "half": lambda content: first_lines(content, 3),
    "empty": lambda _content: b"",
    "header only": lambda content: first_lines(content, 1),
    "no header": lambda content: b"".join(content.splitlines(keepends=True)[1:]),
    "another format": lambda content: content.replace(b'"format":1', b'"format":7', 1),
    "no JSON": lambda _content: b"id;subject\n1;hello\n",
    "a list": lambda _content: b"[1, 2, 3]\n",
    "a line of something else": lambda content: first_lines(content, 2) + b'{"ticket": 5}\n',
    "nested without end": lambda content: first_lines(content, 2) + b"[" * 100_000,
    "an end that counts nothing": lambda content: content.replace(
        b'"conversations":', b'"conversations":"?","x":'
    ),
    "more behind the end": lambda content: content + content.splitlines(keepends=True)[1],
    "bytes": lambda _content: bytes(range(256)) * 9,
    "packed and cut off": lambda content: gzip.compress(content)[:-40],
    "packed nonsense": lambda _content: b"\x1f\x8b" + bytes(range(200)),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_file_that_is_no_whole_export_is_refused(past: Any, how: str) -> None:
    """One sentence and exit 2, and nothing is written on a side."""
    past.run("export", "--from", "dashly", "all.ndjson")
    path = past.folder / "all.ndjson"
    path.write_bytes(DAMAGES[how](path.read_bytes()))

    for command in (["plan", "backfill"], ["backfill", "--yes"]):
        said = past.run(*command, "--from", "dashly", "--source", "all.ndjson")

        assert (said.code, said.is_told()) == (2, True), said.err
    assert past.remote_writes() == []


def test_the_export_of_another_side_or_account_is_refused(past: Any) -> None:
    """Another side is a slip of the pen, 2; another account needs a person, 7."""
    past.run("export", "--from", "dashly", "all.ndjson")
    path = past.folder / "all.ndjson"

    other_side = past.run("backfill", "--from", "intercom", "--source", "all.ndjson", "--yes")
    account = past.sandbox.dashly.app_id.encode()
    path.write_bytes(path.read_bytes().replace(b'"account":"' + account, b'"account":"99999', 1))
    other_account = past.run("backfill", "--from", "dashly", "--source", "all.ndjson", "--yes")

    assert (other_side.code, other_side.is_told()) == (2, True)
    assert (other_account.code, other_account.is_told()) == (7, True)
    assert past.remote_writes() == []


@pytest.mark.long
def test_a_dump_of_another_program_needs_no_end(past: Any) -> None:
    """A vendor's dump with our header and lines is taken as it is."""
    past.run("export", "--from", "dashly", "all.ndjson")
    path = past.folder / "all.ndjson"
    header, *entries, _end = lines(path)
    del header["writer"]
    path.write_text("\n".join(json.dumps(line) for line in (header, *entries)))

    done = past.run("backfill", "--from", "dashly", "--source", "all.ndjson", "--yes", "--json")

    assert (done.code, done.json["conversations"]["created"]) == (0, TALKS)


@pytest.mark.parametrize(
    ("arguments", "prepare"),
    [
        (["all.ndjson"], lambda folder: (folder / "all.ndjson").write_text("mine")),
        (["all.csv"], lambda _folder: None),
        (["all.ndjson"], lambda folder: (folder / "all.ndjson.part").write_text("something\n")),
        (["all.ndjson", "--files", "plan"], lambda folder: (folder / "plan").write_text("a file")),
        ([], lambda _folder: None),
    ],
    ids=["there already", "another ending", "a foreign part", "a file for a folder", "no name"],
)
def test_an_export_overwrites_nothing(
    past: Any, arguments: list[str], prepare: Callable[[Path], object]
) -> None:
    """One sentence and exit 2, and what was there is there."""
    prepare(past.folder)
    before = {path.name: path.read_bytes() for path in past.folder.glob("all.*")}

    said = past.run("export", "--from", "dashly", *arguments)

    assert (said.code, said.is_told()) == (2, True), said.err
    assert {path.name: path.read_bytes() for path in past.folder.glob("all.*")} == before


def test_the_folder_of_no_export_is_refused(past: Any) -> None:
    """`--files` without `--source` means nothing."""
    (past.folder / "files").mkdir()

    said = past.run("backfill", "--from", "dashly", "--files", "files", "--yes")

    assert (said.code, said.is_told()) == (2, True)
