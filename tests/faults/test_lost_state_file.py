"""State files that are lost, or replaced by an old backup: nothing is copied, delivered or paired wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.app import pairs, recovering
from connector.engine.plan.notices import NoticeKind
from connector.host.decisions import Decisions, LeftOut
from connector.sandbox.switches import DashlySwitches, IntercomSwitches
from mappings.model import Side
from tests.faults.conversations import DAY, begin, bodies, mirror, told
from tests.faults.lab import D
from tests.outcome import plain

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

LOSSES = ("lost", "restored")


def forget(lab: Lab, how: str, kept: Any) -> None:
    """Lose the state file and recover, or put an old backup in its place."""
    if how == "lost":
        lab.lose()
        lab.recover()
    else:
        lab.restore(kept)


def counts(lab: Lab) -> list[int]:
    """Return how many conversations each side holds."""
    return [len(lab.world.truth()[side.value]["conversations"]) for side in Side]


def deliveries(lab: Lab) -> list[str]:
    """Return what customers were told through us."""
    return [plain(note.text) for note in lab.world.notifications(via="api")]


@pytest.mark.long
@pytest.mark.parametrize("code", [True, False])
@pytest.mark.parametrize("how", LOSSES)
def test_an_answer_that_was_corrected_is_not_sent_again(theatre: Theatre, how: str, *, code: bool) -> None:
    """The copy holds the old words: it is known by its place, and never taken for an agent's new message."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(app_package_code=code))
    talk = begin(lab)
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    lab.time.sleep(60)
    part = lab.world.dashly.agent_writes(talk, "It costs 100")
    gone = lab.world.dashly.agent_writes(talk, "Or perhaps 200", created=lab.time.now() + 2)
    lab.time.sleep(10)
    lab.until_clean(lab.sync)
    lab.world.dashly.edit_part(talk, part, "It is 5000")
    lab.world.dashly.remove_part(talk, gone)
    forget(lab, how, kept)
    lab.world.dashly.customer_writes(talk, "thanks.")

    lab.until_clean(lab.sync)

    assert deliveries(lab) == []
    assert told(lab, "dashly", "It costs") + told(lab, "dashly", "perhaps") == 0
    assert told(lab, "intercom", "It is 5000") == 1
    assert told(lab, "intercom", "It costs 100") <= (1 if code else 2)
    assert told(lab, "intercom", "thanks.") == 1


@pytest.mark.long
@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("writer", ["dashly", "intercom"])
def test_a_mirror_at_a_real_user_is_found_again(theatre: Theatre, how: str, writer: str) -> None:
    """Dashly cannot back-date, and an opening has no marker: person, words and order must do."""
    lab = theatre.bound()
    lab.world.dashly.customer_starts(lab.world.dashly.customer("Ann", user_id="acct-9"), "earlier.")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    contacts = lab.world.intercom.state.contacts
    ann = next(key for key, one in contacts.items() if one.external_id == "acct-9")
    lab.time.sleep(60)
    talk = lab.world.intercom.customer_starts(ann, "Where is my parcel?")
    lab.time.sleep(90)
    lab.until_clean(lab.sync)
    copy = mirror(lab, "dashly")
    before = counts(lab)
    forget(lab, how, kept)
    lab.time.sleep(500)
    lab.world.desk(writer).customer_writes(talk if writer == "intercom" else copy, "anybody?")

    lab.until_clean(lab.sync)

    assert counts(lab) == before
    assert told(lab, "intercom" if writer == "dashly" else "dashly", "anybody?") == 1


@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("version", ["2.10", "1.4"])
def test_a_mirror_that_could_not_be_back_dated_is_found_again(
    theatre: Theatre, how: str, version: str
) -> None:
    """Before 2.11 a copy on Intercom has the time of the copying."""
    lab = theatre.bound(settings={"intercom": {"api_version": version}})
    kept = lab.keep("kept.db")
    talk = begin(lab)
    lab.time.sleep(90)
    lab.until_clean(lab.sync)
    before = counts(lab)
    forget(lab, how, kept)
    lab.time.sleep(500)
    lab.world.dashly.customer_writes(talk, "anybody?")

    lab.until_clean(lab.sync)

    assert counts(lab) == before
    assert [told(lab, "intercom", text) for text in ("question.", "anybody?")] == [1, 1]


