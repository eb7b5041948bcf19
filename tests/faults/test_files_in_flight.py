"""Files in flight: what stands on the disk, what a side refuses, and what has no address."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import DiskFailed
from connector.sandbox.exchange import Response, Upload
from connector.sandbox.faults import Fault
from connector.sandbox.switches import DashlySwitches
from tests.faults.conversations import begin, bodies, parts, told
from tests.faults.lab import IC, NORA, NORA_THERE, Crash, D
from tests.outcome import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.exchange import Request
    from mappings.model import Side
    from state.records import LedgerRow
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

PAPER = Upload("paper.txt", b"on paper", "text/plain")
SHA256 = hashlib.sha256(PAPER.content).hexdigest()
AGENTS = {D: NORA, IC: NORA_THERE}


class FilesRefused(Fault):
    """Refuses every write that brings a file, and as many of the others as ``more`` says."""

    more = 0

    def strikes(self, side: str, request: Request) -> bool:
        """Tell whether a request is refused."""
        kind = request.headers.get("content-type", "")
        brings = kind.startswith("multipart") or b"attachment_files" in request.body
        if side != self.side or request.method != "POST" or not request.path.endswith("/reply"):
            return False
        if not brings and self.more:
            self.more -= 1
            return True
        return brings


def with_paper(lab: Lab, side: Side, text: str = "look.") -> str:
    """Let an agent answer a customer with a file, and return the conversation."""
    talk = begin(lab, side.value)
    lab.world.desk(side.value).agent_writes(talk, text, agent=AGENTS[side], attachments=[PAPER])
    return talk


def rows_of(lab: Lab, side: Side) -> list[LedgerRow]:
    """Return what the ledger says of a side, what people wrote only."""
    with lab.memory() as store:
        (pair,) = store.pairs.linked_pairs()
        return [row for row in store.ledger.of(pair.row)[side].values() if not row.ours]


def lost(lab: Lab, side: Side) -> list[str]:
    """Return the losses of a side, by kind and detail."""
    found = [loss for row in rows_of(lab, side) for loss in row.losses if loss.kind == "attachment"]
    return [f"{loss.kind} {loss.detail}" for loss in found]


def killed_at_the_file(lab: Lab) -> None:
    """Let the process die when the file was sent and its answer not yet read."""

    def die(_number: int, what: str, when: str) -> bool:
        return (what, when) == ("request", "after") and lab.in_flight.exists()

    lab.die = die
    with pytest.raises(Crash):
        lab.sync()
    lab.die = None
    lab.time.sleep(200)


@pytest.mark.parametrize("side", [D, IC])
def test_a_file_lies_on_the_disk_while_it_is_sent_and_no_longer(theatre: Theatre, side: Side) -> None:
    """It is named by its hash, for its owner only; after the write nothing of it is left."""
    lab = theatre.bound()
    with_paper(lab, side)
    seen: dict[str, Any] = {}

    def look(_number: int, what: str, when: str) -> bool:
        if (what, when) == ("request", "after") and lab.in_flight.exists():
            (file,) = lab.in_flight.iterdir()
            seen.update(name=file.name, modes=[oct(p.stat().st_mode & 0o777) for p in (lab.in_flight, file)])
            seen["content"] = file.read_bytes()
        return False

    lab.die = look
    lab.sync()

    assert seen == {"name": SHA256, "modes": ["0o700", "0o600"], "content": PAPER.content}
    assert not lab.in_flight.exists()
    assert [file["name"] for part in parts(lab, side.other) for file in part["attachments"]] == ["paper.txt"]


def test_each_file_goes_with_its_own_write(theatre: Theatre) -> None:
    """While the next message is sent, nothing of the one before is on the disk any more."""
    lab = theatre.bound()
    talk = with_paper(lab, IC)
    other = Upload("other.txt", b"another paper", "text/plain")
    lab.world.intercom.agent_writes(talk, "and this.", agent=NORA_THERE, attachments=[other])
    lab.world.intercom.agent_writes(talk, "the last one.", agent=NORA_THERE)
    seen: list[list[str]] = []

    def look(_number: int, what: str, when: str) -> bool:
        if (what, when) == ("request", "after") and lab.requests[-1][1] == "POST":
            there = lab.in_flight.iterdir() if lab.in_flight.exists() else ()
            seen.append([file.name for file in there])
        return False

    lab.die = look
    lab.sync()

    later = hashlib.sha256(other.content).hexdigest()
    assert [names for names in seen if names] == [[SHA256], [later]]
    assert seen[-1] == []


def test_a_dead_run_leaves_a_file_until_the_next_one_begins(theatre: Theatre) -> None:
    """The next run removes it before anything else, and the message is there once, with its file."""
    lab = theatre.bound()
    with_paper(lab, IC)
    killed_at_the_file(lab)
    assert [file.name for file in lab.in_flight.iterdir()] == [SHA256]
    lab.world.fault("refuse", times=9)

    assert lab.sync().code == 3

    assert not lab.in_flight.exists()
    lab.world.clear_faults()
    lab.until_clean(lab.sync)
    assert told(lab, "dashly", "look.") == 1
    assert [len(part["attachments"]) for part in parts(lab, "dashly")] == [0, 1]


@pytest.mark.long
def test_a_removed_part_leaves_no_file(theatre: Theatre) -> None:
    """The run that met the file died, then the part was removed: nothing of it stays on this machine."""
    lab = theatre.bound()
    talk = with_paper(lab, IC)
    killed_at_the_file(lab)
    part = next(p for p in parts(lab, "intercom", via="human") if p["attachments"])
    lab.world.intercom.remove_part(talk, str(part["id"]))

    lab.until_clean(lab.sync)

    assert not [p for p in lab.folder.rglob("*") if p.is_file() and PAPER.content in p.read_bytes()]


def test_what_a_dry_run_looks_at_it_leaves_alone(theatre: Theatre) -> None:
    """Planning fetches no file, and removes none: it does not hold the lock."""
    lab = theatre.bound()
    with_paper(lab, IC)
    lab.planned()
    assert not lab.in_flight.exists()
    killed_at_the_file(lab)

    lab.dead = False
    lab.planned()

    assert [file.name for file in lab.in_flight.iterdir()] == [SHA256]


@pytest.mark.parametrize("fault", ["full", "in the way", "unreadable"])
def test_a_disk_that_fails_stops_the_run_and_loses_nothing(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """One sentence and exit code 3; when there is room again, the message arrives with its file."""
    lab = theatre.bound()
    with_paper(lab, IC)
    with monkeypatch.context() as patch:
        if fault == "full":
            full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            patch.setattr("connector.host.spool.os.write", lambda *_: (_ for _ in ()).throw(full))
        elif fault == "unreadable":
            patch.setattr("connector.host.spool.Path.read_bytes", lambda _: open("/nowhere", "rb"))  # noqa: PTH123, SIM115 - it fails
        else:
            lab.in_flight.write_text("somebody's")
        ran = lab.sync()

    assert (ran.code, type(ran.error)) == (3, DiskFailed)
    assert "a file in flight cannot be kept on disk" in str(ran.error)
    assert told(lab, "dashly", "look.") == 0
    if fault == "in the way":
        lab.in_flight.unlink()
    lab.time.sleep(200)
    lab.until_clean(lab.sync)
    assert told(lab, "dashly", "look.") == 1
    assert [len(part["attachments"]) for part in parts(lab, "dashly")] == [0, 1]
    assert lab.differences() == []


@pytest.mark.parametrize("side", [D, IC])
def test_a_refused_file_does_not_hold_up_its_message(theatre: Theatre, side: Side) -> None:
    """The words arrive once, with a line for the file; the ledger has the loss, and a person is told."""
    lab = theatre.bound()
    talk = with_paper(lab, side)
    lab.world.desk(side.value).customer_writes(talk, "and on.")
    lab.world._faults.rules.append(FilesRefused("status", side.other.value, status=422))

    ran = lab.sync()

    (copy,) = [body for body in bodies(lab, side.other.value) if "look." in body]
    assert copy.startswith("look. [File not copied: paper.txt, 8 bytes, ")
    assert lost(lab, side) == ["attachment paper.txt"]
    assert ran.code == 1
    assert any("with its files, it is sent without them" in line for line in ran.attention)
    assert told(lab, side.other.value, "and on.") == 1
    lab.time.sleep(200)
    assert lab.until_clean(lab.sync).writes == 0
    assert lab.differences() == []


def test_words_that_are_refused_as_well_go_into_quarantine(theatre: Theatre) -> None:
    """Then it was not for the file: the part waits for a person, and goes on with its file."""
    lab = theatre.bound()
    with_paper(lab, IC)
    rule = FilesRefused("status", "dashly", status=422)
    rule.more = 1
    lab.world._faults.rules.append(rule)

    ran = lab.sync()

    assert any("is in quarantine" in line for line in ran.attention)
    assert told(lab, "dashly", "look.") == 0
    lab.world.clear_faults()
    lab.retry_all()
    lab.until_clean(lab.sync)
    assert [len(part["attachments"]) for part in parts(lab, "dashly")] == [0, 1]
    assert lost(lab, IC) == []


@pytest.mark.long
def test_a_text_that_is_too_long_is_not_put_down_to_its_file(theatre: Theatre) -> None:
    """It is cut shorter by the next run, and the file arrives."""
    lab = theatre.bound(dashly_switches=DashlySwitches(body_limit=1_000))
    with_paper(lab, IC, "look. " + "x" * 3_000)

    attention = [*lab.sync().attention, *lab.sync().attention, *lab.sync().attention]
    lab.time.sleep(200)
    lab.until_clean(lab.sync)

    assert not [line for line in attention if "with its files" in line]
    assert [file["name"] for part in parts(lab, "dashly") for file in part["attachments"]] == ["paper.txt"]
    assert lost(lab, IC) == []


@pytest.mark.parametrize("ending", ["drop_after", "drop_before"])
def test_the_second_try_is_a_write_like_any_other(theatre: Theatre, ending: Any) -> None:
    """When its answer is lost it is looked for, found or sent again, and the loss is in the ledger."""
    lab = theatre.bound()
    with_paper(lab, IC)
    lab.world._faults.rules.append(FilesRefused("status", "dashly", status=422))
    lab.world.fault(ending, side="dashly", method="POST", path="/reply$")

    lab.until_clean(lab.sync)

    assert told(lab, "dashly", "look.") == 1
    assert told(lab, "dashly", "[File not copied: paper.txt") == 1
    assert lost(lab, IC) == ["attachment paper.txt"]


def dying(lab: Lab, moment: str, skipped: int) -> Callable[[int, str, str], bool]:
    """Return what lets the process die once, so many points after its first file came."""
    passed = 0

    def die(_number: int, _what: str, when: str) -> bool:
        nonlocal passed
        passed += when == moment and (passed > 0 or lab.in_flight.exists())
        return when == moment and passed == skipped + 1

    return die


@pytest.mark.long
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_death_between_the_two_tries_leaves_no_trace(theatre: Theatre, moment: str) -> None:
    """Wherever the process dies around a refused file, the words arrive once and the loss is known."""
    for skipped in range(8):
        lab = theatre.bound()
        with_paper(lab, IC)
        lab.world._faults.rules.append(FilesRefused("status", "dashly", status=422))
        lab.die = dying(lab, moment, skipped)
        lab.until_clean(lab.sync, crash=True)
        assert told(lab, "dashly", "look.") == 1, skipped
        assert lost(lab, IC) == ["attachment paper.txt"], skipped


def test_an_image_inside_a_message_is_named(theatre: Theatre) -> None:
    """A message made only of an image without an address arrives, with a line for it and a loss."""
    lab = theatre.bound()
    talk = begin(lab, "intercom")
    image = '<img src="data:image/png;base64,aGVsbG8=" alt="Plan">'
    lab.world.intercom.agent_writes(talk, "see.", agent=NORA_THERE)
    stored = lab.world.intercom.state.conversation(talk)
    stored.parts[-1].body = image

    lab.until_clean(lab.sync)

    assert bodies(lab, "dashly")[-1] == "[File not copied: Plan.png, 5 bytes]"
    (row,) = [row for row in rows_of(lab, IC) if row.losses]
    assert (row.disposition, [loss.detail for loss in row.losses]) == ("copied", ["Plan.png"])
    assert lab.differences() == []


@pytest.mark.parametrize("address", [None, ""])
def test_a_dashly_file_without_address_is_named(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    """A message made only of such a file arrives; the next ones are not held up."""
    lab = theatre.bound()
    files = lab.world.dashly.state.files
    monkeypatch.setattr(type(files), "url", without_address(files, type(files).url, address))
    talk = begin(lab)
    lab.world.dashly.customer_writes(talk, "", attachments=[PAPER])
    lab.world.dashly.customer_writes(talk, "and on.")

    lab.until_clean(lab.sync)

    assert "[File not copied: paper.txt, 8 bytes]" in bodies(lab, "intercom")
    assert lost(lab, D) == ["attachment paper.txt"]
    assert told(lab, "intercom", "and on.") == 1


def without_address(store: Any, known: Callable[..., str], address: str | None) -> Callable[..., str | None]:
    """Return what gives the files of one store no address."""
    return lambda self, stored: address if self is store else known(self, stored)


@pytest.mark.parametrize("why", ["refused", "without address"])
@pytest.mark.parametrize("where", ["opening", "opening alone", "words", "alone"])
def test_a_named_file_is_no_new_message_after_recovery(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, where: str, why: str
) -> None:
    """When the state file is lost, a copy that names its file is recognised as the copy."""
    lab = theatre.bound()
    if why == "refused":
        lab.world._faults.rules.append(FilesRefused("status", "intercom", status=422))
    else:
        store = lab.world.dashly.state.files
        monkeypatch.setattr(type(store), "url", without_address(store, type(store).url, None))
    desk = lab.world.dashly
    text, files = "" if "alone" in where else "with words.", [PAPER]
    if where.startswith("opening"):
        desk.customer_starts(desk.customer("Eva"), text, attachments=files)
    else:
        desk.customer_writes(begin(lab), text, attachments=files)
    lab.until_clean(lab.sync)
    before = json.dumps(bodies(lab, "intercom"))
    lab.lose()

    lab.recover()
    lab.until_clean(lab.sync)

    assert json.dumps(bodies(lab, "intercom")) == before


def test_what_is_too_big_only_when_it_came_is_named_with_its_size(theatre: Theatre) -> None:
    """An inline image tells no size: one that Dashly would refuse is not even sent."""
    lab = theatre.bound()
    talk = begin(lab, "intercom")
    state = lab.world.intercom.state
    huge = Upload("huge.png", b"x" * (10 * 1024 * 1024 + 1), "image/png")
    lab.world.intercom.agent_writes(talk, "kept elsewhere.", agent=NORA_THERE, attachments=[huge])
    part = state.conversation(talk).parts[-1]
    part.body, part.attachments = f'<p>see.<img src="{state.files.url(part.attachments[0])}"></p>', []

    lab.until_clean(lab.sync)

    (copy,) = [plain(body) for body in bodies(lab, "dashly") if "see." in body]
    assert copy.startswith("see. [File not copied: huge.png, 10.0 MB, ")
    assert lost(lab, IC) == ["attachment huge.png"]


@pytest.mark.parametrize("pages", [1, 2])
def test_a_page_instead_of_the_file_is_asked_for_once_more(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    """A link that expired may lead to a login page: the conversation is read again for a fresh one."""
    lab = theatre.bound()
    store = type(lab.world.intercom.state.files)
    serve, left = store.serve, [pages]

    def log_in(self: Any, request: Request) -> Response:
        if not left[0]:
            return serve(self, request)
        left[0] -= 1
        return Response(200, b"<!doctype html><title>Log in</title>", "text/html")

    monkeypatch.setattr(store, "serve", log_in)
    with_paper(lab, IC)

    lab.until_clean(lab.sync)

    files = [file["name"] for part in parts(lab, "dashly") for file in part["attachments"]]
    assert files == (["paper.txt"] if pages == 1 else [])
    assert told(lab, "dashly", "Log in") == 0
    assert any("File not copied: paper.txt" in body for body in bodies(lab, "dashly")) is (pages == 2)


def test_the_files_of_one_part_take_a_minute_together(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One slow host holds up nobody for as long as it has files: those that are left are named."""
    lab = theatre.bound()
    store = type(lab.world.intercom.state.files)
    serve = store.serve

    def dawdle(self: Any, request: Request) -> Response:
        lab.time.sleep(40)
        return serve(self, request)

    monkeypatch.setattr(store, "serve", dawdle)
    talk = begin(lab, "intercom")
    files = [Upload(f"{number}.txt", b"%d" % number, "text/plain") for number in range(4)]
    lab.world.intercom.agent_writes(talk, "look.", agent=NORA_THERE, attachments=files)

    lab.until_clean(lab.sync)

    assert [f["name"] for part in parts(lab, "dashly") for f in part["attachments"]] == ["0.txt", "1.txt"]
    assert lost(lab, IC) == ["attachment 2.txt", "attachment 3.txt"]


@pytest.mark.parametrize("text", ["", "with words."])
def test_an_opening_that_names_its_file_is_whole_after_recovery(theatre: Theatre, text: str) -> None:
    """Nothing of it is still to come when Dashly takes no such file; what is said later arrives once."""
    lab = theatre.bound()
    desk = lab.world.intercom
    photo = Upload("photo.heic", b"heic", "image/heic")
    talk = desk.customer_starts(desk.customer("Max"), text, attachments=[photo])
    lab.until_clean(lab.sync)
    before = bodies(lab, "dashly")
    lab.lose()
    lab.recover()
    desk.customer_writes(talk, "and on.")

    lab.until_clean(lab.sync)

    assert len(before) == 1
    assert bodies(lab, "dashly") == [*before, "and on."]
