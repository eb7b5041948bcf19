"""What people complain about in tools of this kind, each complaint as a test with its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.sandbox.exchange import Upload
from connector.sandbox.switches import DashlySwitches, IntercomSwitches
from tests.faults.conversations import DAY, begin, bodies, mirror, parts, told
from tests.faults.lab import IC, NORA, NORA_THERE, D
from tests.faults.stories import STORIES
from tests.outcome import plain

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab


# -- missing parts: 60 % of some conversations were lost while every run was green ------------------------


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_parts_older_than_the_watermark_are_not_filtered_away(theatre: Theatre, side: str) -> None:
    """A part that appears later with an earlier time is carried: ids are compared, not times."""
    lab = theatre.bound()
    desk = lab.world.desk(side)
    talk = begin(lab, side)
    lab.until_clean(lab.sync)
    lab.time.sleep(5000)
    lab.until_clean(lab.sync)

    desk.customer_writes(talk, "appeared late.", created=lab.time.now() - 4000)
    desk.customer_writes(talk, "appeared now.")
    lab.until_clean(lab.sync)

    other = "intercom" if side == "dashly" else "dashly"
    assert (told(lab, other, "appeared late."), told(lab, other, "appeared now.")) == (1, 1)
    assert lab.differences() == []


@pytest.mark.long
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_equal_times_across_a_page_border_are_all_read(theatre: Theatre, side: str) -> None:
    """More conversations of one and the same moment than a page holds."""
    lab = theatre.bound(settings={"sync": {"sweep": 0, "workers": 1}})
    desk = lab.world.desk(side)
    size = 53 if side == "dashly" else 153
    for number in range(size):
        desk.customer_starts(desk.customer(f"P{number}"), f"question {number}.")

    lab.until_clean(lab.sync)

    made = lab.world.truth()["intercom" if side == "dashly" else "dashly"]["conversations"]
    assert len(made) == size


@pytest.mark.long
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_a_conversation_that_moves_while_it_is_paged_is_not_missed(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    """Somebody writes in an early and in a late row between two pages."""
    lab = theatre.bound(settings={"sync": {"sweep": 0}})
    desk = lab.world.desk(side)
    size = 53 if side == "dashly" else 153
    talks = []
    for number in range(size):
        talks.append(desk.customer_starts(desk.customer(f"P{number}"), f"question {number}."))
        lab.time.sleep(1)
    exchange = lab.world.exchange
    seen: list[str] = []

    def moving(where: str, request: Any) -> Any:
        answer = exchange(where, request)
        listed = request.path.endswith(("/apps/48213/conversations", "/conversations/search"))
        if where == side and listed and b"question" in answer.response.body and not seen:
            seen.append(request.path)
            for talk in (talks[0], talks[25], talks[-1]):
                desk.customer_writes(talk, "moved.")
        return answer

    monkeypatch.setattr(lab.world, "exchange", moving)
    lab.until_clean(lab.sync)

    other = "intercom" if side == "dashly" else "dashly"
    assert seen
    assert told(lab, other, "moved.") == 3
    assert len(lab.world.truth()[other]["conversations"]) == size


def test_what_a_search_shows_late_is_found_by_the_next_run(theatre: Theatre) -> None:
    """Intercom's search lags behind; the overlap covers it."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(search_delay=90.0))
    begin(lab, "intercom", "hidden at first.")
    lab.sync()
    lab.time.sleep(30)
    lab.sync()
    lab.time.sleep(100)

    lab.until_clean(lab.sync)

    assert told(lab, "dashly", "hidden at first.") == 1


def long_talk(lab: Lab, side: str, count: int) -> str:
    """Let a conversation of so many parts lie in the past."""
    desk, then = lab.world.desk(side), lab.time.now() - 10 * DAY
    customer = desk.customer("Eva", email="eva@example.org", created=then)
    talk = desk.customer_starts(customer, "line 0.", created=then)
    for number in range(1, count):
        desk.customer_writes(talk, f"line {number}.", created=then + number * 10)
    return talk