@pytest.mark.parametrize("gone", ["delete_contact", "archive_contact"])
@pytest.mark.parametrize("own", ["acct-9", None])
@pytest.mark.parametrize("version", ["2.16", "2.10"])
def test_a_mirror_whose_contact_is_gone_is_found_again(
    theatre: Theatre, version: str, own: str | None, gone: str
) -> None:
    """No search finds the contact, but their conversations still show their external id."""
    lab = theatre.bound(settings={"intercom": {"api_version": version}})
    dashly, inbox = lab.world.dashly, lab.world.intercom
    talk = dashly.customer_starts(dashly.customer("Eva", user_id=own), "question.")
    lab.time.sleep(90)
    lab.until_clean(lab.sync)
    getattr(inbox, gone)(inbox.state.conversations[int(mirror(lab, "intercom"))].contacts[0])
    lab.lose()

    assert lab.recover() == 1
    dashly.customer_writes(talk, "anybody?")
    lab.until_clean(lab.sync)

    assert [told(lab, "intercom", text) for text in ("question.", "anybody?")] == [1, 1]
    assert lab.differences() == []


def test_the_mirrors_at_a_contact_and_at_its_successor_are_found_again(theatre: Theatre) -> None:
    """A contact whose predecessor was deleted has another id of ours; nothing crosses."""
    lab = theatre.bound()
    dashly, inbox = lab.world.dashly, lab.world.intercom
    eva = dashly.customer("Eva")
    talks = []
    for _ in range(2):
        talks.append(dashly.customer_starts(eva, "Hello"))
        lab.time.sleep(600)
        lab.until_clean(lab.sync)
        inbox.delete_contact(inbox.state.conversations[int(mirror(lab, "intercom", -1))].contacts[0])
    lab.lose()

    assert lab.recover() == 2
    for number, talk in enumerate(talks):
        dashly.customer_writes(talk, f"about order {number}.")
    lab.until_clean(lab.sync)

    said = [
        " ".join(plain(one) for one in (talk["source"]["body"], *(part["body"] for part in talk["parts"])))
        for talk in lab.world.truth()["intercom"]["conversations"]
    ]
    assert [text.replace("Eva (customer): ", "") for text in said] == [
        "Hello about order 0.",
        "Hello about order 1.",
    ]
    assert lab.differences() == []


