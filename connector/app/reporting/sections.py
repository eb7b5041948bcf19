"""The tables of the report below its plots. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.app.reporting.meanings import LOSSES
from connector.app.reporting.plots import NOTHING
from connector.host.amounts import counted
from mappings.model import LossKind, Side
from mappings.names import LOSSES_SHOWN, SIDES_SHOWN, TITLES
from mappings.table import DEFAULT
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connector.app.reporting.facts import Facts
    from mappings.model import Seconds

_MOST_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table with a title; ``otherwise`` is told when it has no rows.

    ``numbers`` are the columns that hold counts and ids.
    """

    anchor: str
    title: str
    otherwise: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    numbers: frozenset[int] = frozenset()
    remark: str = ""


def sections(facts: Facts) -> Iterator[Section]:
    """Yield the tables in their order: what waits for a person first."""
    yield _attention(facts)
    yield _quarantine(facts)
    yield _conflicts(facts)
    yield _unmapped(facts)
    yield _backfills(facts)
    for side in Side:
        yield _fates(facts, side)
    yield losses(facts.losses.items(), "Losses: what the other side does not show")
    yield _runs(facts)


def when(at: Seconds | None) -> str:
    """Return a time to the minute, in UTC."""
    return NOTHING if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _attention(facts: Facts) -> Section:
    return Section(
        anchor="attention",
        title="Needs attention",
        otherwise="Nothing.",
        head=("what runs of the last seven days reported", "when"),
        rows=cut((told.sentence, when(told.at)) for told in facts.status.attention),
    )


def _quarantine(facts: Facts) -> Section:
    items = facts.status.quarantine
    return Section(
        anchor="quarantine",
        title="Quarantine",
        otherwise="Empty.",
        head=("number", "why", "since", "tried", "again", "Dashly", "Intercom", "part"),
        rows=cut(
            (
                str(item.id),
                item.reason,
                when(item.first_at),
                counted(item.attempts, "time"),
                "by a person" if item.retry_at is None else when(item.retry_at),
                item.dashly_id or NOTHING,
                item.intercom_id or NOTHING,
                item.part or "whole conversation",
            )
            for item in items
        ),
        numbers=frozenset({0, *range(2, 8)}),
        remark="" if not items else "connector quarantine show NUMBER says what to do.",
    )


def _conflicts(facts: Facts) -> Section:
    shown, kept = len(facts.conflicts), facts.status.conflicts
    return Section(
        anchor="conflicts",
        title="Conflicts",
        otherwise="None: no field was changed differently on both sides.",
        head=("when", "Dashly", "Intercom", "field", "Dashly showed", "Intercom showed", "kept", "by"),
        rows=tuple(
            (
                when(one.at),
                one.dashly_id or NOTHING,
                one.intercom_id or NOTHING,
                one.register,
                one.dashly,
                one.intercom,
                SIDES_SHOWN.get(one.winner or "", NOTHING),
                one.rule,
            )
            for one in facts.conflicts
        ),
        numbers=frozenset(range(4)),
        remark=f"The newest {shown} of {kept}." if kept > shown else "",
    )


def _unmapped(facts: Facts) -> Section:
    return Section(
        anchor="unmapped",
        title="People without a counterpart",
        otherwise="Everybody seen so far has one.",
        head=("side", "id", "name", "address"),
        rows=cut(
            (TITLES[side], agent.id, agent.name, agent.email or NOTHING)
            for side in Side
            for agent in facts.unmapped[side]
        ),
        numbers=frozenset({0, 1}),
        remark="Their words are written by the default teammate with their name in front; "
        "[map.admins] names who they are.",
    )


def _backfills(facts: Facts) -> Section:
    """Account for history: each day on which it was copied, and the sum."""
    found = {day: totals["backfill"] for day, totals in facts.days.items() if "backfill" in totals}
    rows = [_account(day, totals) for day, totals in reversed(found.items())]
    if len(rows) > 1:
        whole: dict[str, Counter[str]] = {"parts": Counter(), "conversations": Counter()}
        for totals in found.values():
            for name, sums in whole.items():
                sums.update(totals.get(name, {}))
        rows.insert(0, _account("all", whole))
    known = facts.status.backfill
    remark = ""
    if known is not None:
        remark = (
            f"The newest one, from {TITLES[known.side]}, began {when(known.started)}: "
            f"{facts.status.backfill_done} done, {known.aside} set aside, {facts.status.backfill_left} left."
        )
    return Section(
        anchor="history",
        title="History: what became of each part",
        otherwise="No history was copied yet.",
        head=("day", "conversations made", "parts", *(one.value for one in Disposition)),
        rows=tuple(rows),
        numbers=frozenset(range(1, len(Disposition) + 3)),
        remark=remark,
    )


def _account(day: str, totals: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    parts = totals.get("parts", {})
    made = totals.get("conversations", {}).get("created", 0)
    counts = (made, sum(parts.values()), *(parts.get(one.value, 0) for one in Disposition))
    return (day, *(f"{count:,}" for count in counts))


def _fates(facts: Facts, side: Side) -> Section:
    types: dict[str, Counter[Disposition]] = {}
    for fate in facts.fates:
        if fate.side is side:
            types.setdefault(fate.type, Counter())[fate.disposition] += fate.count
    shown = [one for one in Disposition if any(one in counts for counts in types.values())]
    return Section(
        anchor=f"parts-{side.value}",
        title=f"Parts of {TITLES[side]}, by type",
        otherwise="None yet.",
        head=("what it is", f"type in {TITLES[side]}", "parts", *(one.value for one in shown)),
        rows=cut(
            (
                " + ".join(DEFAULT.row(side, kind).means),
                kind or "nameless",
                f"{counts.total():,}",
                *(f"{counts[one]:,}" for one in shown),
            )
            for kind, counts in sorted(types.items(), key=lambda row: -row[1].total())
        ),
        numbers=frozenset(range(2, len(shown) + 3)),
    )


def losses(found: Iterable[tuple[LossKind, int]], title: str) -> Section:
    """Return the table of what the other side does not show, with what each kind means."""
    return Section(
        anchor="losses",
        title=title,
        otherwise="None.",
        head=("what", "times", "kind"),
        rows=tuple((LOSSES[kind], f"{count:,}", LOSSES_SHOWN[kind]) for kind, count in found),
        numbers=frozenset({1}),
    )


def _runs(facts: Facts) -> Section:
    return Section(
        anchor="runs",
        title="Last runs",
        otherwise="No run yet.",
        head=("run", "command", "started", "ended", "exit code"),
        rows=tuple(
            (
                str(run["id"]),
                str(run["command"]),
                when(_seconds(run["started"])),
                when(_seconds(run["finished"])) if run["finished"] else "killed or running",
                NOTHING if run["exit_code"] is None else str(run["exit_code"]),
            )
            for run in facts.status.runs
        ),
        numbers=frozenset(range(5)),
    )


def _seconds(value: object) -> float:
    return float(str(value))


def cut(rows: Iterator[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return as many rows as a person reads; the last one says how many more there are."""
    found = tuple(rows)
    if len(found) <= _MOST_ROWS:
        return found
    more = (f"and {len(found) - _MOST_ROWS:,} more", *("" for _ in found[0][1:]))
    return (*found[:_MOST_ROWS], more)
