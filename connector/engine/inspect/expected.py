"""What should be on the other side for one part: the planner's own writes, planned again.

The ledger remembers how a part travelled (message, note, transcript), not what decided that: its age, who had
a counterpart, what the configured version could do. So the planner is asked once for each set of such
circumstances, and those of its answers that lead to what the ledger says are the copies that may be there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from connector.config.choices import Edits, HistoryMode
from connector.engine.plan.actions import PostWords
from connector.engine.plan.edits import edit_told, plan_edits
from connector.engine.plan.messages import plan_messages
from connector.engine.plan.policy import AgentMap, Policy
from connector.engine.plan.snapshot import Snapshot
from mappings.languages import Language
from mappings.model import AuthorKind, LossKind, Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mappings.model import Conversation, Part
    from state.records import Disposition, LedgerRow, Pair

ANYBODY = "anybody"
"""Stands for an agent of whom it is not known any more who they were."""

Posts = tuple[PostWords, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A part of one side, the conversation that shows it, and its row in the ledger."""

    pair: Pair
    view: Conversation
    part: Part
    row: LedgerRow

    def planned_as(
        self, policy: Policy, *, origin: Side | None = None, history: bool, silent: bool = True, opens: bool
    ) -> Posts:
        """Return the writes that carry this part alone; ``opens`` when its mirror is not made yet."""
        known = {self.part.side: self.view.id} if opens else dict.fromkeys(Side, self.view.id)
        snapshot = Snapshot(
            pair=replace(self.pair, ids=known, origin=origin or self.pair.origin),
            views={self.part.side: replace(self.view, parts=(self.part,))},
            ledger={side: {} for side in Side},
            now=dict.fromkeys(Side, self.part.created),
            backfill=history,
            shadow=silent,
        )
        words = plan_messages(snapshot, _quiet(policy, silent=silent), self.part.side)
        posts = (action for action in words.actions if isinstance(action, PostWords))
        return tuple(post for post in posts if post.source == self.part.id)


def possible_copies(source: Source, policy: Policy, *, opens: bool) -> Iterator[Posts]:
    """Yield what may carry a part, the likeliest first; ``opens`` says that its copy opened the mirror."""
    # A side that was not copied from for a while is read from a later moment on, its earlier copies stay.
    native = replace(policy, history=dict.fromkeys(Side, HistoryMode.NATIVE), read_from={})
    origin = source.pair.origin
    known: set[Posts] = set()
    # An origin moves when the customer answers on the other side, and what had to be a note may be a silent
    # message in a later version: the copy that was made before stays as it is.
    circumstances = product(
        _circumstances(source, native), (origin, origin.other), (True, False), (False, True)
    )
    for mapped, began, silent, history in circumstances:
        posts = source.planned_as(mapped, origin=began, history=history, silent=silent, opens=opens)
        shown = tuple(replace(post, marker="", covers=(), begins=None, silent=True) for post in posts)
        if shown not in known and _disposition(posts) is source.row.disposition:
            known.add(shown)
            yield posts


def files_of_transcript(source: Source, policy: Policy) -> Iterator[Posts]:
    """Yield the notes that may bring the files of a part whose words are in a transcript."""
    marker = policy.marker(source.part.side, source.part.id, ":files")
    for worded in _languages(policy):
        posts = _told_in_transcript(source, worded)
        yield tuple(post for post in posts if post.marker.partition("#")[0] == marker)


def _told_in_transcript(source: Source, policy: Policy) -> Posts:
    told = replace(policy, history=dict.fromkeys(Side, HistoryMode.TRANSCRIPT))
    return source.planned_as(told, history=True, opens=False)


def possible_edit_notes(source: Source, policy: Policy) -> Iterator[Posts]:
    """Yield the notes that may tell of the part's words as they are now, the likeliest first."""
    part, row = source.part, source.row
    snapshot = Snapshot(
        pair=replace(source.pair, ids=dict.fromkeys(Side, source.view.id)),
        views={part.side: replace(source.view, parts=(part,))},
        ledger={part.side: {part.id: replace(row, text_hash="before")}, part.side.other: {}},
        now=dict.fromkeys(Side, part.created),
    )
    for mapped in _circumstances(source, replace(policy, edits=Edits.NOTE)):
        actions = plan_edits(snapshot, mapped, part.side).actions
        yield tuple(action for action in actions if isinstance(action, PostWords))


def possible_edit_leads(source: Source, policy: Policy) -> Iterator[str]:
    """Yield how a note may begin that tells of an edit of the part, whatever its words are."""
    return (edit_told(mapped, source.part, "") for mapped in _circumstances(source, policy))


def _quiet(policy: Policy, *, silent: bool) -> Policy:
    """Return a policy under which an agent's copy is a silent message, or has to be a note."""
    there = replace(policy.capabilities[Side.INTERCOM], silent_messages=silent)
    return replace(
        policy,
        sources=frozenset(Side),
        trusted_from=0.0,
        loud_mirror=False,
        full_contacts=False,
        capabilities={**policy.capabilities, Side.INTERCOM: there},
    )


def _circumstances(source: Source, policy: Policy) -> Iterator[Policy]:
    """Yield the policy with who may have spoken for the author, in every language."""
    return (worded for mapped in _mappings(source, policy) for worded in _languages(mapped))


def _languages(policy: Policy) -> Iterator[Policy]:
    chosen = policy.wording.language
    yield policy
    yield from (policy.in_language(language) for language in Language if language is not chosen)


def _mappings(source: Source, policy: Policy) -> Iterator[Policy]:
    """Yield the policy with who speaks for the author today, then with who may have when it was copied."""
    # Today's mapping first: it seldom changed, and the first fit ends the search.
    yield policy
    author, side = source.part.author, source.part.side
    if author.kind is not AuthorKind.AGENT or author.id is None:
        return
    if policy.agents.of(side, author.id) is not None:
        # Mapped by now: the copy may be from before, by the default with the name in front.
        yield replace(policy, agents=_agents(side, {}))
    elif not any(loss.kind is LossKind.AUTHOR for loss in source.row.losses):
        # Unmapped by now, but copied without a loss: they had a counterpart then.
        yield replace(policy, agents=_agents(side, {author.id: ANYBODY}))


def _agents(side: Side, known: Mapping[str, str]) -> AgentMap:
    return AgentMap({side: known, side.other: {}})


def _disposition(posts: Posts) -> Disposition | None:
    """Return what the ledger would say of the part that these writes carry."""
    return next((row.disposition for post in posts for row in post.covers), None)
