"""Carrying out a plan: a plain loop over its actions, each remote write by the protocol."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.actions import Agreed, Carry, Contested, Erase, Form, Look, Put, Record, Settle
from connector.engine.customers import person_for
from connector.engine.fetching import fetch_files
from connector.engine.fingerprint import Expected
from connector.engine.protocol import Job
from connector.engine.refusals import Loop, Poison, TooLong
from connector.engine.snapshot import settled
from connector.engine.writes import write_of
from connector.errors import Gone, Rejected
from connector.ports import AddTag, Person, Redact
from mappings.model import Customer, Ref, Registers, Side
from mappings.text import text_hash

if TYPE_CHECKING:
    from connector.engine.actions import Action, Plan
    from connector.engine.context import Context
    from connector.engine.protocol import Made
    from connector.engine.snapshot import Snapshot
    from connector.ports import RegisterWrite
    from mappings.model import Conversation, Seconds
    from state.ledger import LedgerRow

CALLS_A_START = 3  # the person may have to be made, and brought back from the archive
CALLS_A_TAG = 2  # the tag may have to be made


class Applier:
    """Applies one plan to one conversation; ``wrote`` and ``look`` then say which sides to read again."""

    def __init__(self, context: Context, snapshot: Snapshot) -> None:
        self._context = context
        self._snapshot = snapshot
        self._row = snapshot.pair.row
        self._shown: dict[Side, Registers | None] = {
            side: snapshot.registers(side) if side in snapshot.views else None for side in Side
        }
        self.wrote: set[Side] = set()
        self.look: set[Side] = set()

    def apply(self, planned: Plan) -> None:
        """Carry out every action in order; the first failure ends it."""
        for action in planned.actions:
            self._one(action)

    def _one(self, action: Action) -> None:
        match action:
            case Carry():
                self._carry_or_tell(action)
            case Put():
                self._put(action)
            case Erase():
                self._erase(action)
            case Settle(agreed=agreed):
                self._agree(agreed)
            case Record(rows=rows):
                self._record(rows)
            case Look(side=side):
                self.look.add(side)
            case Contested():
                self._contested(action)

    def _carry_or_tell(self, carry: Carry) -> None:
        """Carry words; a refusal for good names the part at which the conversation stops."""
        try:
            self._carry(carry)
        except Gone:
            raise
        except Rejected as error:
            if error.code == "ReplyTooBig":
                raise TooLong(str(error), carry.target) from error
            raise Poison(str(error), Ref(carry.target.other, carry.source)) from error

    # -- words --------------------------------------------------------------------------------------

    def _carry(self, carry: Carry) -> None:
        files, missing = fetch_files(self._context, self._row, carry)
        if missing:
            carry = replace(carry, text="\n".join([carry.text, *missing]).strip("\n"))
        person = self._person(carry) if carry.agent is None else None
        created = self._created(carry)
        conversation = self._ids().get(carry.target, "")
        write = write_of(carry, conversation, person, files, created)
        creates = carry.form is Form.START
        self._context.rails.write(calls=CALLS_A_START if creates else 1, creates=creates)
        self._breaker()
        made = self._context.protocol.perform(
            Job(
                row=self._row,
                side=carry.target,
                op=carry.form,
                marker=carry.marker,
                write=write,
                expected=replace(
                    self._expected(carry, conversation, person, created),
                    files=tuple(file.name for file in files),
                ),
                covers=carry.covers,
            )
        )
        self._after_carry(carry, made)

    def _after_carry(self, carry: Carry, made: Made | None) -> None:
        self.wrote.add(carry.target)
        self._count(carry.covers)
        if carry.form is Form.START:
            self._context.report.count(created=1)
        if made is not None and made.view is not None:
            self._shown[carry.target] = made.view.registers
        elif carry.form is not Form.NOTE:
            self._shown[carry.target] = None
            self.look.add(carry.target)

    def _breaker(self) -> None:
        """Stop a conversation in which we write so fast that two systems must be answering each other."""
        limits = self._context.config.limits
        if self._context.backfill:
            return
        since = self._context.clock.now() - limits.breaker_window
        if self._context.store.ledger.written_since(self._row, since) >= limits.breaker_writes:
            raise Loop(
                f"more than {limits.breaker_writes} writes of ours in {limits.breaker_window:.0f} s: a loop?"
            )

    def _ids(self) -> dict[Side, str]:
        return self._context.store.pairs.get(self._row).ids

    def _created(self, carry: Carry) -> Seconds | None:
        """Return the time to write, never in the other side's future; None where it cannot be given."""
        if carry.created is None or not self._context.policy.abilities[carry.target].back_dating:
            return None
        return float(int(min(carry.created, self._context.desks[carry.target].now())))

    def _expected(
        self, carry: Carry, conversation: str, person: Person | None, created: Seconds | None
    ) -> Expected:
        return Expected(
            conversation=conversation,
            public=carry.form is not Form.NOTE,
            text_hash=text_hash(carry.text),
            sent_at=self._context.desks[carry.target].now(),
            marker=carry.marker if carry.target is Side.DASHLY else "",
            agent=carry.agent,
            created=created,
            source=carry.source,
            source_created=self._written_long_ago(carry),
            person=person.id if person else "",
            by_external_id=person.by_external_id if person else False,
        )

    def _written_long_ago(self, carry: Carry) -> Seconds | None:
        """Return the source's time of history, which the breaker must not count; None for live words."""
        if carry.created is None:
            return None
        age = self._snapshot.now[carry.target.other] - carry.created
        return carry.created if age > self._context.policy.max_age else None

    def _person(self, carry: Carry) -> Person:
        store, target = self._context.store, carry.target
        known = store.pairs.get(self._row).people.get(target)
        if known:
            return Person(known)
        customer = self._customer(target.other)
        shadow = self._snapshot.shadow
        person = person_for(store, self._context.desks, target, customer, shadow=shadow)
        if not person.by_external_id:
            store.pairs.set_person(self._row, target, person.id)
        return person

    def _customer(self, side: Side) -> Customer:
        view: Conversation | None = self._snapshot.views.get(side)
        if view is not None and view.customer is not None:
            return view.customer
        return Customer(id=self._context.store.pairs.get(self._row).people.get(side) or f"nobody-{self._row}")

    # -- registers ----------------------------------------------------------------------------------

    def _put(self, put: Put) -> None:
        conversation = self._ids()[put.target]
        if put.register != "tags" and self._shows(put, conversation):
            self._agree(put.agreed)
            return
        self._context.rails.write(calls=CALLS_A_TAG if isinstance(put.write, AddTag) else 1)
        try:
            made = self._change(put.target, put.register, replace(put.write, conversation=conversation))
        except Gone:
            raise
        except Rejected as error:
            if put.register == "tags":
                raise
            self._refused(put, error)
            return
        if put.register != "tags":
            self._shown[put.target] = None
        if made is not None and made.view is not None:
            self._shown[put.target] = made.view.registers
        self._agree(put.agreed)

    def _refused(self, put: Put, error: Rejected) -> None:
        """Leave a register as it is on the side that refuses the change; the words must not wait for it."""
        ids = self._ids()
        self._context.report.notice(
            f"{put.target} {ids[put.target]}: the {put.register} was refused: {error}"
        )
        self._agree(tuple(one for one in put.agreed if one.side is not put.target))

    def _erase(self, erase: Erase) -> None:
        """Erase a copy; one that the side does not let go is left to people."""
        self._context.rails.write(removes=erase.counted)
        try:
            self._change(erase.target, "redact", Redact(self._ids()[erase.target], erase.part))
        except Gone:
            raise
        except Rejected as error:
            self._context.report.notice(
                f"{erase.target} part {erase.part} could not be erased, remove it by hand: {error}"
            )

    def _change(self, side: Side, op: str, write: RegisterWrite | Redact) -> Made | None:
        """Make a write that says what should be, not what to add: it may be repeated after a look."""
        digest = hashlib.sha256(repr(write).encode(errors="replace")).hexdigest()[:16]
        job = Job(self._row, side, op, f"{op}:{self._row}:{side}:{digest}", write, expected=None)
        self.wrote.add(side)
        return self._context.protocol.perform(job)

    def _shows(self, put: Put, conversation: str) -> bool:
        """Tell whether the side shows the value already; a side that may have changed is read first."""
        shown = self._shown[put.target]
        if shown is None:
            known = frozenset(self._context.store.ledger.of(self._row)[put.target])
            shown = self._context.desks[put.target].conversation(conversation, known=known).registers
            self._shown[put.target] = shown
        return bool(getattr(shown, put.register) == getattr(put.write, put.register))

    def _agree(self, agreed: tuple[Agreed, ...]) -> None:
        pairs = self._context.store.pairs
        with self._context.store.transaction():
            for one in agreed:
                base = pairs.get(self._row).base.get(one.side, Registers())
                pairs.set_base(self._row, one.side, replace(base, **{one.register: one.value}))  # type: ignore[arg-type]

    # -- memory -------------------------------------------------------------------------------------

    def _record(self, rows: tuple[LedgerRow, ...]) -> None:
        self._context.store.ledger.put(self._row, list(rows), self._context.run)
        if any(row.removed for row in rows):
            self._context.store.file.forget_freed()
        self._count(rows)

    def _count(self, rows: tuple[LedgerRow, ...]) -> None:
        """Count what became of parts, each once: an edit or a removal is no new part."""
        ledger = self._snapshot.ledger
        self._context.report.disposed(
            row.disposition for row in rows if row.id not in settled(ledger[row.side])
        )

    def _contested(self, contested: Contested) -> None:
        news = self._context.store.conflicts.put(
            self._row,
            contested.register,
            dict(contested.values),
            winner=contested.winner,
            rule=contested.rule,
            at=self._context.clock.now(),
        )
        if news and contested.rule == "manual":
            ids = self._ids()
            self._context.report.notice(
                f"conversation dashly:{ids.get(Side.DASHLY)} / intercom:{ids.get(Side.INTERCOM)}: "
                f"both sides changed the {contested.register}; set one of them by hand"
            )
