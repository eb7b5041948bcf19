"""What a person or a program sees on stdout: lines and tables, or one JSON object.

On a terminal tables are drawn, and long cells and lines are folded. Elsewhere a row is a line and an id stays
whole. With ``--plain`` the cells of a row are parted by tabs, and titles begin with ``# ``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import click

from connector.engine.plan.meaning import Severity
from connector.host.amounts import counted
from connector.host.cell import cell, json_line, line
from connector.host.redaction import REDACTOR
from mappings.names import LOSSES_SHOWN, SIDES_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from connector.cli.output.terminal import Terminal
    from state.records import Conflict

_GAP = "  "
_DRAWN_GAP = 3
_SPOKEN = {**SIDES_SHOWN, **LOSSES_SHOWN, "put_aside": "set aside", "left": "not reached"}
"""What programs know by another name."""
_WIDEST_COLUMN = 60  # a longer cell is printed whole, but does not push the others to the right


class Table:
    """A title, the names of the columns, and rows of cells; a cell may be a tuple of lines."""

    def __init__(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        self.title = line(title)
        self.columns = list(columns)
        self.rows = [[_lines(found) for found in row] for row in rows]

    def fits(self, width: int) -> bool:
        """Tell whether no word, and so no id, has to be cut on so many columns."""
        return sum(self.longest_words()) + _DRAWN_GAP * (len(self.columns) - 1) <= width

    def longest_words(self) -> list[int]:
        """Return how wide each column must be at least."""
        columns = zip(self.columns, *(map(" ".join, row) for row in self.rows), strict=True)
        return [max(map(len, " ".join(cells).split()), default=0) for cells in columns]

    def listed(self) -> Iterator[str]:
        """Yield a row as lines, each with the name of its column."""
        wide = max(map(len, self.columns))
        yield self.title
        for row in self.rows:
            mark = "- "
            for name, lines in zip(self.columns, row, strict=True):
                if any(lines):
                    yield f"{mark}{name:{wide}}  {'; '.join(lines)}"
                    mark = "  "

    def aligned(self) -> list[str]:
        """Return a line a row, with the columns under each other."""
        rows = [self.columns, *(["; ".join(lines) for lines in row] for row in self.rows)]
        widths = [min(_WIDEST_COLUMN, max(map(len, column))) for column in zip(*rows, strict=True)]
        padded = (
            _GAP.join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )
        return [self.title, *padded]

    def tabbed(self) -> list[str]:
        """Return a line a row, with tabs between the cells."""
        rows = ("\t".join("; ".join(lines) for lines in row) for row in self.rows)
        return [f"# {self.title}", "# " + "\t".join(self.columns), *rows]


def _lines(value: object) -> list[str]:
    parts = value if isinstance(value, tuple) else ("" if value is None else value,)
    return [told for part in parts if (told := _clean(part))] or [""]


def _clean(value: object) -> str:
    return cell(REDACTOR.clean(str(value)))


@dataclass(frozen=True, slots=True)
class Fact:
    """A name with what is known of it in a line, or in several under each other."""

    name: str
    lines: tuple[str, ...]
    width: int = 13
    indent: str = ""

    def shown(self) -> Iterator[str]:
        """Yield the lines for a person, their beginnings under each other."""
        for name, told in zip_longest((self.name,), self.lines, fillvalue=""):
            yield f"{self.indent}{name:{self.width}}{told}"

    def tabbed(self) -> str:
        """Return one row for a program."""
        told = "; ".join(filter(None, map(_clean, self.lines)))
        return f"{self.name}\t{told}"


class Screen:
    """Where a command prints for people; nothing that it is given can act on a terminal."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self._terminal = _terminal() if sys.stdout.isatty() and not plain else None

    @property
    def drawing(self) -> bool:
        """Tell whether a person reads this on a terminal."""
        return self._terminal is not None

    def print(self, told: object, *, style: str = "", styled: int = 0) -> None:
        """Print a table, a fact, or a text as one line, whose beginning may have a style on a terminal."""
        if isinstance(told, Table):
            self._print_table(told)
        elif isinstance(told, Fact) and self._plain:
            sys.stdout.write(f"{told.tabbed()}\n")
        else:
            for text in told.shown() if isinstance(told, Fact) else (str(told),):
                self._print_line(line(REDACTOR.clean(text)), style, styled)

    def tell_next(self, command: str) -> None:
        """Say what to type next: for a person, never in the rows of a program."""
        if not self._plain:
            self._print_line(f"Next: {line(command)}")

    def _print_line(self, text: str, style: str = "", styled: int = 0) -> None:
        if self._terminal is None:
            sys.stdout.write(f"{text}\n")
        else:
            self._terminal.print_line(text, style, styled)

    def _print_table(self, table: Table) -> None:
        if not table.rows and not self._plain:
            self._print_line(f"{table.title}: none")
        elif self._terminal is None:
            for shown in table.tabbed() if self._plain else table.aligned():
                sys.stdout.write(f"{shown}\n")
        elif table.fits(self._terminal.width):
            self._terminal.print_table(table)
        else:
            for told in table.listed():
                self._print_line(told)