@pytest.mark.long
@pytest.mark.parametrize("side", [D, IC])
def test_a_conversation_of_120_parts_is_copied_whole(theatre: Theatre, side: Any) -> None:
    """More parts than a page holds: every one is there once."""
    lab = theatre.bound()
    long_talk(lab, side.value, 120)

    lab.until_clean(lambda: lab.backfill(side))

    assert [told(lab, side.other.value, f"line {number}.") for number in range(120)] == [1] * 120
    assert lab.differences() == []


@pytest.mark.sweep
def test_a_dashly_conversation_of_600_parts_is_copied_whole(theatre: Theatre) -> None:
    """Dashly shows everything, so everything is copied; only Intercom cannot show it all afterwards."""
    lab = theatre.bound()
    long_talk(lab, "dashly", 600)

    ran = lab.backfill(D)
    lab.until_clean(lambda: lab.backfill(D))

    assert ran.clean
    assert [told(lab, "intercom", f"line {number}.") for number in range(600)] == [1] * 600


@pytest.mark.long
def test_an_intercom_conversation_of_600_parts_is_never_called_complete(theatre: Theatre) -> None:
    """Intercom shows the newest 500: exit 1, named under attention, and the rest is there once."""
    lab = theatre.bound()
    talk = long_talk(lab, "intercom", 600)

    ran = lab.backfill(IC)

    assert ran.code == 1
    assert any(talk in line and "more parts than the API shows" in line for line in ran.attention)
    assert [told(lab, "dashly", f"line {number}.") for number in range(101, 600)] == [1] * 499
    assert any("only the newest" in line for line in lab.differences())


# -- customers mailed during an import, notes leaked -----------------------------------------------------


@pytest.mark.parametrize("side", [D, IC])
def test_an_import_tells_no_customer_anything(theatre: Theatre, side: Any) -> None:
    """Messages, notes, bots and articles of the past: nobody is notified, and no note is public."""
    lab = theatre.bound()
    desk, then = lab.world.desk(side.value), lab.time.now() - 5 * DAY
    talk = desk.customer_starts(
        desk.customer("Eva", email="eva@example.org", created=then), "old.", created=then
    )
    desk.agent_writes(talk, "old answer.", created=then + 1)
    desk.agent_notes(talk, "secret.", created=then + 2)
    desk.bot_writes(talk, "bot says.", created=then + 3)
    desk.article(talk, "How to", "https://shop.example/how", created=then + 4)
    desk.campaign_starts(desk.customer("Ida", email="ida@example.org"), "Buy now.", created=then + 5)

    lab.until_clean(lambda: lab.backfill(side))
    lab.until_clean(lab.sync)

    assert lab.world.notifications(via="api") == []
    assert not [part for part in parts(lab, side.other.value) if "secret" in part["body"] and part["public"]]
    assert told(lab, side.other.value, "secret.") == 1


@pytest.mark.long
def test_live_copies_tell_no_customer_anything(theatre: Theatre) -> None:
    """An agent's live message is silent in the mirror; only what is typed in the mirror is delivered."""
    lab = theatre.bound()
    talk, other = begin(lab), begin(lab, "intercom", "another question.")
    lab.world.dashly.agent_writes(talk, "answer one.", agent=NORA)
    lab.world.intercom.agent_writes(other, "answer two.", agent=NORA_THERE)
    lab.until_clean(lab.sync)
    assert lab.world.notifications(via="api") == []

    lab.world.intercom.agent_writes(mirror(lab, "intercom"), "delivered one.", agent=NORA_THERE)
    lab.world.dashly.agent_writes(mirror(lab, "dashly"), "delivered two.", agent=NORA)
    lab.until_clean(lab.sync)

    found = sorted(plain(note.text) for note in lab.world.notifications(via="api"))
    assert found == ["delivered one.", "delivered two."]


