"""One run: everything that it works with, composed in one place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from connector.engine.apply.attachments import Files
from connector.engine.apply.breaker import Breaker
from connector.engine.apply.executor import Executor
from connector.engine.apply.messages import Messages
from connector.engine.apply.records import Records
from connector.engine.apply.registers import RegisterChanges
from connector.engine.apply.voices import Voices
from connector.engine.recover.recovery import Recovery
from connector.engine.run.crew import Crew
from connector.engine.run.events import Events
from connector.engine.run.in_hand import InHand
from connector.engine.run.shared_parts import SharedParts
from connector.engine.sync.clocks import agreed_time, doubts, window_ends
from connector.engine.sync.conversation import ConversationWork
from connector.engine.sync.deletion import DeletionCarrier, Deletions
from connector.engine.sync.failures import Failures
from connector.engine.sync.holding import Holding
from connector.engine.sync.opening import trust_from
from connector.engine.sync.poll import Poll
from connector.engine.sync.queue import WorkQueue
from connector.engine.sync.sweep import Sweep
from connector.engine.write.customers import People
from connector.engine.write.drafts import Drafts
from connector.engine.write.generation import Generation, generation_for
from connector.engine.write.protocol import Protocol
from connector.host.progress import AloudClock, Cause, Unheard, Work, in_silence
from connector.http.turns import Priority
from state.records import Queue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.config.model import Config
    from connector.engine.plan.policy import Policy
    from connector.engine.read.reader import Reader
    from connector.engine.run.limits import Limits
    from connector.engine.run.report import Report
    from connector.engine.write.departure import Departures
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import SteadyClock
    from connector.host.progress import Listener, Wait
    from mappings.model import Seconds, Side
    from state.store import Store


@dataclass(frozen=True)
class Parties:
    """Who takes part in a run: the configuration, the memory, both sides, the time, and who listens."""

    config: Config
    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    clock: SteadyClock
    departures: Departures
    listener: Listener = field(default_factory=Unheard)
    waits: Callable[[Wait], None] = in_silence
    in_hand: InHand = field(default_factory=InHand)
    shared_parts: SharedParts = field(default_factory=SharedParts)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of one command. Each room's part is built from it once, and gets only what that room needs.

    A ``dry`` run changes nothing, neither on a side nor in the state file. A live one beside a ``main`` one
    has its id. ``meanwhile`` is done between two conversations.
    """

    id: str
    command: str
    parties: Parties
    policy: Policy
    reader: Reader
    limits: Limits
    report: Report
    dry: bool = False
    main: Run | None = None
    meanwhile: Callable[[], None] = lambda: None

    @property
    def queue_name(self) -> Queue:
        """Return the queue of this kind of run."""
        return Queue.BACKFILL if self.command == Work.BACKFILL else Queue.SYNC

    @property
    def maker(self) -> str | None:
        """Return by which run what it makes is taken back; None for what is live."""
        return self.id if self.main is None else None

    @property
    def urgency(self) -> Priority:
        """Return how urgent the requests of its work are."""
        return Priority.BACKFILL if self.queue_name is Queue.BACKFILL else Priority.LIVE

    @property
    def store(self) -> Store:
        """Return the memory."""
        return self.parties.store

    @property
    def helpdesks(self) -> Mapping[Side, Helpdesk]:
        """Return both sides."""
        return self.parties.helpdesks

    def window_ends(self) -> dict[Side, Seconds]:
        """Return up to when lists read from now on are complete; tell of clocks that do not count."""
        found = agreed_time(self.parties.clock, self.helpdesks)
        self.report.notice(*doubts(found))
        return window_ends(found, self.helpdesks)

    def doubting(self, now: Seconds) -> Run:
        """Return this run, trusting the state file only for what is younger than now."""
        self.store.meta.trust_from(trust_from(now))
        return replace(self, policy=replace(self.policy, trusted_from=now))

    @cached_property
    def events(self) -> Events:
        """Return the log of what is done."""
        return Events(self.id)

    @cached_property
    def poll(self) -> Poll:
        """Return what reads the lists."""
        parties = self.parties
        return Poll(
            store=parties.store,
            helpdesks=parties.helpdesks,
            clock=parties.clock,
            reader=self.reader,
            report=self.report,
            queue=self.queue_name,
            overlap=parties.config.sync.overlap,
            in_hand=parties.in_hand,
            listener=parties.listener,
        )

    @cached_property
    def recovery(self) -> Recovery:
        """Return what finds and remembers pairs."""
        return Recovery(
            store=self.store,
            helpdesks=self.helpdesks,
            clock=self.parties.clock,
            policy=self.policy,
            reader=self.reader,
            report=self.report,
            # A pair that a backfill finds is only remembered: what is live in it is the sync's.
            due=self.queue_name is Queue.SYNC,
            listener=self.parties.listener,
        )

    @cached_property
    def protocol(self) -> Protocol:
        """Return what writes."""
        parties = self.parties
        return Protocol(
            parties.store,
            parties.helpdesks,
            parties.clock,
            parties.departures,
            settle=parties.config.sync.settle,
            run=self.id,
            before_first=self.generation.before_first_write,
            maker=self.maker,
            in_hand=parties.in_hand,
        )

    @cached_property
    def generation(self) -> Generation:
        """Return what tells whether the state file is that of the last run that wrote."""
        if self.main is not None:  # asked once for both
            return self.main.generation
        return generation_for(self.policy, self.store, self.helpdesks, self.parties.clock, self.id)

    @cached_property
    def executor(self) -> Executor:
        """Return what carries out plans."""
        parties, store, helpdesks = self.parties, self.store, self.helpdesks
        clock, limits = parties.clock, parties.config.limits
        backfill, first = self.queue_name is Queue.BACKFILL, self.generation.before_first_write
        records = Records(store, self.report, clock, self.id)
        messages = Messages(
            pairs=store.pairs,
            clock=clock,
            files=Files(helpdesks, store.pairs, store.quarantine, self.policy, clock, self.report),
            people=People(store, helpdesks, self.reader.identification, first, self.id),
            drafts=Drafts(helpdesks, self.policy),
            protocol=self.protocol,
            limits=self.limits,
            breaker=Breaker(store.breaker, helpdesks, clock, limits, backfill=backfill),
            voices=Voices(self.policy, self.report, helpdesks),
            records=records,
            report=self.report,
            events=self.events,
        )
        registers = RegisterChanges(
            store=store,
            helpdesks=helpdesks,
            protocol=self.protocol,
            limits=self.limits,
            records=records,
            report=self.report,
            events=self.events,
        )
        return Executor(messages, registers, records)

    @cached_property
    def deletions(self) -> Deletions:
        """Return what plans deletions."""
        return Deletions(store=self.store, helpdesks=self.helpdesks, reader=self.reader, policy=self.policy)

    @cached_property
    def holding(self) -> Holding:
        """Return what limits hold."""
        return Holding(store=self.store, limits=self.parties.config.limits, report=self.report)

    @cached_property
    def conversations(self) -> ConversationWork:
        """Return what brings a conversation in step."""
        failures = Failures(
            store=self.store,
            clock=self.parties.clock,
            capabilities=self.policy.capabilities,
            report=self.report,
            holding=self.holding,
            events=self.events,
            run=self.id,
        )
        deletion = DeletionCarrier(self.deletions, self.executor, self.report, self.events, self.id)
        return ConversationWork(
            store=self.store,
            helpdesks=self.helpdesks,
            clock=self.parties.clock,
            policy=self.policy,
            reader=self.reader,
            protocol=self.protocol,
            executor=self.executor,
            recovery=self.recovery,
            deletion=deletion,
            failures=failures,
            report=self.report,
            urgency=self.urgency,
            in_hand=self.parties.in_hand,
            shared_parts=self.parties.shared_parts,
        )

    @cached_property
    def queue(self) -> WorkQueue:
        """Return what works the queue off."""
        parties = self.parties
        return WorkQueue(
            store=self.store,
            clock=AloudClock(parties.clock, Cause.SETTLING, None, parties.waits),
            config=parties.config.sync,
            name=self.queue_name,
            conversations=self.conversations,
            report=self.report,
            listener=parties.listener,
            crew=self.crew,
            meanwhile=self.meanwhile,
            # The thread that would wait hands out the backfill's work, and the next pass comes soon.
            patient=self.main is None,
        )

    @cached_property
    def crew(self) -> Crew:
        """Return the threads."""
        return Crew(self.parties.config.sync.workers, self.helpdesks)

    @cached_property
    def sweep(self) -> Sweep:
        """Return what re-reads old pairs."""
        most = self.parties.config.sync.sweep
        return Sweep(self.store, self.helpdesks, self.parties.clock, self.conversations, most)