def _terminal() -> Terminal:
    from connector.cli.output.terminal import Terminal  # noqa: PLC0415 - a timer's run draws nothing

    return Terminal()


def console() -> Screen:
    """Return the screen that the options of this call ask for."""
    context = click.get_current_context(silent=True)
    return Screen(plain=bool(getattr(context.obj, "plain", False)) if context else False)


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on stdout, with the exit code 0 unless it says another."""
    sys.stdout.write(json_line(REDACTOR.clean_data({"exit_code": 0, **value})) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a table."""
    return Table(title, columns, rows)


def print_run(report: Mapping[str, object]) -> None:
    """Print how a run went."""
    out = console()
    conversations, writes, requests = (report[key] for key in ("conversations", "writes", "requests"))
    parts = report["parts"]
    out.print(f"{report['command']} {report['run_id']}: {words(conversations)}")
    if isinstance(first := report.get("first"), dict):
        looked_at = counted(first["created"], "conversation")
        out.print(_fact("first", f"{looked_at} of these, looked at before the rest: run {first['run_id']}"))
    out.print(_fact("parts", _sum(report["parts_seen"], parts, report["parts_waiting"])))
    if losses := report["losses"]:
        out.print(_fact("not shown", words(losses)))
    out.print(_fact("requests", words(requests)))
    out.print(_fact("writes", words(writes)))
    notices = report["notices"]
    if isinstance(notices, list):
        news = [notice for notice in notices if notice["severity"] == Severity.INFORMATION]
        _print_notices(out, "needs attention:", [notice for notice in notices if notice not in news])
        _print_notices(out, "information:", news)


def _fact(name: str, told: str) -> Fact:
    return Fact(name, (told,), width=10, indent="  ")


def _print_notices(out: Screen, title: str, notices: Sequence[Mapping[str, Any]]) -> None:
    if notices:
        out.print(title)
    for notice in notices:
        out.print(f"  - {notice['sentence']}")
        for link in filter(None, notice["links"].values()):
            out.print(f"    {link}")
        if notice["new"]:
            out.print(f"    -> {notice['remedy']}")


def _sum(seen: object, parts: object, waiting: object) -> str:
    """Return what became of the parts that were seen; the figures add up."""
    if not seen:
        return "nothing new"
    waits = f"waiting {waiting}" if waiting else ""
    return f"{seen} = {', '.join(filter(None, (words(parts), waits)))}"


def tell_page(target: Path, size: int, *, as_json: bool) -> None:
    """Say where a page was written, and with JSON how large it is."""
    if as_json:
        print_json({"file": str(target), "bytes": size})
    else:
        click.echo(f"{line(target)} written; open it in a browser")


def iso(at: object) -> str | None:
    """Return seconds since 1970 as an ISO date-time in UTC; None for no time."""
    if not isinstance(at, float | int):
        return None
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def conflict_rows(found: Iterable[Conflict]) -> list[dict[str, object]]:
    """Return conflicts as plain data."""
    return [
        {
            "at": iso(conflict.at),
            "dashly": conflict.dashly_id,
            "intercom": conflict.intercom_id,
            "register": conflict.register,
            "dashly_value": conflict.dashly,
            "intercom_value": conflict.intercom,
            "winner": conflict.winner,
            "rule": conflict.rule,
        }
        for conflict in found
    ]


def print_conflicts(rows: Sequence[Mapping[str, object]]) -> None:
    """Print conflicts as ``conflict_rows`` gives them, one a line."""
    out = console()
    if rows:
        out.print("conflicts, newest first:")
    for row in rows:
        out.print(
            "  - {at} Dashly {dashly} = Intercom {intercom}: {register} was {dashly_value} in Dashly and "
            "{intercom_value} in Intercom; {kept} ({rule})".format(**row, kept=_kept(row["winner"]))
        )


def _kept(winner: object) -> str:
    return f"the one in {SIDES_SHOWN[str(winner)]} was kept" if winner else "neither was kept"


def words(value: object) -> str:
    """Return a mapping as words, anything else as it is."""
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{_SPOKEN.get(key, key)} {words(inner)}" for key, inner in value.items())
