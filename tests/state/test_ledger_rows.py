"""How the ledger is kept must not show: whatever is written in whatever order, it reads as one row a part."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.keyed import keyed, keyed_hash
from mappings.model import Loss, LossKind, Side
from mappings.text import text_hash
from state.ledger_rows import LOT
from state.records import OWN, Disposition, LedgerRow, Queue
from tests.keys import KEY
from tests.stores import file_of

if TYPE_CHECKING:
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
PART = LedgerRow(D, "p", "reply_user", 3.0, Disposition.COPIED, counterpart="c", text_hash=text_hash("Hi"))
COPY = LedgerRow(IC, "c", "message", 3.0, Disposition.ABSORBED, OWN, ours=True, counterpart="p")

ids = st.sampled_from(["1", "2", "3"])
row_values = st.builds(
    LedgerRow,
    side=st.sampled_from(Side),
    id=ids,
    type=st.sampled_from(["", "comment", "message", "start"]),
    created=st.sampled_from([1.0, 2.5]),
    disposition=st.sampled_from([Disposition.ABSORBED, Disposition.COPIED]),
    reason=st.sampled_from([OWN, "", "why"]),
    losses=st.sampled_from([(), (Loss(LossKind.AUTHOR, "who"),)]),
    ours=st.booleans(),
    counterpart=st.none() | ids,
    text_hash=st.none() | st.sampled_from([text_hash("a"), text_hash("b")]),
    removed=st.booleans(),
)


def as_kept(row: LedgerRow) -> LedgerRow:
    """Return a row as it comes back: with the keyed hash, and without one when it is a tombstone."""
    digest = None if row.text_hash is None else keyed(KEY, row.text_hash)
    return replace(row, text_hash=digest)


def written_over(known: LedgerRow, row: LedgerRow) -> LedgerRow:
    """Say on paper what a second row about the same part changes."""
    removed = known.removed or row.removed
    return replace(
        known,
        disposition=row.disposition,
        type=row.type or known.type,
        reason=row.reason,
        losses=row.losses,
        ours=known.ours or row.ours,
        counterpart=row.counterpart or known.counterpart,
        text_hash=None if removed else row.text_hash,
        removed=removed,
    )


@pytest.mark.long
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.lists(st.lists(row_values, max_size=4), max_size=6))
def test_the_ledger_reads_as_one_row_a_part(store: Store, puts: list[list[LedgerRow]]) -> None:
    """Parts, copies, pieces and what contradicts itself: every row comes back as it was written last."""
    conversation = store.pairs.listed(D, f"c{store.meta.get('n') or 0}", due=1.0, queue=Queue.SYNC)
    store.meta.set("n", str(int(store.meta.get("n") or 0) + 1))
    paper: dict[tuple[Side, str], LedgerRow] = {}
    before = store.ledger.counts()
    for rows in puts:
        store.ledger.put(conversation, rows, None)
        for row in sorted(map(as_kept, rows), key=lambda row: row.ours):
            known = paper.get((row.side, row.id))
            paper[row.side, row.id] = row if known is None else written_over(known, row)

    found = store.ledger.of(conversation)

    assert {(row.side, row.id): row for rows in found.values() for row in rows.values()} == paper
    for side in Side:
        assert store.ledger.count(conversation, side) == len(found[side])
    people = [row.disposition for row in paper.values() if not row.ours]
    after = store.ledger.counts()
    assert {d: after.get(d, 0) - before.get(d, 0) for d in Disposition} == {
        d: people.count(d) for d in Disposition
    }
    for (side, part), row in paper.items():
        assert store.ledger.knows(side, part)
        assert store.ledger.is_ours(side, part) or not row.ours


def stored(store: Store) -> int:
    """Return how many rows the file has for the ledger."""
    return int(store.file.read("SELECT count(*) AS n FROM parts")[0]["n"])


@pytest.fixture
def row(store: Store) -> int:
    """A conversation to refer to."""
    return store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)


def test_a_part_and_its_copy_are_one_row(store: Store, row: int) -> None:
    """The engine sees two, the file keeps one; the copy is found from its own id."""
    store.ledger.put(row, [COPY, PART], None)

    assert store.ledger.of(row) == {D: {"p": as_kept(PART)}, IC: {"c": COPY}}
    assert stored(store) == 1
    assert store.ledger.is_ours(IC, "c")
    assert not store.ledger.is_ours(D, "c")


def test_further_pieces_have_rows_of_their_own(store: Store, row: int) -> None:
    """Three copies of one part, written one after another: two rows more."""
    for number in range(3):
        covers = [replace(PART, counterpart="c2")] if number == 2 else []
        store.ledger.put(row, [replace(COPY, id=f"c{number}"), *covers], None)

    assert sorted(store.ledger.of(row)[IC]) == ["c0", "c1", "c2"]
    assert stored(store) == 3


def test_many_parts_share_one_transcript(store: Store, row: int) -> None:
    """Each of them names the note; the note has one row and copies the first."""
    told = [replace(PART, id=f"p{number}", disposition=Disposition.TRANSCRIPT) for number in range(4)]

    store.ledger.put(row, [replace(COPY, type="note", counterpart="p0"), *told], None)

    ledger = store.ledger.of(row)
    assert {part.counterpart for part in ledger[D].values()} == {"c"}
    assert [copy.counterpart for copy in ledger[IC].values()] == ["p0"]
    assert stored(store) == 4


def test_the_same_id_in_two_conversations_is_two_parts(store: Store, row: int) -> None:
    """Ids are unique within their conversation; what is known elsewhere can be asked for."""
    other = store.pairs.listed(D, "2", due=1.0, queue=Queue.SYNC)
    store.ledger.put(row, [COPY, PART], None)

    seen = store.ledger.elsewhere(other, D, ["p"])
    store.ledger.put(other, [replace(PART, disposition=Disposition.SKIPPED, counterpart=None)], None)

    assert [(one.conversation, one.row) for one in seen] == [(row, as_kept(PART))]
    assert [one.row for one in store.ledger.elsewhere(other, IC, ["c"])] == [COPY]
    assert store.ledger.elsewhere(row, IC, ["c"]) == []
    assert store.ledger.of(row)[D]["p"].disposition is Disposition.COPIED
    assert store.ledger.of(other)[D]["p"].disposition is Disposition.SKIPPED


@pytest.mark.parametrize("place", ["file"], indirect=True)
def test_no_hash_is_kept_that_needs_no_key(store: Store, row: int) -> None:
    """The file holds the keyed hash in 16 bytes and nothing of the plain one."""
    store.ledger.put(row, [PART], None)

    (kept,) = store.file.read("SELECT text_hash FROM parts")
    assert kept["text_hash"].hex() == keyed_hash(KEY, "Hi")
    assert text_hash("Hi") not in "\n".join(file_of(store)._db.iterdump())


def test_a_word_that_was_rolled_back_is_written_again(store: Store, row: int) -> None:
    """A type first met in a transaction that failed gets no number that another word has later."""

    def fail() -> None:
        with store.transaction():
            store.ledger.put(row, [replace(PART, type="first")], None)
            raise ValueError("late")

    with pytest.raises(ValueError, match="late"):
        fail()
    store.ledger.put(row, [replace(PART, id="o", type="other")], None)
    store.ledger.put(row, [replace(PART, type="first")], None)

    assert {part.type for part in store.ledger.of(row)[D].values()} == {"other", "first"}


def test_a_run_that_was_rolled_back_gives_its_number_to_nobodys_parts(store: Store, row: int) -> None:
    """The next run has that number: what the first one claims to have written is not that run's."""

    def fail() -> None:
        with store.transaction():
            store.runs.begin("first", "sync", 1.0)
            store.ledger.put(row, [PART], "first")
            raise ValueError("late")

    with pytest.raises(ValueError, match="late"):
        fail()
    store.runs.begin("second", "sync", 2.0)
    store.ledger.put(row, [PART], "first")

    assert [one["run"] for one in store.file.read("SELECT run FROM parts")] == [None]


