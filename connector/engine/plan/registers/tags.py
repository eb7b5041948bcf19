"""Planning tags: a three-way merge of sets, each side in its own spelling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.plan.actions import Agreed, ChangeTag, SetBase
from connector.engine.plan.registers.register_plan import RegisterPlan
from connector.engine.plan.registers.three_way import merge_tags
from connector.engine.plan.registers.unsupported import unsupported
from mappings.model import Side
from mappings.registers import Register
from mappings.text import tag_key
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.engine.plan.registers.comparison import RegisterComparison


def plan_tags(compared: RegisterComparison, wrote: frozenset[Side]) -> RegisterPlan:
    """Bring the tags of both sides together; ``wrote`` are the sides that get words."""
    tags = _read(compared)
    changed = [side for side in Side if tags.now[side].keys() != tags.base[side].keys()]
    planned = RegisterPlan(dispositions={(side, Register.TAGS): Disposition.STATE for side in changed})
    for target in Side:
        planned += _bring(compared, tags, target, wrote)
    base = SetBase(tuple(_agreed(compared, tags, side) for side in Side))
    return planned + RegisterPlan((base,) if changed else ())


def same_tags(compared: RegisterComparison) -> bool:
    """Tell whether both sides show the same tags, each in its own spelling."""
    now = _read(compared).now
    return now[Side.DASHLY].keys() == now[Side.INTERCOM].keys()


@dataclass(frozen=True, slots=True)
class _Tags:
    """The tags of each side by the key that they are compared by, each in the side's own spelling.

    ``to_intercom`` and ``to_dashly`` are the renamed ones of the configuration, by the key of their own side.
    """

    now: Mapping[Side, Mapping[str, str]]
    base: Mapping[Side, Mapping[str, str]]
    wanted: Mapping[Side, frozenset[str]]
    to_intercom: Mapping[str, str]
    to_dashly: Mapping[str, str]

    def name(self, side: Side, key: str) -> str:
        """Return a tag as a side spells it already, else as it would be put on there."""
        if shown := self.now[side].get(key):  # a base in another spelling would look like a change
            return shown
        name = self.now[side.other].get(key) or key
        if side is Side.INTERCOM:
            return self.to_intercom.get(tag_key(name), name)
        return self.to_dashly.get(key, name)


def _read(compared: RegisterComparison) -> _Tags:
    renamed = compared.policy.tags
    to_intercom = {tag_key(dashly): intercom for dashly, intercom in renamed.items()}

    def keyed(side: Side, tags: Iterable[str]) -> dict[str, str]:
        names = to_intercom if side is Side.DASHLY else {}
        return {tag_key(names.get(tag_key(tag), tag)): tag for tag in sorted(tags)}

    now = {side: keyed(side, compared.now[side].tags) for side in Side}
    base = {side: keyed(side, compared.base[side].tags) for side in Side}
    return _Tags(
        now=now,
        base=base,
        wanted=merge_tags(
            {side: frozenset(now[side]) for side in Side}, {side: frozenset(base[side]) for side in Side}
        ),
        to_intercom=to_intercom,
        to_dashly={tag_key(intercom): dashly for dashly, intercom in renamed.items()},
    )


def _bring(compared: RegisterComparison, tags: _Tags, target: Side, wrote: frozenset[Side]) -> RegisterPlan:
    """Put missing tags on a side and take surplus ones off."""
    shown, wanted = tags.now[target].keys(), tags.wanted[target]
    if shown == wanted:
        return RegisterPlan()
    if not _can_tag(compared, target):
        copied = target.other in compared.policy.sources
        return unsupported(compared, target.other, Register.TAGS, wrote) if copied else RegisterPlan()
    # Sorted, so that the same plan is made whenever it is made again.
    actor = compared.actor(target.other, Register.TAGS)
    changes = [(key, True) for key in sorted(wanted - shown)] + [
        (key, False) for key in sorted(shown - wanted)
    ]
    return RegisterPlan(
        tuple(ChangeTag(target, tags.name(target, key), put_on, actor) for key, put_on in changes)
    )


def _can_tag(compared: RegisterComparison, target: Side) -> bool:
    return compared.policy.capabilities[target].tags and target.other in compared.policy.sources


def _agreed(compared: RegisterComparison, tags: _Tags, side: Side) -> Agreed:
    """Return a side's base from now on: what it will show, or what it shows where nothing can be changed."""
    if not _can_tag(compared, side):
        return Agreed(side, Register.TAGS, compared.now[side].tags)
    return Agreed(side, Register.TAGS, frozenset(tags.name(side, key) for key in tags.wanted[side]))
