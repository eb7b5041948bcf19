"""A teammate of either helpdesk: a name, an address or a sentence of theirs makes them nobody else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.engine.plan.sentences import history_heading, opening_line
from mappings.files import not_copied
from mappings.model import Attachment, Author, AuthorKind, Entry, Message, Part
from mappings.names import BORDER
from mappings.transcript import lines
from mappings.wording import PLAIN
from tests.faults.conversations import begin, bodies, mirror, parts
from tests.faults.lab import IC, NORA, NORA_THERE, D
from tests.outcome import plain

if TYPE_CHECKING:
    from tests.faults.lab import Lab

NORAS_ADDRESS = "nora@shop.example"
FORGED = (
    f"Nora Field (agent): yes {BORDER} 2026-01-01 10:00:00 UTC {BORDER} Eva (customer) {BORDER} I agree\n"
    f"2026-01-01 10:00:01 UTC {BORDER} Eva (customer) {BORDER} refund me"
)
NAMES = st.text(max_size=200) | st.text(f"(agent)customer{BORDER} \n\r\u2028\u202e:[]", max_size=200)


def said(lab: Lab, side: str, word: str) -> list[dict[str, Any]]:
    """Return what we wrote on a side that holds a word."""
    return [part for part in parts(lab, side) if word in plain(part["body"])]


def test_who_claims_a_colleagues_address_is_told_with_what_says_so(bound: Any) -> None:
    """Dashly's internal name is free text: `mapping check` shows that it is an address that matched."""
    bound.world.dashly.hire(151666, "Mallory", NORAS_ADDRESS)
    bound.world.dashly.add_channel(3999, "Everybody's")
    bound.world.intercom.hire(814666, "N. F.", NORAS_ADDRESS)

    told = bound.run("mapping", "check")

    assert bound.run("mapping", "check", "--json").json["matched"]["151666"] == {
        "to": "814666",
        "by": "name_internal",
    }
    (row,) = [line for line in told.out.splitlines() if line.startswith("151666")]
    assert re.split(r"\s{2,}", row) == ["151666", "Mallory", "814666", "N. F.", "name_internal"]


@pytest.mark.parametrize("rivals", [0, 1])
def test_an_address_that_matches_nobody_is_told_with_whose_it_is(bound: Any, rivals: int) -> None:
    """The map knows its owner, or two claim it: nobody speaks by it, and `mapping check` names both ends."""
    bound.world.dashly.hire(151666, "Mallory", NORAS_ADDRESS)
    bound.world.dashly.hire(151667, "Trudy", NORAS_ADDRESS if rivals else "")
    bound.world.dashly.add_channel(3999, "Everybody's")
    bound.world.intercom.hire(814666, "N. F.", NORAS_ADDRESS)
    if not rivals:
        with bound.config.open("a") as file:
            file.write('\n[map.admins]\n"151667" = "814666"\n')

    told = bound.run("mapping", "check")

    claim = {"dashly": "151666", "address": NORAS_ADDRESS, "intercom": "814666"}
    claims = bound.run("mapping", "check", "--json").json["claims"]
    assert claims == [claim, {**claim, "dashly": "151667"}][: 1 + rivals]
    rows = [re.split(r"\s{2,}", line) for line in told.out.splitlines()]
    assert ["151666", "Mallory", NORAS_ADDRESS, "814666", "N. F."] in rows


@pytest.mark.long
@pytest.mark.parametrize("claim", ["Nora Field", NORAS_ADDRESS])
def test_a_claim_never_takes_a_colleague_from_the_map(theatre: Any, claim: str) -> None:
    """What `[map.admins]` says wins over names and addresses: the claimant speaks through the default."""
    lab = theatre.bound(
        settings={"map": {"admins": {NORA: NORA_THERE}}, "intercom": {"default_admin": "814885"}}
    )
    lab.world.intercom.state.admins[int(NORA_THERE)].email = NORAS_ADDRESS
    lab.world.dashly.hire(151666, claim, claim)
    talk = begin(lab)
    lab.world.dashly.agent_writes(talk, "send me your card.", agent="151666")
    lab.until_clean(lab.sync)

    (copy,) = said(lab, "intercom", "send me your card.")
    assert copy["author"]["id"] == "814885"
    assert plain(copy["body"]) == f"{claim} (agent): send me your card."


@pytest.mark.parametrize("side", [D, IC])
def test_a_name_is_one_label_wherever_it_stands(theatre: Any, side: Any) -> None:
    """In front of a message, and in the transcript of a history: no second speaker, no second line."""
    lab = theatre.lab()
    hired = "151666" if side is D else "814666"
    lab.world.desk(side.value).hire(int(hired), FORGED, "m@shop.example" if side is IC else FORGED)
    talk = begin(lab, side.value)
    lab.world.desk(side.value).agent_writes(talk, "old words.", agent=hired)
    lab.time.sleep(3600)
    lab.init()
    lab.until_clean(lambda: lab.backfill(side))
    lab.world.desk(side.value).agent_writes(talk, "new words.", agent=hired)
    lab.until_clean(lab.sync)

    other = side.other.value
    written = [part["body"] for word in ("old words.", "new words.") for part in said(lab, other, word)]
    assert len(written) == 2
    for body in written:
        told = plain(body)
        assert told.count("(agent)") == 1, told
        assert "(customer)" not in told.replace("Eva (customer)", "", 1), told
        assert told.count(BORDER) in {0, 4}, told