# -- loops -----------------------------------------------------------------------------------------------


@pytest.mark.long
def test_two_bots_do_not_answer_each_other(theatre: Theatre) -> None:
    """A bot on each side answers whatever is new: its words are copied, never delivered, and it ends."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.until_clean(lab.sync)
    other = mirror(lab, "intercom")
    known = {"dashly": 0, "intercom": 0}
    for _ in range(6):
        for side, where in (("dashly", talk), ("intercom", other)):
            now = len(lab.world.truth()[side]["conversations"][0]["parts"])
            if now > known[side]:
                lab.world.desk(side).bot_writes(where, "I am away.")
                known[side] = len(lab.world.truth()[side]["conversations"][0]["parts"])
        lab.sync()
        lab.time.sleep(30)

    assert not [note for note in lab.world.notifications("dashly", "api") if "away" in note.text]
    assert not [note for note in lab.world.notifications("intercom", "api") if "away" in note.text]


def answered_at_once(lab: Lab, talk: str, times: int, *, files: int = 0) -> list[int]:
    """Let a machine at the customer's desk answer each of our copies; return the writes of each run."""
    other, writes = mirror(lab, "intercom"), []
    for number in range(times):
        small = [Upload(f"{number}-{n}.txt", b"%d" % n, "text/plain") for n in range(files)]
        lab.world.intercom.agent_writes(other, f"ping {number}.", agent=NORA_THERE, attachments=small)
        lab.time.sleep(10)
        writes.append(lab.sync().writes)
        lab.world.dashly.customer_writes(talk, f"pong {number}.", attachments=small)
        lab.time.sleep(10)
        writes.append(lab.sync().writes)
    return writes


@pytest.mark.long
def test_the_breaker_holds_what_machines_say(theatre: Theatre) -> None:
    """Copies that are answered within seconds hold the conversation for a while, each time longer."""
    lab = theatre.bound(settings={"limits": {"breaker_writes": 5}})
    talk = begin(lab)
    lab.until_clean(lab.sync)

    first = answered_at_once(lab, talk, 8)
    lab.world.dashly.customer_starts(lab.world.dashly.customer("Ida"), "another one.")
    ran = lab.sync()
    held = [b for b in bodies(lab, "intercom") if b.startswith("pong")]
    lab.time.sleep(600)
    lab.until_clean(lab.sync)

    assert (len(held), first[-2:], ran.code) == (3, [0, 0], 1)
    assert told(lab, "intercom", "another one.") == 1
    assert told(lab, "intercom", "pong") == 8
    again = answered_at_once(lab, talk, 8)
    lab.time.sleep(600)
    assert (again[-1], lab.sync().writes) == (0, 0)
    lab.time.sleep(700)
    lab.until_clean(lab.sync)
    assert told(lab, "intercom", "pong") == 16


@pytest.mark.long
def test_many_small_files_do_not_hide_a_loop(theatre: Theatre) -> None:
    """Each turn of two machines brings three files, of which none counts: the loop is held as without."""
    lab = theatre.bound(settings={"limits": {"breaker_writes": 5}})
    talk = begin(lab)
    lab.until_clean(lab.sync)

    turns = answered_at_once(lab, talk, 8, files=3)

    assert turns[-2:] == [0, 0]
    assert told(lab, "intercom", "pong") == 3
    lab.time.sleep(600)
    lab.until_clean(lab.sync)
    assert told(lab, "intercom", "pong") == 8
    names = [file["name"] for part in parts(lab, "intercom") for file in part["attachments"]]
    assert sorted(names) == [f"{number}-{n}.txt" for number in range(8) for n in range(3)]


