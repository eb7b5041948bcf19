"""Looking without touching: what a run would do, how both sides compare, who has no counterpart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from connector.app.machine.standing_in import read_from_file, refuse_foreign
from connector.app.runs import dry_run
from connector.engine.inspect import cautions
from connector.engine.inspect.duration import MINUTE, lasting
from connector.engine.inspect.forecast import Forecast, forecast_backfill, forecast_sync
from connector.engine.inspect.gaps import Gaps, find_gaps, read_shown
from connector.engine.inspect.quick import compare_lists
from connector.engine.inspect.scope import COMPARED, Finding, Verdict, Wanted, verify_all
from connector.host.progress import Work
from connector.http.adaptive import ALLOWED, PERIOD
from connector.http.turns import Priority, priority
from connector.intercom.versions import Version
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.app.machine.environment import Environment
    from connector.config.model import Config
    from connector.engine.inspect.duration import Duration
    from connector.engine.inspect.verify import Difference
    from connector.engine.past.choice import Choice
    from connector.engine.sync.run import Run


EVERYTHING = Wanted()
LOOKED_AT = 50
"""Of so many conversations the customers are asked for by their addresses: one page of Dashly's list."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run would do, and what it would cost: API calls by side, and how long they take.

    ``degraded`` says in sentences what the configured version of Intercom's API cannot do, ``cautions`` what
    to know before it is done.
    """

    forecast: Forecast
    duration: Duration
    degraded: tuple[str, ...]
    cautions: tuple[str, ...] = ()

    @property
    def requests(self) -> Mapping[Side, int]:
        """Return the API calls by side."""
        return self.duration.requests


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
        return _planned(run, forecast_backfill(run, choice))


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
    return Planned(forecast, lasting(requests, a_minute, every), tuple(lost), tuple(_cautions(run, forecast)))


def _cautions(run: Run, forecast: Forecast) -> Iterator[str]:
    if forecast.by_email:
        matched = run.reader.identification.match_email
        yield cautions.of_addresses(forecast.by_email, matched=matched)
    if forecast.in_chats:
        yield cautions.of_copies_in_chats(forecast.in_chats)


@dataclass(frozen=True, slots=True)
class Verified:
    """How both sides compare: how many conversations have each verdict, and all that are not simply equal."""

    verdicts: Mapping[Verdict, int]
    findings: tuple[Finding, ...]

    @property
    def pairs(self) -> int:
        """Return how many pairs were compared."""
        return sum(self.verdicts.get(verdict, 0) for verdict in COMPARED)

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the conversations with a verdict; of equal ones only those with known differences."""
        return tuple(one for one in self.findings if one.verdict is verdict)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Return what should agree and does not."""
        return tuple(one for finding in self.findings for one in finding.differences if not one.known)

    @property
    def known(self) -> tuple[Difference, ...]:
        """Return what is known, and cannot be shown on the other side."""
        return tuple(one for finding in self.findings for one in finding.differences if one.known)

    @property
    def exit_code(self) -> int:
        """Return 1 when anything differs, or is missing without a reason that people gave."""
        return 0 if all(one.explained for one in self.findings) else 1


def verify(
    config: Config, environment: Environment, wanted: Wanted = EVERYTHING, *, quick: bool = False
) -> Verified:
    """Compare the wanted pairs that are kept in step, and name every other conversation of both sides.

    A ``quick`` look is at lists only.
    """
    verdicts: Counter[Verdict] = Counter()
    kept: list[Finding] = []
    with dry_run(config, environment, Work.VERIFY) as run, priority(Priority.VERIFY):
        if wanted == EVERYTHING:
            run.parties.listener.due(sum(run.store.pairs.counts().values()))
        for number, finding in enumerate(
            compare_lists(run, wanted.since) if quick else verify_all(run, wanted)
        ):
            run.parties.listener.done(number)
            verdicts[finding.verdict] += 1
            # What is simply equal is counted only: memory must not grow with the workspace.
            if finding.verdict is not Verdict.EQUAL or finding.differences:
                kept.append(finding)
    return Verified(verdicts, tuple(kept))


def check_mapping(config: Config, environment: Environment) -> Gaps:
    """Return who and what has no counterpart, and which entries of ``[map]`` cannot work."""
    with dry_run(config, environment, Work.MAPPING) as run:
        met = {side: run.store.people.agents(side) for side in Side}
        gaps = find_gaps(read_shown(run.store, run.helpdesks), met, config.map, run.policy)
        newest = islice(run.helpdesks[Side.DASHLY].changed_since(0.0), LOOKED_AT)
        users = [talk.customer for talk in newest if talk.customer is not None]
        return replace(gaps, by_email=cautions.matches_by_email(run.reader.identification, users))