@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("code", [True, False])
@pytest.mark.parametrize("tail", ["", " and so on," * 100])
def test_the_notes_that_name_a_customer_who_is_gone_are_known_again(
    theatre: Theatre, tail: str, how: str, *, code: bool
) -> None:
    """Somebody else speaks for them, and a text in pieces names them once, like any other."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(app_package_code=code))
    with lab.memory() as store:
        store.meta.set_max_text(Side.INTERCOM, 500)
    inbox, talk = lab.world.intercom, begin(lab)
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    inbox.delete_contact(inbox.state.conversations[int(mirror(lab, "intercom"))].contacts[0])
    lab.world.dashly.customer_writes(talk, f"anybody?{tail}")
    lab.time.sleep(60)
    lab.until_clean(lab.sync)
    there = bodies(lab, "intercom")
    assert sum("Eva (customer): " in body for body in there) == 1
    assert lab.differences() == []
    lab.time.sleep(3600)
    forget(lab, how, kept)

    lab.until_clean(lab.sync)

    assert bodies(lab, "intercom") == there
    assert bodies(lab, "dashly") == []


@pytest.mark.parametrize("gone", ["delete_contact", "archive_contact"])
def test_a_conversation_of_a_stranger_who_is_gone_is_nobodys_mirror(theatre: Theatre, gone: str) -> None:
    """A lead bears whatever id a visitor chose, and may have written the same words in the same second."""
    lab = theatre.bound()
    dashly, inbox = lab.world.dashly, lab.world.intercom
    at = lab.time.now()
    dashly.customer_starts(dashly.customer("Vic", user_id="acct-1"), "Hello", created=at)
    lead = inbox.customer("Mallory", user_id="acct-1", role="lead")
    inbox.customer_starts(lead, "Hello", created=at)
    getattr(inbox, gone)(lead)
    lab.lose()

    assert lab.recover() == 0


def test_a_mirror_that_was_begun_late_is_linked_again_before_any_work(theatre: Theatre) -> None:
    """While the list is read: then no thread can meet the other end first."""
    lab = theatre.bound(settings={"intercom": {"api_version": "2.10"}})
    kept = lab.keep("kept.db")
    talk = begin(lab)
    lab.time.sleep(90)
    lab.until_clean(lab.sync)
    forget(lab, "restored", kept)
    lab.time.sleep(500)
    lab.world.dashly.customer_writes(talk, "anybody?")

    told = [(notice.kind, notice.conversation, notice.detail) for notice in lab.sync().notices]

    assert told == [(NoticeKind.LINKED_AGAIN, talk, "again")]


@pytest.mark.long
def test_two_conversations_that_begin_alike_are_not_crossed(theatre: Theatre) -> None:
    """What markers prove comes first; then the nearest in time."""
    lab = theatre.bound()
    desk = lab.world.intercom
    ann = desk.customer("Ann")
    talks = []
    for number in (1, 2):
        talks.append(desk.customer_starts(ann, "Hello"))
        lab.time.sleep(120)
        lab.until_clean(lab.sync)
        desk.customer_writes(talks[-1], f"about order {number}.") if number == 1 else None
        lab.until_clean(lab.sync)
    lab.lose()
    lab.recover()
    for number, talk in enumerate(talks, 1):
        desk.customer_writes(talk, f"again order {number}.")

    lab.until_clean(lab.sync)

    said = [
        " ".join(plain(part["body"]) for part in talk["parts"])
        for talk in lab.world.truth()["dashly"]["conversations"]
    ]
    assert sorted(said) == ["Hello about order 1. again order 1.", "Hello again order 2."]


@pytest.mark.long
@pytest.mark.parametrize("code", [True, False])
@pytest.mark.parametrize("workers", [1, 4])
def test_an_old_backup_copies_nothing_twice(theatre: Theatre, workers: int, *, code: bool) -> None:
    """Conversations begun, answered and delivered since the backup was made: all are known again."""
    lab = theatre.bound(
        settings={"sync": {"workers": workers}}, intercom_switches=IntercomSwitches(app_package_code=code)
    )
    first = begin(lab, "dashly", "old question.")
    other = begin(lab, "intercom", "old question there.")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    for side, talk in (("dashly", first), ("intercom", other)):
        desk = lab.world.desk(side)
        lab.time.sleep(60)
        desk.customer_writes(talk, f"go on {side}.")
        desk.agent_writes(talk, f"answer {side}.")
        begin(lab, side, f"new question {side}.")
    lab.until_clean(lab.sync)
    lab.world.intercom.agent_writes(mirror(lab, "intercom"), "reply from mirror.")
    lab.world.dashly.agent_writes(mirror(lab, "dashly"), "reply from the other mirror.")
    lab.until_clean(lab.sync)
    lab.time.sleep(600)
    before, held, sent = counts(lab), sorted(bodies(lab, "dashly") + bodies(lab, "intercom")), deliveries(lab)
    lab.restore(kept)

    ran = lab.sync()
    lab.time.sleep(300)
    lab.until_clean(lab.sync)

    assert ran.error is None
    assert counts(lab) == before
    assert sorted(bodies(lab, "dashly") + bodies(lab, "intercom")) == held
    assert deliveries(lab) == sent
    assert not [line for line in ran.attention if "in quarantine" in line]


def test_what_a_person_typed_in_a_mirror_is_delivered_after_an_old_backup(theatre: Theatre) -> None:
    """Words that surely are a person's are not copies of ours, whenever they were typed."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.world.dashly.agent_writes(talk, "first answer.")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    lab.world.intercom.agent_writes(mirror(lab, "intercom"), "typed by hand.")
    lab.time.sleep(60)
    lab.restore(kept)

    lab.until_clean(lab.sync)

    assert deliveries(lab) == ["typed by hand."]


