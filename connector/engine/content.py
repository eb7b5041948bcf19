"""Planning words: which new parts of a side are written to the other, in which form and order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.actions import Action, Carry, Form, Record
from connector.engine.delivery import Circumstances, Delivery, decide
from connector.engine.likeness import may_be_copy
from connector.engine.pieces import cut, losses_of, unsendable
from connector.engine.telling import TITLES, content_of, covering, customer_id, minute, words_hash
from mappings.model import (
    AuthorKind,
    Event,
    Message,
    Note,
    Side,
    Skipped,
)
from mappings.names import label
from mappings.transcript import pack
from state.ledger import Disposition, LedgerRow, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connector.engine.policy import Policy
    from connector.engine.snapshot import Snapshot
    from mappings.model import Author, Part


@dataclass(frozen=True, slots=True)
class Words:
    """The carries and records of one side, the parts left to the registers, and what a person should hear."""

    actions: tuple[Action, ...] = ()
    silent_parts: tuple[Part, ...] = ()
    attention: tuple[str, ...] = ()


def plan_words(snapshot: Snapshot, policy: Policy, source: Side) -> Words:
    """Plan how the new words of one side reach the other."""
    return _Writer(snapshot, policy, source).plan()


class _Writer:
    def __init__(self, snapshot: Snapshot, policy: Policy, source: Side) -> None:
        self._snapshot = snapshot
        self._policy = policy
        self._source = source
        self._target = source.other
        self._actions: list[Action] = []
        self._left: list[Part] = []
        self._attention: list[str] = []
        self._started = snapshot.pair.linked

    def plan(self) -> Words:
        parts = self._snapshot.new_parts(self._source)
        if self._started or any(self._worth_starting(part) for part in parts):
            told: list[Part] = []
            for part in parts:
                if reason := self._skip_reason(part):  # what is left out cuts no transcript in two
                    self._skip(part, reason)
                else:
                    told.append(part)
            for run in _runs(told, self._transcribed):
                if self._transcribed(run[0]):
                    self._transcript(run)
                else:
                    self._single(run[0])
        return Words(tuple(self._actions), tuple(self._left), tuple(self._attention))

    def _worth_starting(self, part: Part) -> bool:
        return (
            not part.removed
            and content_of(part, self._policy) is not None
            and not (self._is_history(part) and self._policy.history[self._target] == "none")
        )

    def _is_history(self, part: Part) -> bool:
        age = self._snapshot.now[self._source] - part.created
        return self._snapshot.backfill or age > self._policy.max_age

    def _transcribed(self, part: Part) -> bool:
        """Tell whether a part that stays goes into a transcript; events only while the past is told."""
        telling = self._snapshot.backfill and self._source is self._snapshot.pair.origin
        event = content_of(part, self._policy) is None
        late_event = event and self._snapshot.pair.linked and not telling
        return (
            self._is_history(part) and not late_event and self._policy.history[self._target] == "transcript"
        )

    def _skip_reason(self, part: Part) -> str:
        if part.removed:
            return "removed before it was copied"
        if self._may_be_ours(part):
            return "it may be a copy of ours that the state file does not know"
        if self._source not in self._policy.sources:
            return f"nothing is copied from {TITLES[self._source]}"
        none = self._policy.history[self._target] == "none" and not self._undelivered(part)
        if none and self._is_history(part):
            return "history is not copied"
        skipped = [entry.reason for entry in part.entries if isinstance(entry, Skipped)]
        if skipped and content_of(part, self._policy) is None:
            return skipped[0]
        return ""

    def _may_be_ours(self, part: Part) -> bool:
        """Tell whether words in the mirror may be a copy from before an old state file was put back."""
        pair, policy = self._snapshot.pair, self._policy
        mirrored = pair.linked and self._source is not pair.origin
        if not mirrored or part.words is None or part.created >= policy.trusted_from:
            return False
        return may_be_copy(part, self._snapshot.seconds(self._target), policy)

    def _skip(self, part: Part, reason: str) -> None:
        if self._may_be_ours(part):
            self._attention.append(f"{part.side} part {part.id} was not copied: {reason}")
        self._actions.append(Record((row_of(part, Disposition.SKIPPED, reason),)))

    def _single(self, part: Part) -> None:
        content = content_of(part, self._policy)
        if content is None:
            self._left.append(part)
        else:
            self._carry(part, content)

    def _where(self, part: Part) -> Circumstances:
        return Circumstances(
            source=self._source,
            origin=self._snapshot.pair.origin,
            history=self._is_history(part),
            shadow=self._snapshot.shadow,
        )

    def _carry(self, part: Part, content: Message | Note | Event) -> None:
        delivery = decide(content, part.author, self._where(part), self._policy)
        if delivery.late and not self._snapshot.backfill:
            self._attention.append(f"{part.side} part {part.id} was not delivered: it was seen too late")
        agent, same = self._policy.voice(self._source, part.author)
        carry = Carry(
            target=self._target,
            form=delivery.form,
            marker=self._policy.marker(self._source, part.id),
            source=part.id,
            text=(self._lead(part, delivery, same=same) + content.text).strip(),
            agent=None if delivery.as_customer else agent,
            attachments=() if isinstance(content, Event) else content.attachments,
            created=part.created,
            silent=delivery.silent,
            covers=(covering(part, delivery, same=same),),
        )
        self._start(part, carry)

    def _start(self, part: Part, carry: Carry) -> None:
        """Open the mirror with the customer's own first message, else with a neutral line."""
        ability = self._policy.abilities[self._target]
        if self._started:
            self._actions += self._rest_of_start(part, carry) or cut(carry, ability)
            return
        self._started = True
        if carry.form is Form.MESSAGE and carry.agent is None:
            self._actions += cut(replace(carry, form=Form.START), ability)
            return
        self._stub(part)
        self._actions += cut(carry, ability)

    def _rest_of_start(self, part: Part, carry: Carry) -> list[Carry]:
        """Return what is left of an opening whose first piece made the mirror before the run ended."""
        for row in self._snapshot.ledger[self._target].values():
            if row.ours and row.type == Form.START and row.counterpart == part.id:
                return cut(replace(carry, form=Form.START), self._policy.abilities[self._target])[1:]
        return []

    def _stub(self, part: Part) -> None:
        view = self._snapshot.views[self._source]
        self._actions.append(
            Carry(
                target=self._target,
                form=Form.START,
                marker=self._policy.marker(self._source, part.id, ":start"),
                source="",
                text=f"Conversation copied from {TITLES[self._source]}.",
                created=min(view.created or part.created, part.created),
            )
        )

    def _transcript(self, parts: tuple[Part, ...]) -> None:
        if not self._started:
            self._started = True
            self._stub(parts[0])
        for part in parts:
            self._files(part)
        by_id = {part.id: part for part in parts}
        heading = f"History copied from {TITLES[self._source]}"
        chunks = pack(parts, self._policy.abilities[self._target].max_text, heading=heading)
        for number, chunk in enumerate(chunks, start=1):
            self._actions.append(
                Carry(
                    target=self._target,
                    form=Form.NOTE,
                    marker=self._policy.marker(self._source, parts[0].id, f":history{number}"),
                    source=chunk.parts[0] if chunk.parts else parts[0].id,
                    text=chunk.text,
                    agent=self._policy.default_agent[self._target],
                    created=self._snapshot.now[self._target],
                    covers=tuple(self._transcribed_row(by_id[part]) for part in chunk.parts),
                )
            )
        late = [p for p in parts if self._undelivered(p)]
        self._attention += [f"{p.side} part {p.id} was not delivered: it was seen too late" for p in late]

    def _files(self, part: Part) -> None:
        """Carry the files of a transcribed part in notes of their own; they stand before the transcript."""
        words = part.words
        if words is None or not words.attachments:
            return
        note = Carry(
            target=self._target,
            form=Form.NOTE,
            marker=self._policy.marker(self._source, part.id, ":files"),
            source=part.id,
            text=f"Files of {minute(part.created)}, see the history below:",
            agent=self._policy.default_agent[self._target],
            attachments=words.attachments,
            created=self._snapshot.now[self._target],
        )
        self._actions += cut(note, self._policy.abilities[self._target])

    def _transcribed_row(self, part: Part) -> LedgerRow:
        row = row_of(part, Disposition.TRANSCRIPT, text_hash=words_hash(part))
        files = part.words.attachments if part.words else ()
        named = unsendable(files, self._policy.abilities[self._target])
        return replace(row, losses=row.losses + losses_of(named))

    def _undelivered(self, part: Part) -> bool:
        return (
            not self._snapshot.backfill
            and self._source is not self._snapshot.pair.origin
            and part.author.kind in (AuthorKind.AGENT, AuthorKind.TEAM)
            and isinstance(part.words, Message)
        )

    def _lead(self, part: Part, delivery: Delivery, *, same: bool) -> str:
        words = f"{delivery.lead}\n" if delivery.lead else self._name(part.author, delivery, same=same)
        dated = self._policy.abilities[self._target].back_dating
        if self._is_history(part) and not dated:
            words = f"[{minute(part.created)}] {words}"
        return words

    def _name(self, author: Author, delivery: Delivery, *, same: bool) -> str:
        if delivery.as_customer:
            other = author.id not in {None, customer_id(self._snapshot.views[self._source])}
            return f"{label(author)}: " if other and author.name else ""
        if author.kind is AuthorKind.BOT:
            return f"{label(author, 'Bot')}: "
        return "" if same or not author.name else f"{label(author)}: "


def _runs(parts: Iterable[Part], transcribed: Callable[[Part], bool]) -> Iterator[tuple[Part, ...]]:
    """Yield neighbouring parts that share a transcript together, every other part alone."""
    run: list[Part] = []
    for part in parts:
        if transcribed(part):
            run.append(part)
            continue
        if run:
            yield tuple(run)
            run = []
        yield (part,)
    if run:
        yield tuple(run)
