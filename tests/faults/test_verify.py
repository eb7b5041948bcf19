"""What `verify` must find: every kind of difference on every kind of copy, and none on a converged pair."""

from __future__ import annotations

import copy
import re
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from connector.app import verifying
from connector.engine.inspect.verdict import Verdict
from connector.sandbox.dashly.model import Sender
from connector.sandbox.exchange import Upload
from connector.sandbox.intercom.model import Author
from connector.sandbox.intercom.model import Conversation as IntercomConversation
from connector.sandbox.staging import picture
from mappings.model import Side
from state import store as states
from state.records import PairState
from tests.faults.conversations import told
from tests.faults.lab import IC, ILYA, ILYA_THERE, NORA, NORA_THERE, D
from tests.keys import KEY
from tests.outcome import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

DAY = 86_400.0
TESS, MIKA_THERE, PRIYA_THERE = "151702", "814885", "814893"
LIMIT = 900
"""How long a text may be on both sides in these worlds."""
LONG = "\n\n".join(
    f"Paragraph {number} of a long answer, which is told at some length." for number in range(40)
)
MAPPED = {D: ILYA, IC: ILYA_THERE}
OTHER = {D: NORA, IC: NORA_THERE}
UNMAPPED = {D: TESS, IC: PRIYA_THERE}
VERSIONS = ("2.16", "1.4")


@dataclass(frozen=True)
class World:
    """A converged world: what began on one side stands on the other."""

    lab: Lab
    origin: Side

    @property
    def mirror(self) -> Side:
        """Return the side that holds the copies."""
        return self.origin.other


class Copy:
    """A part of the emulator that a test changes behind everybody's back."""

    def __init__(self, lab: Lab, side: Side, part: Any, talk: Any) -> None:
        self.lab = lab
        self.side = side
        self.part = part
        self.talk = talk

    def prefix(self) -> None:
        """Put words before it."""
        self.part.body = f"<p>Planted</p>{self.part.body}" if self.side is IC else f"Planted {self.part.body}"

    def alter(self) -> None:
        """Change a word of it."""
        for word in ("words", "answer", "Paragraph", "copied"):
            if word in self.part.body:
                self.part.body = self.part.body.replace(word, "planted", 1)
                return
        raise AssertionError(self.part.body)

    def cut_line(self) -> None:
        """Cut a whole line out of it."""
        separator = "<br>" if self.side is IC and "<br>" in self.part.body else "\n"
        if self.side is IC and "<p>" in self.part.body and separator not in self.part.body:
            separator = "</p>"
        lines = self.part.body.split(separator)
        del lines[2]
        self.part.body = separator.join(lines)

    def drop(self) -> None:
        """Take it away."""
        self.talk.parts = [part for part in self.talk.parts if part is not self.part]

    def by_somebody_else(self) -> None:
        """Let another agent have written it."""
        if self.side is IC:
            self.part.author = Author("admin", MIKA_THERE)
        else:
            self.part.sender = Sender("admin", int(TESS), "Tess Moreau")

    def by_customer(self) -> None:
        """Let the customer have written it."""
        if self.side is IC:
            self.part.author = Author("user", self.talk.contacts[0])
        else:
            self.part.sender = Sender("user", self.talk.user)
            self.part.type = "reply_user"

    def by_agent(self) -> None:
        """Let an agent have written it."""
        if self.side is IC:
            self.part.author = Author("admin", NORA_THERE)
        else:
            self.part.sender = Sender("admin", int(NORA), "Nora Field")
            self.part.type = "reply_admin"

    def make_note(self) -> None:
        """Let it be a note."""
        if self.side is IC:
            self.part.part_type = "note"
            self.part.author = Author("admin", NORA_THERE)
        else:
            self.part.type = "note"
            self.part.sender = Sender("admin", int(NORA), "Nora Field")

    def publish(self) -> None:
        """Let a note be public."""
        if self.side is IC:
            self.part.part_type = "comment"
        else:
            self.part.type = "reply_admin"

    def lose_file(self) -> None:
        """Take a file of it away."""
        self.part.attachments.pop()

    def swap_file(self) -> None:
        """Put a file of the same name in its place."""
        files = self.lab.world.desk(self.side.value).state.files
        other = Upload(self.part.attachments[0].name, b"other bytes", "image/png")
        self.part.attachments[0] = files.keep(10**9, other, self.lab.time.now())

    def join_words(self) -> None:
        """Move the border between two words."""
        before = self.part.body
        self.part.body = before.replace("words", "wor ds", 1)
        assert self.part.body != before

    def change_role(self) -> None:
        """Let the label of a person name another role."""
        before = self.part.body
        self.part.body = re.sub(r"\((?:customer|agent|bot)\)", "(team)", before, count=1)
        assert self.part.body != before

    def add_file(self) -> None:
        """Put a file to it that nobody sent."""
        self.part.attachments.append(self.part.attachments[0])