@pytest.mark.parametrize("how", LOSSES)
def test_a_transcript_is_not_written_again(theatre: Theatre, how: str) -> None:
    """It has no marker on Intercom; its heading tells what it is."""
    lab = theatre.bound(settings={"history": {"to_intercom": "transcript"}})
    kept = lab.keep("kept.db")
    then = lab.time.now() - 5 * DAY
    desk = lab.world.dashly
    talk = desk.customer_starts(desk.customer("Eva", created=then), "old.", created=then)
    desk.agent_writes(talk, "old answer.", created=then + 1)
    lab.until_clean(lambda: lab.backfill(D))
    before = bodies(lab, "intercom")
    forget(lab, how, kept)

    lab.until_clean(lambda: lab.backfill(D))
    lab.until_clean(lab.sync)

    assert bodies(lab, "intercom") == before


def test_a_note_about_an_edit_does_not_come_back(theatre: Theatre) -> None:
    """It is ours, though it copies no part: Intercom says that our app wrote it."""
    lab = theatre.bound()
    talk = begin(lab)
    part = lab.world.dashly.agent_writes(talk, "It costs 100")
    lab.until_clean(lab.sync)
    lab.world.dashly.edit_part(talk, part, "It costs 1000")
    lab.time.sleep(60)
    lab.until_clean(lab.sync)
    lab.lose()
    lab.recover()
    before = bodies(lab, "dashly")

    lab.until_clean(lab.sync)

    assert [body for body in bodies(lab, "intercom") if "It costs 1000" in body]
    assert bodies(lab, "dashly") == before


def test_copies_without_markers_are_known_by_order(theatre: Theatre) -> None:
    """Where Dashly returns no marker, what came after the original and was made by a program is ours."""
    lab = theatre.bound(dashly_switches=DashlySwitches(external_id_returned=False))
    talk = begin(lab, "intercom")
    for text in ("ok", "ok", "and so on."):
        lab.world.intercom.customer_writes(talk, text)
    lab.world.intercom.agent_writes(talk, "an answer.")
    lab.until_clean(lab.sync)
    lab.time.sleep(60)
    before = sorted(bodies(lab, "dashly") + bodies(lab, "intercom"))
    lab.lose()
    lab.recover()

    lab.until_clean(lab.sync)

    assert sorted(bodies(lab, "dashly") + bodies(lab, "intercom")) == before
    assert deliveries(lab) == []


@pytest.mark.parametrize("side", ["dashly", "intercom"])
@pytest.mark.parametrize("opening", [True, False])
def test_what_a_person_left_out_stays_left_out(theatre: Theatre, side: str, *, opening: bool) -> None:
    """The decision lies beside the state file: a part that was skipped is not copied after `recover`."""
    lab = theatre.bound()
    other = "intercom" if side == "dashly" else "dashly"
    talk = begin(lab, side, "left out." if opening else "question.")
    if not opening:
        lab.until_clean(lab.sync)
        lab.world.desk(side).customer_writes(talk, "left out.")
    writes = r"(/conversations|/reply|/startconversation)$"
    lab.world.fault("status", side=other, method="POST", path=writes, status=422, times=20)
    lab.sync()
    assert lab.skip_all()
    lab.world.clear_faults()
    lab.world.desk(side).customer_writes(talk, "go on.")
    lab.lose()
    lab.time.sleep(60)

    lab.recover()
    lab.until_clean(lab.sync)
    lab.until_clean(lambda: lab.backfill(Side(side)))

    assert told(lab, other, "left out.") == 0
    assert told(lab, other, "go on.") == 1
    assert lab.differences() == []


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_what_a_person_unlinked_stays_unlinked(theatre: Theatre, side: str) -> None:
    """The marks say that both conversations mirror each other; a person said that they do not."""
    lab = theatre.bound()
    talk = begin(lab, side, "question.")
    lab.until_clean(lab.sync)
    pairs.unlink(lab.config, lab.environment, talk)
    lab.world.desk(side).customer_writes(talk, "not to be copied.")
    lab.time.sleep(60)
    lab.lose()

    lab.recover()
    lab.until_clean(lab.sync)

    assert told(lab, Side(side).other.value, "not to be copied.") == 0
    assert len(lab.world.desk(Side(side).other.value).state.conversations) == 1


def linked_by_hand(lab: Lab) -> list[str]:
    """Link two old conversations that nothing but a person's word makes a pair; return their ids."""
    then = lab.time.now() - 5 * 86_400.0
    twins = [
        desk.customer_starts(desk.customer("Eva", created=then), "asked on both sides.", created=then)
        for desk in (lab.world.dashly, lab.world.intercom)
    ]
    pairs.link(lab.config, lab.environment, *twins)
    return twins


