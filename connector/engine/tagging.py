"""Planning tags: a three-way set merge, each side in its own spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.actions import Agreed, Put, Settle
from connector.engine.merge import merge_tags, tag_key
from connector.ports import AddTag, RemoveTag
from mappings.model import Side
from state.ledger import Disposition

if TYPE_CHECKING:
    from connector.engine.ground import Ground

Spelled = dict[Side, dict[str, str]]


def plan_tags(ground: Ground) -> None:
    """Bring the tags of both sides together: (own base - removed by either) + added by either."""
    now = {side: _keys(ground, side, ground.now[side].tags) for side in Side}
    base = {side: _keys(ground, side, ground.base[side].tags) for side in Side}
    wanted = merge_tags(
        {side: frozenset(now[side]) for side in Side}, {side: frozenset(base[side]) for side in Side}
    )
    for target in Side:
        _bring(ground, target, now, wanted[target])
    changed = [side for side in Side if set(now[side]) != set(base[side])]
    for side in changed:
        ground.fate.setdefault((side, "tags"), Disposition.STATE)
    if changed:
        ground.actions.append(Settle(_agreed(ground, now, wanted)))


def _keys(ground: Ground, side: Side, tags: frozenset[str]) -> dict[str, str]:
    """Return the side's own spelling by the form in which tags are compared."""
    renamed = ground.policy.tags if side is Side.DASHLY else {}
    return {tag_key(renamed.get(tag, tag)): tag for tag in sorted(tags)}


def _bring(ground: Ground, target: Side, now: Spelled, wanted: frozenset[str]) -> None:
    missing = sorted(wanted - set(now[target]))
    surplus = sorted(set(now[target]) - wanted)
    if not missing and not surplus:
        return
    if not _can_tag(ground, target):
        if target.other in ground.policy.sources:
            ground.unsupported(target.other, "tags")
        return
    actor = ground.actor(target.other, "tags")
    conversation = ground.conversation(target)
    for key in missing:
        tag = _spell(ground, target, key, now)
        ground.actions.append(Put(target, "tags", AddTag(conversation, actor, tag)))
    for key in surplus:
        ground.actions.append(Put(target, "tags", RemoveTag(conversation, actor, now[target][key])))


def _can_tag(ground: Ground, target: Side) -> bool:
    return ground.policy.abilities[target].tags and target.other in ground.policy.sources


def _agreed(ground: Ground, now: Spelled, wanted: dict[Side, frozenset[str]]) -> tuple[Agreed, ...]:
    return tuple(
        Agreed(
            side,
            "tags",
            frozenset(now[side].get(key) or _spell(ground, side, key, now) for key in wanted[side])
            if _can_tag(ground, side)
            else ground.now[side].tags,
        )
        for side in Side
    )


def _spell(ground: Ground, target: Side, key: str, now: Spelled) -> str:
    name = now[target.other].get(key) or key
    if target is Side.INTERCOM:
        return ground.policy.tags.get(name, name)
    back = {tag_key(intercom): dashly for dashly, intercom in ground.policy.tags.items()}
    return back.get(key, name)
