"""How texts are reduced before they are compared."""

from dataclasses import replace
from typing import Any

import pytest

from connector.engine.inspect.expected import ANYBODY
from connector.engine.inspect.likeness import Aspect, is_beginning, mismatches, reduced
from connector.engine.plan.actions import Form, PostWords
from mappings.model import Attachment, Author, AuthorKind, Message, Note, Side

IC = Side.INTERCOM
PLAN = Attachment("plan.png", "https://x/1", size=5)
BY_ANNA, BY_EVA = Author(AuthorKind.AGENT, "11", "Anna"), Author(AuthorKind.CUSTOMER, "c1", "Eva")


@pytest.mark.parametrize("piece", ["\n", " \n", "[file: a\n", "(1/2) ", "\u200b"])
def test_no_text_keeps_the_comparison_busy(piece: str) -> None:
    """A customer's message of blank lines kept `verify` busy for many minutes."""
    assert len(reduced(piece * (80_000 // len(piece)))) <= 80_000


def post(text: str = "Hi", **more: Any) -> PostWords:
    """Return a write that should have made a copy, by agent 11."""
    given: dict[str, Any] = {"form": Form.MESSAGE, "agent": "11", **more}
    return PostWords(target=IC, marker="m", source="1", text=text, **given)


def wrong(posts: Any, *copies: Any) -> list[Aspect]:
    """Return in what copies differ from the writes."""
    return [one.aspect for one in mismatches(posts, copies, {"c1"})]


@pytest.mark.parametrize(
    ("form", "words", "expected"),
    [
        (Form.MESSAGE, Message("Hi"), []),
        (Form.START, Message("Hi"), []),
        (Form.NOTE, Note("Hi"), []),
        (Form.NOTE, Message("Hi"), [Aspect.FORM]),
        (Form.MESSAGE, Note("Hi"), [Aspect.FORM]),
        (Form.START, Note("Hi"), [Aspect.FORM]),
    ],
)
def test_a_copy_is_public_where_it_should_be(make: Any, form: Form, words: Any, expected: Any) -> None:
    """Private words that are public are seen, and so are answers that nobody got."""
    assert wrong((post(form=form),), make.part(IC, 9, words, by=BY_ANNA)) == expected


@pytest.mark.parametrize(
    ("agent", "author", "fits"),
    [
        ("11", BY_ANNA, True),
        ("12", BY_ANNA, False),
        (ANYBODY, BY_ANNA, True),
        ("11", BY_EVA, False),
        (ANYBODY, BY_EVA, False),
        ("11", Author(AuthorKind.NOBODY), True),
        ("11", Author(AuthorKind.UNKNOWN, "5"), True),
        (None, BY_EVA, True),
        (None, replace(BY_EVA, id="c2"), False),
        (None, BY_ANNA, False),
        ("default_admin", Author(AuthorKind.AGENT), True),
        ("default_admin", BY_ANNA, False),
    ],
)
def test_a_copy_is_by_whom_we_let_speak(make: Any, agent: str | None, author: Author, *, fits: bool) -> None:
    """A side that names nobody contradicts nothing."""
    found = wrong((post(agent=agent),), make.part(IC, 9, Message("Hi"), by=author))

    assert found == ([] if fits else [Aspect.AUTHOR])


@pytest.mark.parametrize(
    ("wanted", "given", "same"),
    [
        (("Hi",), ("Hi",), True),
        (("Hi  there",), ("Hi there",), True),
        (("Hi",), ("Ho",), False),
        (("Hi",), ("H i",), False),
        (("(1/2) one two", "(2/2) three"), ("(1/2) one", "(2/2) two three"), True),
        (("(1/2) one two", "(2/2) three"), ("(1/2) one", "(2/2) three"), False),
        (("Eva (customer): Hi",), ("Eva: Hi",), True),
    ],
)
def test_the_same_words_may_be_cut_elsewhere(make: Any, wanted: Any, given: Any, *, same: bool) -> None:
    """The limit was another one then; and the first version wrote no roles."""
    copies = [make.part(IC, number, Message(text), by=BY_ANNA) for number, text in enumerate(given, start=9)]

    assert wrong(tuple(map(post, wanted)), *copies) == ([] if same else [Aspect.TEXT])


@pytest.mark.parametrize(
    ("sent", "there", "expected"),
    [
        ((PLAN,), (PLAN,), []),
        ((PLAN,), (replace(PLAN, name="plan.jpeg"),), []),
        ((PLAN,), (), [Aspect.FILES]),
        ((PLAN, PLAN), (PLAN,), [Aspect.FILES, Aspect.FILES]),
        ((), (PLAN,), [Aspect.FILES]),
        ((PLAN,), (replace(PLAN, size=6),), [Aspect.FILES]),
        ((PLAN,), (replace(PLAN, size=None),), []),
        ((PLAN,), (replace(PLAN, size=6, inline=True),), []),
    ],
)
def test_every_file_is_there_and_no_other(make: Any, sent: Any, there: Any, expected: Any) -> None:
    """By name without its extension, and by size where both are shown."""
    copy = make.part(IC, 9, Message("Hi", there), by=BY_ANNA)

    assert wrong((post(attachments=sent),), copy) == expected


def test_a_text_may_be_the_beginning_of_what_was_to_be_written(make: Any) -> None:
    """One copy of one write, which goes on elsewhere."""
    begun = make.part(IC, 9, Message("Hi th"))

    assert is_beginning([begun], (post("Hi there"),))
    assert not is_beginning([begun], (post("Ho there"),))
    assert not is_beginning([begun, begun], (post("Hi there"),))
    assert not is_beginning([begun], (post("Hi there"), post("Hi there")))
