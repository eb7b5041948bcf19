"""Looking without touching: what a run would do, and who has no counterpart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from connector.app.machine.standing_in import read_from_file, refuse_foreign
from connector.app.rails import change_of
from connector.app.runs import dry_run
from connector.engine.inspect import cautions
from connector.engine.inspect.duration import MINUTE, lasting
from connector.engine.inspect.forecast import Forecast, forecast_backfill, forecast_sync
from connector.engine.inspect.gaps import Gaps, find_gaps, read_shown
from connector.host.progress import Work
from connector.http.adaptive import ALLOWED, PERIOD
from connector.intercom.versions import Version
from mappings.model import Side
from state.records import Queue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.app.machine.environment import Environment
    from connector.config.model import Config
    from connector.engine.inspect.duration import Duration
    from connector.engine.past.choice import Choice
    from connector.engine.sync.mapping_change import MappingChanged
    from connector.engine.sync.run import Run


LOOKED_AT = 50
"""Of so many conversations the customers are asked for by their addresses: one page of Dashly's list."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run would do, and what it would cost: API calls by side, and how long they take.

    ``degraded`` says in sentences what the configured version of Intercom's API cannot do, ``cautions`` what
    to know before it is done. ``left`` counts the conversations that an earlier backfill has not finished.
    ``changed`` is the mapping that stops the run until it is accepted.
    """

    forecast: Forecast
    duration: Duration
    degraded: tuple[str, ...]
    cautions: tuple[str, ...] = ()
    left: int = 0
    changed: MappingChanged | None = None

    @property
    def requests(self) -> Mapping[Side, int]:
        """Return the API calls by side."""
        return self.duration.requests

    @property
    def writes_nothing(self) -> bool:
        """Tell whether nothing would be written on either side."""
        return not self.forecast.conversations and not self.left


def plan_sync(config: Config, environment: Environment) -> Planned:
    """Return what a sync would do now."""
    with dry_run(config, environment, Work.SYNC, shown=Work.PLAN) as run:
        return _planned(run, forecast_sync(run))


def plan_backfill(config: Config, environment: Environment, choice: Choice) -> Planned:
    """Return what a backfill of the chosen conversations would do."""
    with (
        read_from_file(environment, choice) as (seen, archive),
        dry_run(config, seen, Work.BACKFILL, shown=Work.PLAN) as run,
    ):
        refuse_foreign(run, archive)
        planned = _planned(run, forecast_backfill(run, choice))
        return replace(planned, left=run.store.pairs.count_due(Queue.BACKFILL))


def _planned(run: Run, forecast: Forecast) -> Planned:
    config = run.parties.config
    requests = forecast.requests({side: run.helpdesks[side].usage.requests for side in Side})
    version, tags_elsewhere = (
        Version.parse(config.intercom.api_version),
        bool(config.intercom.tag_api_version),
    )
    lost = version.shortcomings(loud_mirror=config.intercom.loud_mirror, tags_elsewhere=tags_elsewhere)
    a_minute = {
        Side.DASHLY: float(config.dashly.requests_per_minute),
        Side.INTERCOM: ALLOWED / PERIOD * MINUTE,
    }
    every = config.sync.every if run.command == Work.BACKFILL else None
    changed = change_of(run.parties)
    told = tuple(_cautions(run, forecast, changed))
    return Planned(forecast, lasting(requests, a_minute, every), tuple(lost), told, changed=changed)


def _cautions(run: Run, forecast: Forecast, changed: MappingChanged | None) -> Iterator[str]:
    if changed is not None:
        yield f"{changed.change}; the next run stops with exit code {changed.exit_code:d} and writes nothing"
    if forecast.by_email:
        matched = run.reader.identification.match_email
        yield cautions.of_addresses(forecast.by_email, matched=matched)
    if forecast.in_chats:
        yield cautions.of_copies_in_chats(forecast.in_chats)


def check_mapping(config: Config, environment: Environment) -> Gaps:
    """Return who and what has no counterpart, and which entries of ``[map]`` cannot work."""
    with dry_run(config, environment, Work.MAPPING) as run:
        met = {side: run.store.people.agents(side) for side in Side}
        gaps = find_gaps(read_shown(run.store, run.helpdesks), met, config.map, run.policy)
        newest = islice(run.helpdesks[Side.DASHLY].changed_since(0.0), LOOKED_AT)
        users = [talk.customer for talk in newest if talk.customer is not None]
        return replace(gaps, by_email=cautions.matches_by_email(run.reader.identification, users))
