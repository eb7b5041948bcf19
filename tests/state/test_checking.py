"""What is told of a state that contradicts itself."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from mappings.model import Side
from state.care.checking import problems
from state.records import Disposition, LedgerRow, Queue
from tests.stores import file_of

if TYPE_CHECKING:
    from pathlib import Path

    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
PART = LedgerRow(D, "p", "reply_user", 3.0, Disposition.COPIED, counterpart="c", text_hash="ab" * 32)
COPY = LedgerRow(IC, "c", "message", 3.0, Disposition.ABSORBED, ours=True, counterpart="p")
HARM = {
    "the counters of parts do not agree with the file": "UPDATE counters SET n = n + 1",
    "1 tombstones still hold the hash of their text": "UPDATE parts SET removed = 1",
    "1 pairs have parts on a side that they do not have": "UPDATE conversations SET dashly_id = NULL",
}


@pytest.fixture
def place(path: Path) -> Path:
    """Only files are meant here."""
    return path


def read_as_elsewhere(store: Store) -> Any:
    """Return the rows of a file as another store would give them, which looks after its pages itself."""
    return SimpleNamespace(read=store.file.read)


@pytest.fixture
def filled(store: Store) -> Store:
    """A state with a part and its copy."""
    row = store.pairs.listed(D, "d1", due=1.0, queue=Queue.SYNC)
    store.pairs.link(row, IC, "i1", at=2.0, run=None)
    store.ledger.put(row, [PART, COPY, replace(PART, id="q", counterpart=None, text_hash=None)], None)
    return store


def test_a_sound_state_has_no_problems(filled: Store) -> None:
    """Neither a file nor another store."""
    assert problems(filled.file) == problems(read_as_elsewhere(filled)) == []


@pytest.mark.parametrize("told", HARM)
def test_what_contradicts_itself_is_told_in_words(filled: Store, told: str) -> None:
    """With how often, of a file as of another store."""
    with filled.file.write() as db:
        db.execute(HARM[told])

    assert told in problems(filled.file)
    assert told in problems(read_as_elsewhere(filled))


def test_a_row_that_refers_to_none_is_told_of_a_file(filled: Store) -> None:
    """Other stores do not let it come to that."""
    file_of(filled)._db.execute("PRAGMA foreign_keys = OFF")
    with filled.file.write() as db:
        db.execute("DELETE FROM conversations")

    assert any("refers to a row of conversations that is not there" in one for one in problems(filled.file))