def old(lab: Lab, side: Side) -> None:
    """Let a conversation of long ago lie on a side."""
    desk, then = lab.world.desk(side.value), lab.time.now() - 5 * DAY
    talk = desk.customer_starts(desk.customer("Ida Past", created=then), "old words one.", created=then)
    desk.agent_writes(talk, "old words two.", agent=MAPPED[side], created=then + 60)
    desk.agent_notes(talk, "old words three.", agent=MAPPED[side], created=then + 120)
    desk.customer_writes(
        talk, "old words four.", created=then + 180, attachments=[Upload("old.txt", b"old\n", "text/plain")]
    )
    desk.assign(talk, OTHER[side], agent=MAPPED[side], created=then + 200)
    for number in range(5, 20):
        desk.customer_writes(talk, f"old words {number}, told once more.", created=then + 180 + 60 * number)
    desk.close(talk, agent=MAPPED[side], created=then + 3000)


def young(lab: Lab, side: Side) -> None:
    """Let people write on a side now, in every way that makes a copy."""
    desk = lab.world.desk(side.value)
    talk = desk.customer_starts(desk.customer("Eva Now"), "opening words")
    lab.time.sleep(5)
    desk.customer_writes(talk, "customer words", attachments=[picture("one.png"), picture("two.png")])
    lab.time.sleep(5)
    desk.agent_writes(talk, "mapped words", agent=MAPPED[side])
    lab.time.sleep(5)
    desk.agent_writes(talk, "unmapped words", agent=UNMAPPED[side])
    lab.time.sleep(5)
    desk.agent_notes(talk, "noted words", agent=MAPPED[side])
    lab.time.sleep(5)
    desk.agent_writes(talk, LONG, agent=MAPPED[side])
    lab.time.sleep(5)
    desk.bot_writes(talk, "robot words")
    lab.time.sleep(5)
    desk.tag(talk, "VIP", agent=MAPPED[side])
    lab.time.sleep(60)
    desk.campaign_starts(desk.customer("Cam Paign"), "campaign words")
    lab.time.sleep(60)


def build(theatre: Theatre, origin: Side, version: str) -> World:
    """Return a converged world."""
    lab = theatre.bound(
        settings={
            "intercom": {"api_version": version, "loud_mirror": version != "2.16"},
            "history": {"to_intercom": "transcript"},
        }
    )
    with closing(states.open_existing(lab.path, key=KEY)) as store:
        for side in Side:
            store.meta.set(f"{side}_max_text", str(LIMIT))
    old(lab, origin)
    lab.until_clean(lambda: lab.backfill(origin))
    young(lab, origin)
    lab.until_clean(lab.sync)
    answer_in_mirror(lab, origin)
    return World(lab, origin)


def answer_in_mirror(lab: Lab, origin: Side) -> None:
    """Let an agent answer in the mirror of the young conversation, and close the original."""
    mirror = origin.other
    mirrored = find(lab, mirror, "customer words").talk.id
    lab.world.desk(mirror.value).agent_writes(str(mirrored), "mirror words", agent=MAPPED[mirror])
    lab.until_clean(lab.sync)
    original = find(lab, origin, "customer words").talk.id
    lab.world.desk(origin.value).close(str(original), agent=OTHER[origin])
    lab.until_clean(lab.sync)


