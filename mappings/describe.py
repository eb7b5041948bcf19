"""The mapping table as people read it: plain rows, and Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from mappings.kinds import ANYTHING_ELSE, OPENING, Carried, Row
from mappings.model import Loss, Side
from mappings.names import LOSSES_SHOWN
from mappings.table import DEFAULT, KindTable

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN_TYPES = {ANYTHING_ELSE: "anything else", OPENING: "opening message"}


@dataclass(frozen=True, slots=True)
class Described:
    """One row of the table in words; ``type`` is the name to use under ``[map.parts]`` after the side."""

    side: Side
    direction: str
    type: str
    title: str
    meaning: str
    carried: str
    on_the_other_side: str
    loss: str
    overridden: bool


def describe(table: KindTable = DEFAULT) -> tuple[Described, ...]:
    """Return every row of both directions."""
    return tuple(_described(row) for side in Side for row in table.rows[side].values())


def markdown(table: KindTable = DEFAULT) -> str:
    """Return the table as Markdown, one section a direction."""
    return "\n".join(_section(table))


def document(table: KindTable = DEFAULT) -> str:
    """Return the page of the manual: how to read the tables, and the tables."""
    introduction = resources.files("mappings").joinpath("describe.md").read_text(encoding="utf-8")
    return f"{introduction}\n{markdown(table).rstrip()}\n"


def _described(row: Row) -> Described:
    return Described(
        side=row.side,
        direction=_direction(row.side),
        type=row.type,
        title=_SHOWN_TYPES.get(row.type, row.type),
        meaning=" + ".join(row.means),
        carried=row.carried.value,
        on_the_other_side=_other_side(row),
        loss="; ".join((*map(_always, row.losses), *map(_perhaps, row.possible))),
        overridden=row.overridden,
    )


def _direction(side: Side) -> str:
    return f"{side.title()} → {side.other.title()}"


def _other_side(row: Row) -> str:
    if not row.overridden:
        return row.other_side
    if row.carried is Carried.SKIP:
        return f"Nothing: {row.reason}."
    return "An internal note, by [map.parts]."


def _always(loss: Loss) -> str:
    return f"{LOSSES_SHOWN[loss.kind]}: {loss.detail}"


def _perhaps(loss: Loss) -> str:
    return f"{LOSSES_SHOWN[loss.kind]} (sometimes): {loss.detail}"


def _section(table: KindTable) -> Iterator[str]:
    rows = describe(table)
    for side in Side:
        yield f"## {_direction(side)}\n"
        yield "| type | means | on the other side | not carried |"
        yield "|---|---|---|---|"
        for row in rows:
            if row.side is side:
                cells = (f"`{row.type}`", row.meaning, row.on_the_other_side, row.loss or "nothing")
                yield f"| {' | '.join(cells)} |"
        yield ""
