"""Opening a run: tokens, state file, lock, both sides; and how it ended. Any thread may open one."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connector.app.links import NO_LINKS, Links, links_of
from connector.app.machine.alone import alone
from connector.app.monitoring.alarms import KeptAlarms
from connector.app.monitoring.run_end import (
    Trouble,
    failed_before,
    lags,
    mark_new,
    new_trouble,
    outcome_of,
    standing,
    tell_end,
    told_when_it_cannot_begin,
    untold_trouble,
)
from connector.app.progress.meter import Meter, meter_of
from connector.app.rails import explained, refuse_unworkable
from connector.app.state_care import daily
from connector.config.place import place_of
from connector.engine.plan.notices import NoticeKind
from connector.engine.recover.rebuild import refuse_if_marked
from connector.engine.run.report import Report
from connector.engine.sync.beginning import begin
from connector.engine.sync.mapping_change import MappingChanged
from connector.engine.sync.run import Parties
from connector.engine.write.departure import Departures
from connector.errors import STOPPED, ConnectorError, ExitCode, RemoteError, Stopped, with_command
from connector.host.clock import SteadyClock
from connector.host.log import about
from connector.host.progress import Work
from connector.host.redaction import REDACTOR
from mappings.model import Side
from state import store as states
from state.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from connector.app.machine.environment import Environment, Tokens
    from connector.config.model import Config
    from connector.engine.sync.run import Run
    from mappings.model import Seconds
    from state.store import Store


_BY_A_STOP = {ExitCode.ATTENTION, ExitCode.FAILED}
"""Codes by which a run ends that dropped what it was at; any other says what no next run mends."""


@dataclass(frozen=True, slots=True)
class FirstLook:
    """The run that copied the first conversations of a backfill, to be looked at before the rest."""

    run_id: str
    created: int


@dataclass(frozen=True)
class RunResult:
    """How a run ended: what it did, what it cost, and the error that stopped it, if one did.

    ``news`` says for each notice of the report whether it was not reported before, ``lag`` how far
    behind each side was then, ``first`` what the run before it copied that belongs to the same command.
    """

    report: Report
    finished: Seconds
    requests: Mapping[Side, int]
    writes: Mapping[Side, int]
    error: ConnectorError | None = None
    news: tuple[bool, ...] = ()
    strict: bool = False
    stopped: bool = False
    links: Links = NO_LINKS
    lag: Mapping[Side, Seconds] = field(default_factory=dict)
    first: FirstLook | None = None

    @property
    def exit_code(self) -> int:
        """Return the documented exit code: a run that was asked to stop did not fail."""
        code = self._exit_code
        return ExitCode.CLEAN if self.stopped and code in _BY_A_STOP else code

    @property
    def _exit_code(self) -> int:
        """Return 1 for what is new, with ``strict`` also for what is known, unless an error says more."""
        if self.error is not None:
            return self.error.exit_code
        # Before what is new: a limit waits for a decision, known or not.
        if self.report.limited:
            return ExitCode.RAIL
        return self.report.exit_code if self.strict else int(any(self.news) or self.report.blocked > 0)

    @property
    def began(self) -> bool:
        """Tell whether the run got as far as looking at conversations."""
        return self.report.seen > 0

    def as_data(self) -> dict[str, object]:
        """Return the report as plain data, as `--json` prints it and the state file keeps it."""
        told = self.report.summary(
            finished=self.finished,
            exit_code=self.exit_code,
            requests={side.value: count for side, count in self.requests.items()},
            writes={side.value: count for side, count in self.writes.items()},
        )
        marked = zip(self.report.notices, self.news, strict=True)
        told["notices"] = [
            notice.as_data() | {"new": new, "links": self.links.of(notice.ids)} for notice, new in marked
        ]
        told["lag_seconds"] = {side.value: round(seconds) for side, seconds in self.lag.items()}
        if self.first is not None:
            told["first"] = {"run_id": self.first.run_id, "created": self.first.created}
        failed = {"error": str(self.error), "hint": self.error.next_step} if self.error else {}
        return REDACTOR.clean_report(told | failed)


@contextmanager
def opened(
    config: Config, environment: Environment, *, read_only: bool, meter: Meter | None = None
) -> Generator[Parties]:
    """Open the state file and both sides; StateError when there is no state file."""
    tokens = environment.tokens()
    if not states.exists(place_of(config)):
        # A lost file and one that was never made need opposite advice.
        _refuse_without_state(config, environment, tokens)
    clock = SteadyClock(environment.clock)
    with closing(environment.open_state(place_of(config))) as store:
        departures = Departures(store, clock)
        meter = meter or meter_of(config, environment, Work.SYNC)
        sides = environment.helpdesks(
            config,
            tokens,
            store.budgets,
            ours=store.our_people,
            before_write=departures.before_write,
            read_only=read_only,
            waits=meter.waiting,
            # A read-only command shows everything as it is now.
            lists=None if read_only else store.lists,
        )
        with sides as helpdesks, meter.counting(helpdesks):
            yield Parties(config, store, helpdesks, clock, departures, meter, meter.waiting)


def _refuse_without_state(config: Config, environment: Environment, tokens: Tokens) -> None:
    """Tell a lost state file (PersonNeeded) from one that was never made, where the remotes can be asked."""
    with environment.helpdesks(config, tokens, ours=environment.our_people()) as helpdesks:
        try:
            refuse_if_marked(helpdesks, environment.key())
        except RemoteError:
            return  # then the missing state file is reported


@contextmanager
def dry_run(
    config: Config, environment: Environment, command: Work, *, shown: Work | None = None
) -> Generator[Run]:
    """Open a run that can write nothing, ``shown`` as other work: its clients refuse all but reads."""
    meter = meter_of(config, environment, shown or command)
    with opened(config, environment, read_only=True, meter=meter) as parties:
        yield begin(parties, environment.new_run_id(), command.value, dry=True)


def carry_out(
    config: Config,
    environment: Environment,
    meter: Meter,
    work: Callable[[Run], None],
    *,
    accept: bool = False,
    strict: bool = False,
) -> RunResult:
    """Hold the lock, do one run, record how it ended, and send metrics and alerts.

    Locked when another run holds the lock, Hanging when that one does nothing any more.
    """
    with (
        told_when_it_cannot_begin(config, environment.pair, meter.work.value),
        alone(place_of(config), environment.clock) as lock,
        opened(config, environment, read_only=False, meter=meter) as parties,
    ):
        run_id, command = environment.new_run_id(), meter.work.value
        # From here on, a run that was suspended finds another name in the file and writes nothing more.
        lock.take_over(parties.store, run_id)
        record_steps(parties.store, environment, parties.clock)
        store, started = parties.store, parties.clock.now()
        store.runs.begin(run_id, command, started)
        with about(run=run_id):
            ended = _carried_out(parties, run_id, command, work, accept=accept)
            ended = _as_stopped(ended, environment.again)
            if ended.error is not None:
                again = environment.again or f"connector {command}"
                ended.error.hint = with_command(ended.error.next_step, again)
        # Marked after the run and inside the lock: two runs must not both report the same news.
        news = mark_new(KeptAlarms(store.meta), ended.report.notices, ended.finished)
        lag, links = lags(store, ended.finished), links_of(config, store)
        result = replace(ended, news=tuple(news), strict=strict, links=links, lag=lag)
        told = result.as_data()
        store.runs.finish(run_id, result.finished, result.exit_code, told)
        new = new_trouble(told, repeated=failed_before(store, result.exit_code))
        trouble = Trouble(new, untold_trouble(store, config.state.path))
        gauges = standing(store, result.finished)
        # After the run is recorded: a failing backup must not hide how it ended.
        daily(store, config.state, result.finished)
    # Outside the lock: a slow receiver holds up no other run.
    outcome = outcome_of(told, started, result.finished, environment.pair)
    tell_end(config, outcome, trouble, gauges)
    return result


def _as_stopped(ended: RunResult, again: str) -> RunResult:
    """Return the result of a run that left work because it was asked to stop as a stopped one."""
    unfinished = any(notice.kind is NoticeKind.STOPPED_EARLY for notice in ended.report.notices)
    if ended.stopped and (is_by_a_stop(ended.error) or (ended.error is None and unfinished)):
        return replace(ended, error=Stopped(STOPPED, hint=again))
    return ended


def is_by_a_stop(error: ConnectorError | None) -> bool:
    """Tell whether an error of work that was asked to stop says no more than that it was.

    Reads that were dropped fail like a side that is away. What needs a person is told in spite of the stop.
    """
    return error is not None and error.exit_code in (ExitCode.CLEAN, ExitCode.FAILED)


def record_steps(store: Store, environment: Environment, clock: SteadyClock) -> None:
    """Record in the state file when a step was last finished; a long wait consists of steps as well."""
    store.file.steps = Steps(environment.clock.now, environment.alive)
    clock.waited = store.file.step


def _carried_out(
    parties: Parties, run_id: str, command: str, work: Callable[[Run], None], *, accept: bool
) -> RunResult:
    error: ConnectorError | None = None
    report = None
    try:
        # What cannot work is refused even when it is accepted: a wrong id would fail at each conversation.
        if accept:
            refuse_unworkable(parties)
        run = begin(parties, run_id, command, accept=accept)
        report = run.report
        work(run)
    except MappingChanged as changed:
        error = explained(parties, changed)
    except ConnectorError as raised:
        error = raised
    # A run that failed before it began is reported like any other.
    report, now = report or Report(run_id, command, parties.clock.now()), parties.clock.now()
    tally = parties.store.ledger.tally
    report.take_parts(tally.counted, tally.losses, tally.waiting)
    usage = {side: parties.helpdesks[side].usage for side in Side}
    return RunResult(
        report=report,
        finished=now,
        requests={side: usage[side].requests for side in Side},
        writes={side: usage[side].writes for side in Side},
        error=error,
        stopped=parties.clock.stopped,
    )