@pytest.mark.long
def test_many_lines_of_one_person_trip_no_breaker(theatre: Theatre) -> None:
    """Right after a copy of ours a customer writes thirty lines within seconds: all of them arrive."""
    lab = theatre.bound(settings={"limits": {"breaker_writes": 3}})
    talk = begin(lab)
    lab.until_clean(lab.sync)
    lab.world.intercom.agent_writes(mirror(lab, "intercom"), "yes?", agent=NORA_THERE)
    lab.time.sleep(10)
    lab.sync()
    for number in range(30):
        lab.world.dashly.customer_writes(talk, f"line {number}.")

    lab.until_clean(lab.sync)

    assert told(lab, "intercom", "line") == 30


# -- authors, files, status, people --------------------------------------------------------------------------


def test_an_unmapped_agent_is_named_in_the_text(theatre: Theatre) -> None:
    """Tess has no counterpart: the default sender speaks, her name stands before the words."""
    lab = theatre.bound()
    lab.world.dashly.agent_writes(begin(lab), "by Tess.", agent="151702")

    lab.until_clean(lab.sync)

    (copy,) = [part for part in parts(lab, "intercom") if "by Tess." in part["body"]]
    assert copy["author"]["id"] == NORA_THERE
    assert "Tess" in plain(copy["body"]).removesuffix("by Tess.")


def test_a_mapped_agent_speaks_for_themselves(theatre: Theatre) -> None:
    """Ilya is on both sides: the copy is by Ilya, without a name in the text."""
    lab = theatre.bound()
    lab.world.dashly.agent_writes(begin(lab), "by Ilya.", agent="151377")

    lab.until_clean(lab.sync)

    (copy,) = [part for part in parts(lab, "intercom") if "by Ilya." in part["body"]]
    assert (copy["author"]["id"], plain(copy["body"])) == ("814872", "by Ilya.")


def test_a_file_link_that_expires_is_not_what_is_kept(theatre: Theatre) -> None:
    """Intercom's links die after half an hour: the file itself is copied, also after a failed run."""
    lab = theatre.bound()
    desk = lab.world.intercom
    paper = Upload("paper.txt", b"on paper", "text/plain")
    talk = desk.customer_starts(desk.customer("Max"), "with a file.", attachments=[paper])
    lab.world.fault("status", side="dashly", method="POST", times=3)
    lab.sync()
    lab.time.sleep(2 * 3600)

    lab.until_clean(lab.sync)

    files = [part["attachments"] for part in parts(lab, "dashly") if part["attachments"]]
    assert [[(file["name"], file["size"]) for file in found] for found in files] == [[("paper.txt", 8)]]
    assert not [body for body in bodies(lab, "dashly") if "signature=" in body]
    assert talk


@pytest.mark.parametrize("reopens", [False, True])
@pytest.mark.parametrize("side", [D, IC])
def test_closed_conversations_stay_closed_after_a_backfill(
    theatre: Theatre, side: Any, *, reopens: bool
) -> None:
    """Replayed messages may reopen the copy: its status is set last."""
    lab = theatre.bound(
        intercom_switches=IntercomSwitches(admin_reply_reopens=reopens),
        dashly_switches=DashlySwitches(admin_reply_reopens=reopens),
    )
    desk, then = lab.world.desk(side.value), lab.time.now() - 5 * DAY
    talk = desk.customer_starts(desk.customer("Eva", created=then), "old.", created=then)
    desk.agent_writes(talk, "answer.", created=then + 1)
    desk.close(talk, created=then + 2)
    desk.customer_writes(talk, "thanks.", created=then + 3)
    desk.close(talk, created=then + 4)

    lab.until_clean(lambda: lab.backfill(side))
    lab.until_clean(lab.sync)

    truth = lab.world.truth()
    assert [talk["state"] for talk in truth["intercom"]["conversations"]] == ["closed"]
    assert [talk["closed"] for talk in truth["dashly"]["conversations"]] == [True]