def test_what_a_person_linked_stays_linked(theatre: Theatre) -> None:
    """No mark says so, and without the decision the conversation would be copied a second time."""
    lab = theatre.bound()
    twins = linked_by_hand(lab)
    lab.world.dashly.customer_writes(twins[0], "before the loss.")
    lab.until_clean(lab.sync)
    lab.lose()
    lab.world.dashly.customer_writes(twins[0], "while it was lost.")
    lab.time.sleep(60)

    lab.recover()
    lab.until_clean(lab.sync)

    assert len(lab.world.intercom.state.conversations) == 1
    assert told(lab, "intercom", "while it was lost.") == 1
    assert told(lab, "intercom", "before the loss.") == 1
    assert lab.differences() == []


def test_a_note_about_an_edit_in_a_linked_pair_does_not_come_back(theatre: Theatre) -> None:
    """It was written after the link, like what is still to be copied, and no mark says whose it is."""
    lab = theatre.bound()
    twins = linked_by_hand(lab)
    part = lab.world.dashly.customer_writes(twins[0], "before the edit.")
    lab.until_clean(lab.sync)
    lab.time.sleep(3600)
    lab.world.dashly.edit_part(twins[0], part, "changed words.")
    lab.until_clean(lab.sync)
    assert told(lab, "intercom", "now: changed words.") == 1
    lab.lose()
    lab.time.sleep(60)

    lab.recover()
    lab.until_clean(lab.sync)

    assert told(lab, "dashly", "now: changed words.") == 0
    assert told(lab, "intercom", "changed words.") == 1
    assert lab.differences() == []


def test_a_link_that_cannot_be_made_again_ends_no_recover(theatre: Theatre) -> None:
    """Its copy was deleted, and of its original a part was left out: it counts as worked on before."""
    lab = theatre.bound()
    twins = linked_by_hand(lab)
    part = lab.world.dashly.customer_writes(twins[0], "left out.")
    Decisions.beside(lab.config.state.path).add([LeftOut(Side.DASHLY, twins[0], part)])
    lab.world.intercom.delete_conversation(twins[1])
    lab.lose()
    lab.recover()

    lab.recover()

    assert told(lab, "intercom", "left out.") == 0


@pytest.mark.parametrize("code", [True, False])
@pytest.mark.parametrize("told_before", [True, False])
@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("side", list(Side))
def test_an_edit_arrives_once_though_the_memory_of_it_is_gone(
    theatre: Theatre, how: str, side: Side, *, told_before: bool, code: bool
) -> None:
    """What the copy says today shows whether agents on the other side know the words of today."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(app_package_code=code))
    kept = lab.keep("kept.db")
    desk = lab.world.desk(side.value)
    talk = desk.customer_starts(desk.customer("Eva"), "opening words")
    lab.time.sleep(60)
    part = desk.agent_notes(talk, "call her on Monday")
    lab.time.sleep(60)
    lab.until_clean(lab.sync)
    desk.edit_part(talk, part, "call her on Friday")
    if told_before:
        lab.time.sleep(60)
        lab.until_clean(lab.sync)
    forget(lab, how, kept)

    lab.until_clean(lab.sync)

    assert [told(lab, side.other.value, day) for day in ("Monday", "Friday")] == [1, 1]
    assert lab.differences() == []


@pytest.mark.long
@pytest.mark.parametrize("what", ["an edit", "a removal", "a snooze", "an address"])
@pytest.mark.parametrize("how", LOSSES)
def test_no_note_of_ours_comes_back(theatre: Theatre, how: str, what: str) -> None:
    """Nothing in Intercom 1.x tells our notes from a teammate's but what they say."""
    lab = theatre.bound(settings={"intercom": {"api_version": "1.4"}})
    talk = begin(lab)
    dashly = lab.world.dashly
    part = dashly.agent_notes(talk, "call her on Monday")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    match what:
        case "an edit":
            dashly.edit_part(talk, part, "call her on Friday")
        case "a removal":
            dashly.remove_part(talk, part)
        case "a snooze":
            dashly.snooze(talk, lab.time.now() + DAY)
    lab.time.sleep(60)
    lab.until_clean(lab.sync)
    there, here = bodies(lab, "intercom"), bodies(lab, "dashly")
    forget(lab, how, kept)

    lab.until_clean(lab.sync)

    assert bodies(lab, "dashly") == here
    assert bodies(lab, "intercom") == there


