"""How large the state file is and how long its hot queries take.

``python benchmarks/state_file.py PARTS [FOLDER]`` fills a file with conversations of ten parts, each part
with its copy, and prints bytes a part and the median time of each query in microseconds of CPU. Nothing is
asserted: the plans of the queries are tests. ``yardstick_us`` is what summing a thousand numbers takes: how
fast and busy the machine is.
"""

from __future__ import annotations

import json
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from mappings.model import CLOSED, Loss, LossKind, Registers, Side
from mappings.text import text_hash
from state import store as states
from state.records import OWN, Disposition, LedgerRow, Queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from state.store import Store

PER_CONVERSATION = 10
ROUNDS = 300
BLOCK = 200
D, IC = Side.DASHLY, Side.INTERCOM
KEY = b"b" * 32
BEGIN = 1_700_000_000


def parts_of(conversation: int) -> list[LedgerRow]:
    """Return ten parts of one conversation and their copies, with ids as long as the real ones."""
    rows = []
    for number in range(PER_CONVERSATION):
        source = str(1_700_000_000_000_000_000 + conversation * 1_000 + number)
        copy = str(20_000_000_000 + conversation * 20 + number)
        created = float(BEGIN + conversation * 60 + number)
        rows += [
            LedgerRow(IC, copy, "message", created, Disposition.ABSORBED, OWN, ours=True, counterpart=source),
            LedgerRow(
                D,
                source,
                "reply_user" if number % 2 else "reply_admin",
                created,
                Disposition.COPIED,
                losses=(Loss(LossKind.AUTHOR, "Nora"),) if number == 1 else (),
                counterpart=copy,
                text_hash=text_hash(f"{conversation} {number}"),
            ),
        ]
    return rows


def fill(store: Store, parts: int) -> float:
    """Write the parts as a backfill would; return seconds a part."""
    store.runs.begin("run-1", "backfill", float(BEGIN))
    store.file.read("PRAGMA synchronous = OFF")
    began = time.process_time()
    for first in range(1, parts // PER_CONVERSATION + 1, BLOCK):
        with store.transaction():
            for number in range(first, min(first + BLOCK, parts // PER_CONVERSATION + 1)):
                converse(store, number)
    return (time.process_time() - began) / parts


def converse(store: Store, number: int) -> None:
    """Write one pair with its parts."""
    dashly, intercom = str(1_700_000_000_000_000_000 + number), str(21_000_000_000 + number)
    row = store.pairs.listed(D, dashly, due=1.0, queue=Queue.BACKFILL)
    store.pairs.link(row, IC, intercom, at=2.0, run="run-1")
    store.ledger.put(row, parts_of(number), "run-1")
    for side in Side:
        store.pairs.set_base(row, side, Registers(CLOSED, "151204", None, frozenset({"vip"})))
        store.pairs.set_seen(row, side, "5f2c1d7ab8e04c3d", float(number))
        store.pairs.set_person(row, side, str(1_800_000_000_000_000_000 + number // 2))
    store.pairs.set_due(row, {D: 5.0} if number % 100 == 0 else {})


def queries(store: Store, conversations: int) -> dict[str, Callable[[], object]]:
    """Return what a pass and `status` ask, each of a conversation chosen at random."""
    chosen = random.Random(7)  # noqa: S311 - which rows are asked for is no secret

    def any_row() -> int:
        return chosen.randint(1, conversations)

    def any_part() -> str:
        return str(1_700_000_000_000_000_000 + any_row() * 1_000 + 3)

    return {
        "pairs.find": lambda: store.pairs.find(D, str(1_700_000_000_000_000_000 + any_row())),
        "pairs.due": lambda: store.pairs.due(Queue.BACKFILL, 9.0, after=any_row(), limit=1),
        "pairs.due, none": lambda: store.pairs.due(Queue.SYNC, 9.0, after=0, limit=64),
        "pairs.next_due": lambda: store.pairs.next_due(Queue.BACKFILL, after=1.0),
        "pairs.count_due": lambda: store.pairs.count_due(Queue.BACKFILL),
        "pairs.longest_unchecked": lambda: store.pairs.longest_unchecked(5),
        "pairs.counts": store.pairs.counts,
        "ledger.count": lambda: store.ledger.count(any_row(), D),
        "ledger.knows": lambda: store.ledger.knows(D, any_part()),
        "ledger.is_ours": lambda: store.ledger.is_ours(IC, str(20_000_000_000 + any_row() * 20)),
        "ledger.elsewhere": lambda: store.ledger.elsewhere(1, D, [any_part()]),
        "ledger.counts": store.ledger.counts,
        "ledger.of, 20 rows": lambda: store.ledger.of(any_row()),
        "journal.open": store.journal.open,
    }


def median_us(query: Callable[[], object]) -> float:
    """Return the median time of a query in microseconds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        query()
        times.append(time.process_time() - began)
    return statistics.median(times) * 1e6


def main(parts: int, folder: Path) -> None:
    """Fill a file, measure it, and print what was found as JSON."""
    path = folder / f"state-{parts}.db"
    store = states.create(path, key=KEY)
    each = fill(store, parts)
    store.file.forget_freed()
    size = path.stat().st_size
    found = {
        "parts": parts,
        "bytes": size,
        "bytes_a_part": round(size / parts, 1),
        "fill_us_a_part": round(each * 1e6, 1),
        "median_us": {
            name: round(median_us(query), 1)
            for name, query in queries(store, parts // PER_CONVERSATION).items()
        },
        "yardstick_us": round(median_us(lambda: sum(range(1_000))), 1),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    store.close()
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(int(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else made))  # noqa: PLR2004 - the command line