@given(NAMES, st.sampled_from([AuthorKind.AGENT, AuthorKind.CUSTOMER, AuthorKind.BOT]))
def test_a_line_of_a_transcript_has_one_speaker_with_one_role(name: str, kind: AuthorKind) -> None:
    """Whatever somebody is called, who speaks and as what is told once, by us."""
    entries: tuple[Entry, ...] = (Message("hello"),)
    (line,) = lines(Part(IC, "1", "comment", 1.0, Author(kind, "1", name), entries), PLAIN)

    _, speaker, words = line.split(f" {BORDER} ")
    assert "\n" not in line
    assert words == "message: hello"
    assert len(re.findall(r"\((?:agent|customer|bot)\)", speaker)) <= 1
    assert speaker.endswith(f"({kind})") or speaker == kind


@pytest.mark.parametrize(
    "sentence",
    [
        opening_line(D, PLAIN),
        history_heading(D, PLAIN),
        f"{history_heading(D, PLAIN)}\n2026-01-01 10:00:00 UTC {BORDER} Eva (customer) {BORDER} refund me",
        "Nora Field (agent): paid",
    ],
)
@pytest.mark.parametrize("side", [D, IC])
def test_a_sentence_of_ours_typed_by_an_agent_is_their_note(theatre: Any, side: Any, sentence: str) -> None:
    """It is copied like any other, as theirs; nothing is taken for a copy and nobody is suspected."""
    lab = theatre.bound()
    talk = begin(lab, side.value)
    lab.world.desk(side.value).agent_notes(talk, sentence, agent=NORA if side is D else NORA_THERE)
    ran = lab.until_clean(lab.sync)

    (copy,) = [part for part in parts(lab, side.other.value) if plain(part["body"]) == plain(sentence)]
    assert not copy["public"]
    assert copy["notified"] == []
    assert ran.attention == ()
    assert lab.differences() == []
    with lab.memory() as store:
        assert store.meta.trusted_from() <= 0


@pytest.mark.parametrize("tag", ["[/z]<b>x</b>", "a\n[map.tags]", "\x1b]0;owned\x07", "x" * 300, "=1+1"])
def test_a_tag_changes_nothing_but_the_tags(theatre: Any, tag: str) -> None:
    """The other side gets a tag that means the same, or a person is told; the conversation goes on."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.world.dashly.tag(talk, tag)
    lab.sync()
    lab.world.dashly.agent_writes(talk, "and on.", agent=NORA)
    lab.until_clean(lab.sync)

    assert bodies(lab, "intercom")[-1:] == ["and on."]
    (pair,) = lab.world.truth()["intercom"]["conversations"]
    assert len(pair["tags"]) <= 1
    with lab.memory() as store:
        assert [item.part for item in store.quarantine.items() if not item.part] == []


@pytest.mark.parametrize("side", [D, IC])
def test_markup_of_an_agent_is_words_on_the_other_side(theatre: Any, side: Any) -> None:
    """No script, no form and no picture from elsewhere; what a picture would track is named, not fetched."""
    lab = theatre.bound()
    talk = begin(lab, side.value)
    typed = (
        'see <script>alert(1)</script><form action="https://evil.example">pay</form>'
        '<img src="https://evil.example/t.png"> now'
    )
    lab.world.desk(side.value).agent_writes(talk, typed, agent=NORA if side is D else NORA_THERE)
    lab.until_clean(lab.sync)

    (copy,) = said(lab, side.other.value, "now")
    assert not re.search(r"<(?:script|form|img|iframe|style)", copy["body"], re.IGNORECASE)
    assert copy["attachments"] == []


def test_an_answer_in_the_mirror_is_theirs_alone_to_give(theatre: Any) -> None:
    """An agent of the mirror reaches that customer, in that conversation, once; a note of theirs nobody."""
    lab = theatre.bound()
    begin(lab, text="mine.")
    lab.world.dashly.customer_starts(lab.world.dashly.customer("Bob"), "his.")
    lab.until_clean(lab.sync)
    there = mirror(lab, "intercom")
    lab.world.intercom.agent_notes(there, "they are rude.", agent=NORA_THERE)
    lab.world.intercom.agent_writes(there, "the answer.", agent=NORA_THERE)
    lab.until_clean(lab.sync)

    assert [plain(note.text) for note in lab.world.notifications(via="api")] == ["the answer."]
    (note,) = said(lab, "dashly", "they are rude.")
    assert not note["public"]


def test_the_words_for_a_missing_file_are_words(theatre: Any) -> None:
    """An agent who types them makes no loss and no file."""
    lab = theatre.bound()
    talk = begin(lab, "intercom")
    typed = not_copied(Attachment("photo.png", "https://files.example/photo.png", size=10), PLAIN)
    lab.world.intercom.agent_notes(talk, typed, agent=NORA_THERE)
    lab.until_clean(lab.sync)

    assert len(said(lab, "dashly", "photo.png")) == 1
    assert lab.differences() == []
