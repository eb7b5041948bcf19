"""What a person sees: tables and lines on stdout, or one JSON object."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from state.records import Conflict


def console() -> Console:
    """Return the console for people."""
    return Console(highlight=False, soft_wrap=False)


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on stdout, with the exit code 0 unless it says another."""
    value = {"exit_code": 0, **value}
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a table."""
    made = Table(title=title, title_justify="left", header_style="bold", pad_edge=False, box=box.SIMPLE_HEAD)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    return made


def print_run(report: Mapping[str, object]) -> None:
    """Print how a run went."""
    out = console()
    conversations, writes, requests = (report[key] for key in ("conversations", "writes", "requests"))
    parts = report["parts"]
    out.print(f"{report['command']} {report['run_id']}: {words(conversations)}")
    out.print(f"  parts     {words(parts) or 'nothing new'}")
    out.print(f"  requests  {words(requests)}   writes  {words(writes)}")
    attention = report["attention"]
    if isinstance(attention, list) and attention:
        out.print("needs attention:")
        for line in attention:
            out.print(f"  - {line}", markup=False)


def iso(at: object) -> str | None:
    """Return seconds since 1970 as an ISO date-time in UTC; None for no time."""
    if not isinstance(at, float | int):
        return None
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def conflict_rows(found: Iterable[Conflict]) -> list[dict[str, object]]:
    """Return conflicts as plain data."""
    return [asdict(conflict) | {"at": iso(conflict.at)} for conflict in found]


def print_conflicts(rows: Sequence[Mapping[str, object]]) -> None:
    """Print conflicts as ``conflict_rows`` gives them, one a line."""
    out = console()
    if rows:
        out.print("conflicts, newest first:")
    for row in rows:
        out.print(
            "  - {at} dashly:{dashly_id} = intercom:{intercom_id}: {register} was {dashly} in Dashly and "
            "{intercom} in Intercom; {winner} won ({rule})".format(**row),
            markup=False,
            soft_wrap=True,
        )


def words(value: object) -> str:
    """Return a mapping as words, anything else as it is."""
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{key} {words(inner)}" for key, inner in value.items())
