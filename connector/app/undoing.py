"""Undoing a backfill: first what would be deleted, then, when a person agrees, the deletion."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.app.progress.meter import meter_of
from connector.app.runs import carry_out, dry_run
from connector.config.place import place_of
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.undo import contacts
from connector.engine.undo import undo as engine
from connector.host.progress import Work

if TYPE_CHECKING:
    from connector.app.machine.environment import Environment
    from connector.app.runs import RunResult
    from connector.config.model import Config
    from connector.engine.sync.run import Run
    from connector.engine.undo.contacts import Knowledge, LeftOver
    from connector.engine.undo.undo import Judged
    from state.records import Maker


@dataclass(frozen=True, slots=True)
class Found:
    """What a run made: copies to delete, those that are left, those for a person; then the contacts."""

    gone: list[Judged] = field(default_factory=list)
    kept: list[Judged] = field(default_factory=list)
    by_hand: list[Judged] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    contacts_kept: list[LeftOver] = field(default_factory=list)

    def add(self, one: Judged) -> None:
        """Put a copy where it belongs."""
        (self.gone if one.goes else self.by_hand if one.by_hand else self.kept).append(one)

    def add_contact(self, person: LeftOver) -> None:
        """Put a contact that has no copy any more where they belong."""
        if person.known is None:
            self.contacts.append(person.contact)
        else:
            self.contacts_kept.append(person)


def backfills(config: Config, environment: Environment) -> list[Maker]:
    """Return the backfills whose copies are still known, newest first; asks no remote."""
    with closing(environment.open_state(place_of(config))) as store:
        return store.runs.makers(Work.BACKFILL.value)


def look(config: Config, environment: Environment, of: str) -> Found:
    """Return what an undo of a run would do now; writes nothing."""
    found = Found()
    with dry_run(config, environment, Work.UNDO) as run:
        for one in engine.judged(run, of):
            found.add(one)
        for person in contacts.left_over(run):
            found.add_contact(person)
    return found


def undo(config: Config, environment: Environment, of: str) -> tuple[Found, RunResult]:
    """Take back what a run made, as far as nobody else has touched it; Locked when a run is at work."""
    found = Found()

    def work(run: Run) -> None:
        for one in engine.take_back(run, of):
            found.add(one)
            run.report.notice(*_told(one))
        for person in contacts.left_over(run):
            if run.parties.clock.stopped:
                return
            found.add_contact(person)
            if person.known is None:
                contacts.remove_contact(run, person.contact)
            else:
                run.report.notice(_kept(person.contact, person.known))

    return found, carry_out(config, environment, meter_of(config, environment, Work.UNDO), work)


def _told(one: Judged) -> tuple[Notice, ...]:
    if one.by_hand:
        return (Notice(NoticeKind.UNDO_BY_HAND, one.side, one.copy, mirror=one.original),)
    if one.trace is not None:
        return (Notice(NoticeKind.NOT_UNDONE, one.side, one.copy, mirror=one.original, detail=one.trace),)
    return ()


def _kept(contact: str, known: Knowledge) -> Notice:
    return Notice(NoticeKind.CONTACT_NOT_UNDONE, contacts.MADE_ON, part=contact, detail=known)
