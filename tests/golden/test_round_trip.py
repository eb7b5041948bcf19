"""There and back: what was copied to the other helpdesk, and from there again, is what it was."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.helpdesk.port import AddTag, Assign, PostMessage, PostNote, SetStatus, StartConversation
from mappings.model import CLOSED, AuthorKind, Customer, Message, Note, Registers, Side
from mappings.text import comparison_text
from tests.golden.stage import Stage
from tests.kept import kept

D, IC = Side.DASHLY, Side.INTERCOM
AGENTS = {D: ("151204", "151377"), IC: ("814860", "814872")}
PDF = kept("receipt.pdf", "application/pdf", b"%PDF")
TRICKY = st.sampled_from(
    (*"<>&\"'`*_[](){}#|\\/-:;.,!?", "\n", "\n\n", "  ", "\t", "\u200b", "\u202e", "שלום", "مرحبا", "e\u0301")
) | st.sampled_from(
    (
        "👩\u200d💻",
        "<b>",
        "</p>",
        "&amp;",
        "http://a.example/?x=1&y=2",
        "- a",
        "1. b",
        "> c",
        "| d | e |",
        "\x00",
    )
)
WORDS = st.lists(TRICKY | st.text(max_size=6), min_size=1, max_size=12).map(" ".join)


@dataclass(frozen=True)
class Said:
    """One thing said in a conversation: in public or not, by the customer or an agent by number."""

    text: str
    public: bool = True
    agent: int | None = None
    file: bool = False


SAID = st.one_of(
    st.builds(Said, WORDS, file=st.booleans()),
    st.builds(Said, WORDS, agent=st.sampled_from([0, 1]), file=st.booleans()),
    st.builds(Said, WORDS, public=st.just(value=False), agent=st.sampled_from([0, 1]), file=st.booleans()),
).filter(lambda said: comparison_text(said.text) != "")


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """Both helpdesks with their helpdesks."""
    stage = Stage(tmp_path_factory.mktemp("round"), "2.16", D)
    yield stage
    stage.close()


def write(stage, side, said):
    """Begin a conversation on a side and write all of this into it."""
    desk = stage.helpdesks[side]
    person = desk.create_customer(Customer("500", external_id="acct-500", name="Dana"))
    talk = desk.send(StartConversation(person, "Hello")).conversation
    assert talk is not None
    for number, one in enumerate(said):
        agent = None if one.agent is None else AGENTS[side][one.agent]
        files = (PDF,) if one.file else ()
        if one.public:
            customer = person if agent is None else None
            desk.send(PostMessage(talk, one.text, customer, agent, files, marker=f"m:{talk}:{number}"))
        else:
            assert agent is not None
            desk.send(PostNote(talk, one.text, agent, files, marker=f"m:{talk}:{number}"))
    return talk


def read(stage, side, talk):
    """Return what a conversation says behind its opening, as things said."""
    said = []
    for part in stage.helpdesks[side].conversation(talk).parts:
        if part.opening or part.words is None:
            continue
        agent = None if part.author.kind is AuthorKind.CUSTOMER else AGENTS[side].index(part.author.id)
        words = part.words
        assert isinstance(words, Message | Note)
        names = [file.name for file in words.attachments]
        assert names in ([], [PDF.name])
        said.append(Said(words.text, isinstance(words, Message), agent, bool(names)))
    return said


def normal(said):
    """Return things said with their texts as they are compared."""
    return [Said(comparison_text(one.text), one.public, one.agent, one.file) for one in said]


@pytest.mark.parametrize("home", Side)
@given(said=st.lists(SAID, min_size=1, max_size=4))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_come_back(stage, home, said):
    """Visibility, author, words and files survive the way to the other helpdesk and back."""
    there = read(stage, home.other, write(stage, home.other, said))
    back = read(stage, home, write(stage, home, there))

    assert normal(there) == normal(said)
    assert normal(back) == normal(said)


@pytest.mark.parametrize("home", Side)
def test_registers_come_back(stage, home):
    """Tags, assignee and status survive the way there and back."""
    found = {home: Registers(CLOSED, AGENTS[home][1], tags=frozenset({"vip", "über, alles"}))}
    for source in (home, home.other):
        target, before = source.other, found[source]
        desk, talk = stage.helpdesks[target], write(stage, target, [])
        actor = AGENTS[target][0]
        for tag in sorted(before.tags):
            desk.send(AddTag(talk, actor, tag))
        desk.send(Assign(talk, actor, AGENTS[target][AGENTS[source].index(before.assignee)]))
        desk.send(SetStatus(talk, actor, before.status))
        found[target] = desk.conversation(talk).registers

    tags = {tag.casefold() for tag in found[home].tags}
    assert (found[home].status, found[home].assignee, tags) == (
        CLOSED,
        AGENTS[home][1],
        {"vip", "über, alles"},
    )
