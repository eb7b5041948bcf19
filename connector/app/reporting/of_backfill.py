"""The page of one backfill: what became of every conversation and part, and what is lost. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.app.reporting.meanings import DISPOSITIONS
from connector.app.reporting.page import Page, Tile
from connector.app.reporting.plots import NOTHING, number
from connector.app.reporting.sections import Section, losses, when
from connector.host.amounts import age, counted
from mappings.model import Side
from mappings.names import TITLES
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.app.runs import RunResult


def page_of(result: RunResult, source: Side, dashly: str) -> Page:
    """Return the page of a backfill that ended."""
    report, error = result.report, result.error
    return Page(
        name=f"backfill {report.run_id}, from {TITLES[source]}",
        subjects=(f"Dashly {dashly}", f"Intercom {result.links.workspace or NOTHING}"),
        made=when(result.finished),
        condition="Done" if error is None else "Not finished",
        healthy=error is None,
        verdict=str(error or f"it took {age(result.finished - report.started)}"),
        hint=(error.hint or "") if error is not None else "",
        made_by="connector backfill --report",
        tiles=tuple(_tiles(result)),
        plots=(),
        sections=(
            _conversations(result),
            _parts(result),
            losses(report.losses.most_common(), "Losses: what the other side does not show"),
            _attention(result),
        ),
    )


def _tiles(result: RunResult) -> Iterator[Tile]:
    yield Tile("conversations created", number(result.report.created))
    yield Tile("parts seen", number(result.report.parts.total() + result.report.parts_waiting))
    for side in Side:
        yield Tile(f"requests to {TITLES[side]}", number(result.requests[side]))
        yield Tile(f"writes to {TITLES[side]}", number(result.writes[side]))


def _conversations(result: RunResult) -> Section:
    account = result.report.account
    rows = () if account is None else account.as_data().items()
    words = {
        "chosen": ("chosen", "to be carried over: the sum of the others"),
        "done": ("done", "in step"),
        "put_aside": ("set aside", "failed, or in quarantine; listed below"),
        "left": ("not reached", "the same command continues with them"),
    }
    return Section(
        anchor="conversations",
        title="Conversations",
        otherwise="The run ended before it knew them.",
        remark=""
        if result.first is None
        else f"{counted(result.first.created, 'conversation')} of these, looked at before the rest: run "
        f"{result.first.run_id}.",
        head=("what", "conversations", "which means"),
        rows=tuple((words[what][0], f"{count:,}", words[what][1]) for what, count in rows),
        numbers=frozenset({1}),
    )


def _parts(result: RunResult) -> Section:
    report = result.report
    rows = [
        (one.value, f"{report.parts[one]:,}", DISPOSITIONS[one]) for one in Disposition if report.parts[one]
    ]
    if report.parts_waiting:
        rows.append(
            ("waiting", f"{report.parts_waiting:,}", "newer than the past, or with a conversation that waits")
        )
    seen = report.parts.total() + report.parts_waiting
    if rows:
        rows.insert(0, ("all", f"{seen:,}", "seen in this run for the first time: the sum of the others"))
    return Section(
        anchor="parts",
        title="What became of each part",
        otherwise="No part was new.",
        head=("disposition", "parts", "which means"),
        rows=tuple(rows),
        numbers=frozenset({1}),
    )


def _attention(result: RunResult) -> Section:
    return Section(
        anchor="attention",
        title="Needs attention",
        otherwise="Nothing.",
        head=("what", "what to do"),
        rows=tuple((one.sentence(), one.meaning.remedy) for one in result.report.notices),
    )
