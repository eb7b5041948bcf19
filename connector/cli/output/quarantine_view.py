"""Items in quarantine as plain data, and as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.cli.output.render import Table, iso
from mappings.model import Side
from mappings.names import SIDES_SHOWN, TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from connector.app.links import Links
    from connector.cli.output.render import Screen
    from state.records import QuarantineItem

_COLUMNS = ("id", "side", "dashly", "intercom", "part", "reason", "attempts", "retry_at", "next")


_HEADS = {"first_at": "since", "last_at": "last tried", "retry_at": "retried at"}


def rows_of(found: Iterable[QuarantineItem], links: Links) -> list[dict[str, object]]:
    """Return items as plain data, each with the command that lets it go on when its cause is mended."""
    return [
        {
            "id": item.id,
            "side": item.side,
            "dashly": item.dashly_id,
            "intercom": item.intercom_id,
            "part": item.part,
            "reason": item.reason,
            "attempts": item.attempts,
            "first_at": iso(item.first_at),
            "last_at": iso(item.last_at),
            "retry_at": iso(item.retry_at),
            "links": links.of({Side.DASHLY: item.dashly_id, Side.INTERCOM: item.intercom_id}),
            "next": f"connector quarantine retry {item.id}",
        }
        for item in found
    ]


def print_items(out: Screen, rows: Sequence[Mapping[str, object]]) -> None:
    """Print items: a few lines each on a terminal, too narrow for a table of ids; else a row each."""
    if out.drawing:
        for row in rows:
            for told in _block(row):
                out.print(told)
    else:
        named = [_shown(column) for column in _COLUMNS]
        out.print(Table("Quarantine", named, ([_shown(row[column]) for column in _COLUMNS] for row in rows)))


def _block(row: Mapping[str, object]) -> Iterator[str]:
    ids = " = ".join(f"{TITLES[side]} {row[side.value]}" for side in Side if row[side.value])
    part = f", {TITLES[Side(str(row['side']))]} part {row['part']}" if row["part"] else ""
    yield f"{row['id']}  {ids}{part}"
    yield f"   {row['reason']}"
    tried = "once" if row["attempts"] == 1 else f"{row['attempts']} times"
    then = f"retried automatically at {row['retry_at']}" if row["retry_at"] else "waits for a person"
    yield f"   since {row['first_at']}, tried {tried}, {then}"
    links = row["links"]
    yield from (f"   {link}" for link in links.values() if link) if isinstance(links, dict) else ()
    yield f"   next: fix that, then: {row['next']}"


def facts_of(row: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield what is known of one item, name by name; a link by the name of its side."""
    for name, value in row.items():
        if isinstance(value, dict):
            yield from ((f"{TITLES[Side(side)]} link", link) for side, link in value.items() if link)
        elif value not in (None, ""):
            yield _shown(name), _shown(value)


def _shown(word: object) -> str:
    """Return the name of a column or a side as people read it, anything else as it is."""
    text = "" if word is None else str(word)
    return SIDES_SHOWN.get(text) or _HEADS.get(text, text)
