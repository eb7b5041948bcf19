"""One direction of copying in one conversation, and the questions asked about its parts before planning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from connector.config.choices import HistoryMode
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.recognition.similarity import may_be_answer, may_be_copy, shows_apps
from connector.engine.plan.rendering import content_of
from connector.engine.plan.splitting import cut
from connector.engine.plan.visibility import Circumstances
from mappings.model import AuthorKind, Message, Side, Skipped
from mappings.names import TITLES
from state.records import COPIED_ALONE, tombstone

if TYPE_CHECKING:
    from connector.engine.plan.actions import PostWords
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from connector.helpdesk.capabilities import Capabilities
    from mappings.model import Part
    from state.records import LedgerRow


@dataclass(frozen=True)
class Direction:
    """From one side of a conversation to the other."""

    snapshot: Snapshot
    policy: Policy
    source: Side

    @property
    def target(self) -> Side:
        """Return the side that is written to."""
        return self.source.other

    @property
    def capabilities(self) -> Capabilities:
        """Return what the target can do."""
        return self.policy.capabilities[self.target]

    @property
    def history_mode(self) -> HistoryMode:
        """Return how history arrives on the target."""
        return self.policy.history[self.target]

    @property
    def from_origin(self) -> bool:
        """Tell whether the words come from where the conversation began."""
        return self.source is self.snapshot.pair.origin

    def is_history(self, part: Part) -> bool:
        """Tell whether a part is too old to be live: in a backfill all of them are."""
        age = self.snapshot.now[self.source] - part.created
        before = part.created < self.policy.read_from.get(self.source, 0.0)
        return self.snapshot.backfill or before or age > self.policy.max_age

    @cached_property
    def newest_copied(self) -> int:
        """Return the second of the newest words of this side that were copied by themselves."""
        rows = self.snapshot.ledger[self.source].values()
        copied = (row for row in rows if not row.ours and row.disposition in COPIED_ALONE)
        return max((int(row.created) for row in copied), default=0)

    def comes_late(self, part: Part) -> bool:
        """Tell whether words of the same side that are newer than a part were copied before it."""
        live = not self.snapshot.backfill and part.words is not None
        return live and self.newest_copied > int(part.created)

    def is_undelivered(self, part: Part) -> bool:
        """Tell whether an agent meant a part for the customer, should it turn out to be too old for that."""
        return (
            not self.snapshot.backfill
            and not self.from_origin
            and not self.snapshot.stand_in
            and part.author.kind in (AuthorKind.AGENT, AuthorKind.TEAM)
            and isinstance(part.words, Message)
        )

    def circumstances(self, part: Part) -> Circumstances:
        """Return what decides on a part's visibility besides the part."""
        return Circumstances(
            source=self.source,
            origin=self.snapshot.pair.origin,
            history=self.is_history(part),
            shadow=self.snapshot.shadow,
            stand_in=self.snapshot.stand_in,
        )

    def is_unsent(self, part: Part) -> bool:
        """Tell whether a part was said to a stand-in: the person whom that stands for does not get it."""
        meant = part.author.kind in (AuthorKind.AGENT, AuthorKind.TEAM, AuthorKind.BOT)
        to_stand_in = self.snapshot.stand_in and self.from_origin and not self.is_history(part)
        return meant and to_stand_in and isinstance(part.words, Message)

    def may_be_ours(self, part: Part) -> bool:
        """Tell whether words may be a copy made before an old state file was restored."""
        trusted = part.created >= self.policy.trusted_from
        if trusted or part.words is None or not self.snapshot.pair.linked:
            return False
        if self.from_origin:
            return may_be_answer(part, self._answers, self.policy, apps_shown=self._apps_shown)
        hidden = self.snapshot.hidden_seconds(self.target)
        shown = self._shown(self.target)
        return may_be_copy(part, shown, hidden, self.policy, apps_shown=self._apps_shown)

    @cached_property
    def _answers(self) -> tuple[Part, ...]:
        ours = {row.id for row in self.snapshot.ledger[self.target].values() if row.ours}
        return tuple(part for part in self._shown(self.target) if part.id not in ours)

    @cached_property
    def _apps_shown(self) -> bool:
        return shows_apps(self._shown(Side.INTERCOM), self.policy)

    def _shown(self, side: Side) -> tuple[Part, ...]:
        view = self.snapshot.views.get(side)
        return view.parts if view is not None else ()

    def opens_mirror(self, part: Part) -> bool:
        """Tell whether a part is a reason to make a mirror: it has words, and they are wanted there."""
        unwanted = self.is_history(part) and self.history_mode is HistoryMode.NONE
        return not part.removed and not unwanted and content_of(part, self.policy) is not None

    def skip_reason(self, part: Part) -> str | None:
        """Return why a part is left out, the most serious reason first; None when it is copied."""
        if part.removed:
            return "removed before it was copied"
        if self.may_be_ours(part):  # a copy that is copied back is worse than words that are not copied
            return "it may be a copy of ours that the state file does not know"
        if self.source not in self.policy.sources:
            return passed_over(self.source)
        if self._is_unwanted_history(part):
            return "history is not copied"
        return self._skipped_by_table(part)

    def _is_unwanted_history(self, part: Part) -> bool:
        """Tell whether the configuration leaves an old part out; what was to be delivered is not left out."""
        unwanted = self.history_mode is HistoryMode.NONE and self.is_history(part)
        return unwanted and not self.is_undelivered(part)

    def _skipped_by_table(self, part: Part) -> str | None:
        """Return the mapping table's reason, which counts only where nothing else of the part has words."""
        reasons = (entry.reason for entry in part.entries if isinstance(entry, Skipped))
        return next(reasons, None) if content_of(part, self.policy) is None else None

    def cut(self, post: PostWords) -> list[PostWords]:
        """Return the writes that bring a post, cut to what the target takes."""
        return cut(post, self.capabilities, self.policy.wording, self.snapshot.begun)

    def notice(self, kind: NoticeKind, part: Part, detail: str = "") -> Notice:
        """Return a notice about a part."""
        return Notice(kind, part.side, self.snapshot.pair.ids.get(part.side, ""), part.id, detail)


def passed_over(source: Side) -> str:
    """Return why parts of a side from which nothing is copied are left out."""
    return f"nothing is copied from {TITLES[source]}"


def passed_over_removal(row: LedgerRow) -> LedgerRow:
    """Return the tombstone of a part whose copy stays until its side is read again."""
    return replace(tombstone(row), reason=passed_over(row.side))