@pytest.mark.parametrize("how", LOSSES)
def test_what_was_removed_before_the_loss_is_removed_from_its_copy(theatre: Theatre, how: str) -> None:
    """Dashly shows only the second and the author of what was removed."""
    lab = theatre.bound()
    kept = lab.keep("kept.db")
    talk = begin(lab)
    part = lab.world.dashly.agent_writes(talk, "secret.")
    lab.time.sleep(60)
    lab.until_clean(lab.sync)
    lab.world.dashly.remove_part(talk, part)
    forget(lab, how, kept)

    lab.until_clean(lab.sync)

    assert told(lab, "intercom", "secret.") == 0


@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_tags_set_before_a_conversation_is_known_again_are_united(
    theatre: Theatre, how: str, side: str
) -> None:
    """Nobody can say which side set them when, so none of them may be missing on the other."""
    lab = theatre.bound()
    kept = lab.keep("kept.db")
    other = Side(side).other.value
    talk = begin(lab, side)
    lab.world.desk(side).tag(talk, "both")
    lab.until_clean(lab.sync)
    lab.world.desk(side).tag(talk, "here")
    lab.world.desk(other).tag(mirror(lab, other), "there")
    forget(lab, how, kept)
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)

    shown = lab.world.truth()
    for where in ("dashly", "intercom"):
        (found,) = shown[where]["conversations"]
        assert {tag.casefold() for tag in found["tags"]} == {"both", "here", "there"}
    again = lab.sync()
    assert (again.code, again.writes) == (0, 0)


def test_what_was_copied_late_is_no_difference_once_the_state_is_rebuilt(theatre: Theatre) -> None:
    """Behind newer words its copy names its time: that is all which tells of it then."""
    lab = theatre.bound(settings={"intercom": {"api_version": "1.4"}})
    talk = begin(lab)
    lab.time.sleep(600)
    before = lab.time.now() - 300
    lab.world.dashly.customer_writes(talk, "newer.")
    lab.until_clean(lab.sync)
    lab.world.dashly.customer_writes(talk, "older.", created=before)
    lab.world.dashly.customer_writes(talk, "newest.")
    lab.until_clean(lab.sync)
    assert told(lab, "intercom", "] older.") == 1

    lab.lose()
    lab.time.sleep(300)
    lab.recover()
    lab.until_clean(lab.sync)

    assert lab.differences() == []


def test_an_original_whose_copies_side_is_not_read_finds_its_mirror(theatre: Theatre) -> None:
    """One way only, nothing is listed on the side of the copies, and a copy there was begun later."""
    lab = theatre.bound(settings={"sync": {"directions": ["intercom-to-dashly"]}})
    lab.world.dashly.customer_starts(lab.world.dashly.customer("Ann", user_id="acct-9"), "earlier.")
    kept = lab.keep("kept.db")
    ann = lab.world.intercom.customer("Ann", user_id="acct-9")
    talk = lab.world.intercom.customer_starts(ann, "Where is my parcel?")
    lab.time.sleep(90)
    lab.until_clean(lab.sync)
    before = counts(lab)
    lab.restore(kept)
    lab.time.sleep(500)
    lab.world.intercom.customer_writes(talk, "anybody?")

    lab.until_clean(lab.sync)

    assert counts(lab) == before
    assert told(lab, "dashly", "anybody?") == 1


def test_a_copy_whose_original_was_deleted_is_told_by_recover(theatre: Theatre) -> None:
    """Nothing can be paired with it: a person deletes it or links it. Other conversations are not named."""
    lab = theatre.bound()
    talk = begin(lab, "intercom")
    lab.world.dashly.customer_starts(lab.world.dashly.customer("Ann"), "of Dashly.")
    lab.until_clean(lab.sync)
    copied = mirror(lab, "dashly")
    lab.world.intercom.delete_conversation(talk)
    lab.lose()

    report = recovering.recover(lab.config, lab.environment).report

    told = [
        (one.side, one.conversation) for one in report.notices if one.kind is NoticeKind.NO_ORIGINAL_FOUND
    ]
    assert told == [(D, copied)]