def find(lab: Lab, side: Side, text: str, number: int = 0) -> Copy:
    """Return the part of a side that holds a text."""
    found = [
        Copy(lab, side, part, talk)
        for talk in lab.world.desk(side.value).state.conversations.values()
        for part in [*([talk.source] if isinstance(talk, IntercomConversation) else []), *talk.parts]
        if text in plain(part.body)
    ]
    assert len(found) > number, text
    return found[number]


@pytest.fixture(scope="module")
def converged(theatre: Theatre) -> Callable[[Side, str], World]:
    """Return converged worlds, each made once."""
    return cache(lambda origin, version: build(theatre, origin, version))


@contextmanager
def planted(world: World) -> Iterator[None]:
    """Put both helpdesks back as they were."""
    states = [world.lab.world.desk(side.value).state for side in Side]
    before = [copy.deepcopy(state.conversations) for state in states]
    try:
        yield
    finally:
        for state, conversations in zip(states, before, strict=True):
            state.conversations = conversations


WORLDS = [(side, version) for side in Side for version in VERSIONS]

ANYWHERE = ("prefix", "alter", "drop")
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a customer's message": (
        "customer words",
        (*ANYWHERE, "by_agent", "make_note", "lose_file", "add_file", "swap_file"),
    ),
    "an opening": ("opening words", ("prefix", "alter")),
    "an agent's message": (
        "mapped words",
        (*ANYWHERE, "join_words", "by_somebody_else", "by_customer", "make_note"),
    ),
    "an unmapped agent's message": (
        "unmapped words",
        (*ANYWHERE, "change_role", "by_somebody_else", "by_customer"),
    ),
    "a note": ("noted words", (*ANYWHERE, "by_somebody_else", "publish")),
    "a bot's message": ("robot words", (*ANYWHERE, "by_somebody_else", "by_customer")),
    "a piece": ("Paragraph 20 ", (*ANYWHERE, "by_somebody_else", "by_customer", "make_note")),
    "a transcript": ("old words two.", (*ANYWHERE, "change_role", "cut_line", "by_somebody_else", "publish")),
    "a later transcript note": ("old words 15,", (*ANYWHERE, "cut_line", "by_somebody_else", "publish")),
    "the files of a transcript": ("Files of", ("drop", "lose_file", "prefix", "publish")),
    "a stub": ("Conversation copied from", ("prefix", "alter")),
}
CASES = [(kind, how) for kind, (_, hows) in KINDS.items() for how in hows]


@pytest.mark.parametrize("version", [*VERSIONS, "2.10"])
@pytest.mark.parametrize("origin", [D, IC])
def test_nothing_differs_on_a_converged_pair(converged: Any, origin: Side, version: str) -> None:
    """Messages, notes, pieces, files, transcripts, stubs and registers of both directions are as planned."""
    assert converged(origin, version).lab.differences() == []


@pytest.mark.parametrize(("kind", "how"), CASES)
@pytest.mark.parametrize(("origin", "version"), WORLDS)
def test_a_planted_difference_is_named(
    converged: Any, origin: Side, version: str, kind: str, how: str
) -> None:
    """Whatever is done to one copy behind our back, it is named with its part."""
    world = converged(origin, version)
    text = KINDS[kind][0]
    with planted(world):
        found = find(world.lab, world.mirror, text)
        if how.endswith("_file") and not found.part.attachments:
            pytest.skip("this version takes no files here: they are named")
        getattr(found, how)()

        assert world.lab.differences() != []