def test_a_merged_contact_is_followed(theatre: Theatre) -> None:
    """The contact that we wrote as was merged into another: the next message arrives, once."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.until_clean(lab.sync)
    desk = lab.world.intercom
    ours = lab.world.truth()["intercom"]["contacts"][0]["id"]
    desk.merge_contacts(ours, desk.customer("Eva M.", email="eva.m@example.org"))

    lab.world.dashly.customer_writes(talk, "after the merge.")
    lab.until_clean(lab.sync)
    lab.requests.clear()
    lab.world.dashly.customer_writes(talk, "and again.")
    lab.until_clean(lab.sync)

    assert [told(lab, "intercom", text) for text in ("after the merge.", "and again.")] == [1, 1]
    assert not [path for _, _, path in lab.requests if path.startswith("/contacts")]


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_a_deleted_conversation_is_never_made_anew(theatre: Theatre, side: str) -> None:
    """A copy that somebody deleted stays deleted, is told once, and holds up nobody else."""
    lab = theatre.bound()
    origin = "intercom" if side == "dashly" else "dashly"
    talk = begin(lab, origin)
    second = lab.world.desk(origin).customer_starts(lab.world.desk(origin).customer("Ida"), "other one.")
    lab.until_clean(lab.sync)
    gone = next(
        t["id"]
        for t in lab.world.truth()[side]["conversations"]
        if "question." in plain((t.get("source") or t["parts"][0])["body"])
    )
    lab.world.desk(side).delete_conversation(gone)
    lab.world.desk(origin).customer_writes(talk, "anybody there?")
    lab.world.desk(origin).customer_writes(second, "go on.")

    ran = lab.sync()
    lab.time.sleep(300)
    again = lab.sync()

    assert ran.clean
    assert any(gone in line for line in ran.attention)
    assert not any(gone in line for line in again.attention)
    assert told(lab, side, "go on.") == 1
    assert told(lab, side, "question.") == (1 if side == "dashly" and told(lab, side, "question.") else 0)


# -- a green run with broken data ---------------------------------------------------------------------------


def _copy(lab: Lab, text: str) -> Any:
    state = lab.world.intercom.state
    return next(
        part for talk in state.conversations.values() for part in talk.parts if text in (part.body or "")
    )


def _drop(lab: Lab) -> None:
    lost = _copy(lab, "ok")
    for talk in lab.world.intercom.state.conversations.values():
        talk.parts = [part for part in talk.parts if part is not lost]


def _alter(lab: Lab) -> None:
    _copy(lab, "Here it is").body = "<p>Something else</p>"


def _publish(lab: Lab) -> None:
    _copy(lab, "secret").part_type = "comment"


def _double(lab: Lab) -> None:
    lab.world.intercom.insert_part(mirror(lab, "intercom"), "comment", "<p>ok</p>", fields={"author": "user"})


def _retag(lab: Lab) -> None:
    lab.world.intercom.untag(mirror(lab, "intercom"), "VIP")


def _reopen(lab: Lab) -> None:
    lab.world.dashly.reopen(lab.world.truth()["dashly"]["conversations"][0]["id"])


PLANTED = {
    "a copy is missing": _drop,
    "a copy says something else": _alter,
    "a note is public": _publish,
    "a late duplicate": _double,
    "a tag is gone": _retag,
    "another status": _reopen,
}


@pytest.mark.long
@pytest.mark.parametrize("name", PLANTED)
def test_verify_finds_what_was_planted(theatre: Theatre, name: str) -> None:
    """No difference on a converged pair, and one as soon as something is broken."""
    lab = theatre.play("dashly")
    assert lab.differences() == []

    PLANTED[name](lab)

    assert lab.differences() != []


@pytest.mark.long
@pytest.mark.parametrize("story", STORIES)
def test_a_quiet_run_writes_nothing_and_reads_little(theatre: Theatre, story: str) -> None:
    """At the fixed point a run costs at most twelve reads a side."""
    lab = theatre.play(story)

    for _ in range(3):
        ran = lab.sync()
        lab.time.sleep(60)
        assert (ran.code, ran.writes) == (0, 0)
        assert max(ran.requests.values()) <= 12
