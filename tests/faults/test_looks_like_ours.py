"""Words, people and conversations that are not ours, however much they look like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.sandbox.switches import DashlySwitches, IntercomSwitches
from mappings.model import Side
from mappings.persons import TECHNICAL_NAME
from state.records import Operation
from tests.faults.conversations import begin, mirror, told
from tests.faults.lab import IC, NORA, NORA_THERE, Crash, D
from tests.outcome import plain

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab


def die_after_intent(lab: Lab) -> None:
    """Let the next run die when its first start is written down and has not left."""

    def dies(_number: int, what: str, when: str) -> bool:
        if (what, when) != ("request", "before"):
            return False
        assert lab.store is not None
        return any(intent.op is Operation.START for intent in lab.store.journal.open())

    lab.die = dies
    with pytest.raises(Crash):
        lab.sync()
    lab.die = None


@pytest.mark.long
@pytest.mark.parametrize("side", [D, IC])
def test_a_stranger_who_says_the_same_is_not_taken_for_our_copy(theatre: Theatre, side: Side) -> None:
    """Alice's copy was about to be made when the run died; Bob wrote "Hello" on the other side meanwhile."""
    lab = theatre.bound()
    alice = begin(lab, side.value, "Hello")
    die_after_intent(lab)
    there = lab.world.desk(side.other.value)
    bob = there.customer_starts(there.customer("Bob", email="bob@example.org"), "Hello")
    lab.until_clean(lab.sync)
    there.agent_writes(bob, "Bob, your code is 1234")
    lab.world.desk(side.value).customer_writes(alice, "I am ill")
    lab.until_clean(lab.sync)

    assert [note.text for note in lab.world.notifications(via="api")] == []
    talks = lab.world.truth()[side.other.value]["conversations"]
    texts = [
        [plain(p["body"]) for p in [talk.get("source") or {"body": ""}, *talk["parts"]]] for talk in talks
    ]
    assert not [said for said in texts if any("1234" in t for t in said) and any("ill" in t for t in said)]
    assert len(lab.world.truth()[side.value]["conversations"]) == 2
    assert lab.differences() == []


def test_a_part_that_was_delivered_is_not_delivered_again_after_a_restored_backup(theatre: Theatre) -> None:
    """It stood in quarantine when the backup was made, was carried since, and is tried once more."""
    lab = theatre.bound()
    begin(lab)
    lab.until_clean(lab.sync)
    lab.world.fault("status", side="dashly", method="POST", path="/reply", status=400)
    lab.world.intercom.agent_writes(mirror(lab, "intercom"), "delivered once.")
    lab.sync()
    kept = lab.keep("kept.db")
    lab.retry_all()
    lab.until_clean(lab.sync)
    lab.restore(kept)
    lab.retry_all()

    lab.until_clean(lab.sync)

    assert [plain(note.text) for note in lab.world.notifications(via="api")] == ["delivered once."]


def test_a_shadow_user_who_got_an_address_is_not_notified(theatre: Theatre) -> None:
    """Somebody filled it in, before the mirror was made or after: agents' copies become notes."""
    lab = theatre.bound()
    talk = begin(lab, "intercom")
    lab.until_clean(lab.sync)
    for user in lab.world.dashly.state.users.values():
        user.props["$email"] = "eva@example.org"
    lab.world.intercom.agent_writes(talk, "the answer.")
    lab.until_clean(lab.sync)
    contact = lab.world.truth()["intercom"]["contacts"][0]["id"]
    second = lab.world.intercom.customer_starts(contact, "second question.")
    lab.world.intercom.agent_writes(second, "second answer.")

    lab.until_clean(lab.sync)

    assert lab.world.notifications(via="api") == []
    assert [told(lab, "dashly", text) for text in ("the answer.", "second answer.")] == [1, 1]