@pytest.mark.long
@pytest.mark.parametrize(("origin", "version"), WORLDS)
@pytest.mark.parametrize("how", [*ANYWHERE, "by_somebody_else", "by_customer", "make_note"])
def test_a_planted_difference_in_what_was_delivered_is_named(
    converged: Any, origin: Side, version: str, how: str
) -> None:
    """An answer that was typed in the mirror is compared on the origin as well."""
    world = converged(origin, version)
    with planted(world):
        getattr(find(world.lab, world.origin, "mirror words"), how)()

        assert world.lab.differences() != []


@pytest.mark.parametrize("side", [D, IC])
@pytest.mark.parametrize(("before", "after"), [(": 4", ": 1"), ("quite good", "quite bad")])
def test_another_rating_is_named(theatre: Theatre, side: Side, before: str, after: str) -> None:
    """The newest rating is what the conversation shows today; of earlier ones only that is not known."""
    lab = theatre.bound()
    desk = lab.world.desk(side.value)
    talk = desk.customer_starts(desk.customer("Eva"), "opening words")
    for score, remark in ((2, ""), (4, "quite good")):
        lab.time.sleep(60)
        desk.rate(talk, score, remark)
        lab.until_clean(lab.sync)
    assert lab.differences() == []

    copied = find(lab, side.other, "quite good")
    copied.part.body = copied.part.body.replace(before, after)

    assert lab.differences() != []


# -- edits -----------------------------------------------------------------------------------------------


def talked(lab: Lab, side: Side, history: str = "") -> tuple[str, str]:
    """Let a customer and an agent talk on a side, and return the conversation and the answer."""
    desk, then = lab.world.desk(side.value), lab.time.now() - (5 * DAY if history else 0)
    talk = desk.customer_starts(desk.customer("Eva", created=then), "opening words", created=then)
    part = desk.agent_notes(talk, "noted answer", agent=MAPPED[side], created=then + 5)
    lab.time.sleep(20)
    lab.until_clean((lambda: lab.backfill(side)) if history else lab.sync)
    return talk, part


@pytest.mark.long
@pytest.mark.parametrize("history", ["", "transcript"])
@pytest.mark.parametrize("side", [D, IC])
def test_an_edit_that_was_carried_is_no_difference(theatre: Theatre, side: Side, history: str) -> None:
    """The words are in the newest of the notes that tell of edits; before it is carried it is named."""
    lab = theatre.bound(settings={"history": {"to_intercom": history or "native"}})
    talk, part = talked(lab, side, history)

    for words in ("second answer", "third answer", "noted answer"):
        lab.world.desk(side.value).edit_part(talk, part, words)
        assert any("not carried yet" in line for line in lab.differences())
        lab.time.sleep(60)
        lab.until_clean(lab.sync)
        assert lab.differences() == []

    with planted(World(lab, side)):
        find(lab, side.other, "now: third answer").part.body = "<p>Something else</p>"
        assert lab.differences() == [], "an older edit tells of words that were replaced since"
        find(lab, side.other, "now: noted answer").prefix()
        assert lab.differences() != []


@pytest.mark.parametrize("edit", ["before", "after"])
@pytest.mark.parametrize("since", ["matched", "unmatched"])
@pytest.mark.parametrize("side", [D, IC])
def test_an_edited_copy_keeps_who_spoke_for_its_author(
    theatre: Theatre, side: Side, since: str, edit: str
) -> None:
    """Its words tell no more whether a name stood in front: either voice was right when it was copied."""
    both = {TESS: PRIYA_THERE}
    lab = theatre.bound(settings={"map": {"admins": {} if since == "matched" else both}})
    desk = lab.world.desk(side.value)
    talk = desk.customer_starts(desk.customer("Eva"), "opening words")
    part = desk.agent_notes(talk, "old words", agent=UNMAPPED[side])
    lab.until_clean(lab.sync)
    if edit == "before":
        desk.edit_part(talk, part, "new words")
        lab.until_clean(lab.sync)
    mapped = lab.config.map.model_copy(update={"admins": both if since == "matched" else {}})
    lab.config = lab.config.model_copy(update={"map": mapped})
    lab.until_clean(lab.accept)
    if edit == "after":
        desk.edit_part(talk, part, "new words")
        lab.until_clean(lab.sync)

    assert lab.differences() == []


