"""The report as one self-contained page of HTML. Pure: the same facts give the same page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from connector.app.reporting import plots
from connector.app.reporting.daily import daily
from connector.app.reporting.sections import Section, sections, when
from connector.config.file import DEFAULT_FILE
from connector.host.amounts import age, counted
from connector.host.cell import cell, line
from mappings.model import Side
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.app.reporting.daily import Daily
    from connector.app.reporting.facts import Facts
    from connector.app.reporting.plots import Plot
    from mappings.model import Seconds
    from state.counts.figures import Totals

_MINUTES_A_DAY = 1440
_LEAST_SHOWN = 0.001


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of now."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the template shows; ``healthy`` None is neither good nor bad."""

    name: str
    subjects: tuple[str, ...]
    known_by: str = "state file knows them"
    made: str
    condition: str
    healthy: bool | None
    verdict: str
    hint: str
    made_by: str
    tiles: tuple[Tile, ...]
    plots: tuple[Plot, ...]
    sections: tuple[Section, ...]


def render(facts: Facts) -> str:
    """Return the page of a pair."""
    return render_page(_page(facts))


def render_page(page: Page) -> str:
    """Return a page as HTML."""
    here = files("connector.app.reporting")
    # Names, reasons and errors come from strangers: nothing of theirs is markup.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    environment.filters.update(line=line, cell=cell)
    template = environment.from_string(here.joinpath("page.html.j2").read_text(encoding="utf-8"))
    style = here.joinpath("page.css").read_text(encoding="utf-8")
    return template.render(page=page, style=style) + "\n"


def _page(facts: Facts) -> Page:
    now = facts.status
    health = now.health
    since = "" if health.since is None else f"since {when(health.since)} ({age(now.now - health.since)})"
    workspaces = {side: now.workspaces[side] or "not bound yet" for side in Side}
    pair = " and ".join(f"{TITLES[side]} {workspaces[side]}" for side in Side)
    return Page(
        # The name that every pair has that was given none says nothing.
        name=pair if facts.name == Path(DEFAULT_FILE).stem else f"{facts.name}: {pair}",
        subjects=(),
        made=when(now.now),
        condition=health.condition.capitalize(),
        healthy=None if health.since is None else health.healthy,
        verdict=": ".join(filter(None, (since, health.why))),
        hint="" if health.healthy else health.hint or "connector doctor",
        made_by="connector report --html",
        tiles=tuple(_tiles(facts)),
        plots=plots_of(facts.days, now.now, lambda found: _budget(found, facts)),
        sections=tuple(sections(facts)),
    )


def _tiles(facts: Facts) -> list[Tile]:
    now = facts.status
    lags = [
        Tile(f"lag of {TITLES[side]}", "not bound" if at is None else age(now.now - at))
        for side, at in now.watermarks.items()
    ]
    return [
        *lags,
        Tile("pairs in step", plots.number(now.pairs.get("linked", 0))),
        Tile("parts accounted for", plots.number(sum(now.parts.values()))),
        Tile("open writes", plots.number(now.open_intents)),
        Tile("in quarantine", plots.number(len(now.quarantine))),
        Tile("conflicts kept", plots.number(now.conflicts)),
        Tile("requests to Dashly, last minute", f"{now.used} of {now.limit:,}"),
    ]


def plots_of(
    days: Mapping[str, Mapping[str, Totals]], now: Seconds, budget: Callable[[Daily], str] = lambda _: ""
) -> tuple[Plot, ...]:
    """Return the figures of each day as plots; ``budget`` is told with the requests."""
    found = daily(days, datetime.fromtimestamp(now, UTC).date())
    behind = "How far behind each side was, as an average of the day."
    return (
        plots.bars("Runs, by how they ended", "endings", found.days, found.endings()),
        plots.lines("Lag at the end of a run", "sides", found.days, found.lag(), behind),
        plots.bars("Parts dealt with", "parts", found.days, found.live()),
        plots.bars("Parts of history", "parts", found.days, found.history()),
        plots.bars("Requests", "sides", found.days, found.requests(), budget(found)),
    )


def _busiest(days: int) -> str:
    return "The one day shown" if days == 1 else f"The busiest of {counted(days, 'day')}"


def _budget(found: Daily, facts: Facts) -> str:
    """Return how the busiest day compares with what Dashly allows."""
    allowed = facts.status.limit * _MINUTES_A_DAY
    dashly = next(one for one in found.requests() if one.name == TITLES[Side.DASHLY])
    most = max((value for value in dashly.values if value is not None), default=0.0)
    used = f"{most / allowed:.1%}" if most / allowed >= _LEAST_SHOWN else f"less than {_LEAST_SHOWN:.1%}"
    return (
        f"Dashly takes {plots.number(facts.status.limit)} requests a minute, {plots.number(allowed)} a day. "
        f"{_busiest(len(found.days))} used {used} of that."
    )
