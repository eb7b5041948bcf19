"""What a side cannot show: accepted as it is, with one note to the agents there, and not tried again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from connector.engine.plan.actions import Form, PostWords
from connector.engine.plan.registers.register_plan import RegisterPlan
from mappings.characters import one_line
from mappings.model import ChannelChanged, Side
from mappings.names import TITLES, label
from mappings.registers import Register
from mappings.sentences import Sentence
from state.records import Disposition

if TYPE_CHECKING:
    from connector.engine.plan.registers.comparison import RegisterComparison
    from mappings.model import Part

_NAMES = {
    Register.STATUS: Sentence.THE_STATUS,
    Register.ASSIGNEE: Sentence.THE_ASSIGNEE,
    Register.TEAM: Sentence.THE_TEAM,
    Register.TAGS: Sentence.THE_TAGS,
}


def unsupported(
    compared: RegisterComparison, source: Side, register: Register, wrote: frozenset[Side]
) -> RegisterPlan:
    """Leave a value that the other side of ``source`` cannot show; ``wrote`` are the sides that get words."""
    linked = compared.snapshot.pair.linked
    event = compared.event(source, register)
    exists = linked or source.other in wrote  # a note does not open a mirror
    tell = exists and not _is_no_news(compared, source, register, event)
    note = (_note(compared, source, register, event),) if tell else ()
    base = compared.base_as_shown(register, *(Side if linked else (source,)))
    return RegisterPlan((*note, base), {(source, register): Disposition.UNSUPPORTED})


def _is_no_news(compared: RegisterComparison, source: Side, register: Register, event: Part | None) -> bool:
    """Tell whether agents need no note: for history, a timer, or a person whom the other side lacks."""
    snapshot = compared.snapshot
    if snapshot.backfill or register is Register.ASSIGNEE:
        return True
    if event is None:
        return False
    if any(isinstance(entry, ChannelChanged) for entry in event.entries):
        return True  # a line of its own tells of the move
    old = snapshot.now[source] - event.created > compared.policy.max_age
    return old or event.type.startswith("timer_")


def _note(compared: RegisterComparison, source: Side, register: Register, event: Part | None) -> PostWords:
    target = source.other
    value = compared.text(source, register)
    wording = compared.policy.wording
    cause = compared.cause(source, register)
    known = cause is not None and cause.author.name
    who = label(cause.author, wording) if cause is not None and known else wording.say(Sentence.SOMEBODY)
    # Without an event the conversation stands for it; the value keeps two such notes apart.
    about = event.id if event is not None else compared.snapshot.pair.ids.get(source, "")
    digest = hashlib.sha256(f"{register}={value}".encode()).hexdigest()[:8]
    return PostWords(
        target=target,
        form=Form.NOTE,
        marker=compared.policy.marker(source, about, f":{register}-{digest}"),
        source=about,
        text=wording.say(
            Sentence.REGISTER_CHANGED,
            who=who,
            register=wording.say(_NAMES[register]),
            side=TITLES[source],
            value=one_line(compared.worded(source, register)),
            other=TITLES[target],
        ),
        agent=compared.policy.default_agent[target],
        created=compared.snapshot.now[target],
    )