@pytest.mark.parametrize("side", [D, IC])
def test_the_note_of_an_edit_may_stand_behind_newer_words(theatre: Theatre, side: Side) -> None:
    """It is written when the edit is found, and that may be after the answer that came next."""
    lab = theatre.bound()
    talk, part = talked(lab, side, "")
    desk = lab.world.desk(side.value)
    desk.edit_part(talk, part, "second answer")
    lab.time.sleep(5)
    desk.agent_writes(talk, "a newer answer", agent=MAPPED[side])

    lab.until_clean(lab.sync)

    assert lab.differences() == []


@pytest.mark.parametrize("name", ["customer", "agent"])
def test_the_edit_of_an_older_part_is_no_difference(theatre: Theatre, name: str) -> None:
    """Its note stands behind the copies of newer parts, under whoever's name, and is told from a copy."""
    lab = theatre.bound()
    desk = lab.world.dashly
    talk = desk.customer_starts(desk.customer("Eva", email="eva@example.org"), "question.")
    part = getattr(desk, f"{name}_writes")(talk, "first words.")
    lab.time.sleep(60)
    desk.agent_writes(talk, "later words.")
    lab.until_clean(lab.sync)

    desk.edit_part(talk, part, "other words.")
    lab.until_clean(lab.sync)

    assert told(lab, "intercom", "other words.") == 1
    assert lab.differences() == []


@pytest.mark.parametrize("how", ["by_somebody_else", "publish", "drop"])
@pytest.mark.parametrize("side", [D, IC])
def test_what_is_wrong_with_an_edited_copy_is_named(theatre: Theatre, side: Side, how: str) -> None:
    """Its old words are not known any more, but who said them, and to whom, is."""
    lab = theatre.bound()
    talk, part = talked(lab, side)
    lab.world.desk(side.value).edit_part(talk, part, "second answer")
    lab.time.sleep(60)
    lab.until_clean(lab.sync)
    assert lab.differences() == []

    getattr(find(lab, side.other, "noted answer"), how)()

    assert lab.differences() != []


def test_an_edit_that_is_not_to_be_carried_is_known_and_stays(theatre: Theatre) -> None:
    """With `edits = "ignore"` the other text is listed, and nothing is red for ever."""
    lab = theatre.bound(settings={"sync": {"settle": "120s", "workers": 1, "edits": "ignore"}})
    talk, part = talked(lab, D)
    lab.world.dashly.edit_part(talk, part, "second answer")
    lab.until_clean(lab.sync)

    assert lab.differences() == []
    assert [one.part for one in lab.compared() if one.known] == [part]


# -- registers -------------------------------------------------------------------------------------------


REGISTERS: dict[str, Callable[[Lab, Side, str], object]] = {
    "a tag more": lambda lab, side, talk: lab.world.desk(side.value).tag(talk, "planted"),
    "a tag less": lambda lab, side, talk: lab.world.desk(side.value).untag(talk, "VIP"),
    "another assignee": lambda lab, side, talk: lab.world.desk(side.value).assign(talk, OTHER[side]),
    "another status": lambda lab, side, talk: lab.world.desk(side.value).close(talk),
}


@pytest.mark.parametrize("name", REGISTERS)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("changed", [D, IC])
@pytest.mark.parametrize("origin", [D, IC])
def test_a_register_that_differs_is_named(
    theatre: Theatre, origin: Side, changed: Side, version: str, name: str
) -> None:
    """Tags, assignee and status are compared on both sides, whichever began."""
    settings = {"intercom": {"api_version": version, "tag_api_version": "" if version != "1.4" else "2.16"}}
    lab = theatre.bound(settings=settings)
    desk = lab.world.desk(origin.value)
    talk = desk.customer_starts(desk.customer("Eva"), "opening words")
    desk.assign(talk, MAPPED[origin], agent=MAPPED[origin])
    desk.tag(talk, "VIP")
    lab.until_clean(lab.sync)
    assert lab.differences() == []

    REGISTERS[name](lab, changed, str(find(lab, changed, "opening words").talk.id))

    assert [line for line in lab.differences() if "differs" in line]


