"""The page over all pairs of a fleet: the table of `fleet status`, and what their state files sum up to."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.app.reporting import plots
from connector.app.reporting.page import Page, Tile, plots_of, render_page
from connector.app.reporting.sections import Section, cut, when
from connector.app.reporting.target import refuse_target, write_page
from connector.app.status import status
from connector.config.place import place_of
from connector.errors import ConnectorError
from connector.fleet.machine import machine_of
from connector.fleet.overview import Mark
from connector.fleet.pairs import Pairs
from connector.host.amounts import age, counted
from mappings.model import Side
from mappings.names import TITLES
from state.counts.figures import Figures, summed
from state.errors import StateError
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from connector.app.status import Status
    from connector.fleet.overview import Overview, PairView
    from connector.fleet.pairs import Pair
    from connector.host.clock import Clock
    from state.counts.figures import Totals

Days = dict[str, dict[str, "Totals"]]


@dataclass(frozen=True, slots=True)
class PairFacts:
    """What the state file of a pair says; ``status`` is None for one that cannot be read."""

    view: PairView
    status: Status | None = None
    days: Mapping[str, Mapping[str, Totals]] = field(default_factory=dict)


def write_fleet_page(found: Overview, clock: Clock, target: Path) -> int:
    """Write the page and return its size; ConfigError or DiskFailed when the file cannot be written."""
    refuse_target(target)
    pairs = Pairs(found.folder)
    pairs.look()
    known = [_facts(view, pairs, clock) for view in found.ill_first]
    return write_page(target, render_page(page_of(found, known)))


def page_of(found: Overview, known: list[PairFacts]) -> Page:
    """Return the page of a fleet. Pure."""
    waits = sum(found.counts[mark] for mark in (Mark.ILL, Mark.RESTING))
    return Page(
        name=f"fleet of {counted(len(found.pairs), 'pair')}",
        subjects=(f"All pairs of {found.folder}",),
        known_by="fleet and their state files know them",
        made=when(found.now),
        condition="Not healthy" if waits else "Healthy",
        healthy=not waits,
        verdict=f"{counted(waits, 'pair')} not in step" if waits else found.runner,
        hint="connector fleet check" if waits else "",
        made_by="connector fleet status --html",
        tiles=tuple(_tiles(found, [one.status for one in known if one.status is not None])),
        plots=plots_of(_all_days(known), found.now),
        sections=(_pairs(found), _trouble(found), _attention(known), _parts(known)),
    )


def _facts(view: PairView, pairs: Pairs, clock: Clock) -> PairFacts:
    try:
        return _read(view, pairs.pair(view.name), clock)
    except (ConnectorError, StateError, LookupError):
        return PairFacts(view)  # the table says what is wrong with it; its file may be gone meanwhile


def _read(view: PairView, pair: Pair, clock: Clock) -> PairFacts:
    config, machine = pair.usable(), machine_of(pair.file, clock)
    known = status(config, machine)
    with closing(machine.open_state(place_of(config))) as store:
        return PairFacts(view, known, Figures(store.file).by_day())


def _all_days(known: list[PairFacts]) -> Days:
    found: Days = {}
    for one in known:
        for day, commands in one.days.items():
            sums = found.setdefault(day, {})
            for command, totals in commands.items():
                sums[command] = summed({"before": sums.get(command, {}), "of this pair": totals})
    return dict(sorted(found.items()))


def _tiles(found: Overview, known: list[Status]) -> Iterator[Tile]:
    for mark, number in found.counts.items():
        yield Tile(f"pairs: {mark}", plots.number(number))
    lags = [lag for view in found.pairs for lag in view.lag.values() if lag is not None]
    yield Tile("longest lag", age(max(lags)) if lags else plots.NOTHING)
    yield Tile("conversations in step", plots.number(sum(one.pairs.get("linked", 0) for one in known)))
    yield Tile("parts accounted for", plots.number(sum(sum(one.parts.values()) for one in known)))
    yield Tile("open writes", plots.number(sum(one.open_intents for one in known)))
    yield Tile("in quarantine", plots.number(sum(len(one.quarantine) for one in known)))


def _pairs(found: Overview) -> Section:
    return Section(
        anchor="pairs",
        title="Pairs",
        otherwise="None.",
        head=("pair", "health", *(f"lag of {TITLES[side]}" for side in Side), "last failure", "next pass"),
        rows=tuple(
            (
                view.name,
                view.mark.value,
                *(plots.NOTHING if lag is None else age(lag) for lag in view.lag.values()),
                view.failed_last(found.now) or plots.NOTHING,
                found.next_pass(view) or plots.NOTHING,
            )
            for view in found.ill_first
        ),
    )


def _trouble(found: Overview) -> Section:
    rows = ((one.name, one.why, one.hint) for one in found.ill_first if one.mark is not Mark.WELL)
    return Section(
        anchor="trouble",
        title="Not in step",
        otherwise="All are.",
        head=("pair", "why", "what to do"),
        rows=tuple(rows),
    )


def _attention(known: list[PairFacts]) -> Section:
    return Section(
        anchor="attention",
        title="Needs attention",
        otherwise="Nothing.",
        head=("pair", "what runs of the last seven days reported", "when"),
        rows=cut(
            (one.view.name, told.sentence, when(told.at))
            for one in known
            if one.status is not None
            for told in one.status.attention
        ),
    )


def _parts(known: list[PairFacts]) -> Section:
    return Section(
        anchor="parts",
        title="What became of each part",
        otherwise="No state file can be read.",
        head=("pair", "conversations", "parts", *(one.value for one in Disposition), "in quarantine"),
        rows=tuple(
            (
                one.view.name,
                f"{sum(one.status.pairs.values()):,}",
                f"{sum(one.status.parts.values()):,}",
                *(f"{one.status.parts.get(kind, 0):,}" for kind in Disposition),
                f"{len(one.status.quarantine):,}",
            )
            for one in known
            if one.status is not None
        ),
        numbers=frozenset(range(1, len(Disposition) + 4)),
    )
