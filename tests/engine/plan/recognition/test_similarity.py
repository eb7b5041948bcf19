"""Which words may be the copy of others when the copy names files that did not travel."""

from __future__ import annotations

import pytest

from connector.engine.plan.recognition.similarity import Likeness, is_bare_start, is_piece
from mappings.files import listed, not_copied
from mappings.model import Attachment, Message, Side
from mappings.wording import PLAIN

D, IC = Side.DASHLY, Side.INTERCOM
PLAN, OTHER = Attachment("plan.png", "", size=5), Attachment("plan.png.zip", "https://x/1", size=9)


def alike(make, source, copy):
    """Tell whether one message may be the copy of another, made in the same second."""
    parts = make.part(D, 1, source), make.part(IC, 2, copy)
    return Likeness(make.policy()).holds(parts[0], source, parts[1])


@pytest.mark.parametrize(
    ("source", "copy", "expected"),
    [
        (Message("look", (PLAN,)), Message(f"look\n{not_copied(PLAN, PLAIN)}"), True),
        (
            Message("look", (PLAN, OTHER)),
            Message(f"look\n{not_copied(PLAN, PLAIN)}\n{not_copied(OTHER, PLAIN)}"),
            True,
        ),
        (Message("look", (PLAN,)), Message(f"listen\n{not_copied(PLAN, PLAIN)}"), False),
        (Message("", (PLAN,)), Message(not_copied(PLAN, PLAIN)), True),
        (Message("", (PLAN, OTHER)), Message(not_copied(PLAN, PLAIN), (OTHER,)), True),
        (Message("", (PLAN, OTHER)), Message(not_copied(PLAN, PLAIN)), False),
        (Message("", (PLAN,)), Message(not_copied(OTHER, PLAIN)), False),
        (Message("", (PLAN,)), Message("plan.png"), True),
    ],
)
def test_a_copy_that_names_files_is_known_by_its_words_and_their_names(make, source, copy, expected):
    """The lines are not words of the writer, and each file must be there or be named, by its whole name."""
    assert alike(make, source, copy) is expected


LONG = Attachment("x" * 80 + "[1].png", "", size=5)


@pytest.mark.parametrize(
    ("source", "copy"),
    [
        (Message("look"), Message("Priya Raman: look")),
        (Message("look"), Message("Priya Raman (agent): look")),
        (Message("look"), Message("Not delivered, seen too late. Priya wrote to the customer:\nlook")),
        (Message("", (LONG,)), Message(LONG.name)),
        (Message("look", (LONG,)), Message(f"look\n[File not copied: {LONG.name}, 5 bytes]")),
        (Message("", (LONG, PLAN)), Message(f"plan.png, {LONG.name}")),
        (Message("", (LONG, PLAN)), Message(listed([PLAN.name, LONG.name]))),
    ],
)
def test_copies_with_earlier_labels_and_names_are_known(make, source, copy):
    """What the first version wrote in front of words, and for a file, is still recognised."""
    assert alike(make, source, copy)


@pytest.mark.parametrize(("named", "expected"), [(PLAN, False), (OTHER, True)])
def test_an_opening_that_names_its_files_is_not_bare(make, named, expected):
    """Nothing is still to come when every file is named; a line for another file says nothing."""
    source = make.part(D, 1, Message("look", (PLAN,)), opening=True)
    copy = make.part(IC, 2, Message(f"look\n{not_copied(named, PLAIN)}"), opening=True)

    assert is_bare_start(source, [copy]) is expected


@pytest.mark.parametrize(
    ("files", "texts", "expected"),
    [
        ((), ("(1/2) one", "(2/2) two"), True),
        ((), ("one", "two"), False),
        ((), ("(1/2) one", "two"), False),
        ((PLAN,), ("look", "plan.png"), True),
        ((PLAN,), ("(1/2) one", "(2/2) two"), True),
    ],
)
def test_several_copies_are_one_part_when_they_are_numbered_or_bring_files(make, files, texts, expected):
    """Anything else of the same words is somebody who said them twice."""
    source = make.part(D, 1, Message("one two", files))
    copies = [make.part(IC, number, Message(text)) for number, text in enumerate(texts, start=2)]

    assert is_piece(source, copies) is expected
