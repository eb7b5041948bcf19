"""Bringing registers to a value and erasing copies: read, compare, send, and remember what was agreed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.write.protocol import Job
from connector.errors import Gone, Rejected
from connector.helpdesk.port import AddTag, Redact, RemoveTag
from mappings.model import Registers, Side
from mappings.registers import Register, with_value
from state.records import Operation

if TYPE_CHECKING:
    from connector.engine.apply.execution import Execution
    from connector.engine.plan.actions import Agreed, Redaction, SetRegister
    from connector.engine.write.protocol import Made
    from connector.helpdesk.port import RegisterWrite
    from mappings.registers import Value

CALLS_A_TAG = 2  # the tag may have to be made


class RegistersApplier:
    """Carries out the register changes and erasures of one plan."""

    def __init__(self, execution: Execution) -> None:
        self._task = execution
        self._context = execution.context
        self._refused_tags: dict[Side, dict[str, bool]] = {side: {} for side in Side}

    def put(self, put: SetRegister) -> None:
        """Bring a register to a value, unless the side shows it already."""
        conversation, shown = self._task.ids()[put.target], self._task.shown
        if put.register is not Register.TAGS and self._shows(put, conversation):
            self.agree(put.agreed)
            return
        self._context.limits.write(calls=CALLS_A_TAG if isinstance(put.write, AddTag) else 1)
        try:
            made = self._change(
                put.target, Operation(put.register), replace(put.write, conversation=conversation)
            )
        except Gone:
            raise
        except Rejected as error:
            self._refused(put, error)
            return
        if put.register is not Register.TAGS:
            shown[put.target] = None
        if made is not None and made.view is not None:
            shown[put.target] = made.view.registers
        self.agree(put.agreed)

    def erase(self, erase: Redaction) -> None:
        """Redact a copy; one that the side does not let go is left to people."""
        self._context.limits.write(removes=erase.counted)
        try:
            self._change(erase.target, Operation.REDACT, Redact(self._task.ids()[erase.target], erase.part))
        except Gone:
            raise
        except Rejected as error:
            self._context.report.notice(
                Notice(
                    NoticeKind.REDACTION_REFUSED,
                    erase.target,
                    self._task.ids()[erase.target],
                    erase.part,
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

    def _refused(self, put: SetRegister, error: Rejected) -> None:
        """Leave a register as it is on the side that refuses the change; the words must not wait for it."""
        if isinstance(put.write, AddTag | RemoveTag):
            self._refused_tags[put.target][put.write.tag] = isinstance(put.write, RemoveTag)
        self._context.report.notice(
            Notice(
                NoticeKind.REGISTER_REFUSED,
                put.target,
                self._task.ids()[put.target],
                detail=f"{put.register} was refused: {error}",
            )
        )
        self.agree(tuple(one for one in put.agreed if one.side is not put.target))

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
        return bool(getattr(shown, put.register) == getattr(put.write, put.register))