# -- the scope ---------------------------------------------------------------------------------------------


def verified(lab: Lab) -> verifying.Verified:
    """Return what the command finds."""
    lab.requests.clear()
    return verifying.verify(lab.config, lab.environment)


def counted(found: verifying.Verified) -> dict[str, int]:
    """Return how many conversations have each verdict."""
    return {verdict.value: count for verdict, count in found.verdicts.items()}


@pytest.mark.long
@pytest.mark.parametrize("side", [D, IC])
def test_every_conversation_is_named(theatre: Theatre, side: Side) -> None:
    """Two of three without a mirror are told, each with its reason; only the old one is as configured."""
    lab = theatre.bound()
    desk = lab.world.desk(side.value)
    talks = [desk.customer_starts(desk.customer(f"P{n}"), f"question {n}") for n in range(2)]
    lab.until_clean(lab.sync)
    new = desk.customer_starts(desk.customer("New"), "not seen yet")
    then = lab.time.now() - 5 * DAY
    old_one = desk.customer_starts(desk.customer("Old", created=then), "of long ago", created=then)

    found = verified(lab)

    assert counted(found) == {"equal": len(talks), "without_mirror": 2}
    missing = {one.dashly or one.intercom: one.explained for one in found.of(Verdict.WITHOUT_MIRROR)}
    assert missing == {new: False, old_one: True}
    assert found.exit_code == 1
    lab.until_clean(lab.sync)
    assert verified(lab).exit_code == 0


@pytest.mark.long
def test_pairs_out_of_step_are_named(theatre: Theatre) -> None:
    """In quarantine: somebody must act. Deleted, or unlinked by hand: it is as people wanted it."""
    lab = theatre.bound()
    desk = lab.world.dashly
    talks = [desk.customer_starts(desk.customer(f"P{n}"), f"question {n}") for n in range(4)]
    lab.until_clean(lab.sync)
    desk.delete_conversation(talks[0])
    lab.until_clean(lab.sync)
    with closing(states.open_existing(lab.path, key=KEY)) as store:
        for number, state in ((1, PairState.UNLINKED), (2, PairState.QUARANTINED)):
            pair = store.pairs.find(D, talks[number])
            assert pair is not None
            store.pairs.set_state(pair.row, state)

    found = verified(lab)

    assert counted(found) == {"equal": 1, "gone": 1, "unlinked": 1, "quarantined": 1}
    assert [one.dashly for one in found.findings if not one.explained] == [talks[2]]
    assert found.exit_code == 1


def test_a_side_that_is_not_copied_from_is_named_as_such(theatre: Theatre) -> None:
    """What nobody wants copied has no mirror, and nothing is wrong with that."""
    lab = theatre.bound(settings={"sync": {"directions": ["dashly-to-intercom"]}})
    talk = lab.world.intercom.customer_starts(lab.world.intercom.customer("Max"), "only here")
    lab.until_clean(lab.sync)

    found = verified(lab)

    assert [(one.intercom, one.explained) for one in found.findings] == [(talk, True)]
    assert "nothing is copied from Intercom" in found.findings[0].why


@pytest.mark.long
def test_a_pair_costs_two_requests(theatre: Theatre) -> None:
    """Dashly's list stands for the conversation, so that only its parts are read."""
    lab = theatre.bound()
    desk = lab.world.dashly
    for number in range(12):
        desk.customer_starts(desk.customer(f"P{number}"), f"question {number}")
    lab.until_clean(lab.sync)

    found = verified(lab)

    reads = [(side, path) for side, _, path in lab.requests if "conversations" in path]
    assert counted(found) == {"equal": 12}
    assert sum(side is D for side, _ in reads) <= 12 + 3
    assert sum(side is IC for side, _ in reads) <= 12 + 2
