"""Words cut to what the other side takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.engine.plan.actions import Form, PostWords
from connector.engine.plan.planner import plan
from connector.engine.plan.splitting import cut
from mappings.model import Attachment, Message, Side
from mappings.wording import PLAIN
from state.records import Begun
from tests.engine.plan.plans import conversation, posts

D, IC = Side.DASHLY, Side.INTERCOM


def test_a_long_text_is_cut_into_numbered_pieces(make: Any) -> None:
    """Every piece fits, only the last one settles the part, and no word is lost."""
    text = " ".join(f"word{number}" for number in range(400))
    part = make.part(D, 1, Message(text))

    planned = plan(conversation(make, part), make.policy())

    found = posts(planned)
    assert len(found) > 1
    assert all(len(post.text) <= make.intercom_can.max_text for post in found)
    assert [bool(post.covers) for post in found] == [False] * (len(found) - 1) + [True]
    assert [post.marker for post in found] == [
        "da:app:1",
        *(f"da:app:1#{n}" for n in range(2, len(found) + 1)),
    ]
    assert found[0].text.startswith(f"(1/{len(found)}) ")
    assert " ".join(post.text.split(") ", 1)[1] for post in found).split() == text.split()


def test_what_is_left_of_begun_words_is_cut_by_a_limit_learnt_since(make: Any) -> None:
    """The pieces that were sent stay as they were; the others fit with their numbers, and hold every word."""
    text = " ".join(f"word{number:03}" for number in range(200))
    post = PostWords(IC, Form.MESSAGE, "m", "1", text)
    first = cut(post, replace(make.intercom_can, max_text=700), PLAIN)
    assert first[0].begins is not None
    begun = {"m": Begun("m", None, first[0].begins.left, copy="c", sent=1)}

    again = cut(post, replace(make.intercom_can, max_text=200), PLAIN, begun)

    def words(post: PostWords) -> list[str]:
        return post.text.split(") ", 1)[1].split()

    assert words(again[0]) == words(first[0])
    assert len(again) > len(first)
    assert all(len(piece.text) <= 200 for piece in again[1:])
    assert [word for piece in again for word in words(piece)] == text.split()


def test_files_that_do_not_fit_in_one_message_follow_in_more(make: Any) -> None:
    """Dashly takes one file a reply: three files are three replies, the first with the words."""
    files = tuple(Attachment(f"{n}.png", f"https://x/{n}", size=10) for n in range(3))
    part = make.part(IC, 1, Message("see", files))

    found = posts(plan(conversation(make, part, source=IC, origin=IC), make.policy()))

    assert [(c.text, [a.name for a in c.attachments]) for c in found] == [
        ("see", ["0.png"]),
        ("", ["1.png"]),
        ("", ["2.png"]),
    ]
    assert [c.agent for c in found] == [None, None, None]


def test_files_of_an_opening_message_follow_in_a_reply(make: Any) -> None:
    """A conversation cannot be begun with files."""
    part = make.part(D, 1, Message("see", (Attachment("a.png", "https://x/a", size=10),)))

    found = posts(plan(make.snapshot(make.pair(D), make.view(D, part)), make.policy()))

    assert [(c.form, [a.name for a in c.attachments]) for c in found] == [
        (Form.START, []),
        (Form.MESSAGE, ["a.png"]),
    ]
    assert [bool(c.covers) for c in found] == [False, True]


@pytest.mark.parametrize(("name", "size"), [("big.png", 1_001), ("tool.exe", 10)])
def test_a_file_that_cannot_be_sent_is_named(make: Any, name: str, size: int) -> None:
    """Too big or of a type that the side refuses: a line with name, size and link, and a loss."""
    part = make.part(IC, 1, Message("see", (Attachment(name, "https://x/f", size=size),)))

    (post,) = posts(plan(conversation(make, part, source=IC, origin=IC), make.policy()))

    assert post.attachments == ()
    for words in ("see", name, str(size), "https://x/f"):
        assert words in post.text
    assert [loss.detail for loss in post.covers[0].losses] == [name]


def test_only_the_first_images_of_a_body_are_fetched(make: Any) -> None:
    """Of the images of a body those beyond the tenth are named; listed files are not counted."""
    images = tuple(Attachment(f"i{n}.png", f"https://x/i{n}", inline=True) for n in range(12))
    listed = tuple(Attachment(f"f{n}.png", f"https://x/f{n}") for n in range(12))
    part = make.part(IC, 1, Message("see", (*images, *listed)))

    found = posts(plan(conversation(make, part, source=IC, origin=IC), make.policy()))

    sent = [file.name for post in found for file in post.attachments]
    assert sent == [*(f"i{n}.png" for n in range(10)), *(f"f{n}.png" for n in range(12))]
    assert [loss.detail for loss in found[-1].covers[0].losses] == ["i10.png", "i11.png"]
