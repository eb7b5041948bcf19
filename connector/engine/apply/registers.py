"""Bringing registers to a value and redacting copies: read, compare, send, and remember the new base."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.write.protocol import Job
from connector.errors import Gone, Rejected
from connector.helpdesk.port import AddTag, Assign, Redact, RemoveTag, SetStatus
from mappings.model import Registers, Side, Status
from mappings.registers import Register, value_of, with_value
from state.records import Operation

if TYPE_CHECKING:
    from connector.engine.apply.execution import Execution
    from connector.engine.plan.actions import Agreed, ChangeTag, Redaction, SetRegister
    from connector.engine.write.protocol import Made
    from connector.helpdesk.port import RegisterWrite
    from mappings.registers import Value

CALLS_A_TAG = 2  # the tag may have to be made


class RegistersApplier:
    """Carries out the changes of registers and the redactions of one plan."""

    def __init__(self, execution: Execution) -> None:
        self._task = execution
        self._context = execution.context
        self._refused_tags: dict[Side, dict[str, bool]] = {side: {} for side in Side}

    def put(self, put: SetRegister) -> None:
        """Bring a register to a value, unless the side shows it already."""
        conversation, shown = self._task.ids()[put.target], self._task.shown
        if self._shows(put, conversation):
            self.agree(put.agreed)
            return
        self._context.limits.write()
        try:
            made = self._change(put.target, Operation(put.register), _request_of(put, conversation))
        except Gone:
            raise
        except Rejected as error:
            self._tell_refusal(put.target, put.register, error)
            self.agree(tuple(one for one in put.agreed if one.side is not put.target))
            return
        shown[put.target] = made.view.registers if made is not None and made.view is not None else None
        self.agree(put.agreed)

    def tag(self, change: ChangeTag) -> None:
        """Put a tag on or take it off; one that the side refuses stays as it is there."""
        conversation, shown = self._task.ids()[change.target], self._task.shown
        write = AddTag if change.put_on else RemoveTag
        self._context.limits.write(calls=CALLS_A_TAG if change.put_on else 1)
        try:
            made = self._change(change.target, Operation.TAGS, write(conversation, change.actor, change.tag))
        except Gone:
            raise
        except Rejected as error:
            self._refused_tags[change.target][change.tag] = not change.put_on
            self._tell_refusal(change.target, Register.TAGS, error)
            return
        if made is not None and made.view is not None:
            shown[change.target] = made.view.registers

    def redact(self, redaction: Redaction) -> None:
        """Redact a copy; one that the side does not let go is left to people."""
        self._context.limits.write(removes=redaction.counted)
        try:
            self._change(
                redaction.target, Operation.REDACT, Redact(self._task.ids()[redaction.target], redaction.part)
            )
        except Gone:
            raise
        except Rejected as error:
            self._context.report.notice(
                Notice(
                    NoticeKind.REDACTION_REFUSED,
                    redaction.target,
                    self._task.ids()[redaction.target],
                    redaction.part,
                    detail=str(error),
                )
            )

    def agree(self, agreed: tuple[Agreed, ...]) -> None:
        """Remember values as those on which sides are settled."""
        pairs, row = self._context.store.pairs, self._task.row
        with self._context.store.transaction():
            for one in agreed:
                base = pairs.get(row).base.get(one.side, Registers())
                value = self._as_shown(one.side, one.value)
                pairs.set_base(row, one.side, with_value(base, one.register, value))

    def _tell_refusal(self, side: Side, register: Register, error: Rejected) -> None:
        """Tell that a side refused a change; the words must not wait for it."""
        self._context.report.notice(
            Notice(
                NoticeKind.REGISTER_REFUSED,
                side,
                self._task.ids()[side],
                detail=f"{register} was refused: {error}",
            )
        )

    def _as_shown(self, side: Side, value: Value) -> Value:
        """Return an agreed value as the side really shows it: without the changes of tags that it refused."""
        if not isinstance(value, frozenset):
            return value
        refused = self._refused_tags[side]
        kept = {tag for tag, stays in refused.items() if stays}
        return frozenset((value - refused.keys()) | kept)

    def _change(self, side: Side, op: Operation, write: RegisterWrite | Redact) -> Made | None:
        """Make a write that says what should be, not what to add: it may be repeated after a look."""
        digest = hashlib.sha256(repr(write).encode(errors="replace")).hexdigest()[:16]
        row = self._task.row
        job = Job(row, side, op, f"{op}:{row}:{side}:{digest}", write, expected=None)
        self._task.wrote.add(side)
        return self._context.protocol.perform(job)

    def _shows(self, put: SetRegister, conversation: str) -> bool:
        """Tell whether the side shows the value already; a side that may have changed is read first."""
        shown = self._task.shown[put.target]
        if shown is None:
            known = frozenset(self._context.store.ledger.of(self._task.row)[put.target])
            shown = self._context.helpdesks[put.target].conversation(conversation, known=known).registers
            self._task.shown[put.target] = shown
        return value_of(shown, put.register) == put.value


def _request_of(put: SetRegister, conversation: str) -> Assign | SetStatus:
    """Return the request that brings a register to its value."""
    if isinstance(put.value, Status):
        return SetStatus(conversation, put.actor, put.value)
    value = str(put.value) if put.value else None
    if put.register is Register.TEAM:
        return Assign(conversation, put.actor, team=value)
    return Assign(conversation, put.actor, assignee=value)
