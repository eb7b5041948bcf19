"""Bringing registers to a value and redacting copies: read, compare, send, and remember the new base."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.run.events import Done
from connector.engine.write.job import Job
from connector.errors import AccessDenied, Gone, Rejected
from connector.helpdesk.port import AddTag, Assign, Redact, RemoveTag, SetStatus
from mappings.model import Registers, Side, Status
from mappings.registers import Register, value_of
from state.records import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.apply.execution import Execution
    from connector.engine.apply.records import Records
    from connector.engine.plan.actions import ChangeTag, Redaction, SetRegister
    from connector.engine.run.events import Events
    from connector.engine.run.limits import Limits
    from connector.engine.run.report import Report
    from connector.engine.write.job import Made
    from connector.engine.write.protocol import Protocol
    from connector.helpdesk.port import Helpdesk, RegisterWrite
    from state.store import Store

CALLS_A_TAG = 2  # the tag may have to be made


@dataclass(frozen=True, kw_only=True)
class RegisterChanges:
    """Carries out the register changes and redactions of plans."""

    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    protocol: Protocol
    limits: Limits
    records: Records
    report: Report
    events: Events

    def set(self, execution: Execution, change: SetRegister) -> None:
        """Bring a register to a value, unless the side shows it already."""
        target, ids = change.target, self.store.pairs.get(execution.row).ids
        if self._shows(execution, change, ids[target]):
            self.records.agree(execution, change.agreed)
            return
        self.limits.write()
        try:
            made = self._write(
                execution, target, Operation(change.register), _request_of(change, ids[target])
            )
        except Gone:  # the conversation was deleted: that is more than a refusal
            raise
        except (Rejected, AccessDenied) as error:
            # A 403 for the token ends the run; one for an assignee who left must not.
            if isinstance(error, AccessDenied) and not _may_be_for_somebody(change, error):
                raise
            self._tell_refusal(target, ids[target], change.register, error)
            # The source's value becomes its base nevertheless: else the change is tried again in every run.
            self.records.agree(execution, tuple(one for one in change.agreed if one.side is not target))
            return
        self.events.log(Done.REGISTER_SET, ids, side=target, register=change.register.value)
        if not execution.wrote_to(target, made):
            # The other registers are open too: on Intercom an assignment reopens what was closed.
            execution.shown[target] = None
        self.records.agree(execution, change.agreed)

    def tag(self, execution: Execution, change: ChangeTag) -> None:
        """Put a tag on or take it off; one that the side refuses stays as it is there."""
        pair = self.store.pairs.get(execution.row)
        target, ids = change.target, pair.ids
        write = AddTag if change.put_on else RemoveTag
        if target not in pair.base:  # before the first change of a copy: what it began with
            self._shown(execution, target, ids[target])
        self.limits.write(calls=CALLS_A_TAG if change.put_on else 1)
        try:
            made = self._write(
                execution, target, Operation.TAGS, write(ids[target], change.actor, change.tag)
            )
        except Gone:
            raise
        except Rejected as error:
            # What was not put on is not there, what was not taken off is: the base must say the same.
            execution.refused_tags[target][change.tag] = not change.put_on
            self._tell_refusal(target, ids[target], Register.TAGS, error)
            return
        self.events.log(Done.REGISTER_SET, ids, side=target, register=Register.TAGS.value)
        execution.wrote_to(target, made)

    def redact(self, execution: Execution, redaction: Redaction) -> None:
        """Redact a copy; one that the side does not remove is left to people."""
        target, part = redaction.target, redaction.part
        ids = self.store.pairs.get(execution.row).ids
        self.limits.write(removes=redaction.counted)
        try:
            made = self._write(execution, target, Operation.REDACT, Redact(ids[target], part))
        except Gone:
            raise
        except Rejected as error:
            self.report.notice(
                Notice(NoticeKind.REDACTION_REFUSED, target, ids[target], part, detail=str(error))
            )
        else:
            execution.wrote_to(target, made)
            self.events.log(Done.PART_REDACTED, ids, side=target, part=part)

    def _tell_refusal(self, side: Side, conversation: str, register: Register, error: Exception) -> None:
        """Tell that a side refused a change; the words must not wait for it."""
        told = f"{register} was refused: {error}"
        self.report.notice(Notice(NoticeKind.REGISTER_REFUSED, side, conversation, detail=told))

    def _write(
        self, execution: Execution, side: Side, op: Operation, write: RegisterWrite | Redact
    ) -> Made | None:
        """Make a write that says what should be, not what to add: after a look it may be repeated."""
        # The value is part of the name: the same change again is one write, another value is another.
        digest = hashlib.sha256(repr(write).encode(errors="replace")).hexdigest()[:16]
        marker = f"{op}:{execution.row}:{side}:{digest}"
        execution.wrote.add(side)
        return self.protocol.perform(Job(execution.row, side, op, marker, write, expected=None))

    def _shows(self, execution: Execution, change: SetRegister, conversation: str) -> bool:
        """Tell whether the side shows the value already; a side that may have changed is read first."""
        shown = self._shown(execution, change.target, conversation)
        return value_of(shown, change.register) == change.value

    def _shown(self, execution: Execution, side: Side, conversation: str) -> Registers:
        shown = execution.shown[side]
        if shown is None:
            known = frozenset(self.store.ledger.of(execution.row)[side])
            shown = self.helpdesks[side].conversation(conversation, known=known).registers
            self.store.pairs.set_first_base(execution.row, side, shown)
            execution.shown[side] = shown
        return shown


def _request_of(change: SetRegister, conversation: str) -> Assign | SetStatus:
    """Return the request that brings a register to its value."""
    if isinstance(change.value, Status):
        return SetStatus(conversation, change.actor, change.value)
    value = str(change.value) if change.value else None
    if change.register is Register.TEAM:
        return Assign(conversation, change.actor, team=value)
    return Assign(conversation, change.actor, assignee=value)


def _may_be_for_somebody(change: SetRegister, error: AccessDenied) -> bool:
    """Tell whether a 403 may mean the person named in a change, who left, and not the token."""
    named = change.register is Register.ASSIGNEE and bool(change.value)
    return named and error.status == HTTPStatus.FORBIDDEN
