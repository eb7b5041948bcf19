"""Rebuilding a lost or outdated state file from the copies on both sides."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.app.binding import bind
from connector.app.machine.alone import alone
from connector.app.progress.meter import meter_of
from connector.config.place import place_of
from connector.engine.recover import rebuild
from connector.engine.recover.decisions import put_back, tie_again
from connector.engine.sync.beginning import begin
from connector.engine.sync.clocks import agreed_time, window_ends
from connector.engine.sync.identity import identities
from connector.engine.sync.run import Parties
from connector.engine.write.departure import Departures
from connector.host.clock import SteadyClock
from connector.host.decisions import Decisions
from connector.host.progress import Work
from connector.http.pace import MemoryRequestLog
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.app.machine.environment import Environment, Tokens
    from connector.config.model import Config
    from connector.engine.run.report import Report
    from connector.host.lock import Lock
    from state.records import Disposition
    from state.store import Store


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found again: pairs added now, all pairs and parts that are known, and what to tell people."""

    added: int
    pairs: Mapping[str, int]
    parts: Mapping[Disposition, int]
    report: Report

    @property
    def exit_code(self) -> int:
        """Return the documented exit code."""
        return self.report.exit_code


def recover(config: Config, environment: Environment) -> Recovered:
    """Rebuild the state file; writes nothing on the remotes. Locked when a run holds the lock."""
    tokens, place, log = environment.tokens(), place_of(config), MemoryRequestLog()
    with alone(place, environment.clock) as lock:
        with environment.helpdesks(config, tokens, {Side.DASHLY: log}) as helpdesks:
            found = identities(helpdesks)
            # before anything is read: what changes meanwhile is the next sync's
            watermarks = window_ends(agreed_time(environment.clock, helpdesks), helpdesks)
        with closing(environment.recover_state(place)) as store:
            store.budgets[Side.DASHLY].record(log.times(), now=environment.clock.monotonic())
            # The watermarks come last: a recovery that is cut short must not look like a bound file.
            added, report = _rebuild(config, environment, tokens, store, lock)
            bind(store, found, watermarks)
            return Recovered(added, store.pairs.counts(), store.ledger.counts(), report)


def _rebuild(
    config: Config, environment: Environment, tokens: Tokens, store: Store, lock: Lock
) -> tuple[int, Report]:
    run_id, clock = environment.new_run_id(), SteadyClock(environment.clock)
    # What the rebuilding does not find is doubtful: the next run copies nothing that seems to be there.
    lock.take_over(store, run_id, doubt=True)
    meter = meter_of(config, environment, Work.RECOVER)
    sides = environment.helpdesks(config, tokens, store.budgets, ours=store.our_people, waits=meter.waiting)
    with sides as helpdesks, meter.counting(helpdesks):
        parties = Parties(config, store, helpdesks, clock, Departures(store, clock), meter, meter.waiting)
        run = begin(parties, run_id, "recover", accept=True)
        added = rebuild.recover(run.recovery, run.crew)
        # After the pairs: a part that turns out to have a copy was not left out.
        decisions = Decisions.beside(config.state.path)
        tie_again(run.recovery, decisions.pairs())
        put_back(store, decisions.left_out(), now=clock.now())
        return added, run.report