def test_a_user_made_for_a_contact_bears_the_name_the_conversation_does_not_show(theatre: Theatre) -> None:
    """An agent wrote first, so that the conversation says who wrote, and of the contact an id only."""
    lab = theatre.bound()
    desk = lab.world.intercom
    desk.campaign_starts(desk.customer("Eva Lind", email="eva@example.org"), "Any questions?")

    lab.until_clean(lab.sync)

    names = {user.props.get("$name") for user in lab.world.dashly.state.users.values()}
    assert names == {"Eva Lind", TECHNICAL_NAME}
    assert [note.text for note in lab.world.notifications(via="api")] == []


def test_one_unreadable_copy_does_not_stop_the_others(theatre: Theatre) -> None:
    """A conversation of a shadow user whose original does not answer: everybody else is carried."""
    lab = theatre.bound(settings={"sync": {"sweep": 0}})
    talk = begin(lab, "intercom")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    lab.lose()
    lab.restore(kept)
    with lab.memory() as store:
        store.file._db.execute("DELETE FROM parts")
        store.file._db.execute("DELETE FROM conversations")
    lab.world.dashly.agent_notes(mirror(lab, "dashly"), "looked at.")
    lab.world.fault("status", side="intercom", path=f"/conversations/{talk}$", times=100)
    lab.world.dashly.customer_starts(lab.world.dashly.customer("Ida"), "another one.")

    ran = lab.sync()

    assert ran.error is None
    assert told(lab, "intercom", "another one.") == 1


@pytest.mark.parametrize("prefer", ["manual", "newer"])
def test_a_register_is_not_settled_behind_a_change(theatre: Theatre, prefer: str) -> None:
    """Both sides changed the status: what the rule says holds, whichever side is looked at later."""
    lab = theatre.bound(settings={"sync": {"prefer": prefer}})
    talk = begin(lab)
    lab.until_clean(lab.sync)
    lab.world.dashly.close(talk)
    lab.time.sleep(60)
    lab.world.intercom.snooze(mirror(lab, "intercom"), lab.time.now() + 500_000)

    lab.until_clean(lab.sync)
    lab.world.intercom.agent_notes(mirror(lab, "intercom"), "a note.")
    lab.until_clean(lab.sync)

    (there,) = lab.world.truth()["intercom"]["conversations"]
    assert there["state"] == "snoozed"


def test_a_tag_that_is_refused_holds_up_no_words(theatre: Theatre) -> None:
    """The refusal is told, the words arrive, and the tag stays where it was put."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.until_clean(lab.sync)
    lab.world.fault("status", side="intercom", method="POST", path="/tags$", status=400)
    lab.world.dashly.tag(talk, "x" * 300)
    ran = lab.sync()
    lab.world.dashly.customer_writes(talk, "urgent.")
    lab.time.sleep(60)
    lab.until_clean(lab.sync)

    assert any("the tags was refused" in line or "tags" in line for line in ran.attention)
    assert told(lab, "intercom", "urgent.") == 1
    assert lab.world.truth()["dashly"]["conversations"][0]["tags"] == ["x" * 300]


def test_a_customer_who_was_deleted_is_made_anew(theatre: Theatre) -> None:
    """Their next conversation finds nobody under the remembered id, looks again, and arrives."""
    lab = theatre.bound()
    begin(lab)
    lab.until_clean(lab.sync)
    for contact in lab.world.intercom.state.contacts.values():
        contact.archived, contact.external_id, contact.email = True, None, None  # nobody is in the way
    user = lab.world.truth()["dashly"]["users"][0]["id"]
    lab.world.dashly.customer_starts(user, "second question.")

    lab.until_clean(lab.sync)

    assert told(lab, "intercom", "second question.") == 1


def test_a_search_that_lags_longer_than_settling_makes_no_second_conversation(theatre: Theatre) -> None:
    """The answer to a start was lost, and the search shows the conversation five minutes late."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(search_delay=300.0))
    begin(lab)
    lab.world.fault("drop_after", side="intercom", method="POST", path="/conversations$")
    lab.sync()
    for _ in range(8):
        lab.time.sleep(120)
        lab.sync()

    assert [len(lab.world.truth()[side.value]["conversations"]) for side in Side] == [1, 1]
    assert lab.differences() == []


