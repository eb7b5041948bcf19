"""Planning words: which new parts of a side are written to the other, in which form and order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from connector.engine.plan.actions import Action, Form, PostWords, Reread, WriteLedger
from connector.engine.plan.direction import Direction
from connector.engine.plan.notices import NoticeKind
from connector.engine.plan.rendering import content_of, copied_row, customer_id, introduction
from connector.engine.plan.sentences import opening_line
from connector.engine.plan.transcripts import belongs_in_transcript, transcript
from connector.engine.plan.visibility import visibility_of
from mappings.keyed import keyed
from mappings.model import Event, Loss, LossKind
from state.records import Disposition, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connector.engine.plan.notices import Notice
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.plan.visibility import Visibility
    from mappings.model import Message, Note, Part, Side
    from state.records import LedgerRow


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """Writes and ledger rows in order, notices for people, and the parts left to the registers."""

    actions: tuple[Action, ...] = ()
    silent_parts: tuple[Part, ...] = ()
    notices: tuple[Notice, ...] = ()

    def __add__(self, other: MessagePlan) -> MessagePlan:
        return MessagePlan(
            self.actions + other.actions,
            self.silent_parts + other.silent_parts,
            self.notices + other.notices,
        )

    @property
    def written_to(self) -> frozenset[Side]:
        """Return the sides that get words."""
        return frozenset(action.target for action in self.actions if isinstance(action, PostWords))


def plan_messages(snapshot: Snapshot, policy: Policy, source: Side) -> MessagePlan:
    """Plan how the new words of one side reach the other."""
    direction = Direction(snapshot, policy, source)
    parts = snapshot.new_parts(source)
    if not snapshot.pair.linked and not any(map(direction.opens_mirror, parts)):
        return MessagePlan()
    planned = MessagePlan()
    kept: list[Part] = []
    for part in parts:  # first of all, so that what is left out cuts no transcript in two
        if reason := direction.skip_reason(part):
            planned += _skip(direction, part, reason)
        else:
            kept.append(part)
    for group in _groups(direction, kept):
        opens = not snapshot.pair.linked and not planned.written_to
        planned += _plan_group(direction, group, opens=opens)
    return planned


def _groups(direction: Direction, parts: Iterable[Part]) -> Iterator[tuple[Part, ...]]:
    """Yield neighbouring parts that share a transcript together, every other part alone."""
    for together, run in groupby(parts, partial(belongs_in_transcript, direction)):
        if together:
            yield tuple(run)
        else:
            yield from ((part,) for part in run)


def _skip(direction: Direction, part: Part, reason: str) -> MessagePlan:
    suspect = direction.may_be_ours(part)
    return MessagePlan(
        actions=(WriteLedger((row_of(part, Disposition.SKIPPED, reason),)),),
        notices=(direction.notice(NoticeKind.MAYBE_OURS, part, reason),) if suspect else (),
    )


def _plan_group(direction: Direction, group: tuple[Part, ...], *, opens: bool) -> MessagePlan:
    """Plan a transcript, or a part that is posted by itself; ``opens`` makes the mirror with it."""
    first = group[0]
    if belongs_in_transcript(direction, first):
        notes = transcript(direction, group)
        late = tuple(part for part in group if direction.is_undelivered(part))
        return MessagePlan(
            actions=(_stub(direction, first), *notes) if opens else tuple(notes),
            notices=tuple(direction.notice(NoticeKind.NOT_DELIVERED, part) for part in late),
        )
    content = content_of(first, direction.policy)
    if content is None:
        return MessagePlan(silent_parts=(first,))
    return _plan_part(direction, first, content, opens=opens)


def _plan_part(
    direction: Direction, part: Part, content: Message | Note | Event, *, opens: bool
) -> MessagePlan:
    policy, source = direction.policy, direction.source
    visibility = visibility_of(content, part.author, direction.circumstances(part), policy)
    agent, same = policy.speaker_for(source, part.author)
    customer = customer_id(direction.snapshot.views[source])
    lead = introduction(part.author, visibility, customer, policy.wording, same=same)
    post = PostWords(
        target=direction.target,
        form=visibility.form,
        marker=policy.marker(source, part.id),
        source=part.id,
        text=(_date(direction, part) + lead + content.in_language(policy.wording.language)).strip(),
        agent=None if visibility.as_customer else agent,
        attachments=() if isinstance(content, Event) else content.attachments,
        created=part.created,
        silent=visibility.silent,
        covers=(_told_late(direction, part, copied_row(part, visibility, same=same)),),
    )
    if cut_short := _cut_short(direction, post):
        return MessagePlan(actions=(WriteLedger(cut_short), Reread(source)))
    return MessagePlan(
        actions=tuple(_open(direction, part, post) if opens else _continue(direction, post)),
        notices=tuple(_not_sent(direction, part, visibility)),
    )


def _not_sent(direction: Direction, part: Part, visibility: Visibility) -> Iterator[Notice]:
    if visibility.late and not direction.snapshot.backfill:  # in a backfill nobody expects a delivery
        yield direction.notice(NoticeKind.NOT_DELIVERED, part)
    if direction.is_unsent(part):
        yield direction.notice(NoticeKind.NOT_SENT, part)


def _cut_short(direction: Direction, post: PostWords) -> tuple[LedgerRow, ...]:
    """Return the rows of words that changed after their first piece was written: the change is an edit."""
    begun = direction.snapshot.begun.get(post.marker)
    if begun is None or begun.text_hash is None:
        return ()
    key = direction.policy.key
    changed = (row for row in post.covers if row.text_hash and keyed(key, row.text_hash) != begun.text_hash)
    return tuple(replace(row, text_hash=begun.text_hash, counterpart=begun.copy) for row in changed)


def _date(direction: Direction, part: Part) -> str:
    """Return the time of an old part, where the other side would show the time of the copying."""
    late = direction.from_origin and direction.comes_late(part)  # a delivery is read when it comes
    dated = direction.capabilities.back_dating or not (late or direction.is_history(part))
    return "" if dated else f"[{direction.policy.wording.minute(part.created)}] "


def _told_late(direction: Direction, part: Part, row: LedgerRow) -> LedgerRow:
    """Return the row of a part, with the loss when newer words were copied before it."""
    if not direction.comes_late(part):
        return row
    where = "in its own second" if direction.capabilities.back_dating else "behind them"
    late = Loss(LossKind.TIME, f"newer words were copied first; it stands {where}")
    return replace(row, losses=(*row.losses, late))


def _open(direction: Direction, part: Part, post: PostWords) -> list[PostWords]:
    """Return the writes that open the mirror: with the customer's own message, else with a neutral line."""
    if post.form is Form.MESSAGE and post.agent is None:
        return direction.cut(replace(post, form=Form.START))
    return [_stub(direction, part), *direction.cut(post)]


def _continue(direction: Direction, post: PostWords) -> list[PostWords]:
    """Return the writes into a mirror that exists.

    Where the run ended after the first piece of an opening had made it, the other pieces are still to come.
    """
    for row in direction.snapshot.ledger[direction.target].values():
        if row.ours and row.type == Form.START and row.counterpart == post.source:
            opening = direction.cut(replace(post, form=Form.START))
            return opening[1:] or direction.cut(post)
    return direction.cut(post)


def _stub(direction: Direction, first: Part) -> PostWords:
    """Return the neutral line that opens a mirror, never younger than what follows."""
    view = direction.snapshot.views[direction.source]
    return PostWords(
        target=direction.target,
        form=Form.START,
        marker=direction.policy.marker(direction.source, first.id, ":start"),
        source="",
        text=opening_line(direction.source, direction.policy.wording),
        created=min(view.created or first.created, first.created),
    )
