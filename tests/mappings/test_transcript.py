"""Transcripts: readable lines, packed into few notes, nothing lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.files import shown_size
from mappings.model import (
    CLOSED,
    Assigned,
    Attachment,
    Author,
    AuthorKind,
    ChannelChanged,
    Entry,
    Event,
    Message,
    Note,
    Part,
    Side,
    Skipped,
    State,
    Status,
    StatusChanged,
    TagsChanged,
)
from mappings.speech import spoken
from mappings.text import SHORTEST_LIMIT
from mappings.transcript import lines, pack
from mappings.wording import PLAIN

HEADING = "History copied from Intercom"
NORA = Author(AuthorKind.AGENT, "1", "Nora Field")


def part(*entries: Entry, number: int = 1, author: Author = NORA) -> Part:
    """Return a part with these entries."""
    return Part(Side.INTERCOM, str(number), "comment", 1772001122, author, entries)


def test_line() -> None:
    """A message stands on a line with its time in UTC, its author and their role; more lines are indented."""
    assert lines(part(Message("Hello\n\nworld")), PLAIN) == (
        "2026-02-25 06:32:02 UTC · Nora Field (agent) · message: Hello\n\n    world",
    )


def test_each_entry_has_its_line() -> None:
    """A part with words and a change of state gives two lines."""
    closed = lines(part(Note("done"), StatusChanged(CLOSED), author=Author(AuthorKind.UNKNOWN)), PLAIN)
    assert [line.partition(" UTC ")[2] for line in closed] == ["· unknown · note: done", "· unknown · Closed"]


def test_files() -> None:
    """A file is a line with name, size and address."""
    file = Attachment("a.png", "https://x/a.png", size=48211)
    assert lines(part(Message("", (file,))), PLAIN)[0].endswith(
        "message: [file: a.png, 47 KB, https://x/a.png]"
    )


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KB"),
        (1024 * 1024 - 1, "1024 KB"),
        (1024 * 1024, "1.0 MB"),
    ],
)
def test_a_size_is_shown_in_the_unit_that_fits(size: int, shown: str) -> None:
    """A thousand and twenty-four of one unit are one of the next."""
    assert shown_size(size, PLAIN) == shown


def test_a_file_without_address_is_named() -> None:
    """It is told in the words that stand for every file that does not travel."""
    file = Attachment("Plan\n.png", "", size=5)
    (line,) = lines(part(Message("", (file,))), PLAIN)
    assert line.endswith("message: [File not copied: Plan .png, 5 bytes]")


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (Event("Participant added"), "Participant added"),
        (Assigned(), "Assigned to nobody"),
        (Assigned("5"), "Assigned to 5"),
        (Assigned(team="7"), "Assigned to team 7"),
        (TagsChanged(("a", "b"), ("c",)), "Tags added: a, b; Tags removed: c"),
        (TagsChanged(), "Tags changed"),
        (ChannelChanged(None), "Taken out of its channel"),
        (ChannelChanged("3"), "Moved to channel 3"),
        (StatusChanged(Status()), "Opened"),
        (StatusChanged(Status(State.SNOOZED)), "Snoozed"),
        (StatusChanged(Status(State.SNOOZED, 0)), "Snoozed until 1970-01-01 00:00:00 UTC"),
        (Skipped("why"), "Left out: why"),
    ],
)
def test_spoken(entry: Entry, line: str) -> None:
    """Every change is one clear line."""
    assert spoken(entry, PLAIN) == line


def test_impossible_time() -> None:
    """A time beyond the calendar does not fail the transcript."""
    assert PLAIN.time(1e18) == "unknown time"


def test_pack_is_tight() -> None:
    """Parts that fit one note are in one note, below its heading."""
    parts = [part(Message("a"), number=1), part(Message("b"), number=2)]
    (chunk,) = pack(parts, 1000, heading=HEADING, wording=PLAIN)
    assert chunk.parts == ("1", "2")
    assert chunk.text.splitlines()[0] == HEADING


def told_in(limit: int, *sizes: int) -> list[tuple[str, ...]]:
    """Return which messages, of so many letters, begin in each note."""
    parts = [part(Message(f"<{n}" + " x" * (size // 2 - 1)), number=n) for n, size in enumerate(sizes)]
    chunks = pack(parts, limit, heading=HEADING, wording=PLAIN)
    return [tuple(str(n) for n in range(len(sizes)) if f"<{n}" in chunk.text) for chunk in chunks]


@pytest.mark.parametrize(
    ("sizes", "notes"),
    [
        ((10, 350), [("0",), ("1",)]),
        ((180, 900), [("0",), ("1",), (), ()]),
        ((10, 900), [("0", "1"), (), ()]),
    ],
    ids=["fits a note of its own", "fits none and little room is left", "fits none"],
)
def test_a_part_is_cut_only_where_no_note_holds_it(
    sizes: tuple[int, ...], notes: list[tuple[str, ...]]
) -> None:
    """It starts a note of its own where that holds it, or where only little of it would be told before."""
    assert told_in(460, *sizes) == notes


def test_pack_is_stable() -> None:
    """Parts that come later leave the earlier notes as they were."""
    parts = [part(Message("word " * 20), number=n) for n in range(30)]
    before, after = (pack(parts[:count], 500, heading=HEADING, wording=PLAIN) for count in (20, 30))
    assert before[:-1] == after[: len(before) - 1]
    assert after[1].text.startswith(f"{HEADING} (continued)\n")


def test_what_is_left_of_a_part_is_its_end() -> None:
    """As much as an earlier note did not tell: all of it, or the last words."""
    one = part(Message("one two three"), number=1)
    (whole,) = pack([one], 1000, heading=HEADING, wording=PLAIN)
    block = whole.text.removeprefix(f"{HEADING}\n")

    (again,) = pack([one], 1000, heading=HEADING, wording=PLAIN, left={"1": len(block)})
    (rest,) = pack([one], 1000, heading=HEADING, wording=PLAIN, left={"1": len("three")})

    assert again.text == whole.text
    assert rest.text == f"{HEADING}\nthree"


def test_nothing_to_pack() -> None:
    """No parts make no note."""
    assert pack([], 1000, heading=HEADING, wording=PLAIN) == ()


def test_pack_needs_room() -> None:
    """A limit that leaves no room below the heading is refused, one for the shortest text is enough."""
    least = len(f"{HEADING} (continued)") + SHORTEST_LIMIT
    assert pack([part(Message("a"))], least, heading=HEADING, wording=PLAIN)
    with pytest.raises(ValueError, match="no room"):
        pack([], least - 1, heading=HEADING, wording=PLAIN)


@given(st.lists(st.text("ab \n", max_size=900) | st.text(max_size=50), max_size=8), st.integers(80, 400))
@settings(deadline=None)
def test_pack_loses_nothing(texts: list[str], limit: int) -> None:
    """Every note fits, every part is covered once and in order, and every word is there."""
    parts = [part(Message(text), number=n) for n, text in enumerate(texts)]
    chunks = pack(parts, limit, heading=HEADING, wording=PLAIN)
    assert all(len(chunk.text) <= limit for chunk in chunks)
    assert [covered for chunk in chunks for covered in chunk.parts] == [p.id for p in parts]
    shown = "".join("".join(chunk.text.partition("\n")[2].split()) for chunk in chunks)
    assert shown == "".join("".join(line.split()) for p in parts for line in lines(p, PLAIN))
