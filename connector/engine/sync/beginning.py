"""Beginning a run: who is there, what was accepted, who is which agent; then the run is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.config.choices import MatchEmail
from connector.engine.read.reader import Reader
from connector.engine.run.limits import Limits
from connector.engine.run.report import Report
from connector.engine.sync.clocks import latest_time, set_time
from connector.engine.sync.identity import check_identity, identities
from connector.engine.sync.opening import build_policy, check_mapping, known_agents, open_sides, trust_from
from connector.engine.sync.run import Run
from connector.host.progress import Work
from mappings.model import Side

if TYPE_CHECKING:
    from connector.engine.plan.policy import Policy
    from connector.engine.sync.run import Parties
    from mappings.model import Seconds


def begin(parties: Parties, run: str, command: str, *, dry: bool = False, accept: bool = False) -> Run:
    """Check who is there, match the agents, and return the run.

    A mapping that changed since the last run is refused unless it is accepted or the run is dry.
    """
    config, store, helpdesks, clock = parties.config, parties.store, parties.helpdesks, parties.clock
    # Before all else: what another workspace shows must not enter this state file.
    found = identities(helpdesks)
    check_identity(store, found)
    report = Report(run, command, clock.now())
    if not dry:
        report.notice(*set_time(clock, store, helpdesks, settle=config.sync.settle))
        if command != Work.UNDO:  # what was made by a wrong mapping is taken back by a right one
            check_mapping(config, store, accept=accept)
        open_sides(config, store, clock.now())
    times = {side: helpdesks[side].now() for side in Side}
    if doubted := not dry and store.meta.doubted():
        store.meta.trust_from(trust_from(latest_time(helpdesks, clock.now())))
    staff = known_agents(store, helpdesks, remember=not dry)
    policy = build_policy(config, store, helpdesks, staff, found)
    chosen = config.limits
    limits = Limits(
        chosen.max_writes,
        chosen.max_creates,
        chosen.max_removals,
        holds=command != Work.BACKFILL,
        # A backfill is bound by the plan that was consented to.
        accepted=accept and command != Work.BACKFILL,
    )
    apart = abs(times[Side.DASHLY] - times[Side.INTERCOM])
    begun = Run(
        id=run,
        command=command,
        parties=parties,
        policy=policy,
        reader=_reader(parties, policy, command, skew=apart, dry=dry),
        limits=limits,
        report=report,
        dry=dry,
    )
    if doubted:
        begun.generation.accept()
    return begun


def _reader(parties: Parties, policy: Policy, command: str, *, skew: Seconds, dry: bool) -> Reader:
    return Reader(
        store=parties.store,
        helpdesks=parties.helpdesks,
        names=policy.names,
        skew=skew,
        backfill=command == Work.BACKFILL,
        remember=not dry,
        match_email=parties.config.people.match_email is MatchEmail.USERS,
    )
