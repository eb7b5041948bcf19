"""The copies of one side's parts, each compared with what should be on the other side. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.config.choices import Edits
from connector.engine.inspect.expected import (
    Source,
    files_of_transcript,
    possible_copies,
    possible_edit_leads,
    possible_edit_notes,
)
from connector.engine.inspect.likeness import (
    Aspect,
    Mismatch,
    as_written,
    form_mismatches,
    is_beginning,
    is_by,
    judged,
    mismatches,
    reduced,
    squeezed,
)
from connector.engine.inspect.transcripts import (
    body_of,
    in_told_order,
    lines_of,
    transcript_notes,
    wrong_lines,
)
from connector.engine.plan.actions import Form
from connector.engine.plan.edits import is_edited
from connector.engine.plan.recognition.similarity import PIECE
from connector.engine.plan.registers.comparison import registers_of
from connector.engine.plan.rendering import content_of
from connector.engine.plan.sentences import is_opening_line, is_transcript
from connector.engine.plan.shadow import is_shadow
from connector.engine.recover.link import MATCHED_BY_HAND
from mappings.model import AuthorKind, Message, Note, Part, Side
from state.records import CARRIED, STRAY, Disposition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.engine.inspect.expected import Posts
    from connector.engine.plan.policy import Policy
    from mappings.model import Conversation
    from state.records import LedgerRow, Pair

FORMS = frozenset(Form)
TOLD_BY_CONVERSATION = "conversation_rating"
"""Parts of this type say what the conversation shows today, not what it was when they were made."""
RATING_REMARKED = "conversation_rating_remark_added"
"""Such a part adds words to the rating that was given before."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the copies of one part; ``known`` ones stay."""

    side: Side
    part: str
    what: str
    known: bool = False