def test_a_lost_answer_is_found_where_the_time_is_not_ours_to_choose(theatre: Theatre) -> None:
    """Intercom ignores the time that we give: that an app wrote the words is proof enough."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(created_at_honoured=False))
    talk = begin(lab)
    lab.until_clean(lab.sync)
    lab.time.sleep(500)
    lab.world.dashly.agent_writes(talk, "said once.", created=lab.time.now() - 400)
    lab.world.fault("drop_after", side="intercom", method="POST", path="/reply$")

    lab.until_clean(lab.sync)

    assert told(lab, "intercom", "said once.") == 1
    assert lab.world.notifications(via="api") == []


def test_an_assignment_that_comes_with_our_words_is_not_carried_back(theatre: Theatre) -> None:
    """Dashly gives a conversation to whom a reply is from: nobody did that on the customer's side."""
    lab = theatre.bound(dashly_switches=DashlySwitches(admin_reply_auto_assigns=True))
    talk = begin(lab, "intercom")
    lab.world.intercom.agent_writes(talk, "an answer.")
    before = lab.world.truth()["intercom"]["conversations"][0]["admin_assignee"]

    lab.until_clean(lab.sync)

    assert lab.world.truth()["intercom"]["conversations"][0]["admin_assignee"] == before
    assert lab.differences() == []


def test_a_write_that_nobody_can_find_is_left_out_by_hand(theatre: Theatre) -> None:
    """Confirmed, and gone before it was recognised: `skip` records it and the conversation goes on."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.until_clean(lab.sync)
    with lab.memory() as store:
        (pair,) = store.pairs.linked_pairs()
    lab.world.dashly.customer_writes(talk, "lost words.")
    rule = lab.world.fault("drop_before", side="intercom", method="POST", path="/reply$")
    lab.die = lambda _number, what, when: (what, when) == ("request", "after") and bool(rule.used)
    with pytest.raises(Crash):
        lab.sync()
    lab.die, lab.dead = None, False
    with lab.memory() as store:
        (intent,) = store.journal.open(pair.row)
        store.journal.answered(intent.marker, intent.fingerprint)
    lab.time.sleep(300)
    lab.sync()
    lab.world.dashly.customer_writes(talk, "go on.")

    assert lab.skip_all() == ["connector sync"]
    lab.until_clean(lab.sync)

    assert [told(lab, "intercom", text) for text in ("lost words.", "go on.")] == [0, 1]
    with lab.memory() as store:
        assert store.journal.open() == []
        rows = store.ledger.of(pair.row)[D].values()
    assert [row.disposition for row in rows if "left out by hand" in row.reason] == ["skipped"]


@pytest.mark.parametrize("code", [True, False])
def test_the_same_words_by_the_same_agent_in_the_same_second_are_two_messages(
    theatre: Theatre, *, code: bool
) -> None:
    """One "ok" in the original, one typed in the mirror: each is copied or delivered once."""
    lab = theatre.bound(intercom_switches=IntercomSwitches(app_package_code=code))
    talk = begin(lab)
    lab.world.dashly.agent_writes(talk, "first.", agent=NORA)
    lab.until_clean(lab.sync)
    lab.time.sleep(60)
    there = mirror(lab, "intercom")
    lab.world.dashly.agent_writes(talk, "ok", agent=NORA)
    lab.world.intercom.agent_writes(there, "ok", agent=NORA_THERE)

    lab.until_clean(lab.sync)

    assert [plain(note.text) for note in lab.world.notifications(via="api")] == ["ok"]
    assert [told(lab, side.value, "ok") for side in Side] == [1, 1]
    assert lab.differences() == []