@pytest.mark.parametrize(
    "later",
    [
        replace(PART, counterpart="c2"),  # another copy is the first one now
        replace(PART, ours=True),
        replace(COPY, reason="why"),  # the copy has something to say of its own
        replace(COPY, losses=(Loss(LossKind.AUTHOR, "who"),)),
        replace(COPY, counterpart="q"),
        replace(COPY, disposition=Disposition.QUARANTINED),
        replace(COPY, ours=False, text_hash=text_hash("x")),
    ],
)
def test_a_copy_that_fits_no_more_moves_out(store: Store, row: int, later: LedgerRow) -> None:
    """Whatever is said later of a part or its copy, both are known as before, each once."""
    store.ledger.put(row, [COPY, PART], None)

    store.ledger.put(row, [later], None)

    paper = {(known.side, known.id): known for known in (as_kept(PART), COPY)}
    place = later.side, later.id
    paper[place] = written_over(paper[place], as_kept(later))
    found = store.ledger.of(row)
    assert {(one.side, one.id): one for rows in found.values() for one in rows.values()} == paper
    assert stored(store) == 2
    assert store.ledger.count(row, IC) == 1


@pytest.mark.parametrize("field", ["type", "reason"])
def test_a_word_that_was_written_in_vain_is_written_again(store: Store, row: int, field: str) -> None:
    """A transaction that is undone takes the numbers of its words back: they may stand for others now."""

    def one(number: int, word: str) -> LedgerRow:
        given: dict[str, Any] = {field: word}
        return replace(PART, id=str(number), counterpart=None, **given)

    with suppress(LookupError), store.transaction():
        store.ledger.put(row, [one(1, "first")], None)
        raise LookupError
    with store.transaction():
        store.ledger.put(row, [one(2, "second")], None)
        store.ledger.put(row, [one(3, "first")], None)

    assert [getattr(store.ledger.of(row)[D][str(n)], field) for n in (2, 3)] == ["second", "first"]


def test_more_rows_than_one_statement_names_are_written_and_found(store: Store, row: int) -> None:
    """A conversation of hundreds of parts is adopted at once, and asked for at once when it moved."""
    ids = [str(number) for number in range(LOT + 5)]
    parts = [replace(PART, id=one, counterpart=f"c{one}") for one in ids]
    copies = [replace(COPY, id=f"c{one}", counterpart=one) for one in ids]
    store.ledger.put(row, [*copies, *parts], None)
    other = store.pairs.listed(D, "2", due=1.0, queue=Queue.SYNC)

    assert stored(store) == len(ids)
    assert {one.row.id for one in store.ledger.elsewhere(other, D, ids)} == set(ids)
    assert len(store.ledger.elsewhere(other, IC, [f"c{one}" for one in ids])) == len(ids)
    assert store.ledger.of(row)[IC]["c3"] == copies[3]