class Copies:
    """The parts of one side of a pair, and what carries them on the other."""

    def __init__(
        self,
        pair: Pair,
        view: Conversation,
        other: Conversation,
        ledger: Mapping[Side, Mapping[str, LedgerRow]],
        policy: Policy,
        moved: frozenset[str] = frozenset(),
    ) -> None:
        self._pair = pair
        self._moved = moved
        self._view = view
        self._other = other
        self._rows = ledger[view.side]
        self._policy = policy
        # Removed rows are tombstones: whatever was there must not be there any more.
        self._ours = {row.id: row for row in ledger[other.side].values() if row.ours and not row.removed}
        self._shown = tuple(part for part in other.parts if part.id in self._ours and not part.removed)
        self._by_source: dict[str, list[Part]] = {}
        for part in self._shown:
            if (source := self._ours[part.id].counterpart) and part.words is not None:
                self._by_source.setdefault(source, []).append(part)
        ratings = [part for part in view.parts if part.type.startswith(TOLD_BY_CONVERSATION)]
        given = [number for number, part in enumerate(ratings) if part.type != RATING_REMARKED]
        self._earlier_ratings = frozenset(part.id for part in ratings[: given[-1] if given else 0])
        # Under whom the mirror was opened stays on its first parts when two contacts are merged later.
        people = (other.customer, other.opening.author if other.opening else None)
        self._customers = {None, pair.people.get(other.side), *(one.id for one in people if one)}

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the copies of this side's parts."""
        sources = [source for source in map(self._source, self._view.parts) if source is not None]
        told = [one for one in sources if one.row.disposition is Disposition.TRANSCRIPT]
        may_tell = [copy for copy in self._shown if not self._carries_one_part(copy)]
        notes = transcript_notes(may_tell, (one.row for one in told), self._view.side)
        for source in sources:
            yield from self._missing(source)
            # A transcript tells many parts: it is the copy of its first one no more than of the others.
            copies = [copy for copy in self._by_source.get(source.part.id, ()) if copy not in notes]
            for wrong in self._wrong(source, copies):
                yield self._fault(source, wrong)
        yield from self._stub()
        yield from self._transcribed(told, notes)

    def _carries_one_part(self, copy: Part) -> bool:
        """Tell whether a copy is one part's own: people may write what a transcript begins with."""
        row = self._rows.get(self._ours[copy.id].counterpart or "")
        return row is not None and row.disposition is not Disposition.TRANSCRIPT

    def _source(self, part: Part) -> Source | None:
        """Return a part whose words should be on the other side."""
        row = self._rows.get(part.id)
        if row is None or row.ours or row.removed or part.removed or row.disposition not in CARRIED:
            return None
        return Source(self._pair, self._view, part, row)

    def _fault(self, source: Source, wrong: Mismatch) -> Fault:
        """Return a mismatch as a fault; an edit that is not to be carried is known and stays."""
        ignored = wrong.aspect is Aspect.TEXT and self._policy.edits is Edits.IGNORE
        return Fault(source.part.side, source.part.id, wrong.what, known=ignored)

    def _missing(self, source: Source) -> Iterator[Fault]:
        # Intercom shows the newest 500 parts: an older copy is not missing, only out of sight.
        if not self._other.complete:
            return
        part, first = source.part, source.row.counterpart
        known = {row.id for row in self._ours.values() if row.counterpart == part.id and row.type in FORMS}
        known |= {first} if first else set()
        # Sorted, so that two runs of verify print the same.
        for copy in sorted(known - {shown.id for shown in self._shown} - self._moved):
            yield Fault(part.side, part.id, f"its copy {copy} is missing")

    # -- messages, notes, and what comes beside a transcript -------------------------------------------

    def _wrong(self, source: Source, copies: list[Part]) -> Iterator[Mismatch]:
        """Yield what is wrong with the copies of one part: the first ones, and the notes of later edits."""
        first, edits = self._split(source, copies)
        if self._reached_somebody(source, first):
            yield Mismatch(Aspect.FORM, f"its copy {first[0].id} reached a real customer")
        pending = is_edited(source.part, source.row, self._policy.key)
        # Nobody knows what the words were before an edit.
        yield from self._wrong_copies(source, first, worded=not (edits or pending))
        if pending:
            yield Mismatch(Aspect.TEXT, "was edited, and the edit is not carried yet")
        elif edits:
            yield from self._wrong_edit(source, edits)

    def _split(self, source: Source, copies: list[Part]) -> tuple[list[Part], list[Part]]:
        """Return the copies of a part, and the notes of ours that tell of its edits."""
        if source.part.words is None:
            return copies, []
        possible = possible_edit_leads(source, self._policy)
        leads = tuple(reduced(form) for lead in possible for form in as_written(lead))
        transcribed = source.row.disposition is Disposition.TRANSCRIPT
        # The first copy is the part itself, unless that is in a transcript.
        for number in range(0 if transcribed else 1, len(copies)):
            copy = copies[number].words
            if isinstance(copy, Note) and reduced(PIECE.sub("", copy.text)).startswith(leads):
                return copies[:number], copies[number:]
        return copies, []

    def _wrong_edit(self, source: Source, edits: list[Part]) -> list[Mismatch]:
        """Return what is wrong with the newest note of an edit; older ones tell of words long replaced."""
        closest: list[Mismatch] | None = None
        for posts in possible_edit_notes(source, self._policy):
            for number in range(len(edits)):
                wrong = mismatches(posts, edits[number:], self._customers)
                if not wrong:
                    return []
                if closest is None or len(wrong) < len(closest):
                    closest = wrong
        return closest or []

    def _wrong_copies(self, source: Source, copies: list[Part], *, worded: bool) -> list[Mismatch]:
        """Return how copies differ from what is likeliest; nothing when something fits, or but for words."""
        if source.row.disposition is Disposition.TRANSCRIPT:
            return judged(self._wrong_files(source, copies), worded=worded)
        if not copies:
            return []
        # Another tool wrote these: no plan of ours ever made them.
        if any(self._ours[copy.id].reason == MATCHED_BY_HAND for copy in copies):
            return judged(self._at_least(source, copies), worded=worded)
        likeliest: list[Mismatch] | None = None
        for posts in possible_copies(source, self._policy, opens=copies[0].opening):
            for shown in _without_register_notes(source.part, copies):
                wrong = judged(self._tolerated(source.part, posts, shown), worded=worded)
                if not wrong:
                    return []
                likeliest = wrong if likeliest is None else likeliest
        return judged(self._at_least(source, copies), worded=worded) if likeliest is None else likeliest

    def _wrong_files(self, source: Source, copies: list[Part]) -> list[Mismatch]:
        """Return what is wrong with the notes that bring the files of a part of a transcript."""
        likeliest: list[Mismatch] | None = None
        for files in files_of_transcript(source, self._policy):
            wrong = mismatches(files, copies, self._customers) if files and copies else []
            if not wrong:
                return []
            likeliest = wrong if likeliest is None else likeliest
        return likeliest or []

    def _tolerated(self, part: Part, posts: Posts, copies: list[Part]) -> list[Mismatch]:
        """Return how the copies of a part differ, but for what a rating was when it was copied."""
        wrong = mismatches(posts, copies, self._customers)
        if not part.type.startswith(TOLD_BY_CONVERSATION):
            return wrong
        # The newest one is what the conversation shows, perhaps with a remark that was added since.
        begun = part.type != RATING_REMARKED and is_beginning(copies, posts)
        if part.id not in self._earlier_ratings and not begun:
            return wrong
        return judged(wrong, worded=False)

    def _at_least(self, source: Source, copies: list[Part]) -> list[Mismatch]:
        """Compare copies that today's planner would not make: their form, and that the words are there."""
        content = content_of(source.part, self._policy)
        # The ledger may be wrong, but never in this direction: what is not a message must be private.
        private = source.row.disposition is Disposition.NOTE or not isinstance(content, Message)
        form = Form.NOTE if private else Form.MESSAGE
        wrong = [one for copy in copies for one in form_mismatches(form, copy)]
        given = "".join(squeezed(PIECE.sub("", copy.words.text)) for copy in copies if copy.words)
        forms = content.forms if content is not None else ("",)
        if not any(squeezed(form) in given for form in forms):
            wrong.append(Mismatch(Aspect.TEXT, f"its copy {copies[0].id} has another text"))
        return wrong

    def _reached_somebody(self, source: Source, copies: list[Part]) -> bool:
        """Tell whether an agent's words are on Dashly's mirror where a real customer reads them."""
        agents = isinstance(source.part.words, Message) and source.part.author.kind is not AuthorKind.CUSTOMER
        mirrored = source.part.side is Side.INTERCOM and self._pair.origin is Side.INTERCOM
        public = any(isinstance(copy.words, Message) for copy in copies)
        return agents and mirrored and public and not is_shadow(self._other.customer)

    # -- what is about no single part -------------------------------------------------------------------

    def _stub(self) -> Iterator[Fault]:
        """Compare the neutral line with which we opened a mirror in the customer's name."""
        stub = self._other.opening
        row = self._ours.get(stub.id) if stub is not None else None
        if stub is None or row is None or row.counterpart is not None or row.reason == STRAY:
            return
        side = self._other.side
        if stub.words is None or not is_opening_line(stub.words.text):
            yield Fault(side, stub.id, "opened the mirror, but has another text")
        if not isinstance(stub.words, Message) or not is_by(None, stub, self._customers):
            yield Fault(side, stub.id, "opened the mirror, but not as the customer's message")

    def _transcribed(self, told: Sequence[Source], notes: Sequence[Part]) -> Iterator[Fault]:
        """Compare the transcripts with the parts that they tell of."""
        source, target = self._view.side, self._other.side
        for note in notes:
            yield from (Fault(target, note.id, one) for one in self._wrong_note(note))
        if not notes:
            return
        told_by = "".join(squeezed(body_of(note, source)) for note in notes)
        rows = {one.part.id: one.row for one in told}
        known = {row.id for row in self._rows.values() if row.disposition is Disposition.TRANSCRIPT}
        edited = {one.part.id for one in told if self._is_edited(one)}
        wanted = [
            line
            for part, _ in in_told_order((one.part for one in told), rows, notes)
            for line in lines_of(part, edited=part.id in edited)
        ]
        # Parts that were deleted since are still in the transcript.
        unknown = known - rows.keys()
        yield from (Fault(source, part, what) for part, what in wrong_lines(told_by, wanted, unknown=unknown))

    def _wrong_note(self, note: Part) -> Iterator[str]:
        if not isinstance(note.words, Note):
            yield "is a transcript that is public, but must not be"
        elif not is_transcript(note.words.text, self._view.side):
            yield "is a transcript that does not begin with its heading"
        if not is_by(self._policy.default_agent[note.side], note, self._customers):
            yield "is a transcript by another author"

    def _is_edited(self, source: Source) -> bool:
        _, edits = self._split(source, self._by_source.get(source.part.id, []))
        return bool(edits) or is_edited(source.part, source.row, self._policy.key)


def _without_register_notes(part: Part, copies: list[Part]) -> Iterator[list[Part]]:
    """Yield the copies of a part, then without the notes that tell of registers which it changed as well."""
    yield copies
    for _ in registers_of(part):
        if len(copies) > 1 and isinstance(copies[-1].words, Note):
            copies = copies[:-1]
            yield copies
