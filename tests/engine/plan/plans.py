"""What tests read out of a plan, and the conversations that several of them plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.engine.plan.actions import ChangeTag, Plan, PostWords, SetRegister, WriteLedger
from mappings.model import OPEN, Registers, Side, Status

D, IC = Side.DASHLY, Side.INTERCOM


def posts(planned: Plan) -> list[PostWords]:
    """Return the words that a plan writes."""
    return [action for action in planned.actions if isinstance(action, PostWords)]


def register_writes(planned: Plan) -> list[SetRegister | ChangeTag]:
    """Return the register writes of a plan, without the bases that they set."""
    return [
        replace(action, agreed=()) if isinstance(action, SetRegister) else action
        for action in planned.actions
        if isinstance(action, SetRegister | ChangeTag)
    ]


def notices(planned: Plan) -> tuple[str, ...]:
    """Return what a person hears, in sentences."""
    return tuple(notice.sentence() for notice in planned.notices)


def said(planned: Plan) -> list[tuple[str, str, str | None]]:
    """Return form, text and voice of everything a plan says."""
    return [(post.form.value, post.text, post.agent) for post in posts(planned)]


def dispositions(planned: Plan) -> dict[str, str]:
    """Return what becomes of each part."""
    found: dict[str, str] = {}
    for action in planned.actions:
        rows = action.covers if isinstance(action, PostWords) else ()
        rows = action.rows if isinstance(action, WriteLedger) else rows
        for row in rows:
            assert row.id not in found, "a part has two dispositions"
            found[row.id] = row.disposition.value
    return found


def conversation(make: Any, *parts: Any, origin: Side = D, source: Side = D, **more: Any) -> Any:
    """Return the snapshot of a linked pair whose source side shows these parts."""
    return make.snapshot(make.pair(origin, linked=True), make.view(source, *parts), **more)


def statuses(make: Any, dashly: Status, intercom: Status, *, base: Status = OPEN, **more: Any) -> Any:
    """Return the snapshot of a linked pair whose sides show these statuses."""
    agreed = {side: Registers(base) for side in Side}
    parts = more.pop("parts", {D: (), IC: ()})
    return make.snapshot(
        make.pair(more.pop("origin", D), linked=True, base=agreed),
        make.view(D, *parts[D], registers=Registers(dashly)),
        make.view(IC, *parts[IC], registers=Registers(intercom)),
        **more,
    )
