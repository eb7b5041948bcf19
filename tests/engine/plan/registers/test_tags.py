"""Tags of both sides in one set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.engine.plan.actions import Agreed, ChangeTag, Plan, SetBase
from connector.engine.plan.planner import plan
from mappings.model import Registers, Side, TagsChanged
from mappings.registers import Register
from tests.engine.plan.plans import dispositions, register_writes, said

D, IC = Side.DASHLY, Side.INTERCOM


def tagged(make: Any, dashly: set[str], intercom: set[str], base: set[str], **more: Any) -> Plan:
    """Return the plan for a linked pair with these tags."""
    agreed = {side: Registers(tags=frozenset(base)) for side in Side}
    snapshot = make.snapshot(
        make.pair(D, linked=True, base=agreed),
        make.view(D, registers=Registers(tags=frozenset(dashly))),
        make.view(IC, registers=Registers(tags=frozenset(intercom))),
    )
    return plan(snapshot, make.policy(**more))


def test_tags_are_merged(make: Any) -> None:
    """Added here, added there, removed here, removed there: one set on both sides."""
    planned = tagged(make, {"a", "c", "x"}, {"a", "b", "y"}, {"a", "b", "c"})

    assert register_writes(planned) == [
        ChangeTag(D, "y", put_on=True, actor="99"),
        ChangeTag(D, "c", put_on=False, actor="99"),
        ChangeTag(IC, "x", put_on=True, actor="990"),
        ChangeTag(IC, "b", put_on=False, actor="990"),
    ]


def test_a_tag_is_the_same_in_any_spelling(make: Any) -> None:
    """Case and space make no second tag."""
    assert tagged(make, {"VIP "}, {"vip"}, set()).writes == ()


def test_a_renamed_tag_is_the_same_tag(make: Any) -> None:
    """[map.tags] names a Dashly tag on Intercom, and back again."""
    assert tagged(make, {"vip"}, {"Very important"}, set(), tags={"vip": "Very important"}).writes == ()
    assert register_writes(tagged(make, {"vip"}, set(), set(), tags={"vip": "Very important"})) == [
        ChangeTag(IC, "Very important", put_on=True, actor="990")
    ]
    assert register_writes(
        tagged(make, set(), {"Very important"}, set(), tags={"vip": "Very important"})
    ) == [ChangeTag(D, "vip", put_on=True, actor="99")]


def test_tags_that_a_version_cannot_put_are_told_once(make: Any) -> None:
    """In 1.x without a version for tags: one note, no write that would fail."""
    can = {D: make.dashly_can, IC: replace(make.intercom_can, tags=False)}

    planned = tagged(make, {"vip"}, set(), set(), capabilities=can)

    assert register_writes(planned) == []
    assert [form for form, _, _ in said(planned)] == ["note"]


def test_a_tag_that_cannot_be_put_on_is_unsupported_in_the_ledger(make: Any) -> None:
    """The part that put it on says so; the base is what each side shows, so that it is not tried again."""
    can = {D: make.dashly_can, IC: replace(make.intercom_can, tags=False)}
    part = make.part(D, 1, TagsChanged(("vip",)), by=make.agent)
    view = make.view(D, part, registers=Registers(tags=frozenset({"vip"})))

    planned = plan(
        make.snapshot(make.pair(D, linked=True), view, make.view(IC)), make.policy(capabilities=can)
    )

    assert dispositions(planned) == {"1": "unsupported"}
    bases = [action.agreed for action in planned.actions if isinstance(action, SetBase)]
    assert bases[-1] == (
        Agreed(D, Register.TAGS, frozenset({"vip"})),
        Agreed(IC, Register.TAGS, frozenset()),
    )


def test_the_part_that_changed_the_tags_is_done(make: Any) -> None:
    """Put on here and put on there: the ledger says that it was carried out as a change of state."""
    part = make.part(D, 1, TagsChanged(("vip",)), by=make.agent)
    view = make.view(D, part, registers=Registers(tags=frozenset({"vip"})))

    planned = plan(make.snapshot(make.pair(D, linked=True), view, make.view(IC)), make.policy())

    assert register_writes(planned) == [ChangeTag(IC, "vip", put_on=True, actor="11")]
    assert dispositions(planned) == {"1": "state"}
