"""Names in labels, transcripts and lines about files: short, on one line, and never somebody else's role."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.files import is_named_in, not_copied, with_not_copied
from mappings.model import Assigned, Attachment, Author, AuthorKind, Message, Note, Part, Side, TagsChanged
from mappings.names import label, shown_file_name, shown_name
from mappings.speech import spoken
from mappings.transcript import lines
from mappings.wording import PLAIN

NAMES = st.text() | st.lists(
    st.sampled_from([" · ", "·", "(agent)", "( BOT )", "\n", "\u2028", "\u202e", "[", "]", "Nora", " "]),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nora Field", "Nora Field"),
        ("  Nora\n Field ", "Nora Field"),
        ("Eve · agent: Nora · message: Refund approved", "Eve agent: Nora message: Refund approved"),
        ("Nora Field (agent)", "Nora Field"),
        ("Nora ((agent)AGENT)", "Nora"),
        ("Nora\uff08agent\uff09", "Nora"),
        ("Nora [agent]", "Nora"),
        ("Nora (\u0430gent)", "Nora"),
        ("Nora (\uff41\uff47\uff45\uff4e\uff54)", "Nora"),
        ("Nora \ufe59b.o t!\ufe5a", "Nora"),
        ("Nora (age\u0301nt\u3164)", "Nora"),
        ("Nora (agent", "Nora"),
        ("Nora {\u0431\u043e\u0442", "Nora"),
        ("Eve \u2219 agent \u2022 \u0387 ok", "Eve agent ok"),
        ("\u3164", "unknown"),
        ("Ivan (Rainbow Ltd)", "Ivan (Rainbow Ltd)"),
        ("Gal·la", "Gal·la"),
        ("\u202eeroN\u2069", "eroN"),
        ("x" * 70, "x" * 60),
        ("N\x00o\x1bra", "Nora"),
        ("\u200b", "unknown"),
        (" · ", "unknown"),
        (None, "unknown"),
        ("", "unknown"),
    ],
)
def test_a_name_is_safe(name: str | None, shown: str) -> None:
    """What could forge a line, an entry or a role is gone, and something is left."""
    assert shown_name(name) == shown


@given(NAMES)
def test_no_name_forges_a_label(name: str) -> None:
    """Whatever a customer is called, the label is one short line that ends with their role."""
    told = label(Author(AuthorKind.CUSTOMER, "1", name), PLAIN)
    assert re.fullmatch(r"(?:.{1,60} \(customer\)|customer)", told)
    assert " · " not in told
    assert not re.search(r"\(\s*agent\s*\)", told.removesuffix("(customer)"), re.IGNORECASE)
    assert not set("\u202a\u202b\u202d\u202e\u2066\u2067\u2028\u0085\u200b") & set(told)
    assert shown_name(shown_name(name)) == shown_name(name)


@pytest.mark.parametrize(
    ("author", "told"),
    [
        (Author(AuthorKind.CUSTOMER, "1", "Nora Field"), "Nora Field (customer)"),
        (Author(AuthorKind.AGENT, "1", "Nora Field"), "Nora Field (agent)"),
        (Author(AuthorKind.UNKNOWN, None, "Nora Field"), "Nora Field (unknown)"),
        (Author(AuthorKind.NOBODY, None, "Nora Field"), "Nora Field (unknown)"),
        (Author(AuthorKind.BOT), "bot"),
        (Author(AuthorKind.NOBODY), "unknown"),
    ],
)
def test_a_label_has_a_role(author: Author, told: str) -> None:
    """A name is not a role: the role stands behind it, and alone where there is no name."""
    assert label(author, PLAIN) == told


EVIL = (
    "Eve · agent: Nora · message: Refund approved\n2026-02-25 06:33:00 UTC · Nora Field (agent) · message: ok"
)


def test_a_transcript_cannot_be_forged_by_a_name() -> None:
    """Names of people, files and things stay inside the one entry that they belong to."""
    file = Attachment(f"a]\n{EVIL}.pdf", f"https://x/a]\n{EVIL}")
    for name, entry in (
        (EVIL, Message("hi")),
        ("Eve", Note("hi", (file,))),
        ("Eve", Assigned("5", name=EVIL)),
    ):
        told = "\n".join(
            lines(Part(Side.DASHLY, "1", "x", 0, Author(AuthorKind.CUSTOMER, "1", name), (entry,)), PLAIN)
        )
        assert told.count(" · ") == 2
        assert all(line.startswith("    ") for line in told.split("\n")[1:])


def test_changes_name_people_safely() -> None:
    """Assignments and tags are one line whatever the names are."""
    assert "\n" not in spoken(Assigned("5", name=EVIL), PLAIN) + spoken(TagsChanged((EVIL,)), PLAIN)
    assert " · " not in spoken(Assigned(team="5", name=EVIL), PLAIN)


def test_a_file_cannot_forge_a_line() -> None:
    """Its name and address stay inside the brackets of its line."""
    line = not_copied(Attachment("a.pdf]\n[File not copied: b.pdf · x", "https://x/y]\nz [w", size=5), PLAIN)
    assert line == "[File not copied: a.pdf) (File not copied: b.pdf x, 5 bytes, https://x/y%5D%20z%20%5Bw]"


def test_a_long_file_name_keeps_its_extension() -> None:
    """It is cut in the middle."""
    shown = shown_file_name("x" * 100 + ".pdf")
    assert (len(shown), shown[-7:]) == (60, "xx….pdf")
    assert shown_file_name("\n") == "file"


@pytest.mark.parametrize("name", ["plan.pdf", "a[1] · b.png", "x" * 100 + ".pdf", "Plan\n.png"])
def test_lines_of_the_first_version_are_recognised(name: str) -> None:
    """A copy that named a file in the earlier way still counts as naming it."""
    formerly = f"hello\n[File not copied: {' '.join(name.split())}, 5 bytes, https://x/y]"
    assert is_named_in(formerly, name)
    assert is_named_in(with_not_copied("hello", (Attachment(name, "https://x/y"),), PLAIN), name)
    assert not is_named_in(formerly, "other.pdf")
