"""Planning tags: a three-way set merge, each side in its own spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import Agreed, SetBase, SetRegister
from connector.engine.plan.registers.three_way import merge_tags
from connector.helpdesk.port import AddTag, RemoveTag
from mappings.model import Side
from mappings.registers import Register
from mappings.text import tag_key
from state.records import Disposition

if TYPE_CHECKING:
    from connector.engine.plan.registers.comparison import Ground

Spelled = dict[Side, dict[str, str]]


def plan_tags(ground: Ground) -> None:
    """Bring the tags of both sides together: (own base - removed by either) + added by either."""
    now = _now(ground)
    base = {side: _keys(ground, side, ground.base[side].tags) for side in Side}
    wanted = merge_tags(
        {side: frozenset(now[side]) for side in Side}, {side: frozenset(base[side]) for side in Side}
    )
    for target in Side:
        _bring(ground, target, now, wanted[target])
    changed = [side for side in Side if set(now[side]) != set(base[side])]
    for side in changed:
        ground.fate.setdefault((side, Register.TAGS), Disposition.STATE)
    if changed:
        ground.actions.append(SetBase(_agreed(ground, now, wanted)))


def same_tags(ground: Ground) -> bool:
    """Tell whether both sides show the same tags, each in its own spelling."""
    now = _now(ground)
    return now[Side.DASHLY].keys() == now[Side.INTERCOM].keys()


def _now(ground: Ground) -> Spelled:
    return {side: _keys(ground, side, ground.now[side].tags) for side in Side}


def _keys(ground: Ground, side: Side, tags: frozenset[str]) -> dict[str, str]:
    """Return the side's own spelling by the form in which tags are compared."""
    renamed = _renamed(ground) if side is Side.DASHLY else {}
    return {tag_key(renamed.get(tag_key(tag), tag)): tag for tag in sorted(tags)}


def _renamed(ground: Ground) -> dict[str, str]:
    """Return Intercom's names of the tags that are renamed, by what Dashly's are compared by."""
    return {tag_key(dashly): intercom for dashly, intercom in ground.policy.tags.items()}


def _bring(ground: Ground, target: Side, now: Spelled, wanted: frozenset[str]) -> None:
    missing = sorted(wanted - set(now[target]))
    surplus = sorted(set(now[target]) - wanted)
    if not missing and not surplus:
        return
    if not _can_tag(ground, target):
        if target.other in ground.policy.sources:
            ground.unsupported(target.other, Register.TAGS)
        return
    actor = ground.actor(target.other, Register.TAGS)
    conversation = ground.conversation(target)
    for key in missing:
        tag = _spell(ground, target, key, now)
        ground.actions.append(SetRegister(target, Register.TAGS, AddTag(conversation, actor, tag)))
    for key in surplus:
        ground.actions.append(
            SetRegister(target, Register.TAGS, RemoveTag(conversation, actor, now[target][key]))
        )


def _can_tag(ground: Ground, target: Side) -> bool:
    return ground.policy.capabilities[target].tags and target.other in ground.policy.sources


def _agreed(ground: Ground, now: Spelled, wanted: dict[Side, frozenset[str]]) -> tuple[Agreed, ...]:
    return tuple(
        Agreed(
            side,
            Register.TAGS,
            frozenset(now[side].get(key) or _spell(ground, side, key, now) for key in wanted[side])
            if _can_tag(ground, side)
            else ground.now[side].tags,
        )
        for side in Side
    )


def _spell(ground: Ground, target: Side, key: str, now: Spelled) -> str:
    name = now[target.other].get(key) or key
    if target is Side.INTERCOM:
        return _renamed(ground).get(tag_key(name), name)
    back = {tag_key(intercom): dashly for dashly, intercom in ground.policy.tags.items()}
    return back.get(key, name)
