"""The lines of an export are read as they were written, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from connector.archive.lines import (
    End,
    Entry,
    Header,
    NoExport,
    parse,
    read_end,
    read_entry,
    read_header,
    text_of,
)
from connector.helpdesk.records import Record
from mappings.model import Side

HEADER = Header(Side.DASHLY, "48213", 1_700_000_000.0)
ENTRY = Entry(
    Record({"id": "7", "x": "ü\ud800"}, ({"id": "8"},)), ({"id": "9"},), {"https://f": {"sha256": "ab"}}
)


def test_a_line_comes_back() -> None:
    """Each kind; half of a letter that cannot be written is no reason to stop."""
    assert read_header(parse(text_of(HEADER))) == HEADER
    key, entry = read_entry(parse(text_of(ENTRY)))
    assert (key, entry.people, entry.files) == ("7", ENTRY.people, ENTRY.files)
    assert entry.record.parts == ({"id": "8"},)
    assert read_end(parse(text_of(End(3, {"5": "refused"})))) == End(3, {"5": "refused"})
    assert read_end(parse(text_of(ENTRY))) is None


def test_a_line_is_one_line() -> None:
    """Whatever customers type."""
    entry = Entry(Record({"id": "7", "body": "a\nb\r\n\u2028c"}))

    assert text_of(entry).count(b"\n") == 1


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[1]", b"7", b'{"format": 2}', b'{"format": 1, "side": "zendesk"}', b"\xff"]
)
def test_another_first_line_is_refused(line: bytes) -> None:
    """With a few words that say why."""
    with pytest.raises(NoExport, match=r"\w"):
        read_header(parse(line))


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"conversation": 7}',
        b'{"conversation": {"id": null}}',
        b'{"conversation": {"id": 7}, "parts": 3}',
        b'{"conversation": {"id": 7}, "people": [1]}',
    ],
)
def test_a_line_without_a_conversation_is_refused(line: bytes) -> None:
    """Nothing is guessed."""
    with pytest.raises(NoExport):
        read_entry(parse(line))
