"""Who speaks when an agent cannot any more: the default, with the agent's name in front."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.rendering import with_name
from connector.errors import AccessDenied, Gone, Rejected

if TYPE_CHECKING:
    from connector.engine.apply.execution import Execution
    from connector.engine.plan.actions import PostWords
    from connector.engine.plan.policy import Policy
    from connector.engine.run.report import Report
    from mappings.model import Side

NO_PERSON = frozenset({"ReplyTooBig", "no_api", "not_silent"})  # refused whoever speaks


@dataclass(frozen=True)
class Voices:
    """Remembers for one run which agents a side refused."""

    policy: Policy
    report: Report
    _refused: set[tuple[Side, str]] = field(default_factory=set, init=False)

    def of(self, execution: Execution, words: PostWords) -> PostWords:
        """Return words as they are spoken: by the default agent where theirs was refused before."""
        if (words.target, words.agent) in self._refused:
            return self._by_default(execution, words)
        return words

    def after(self, execution: Execution, words: PostWords, error: Exception) -> PostWords | None:
        """Return the same words by the default agent when a refusal may be for who speaks."""
        if words.agent is None or words.agent == self.policy.default_agent[words.target]:
            return None
        if not may_be_for_the_agent(error):
            return None
        self._refused.add((words.target, words.agent))
        named = self.policy.names[words.target].get(words.agent, words.agent)
        self.report.notice(
            Notice(NoticeKind.AGENT_CANNOT_WRITE, words.target, part=words.agent, detail=named)
        )
        return self._by_default(execution, words)

    def _by_default(self, execution: Execution, words: PostWords) -> PostWords:
        view = execution.snapshot.views.get(words.target.other)
        parts = view.parts if view is not None else ()
        author = next((part.author for part in parts if part.id == words.source), None)
        text = words.text if author is None else with_name(author, words.text)
        return replace(words, agent=self.policy.default_agent[words.target], text=text)


def may_be_for_the_agent(error: Exception) -> bool:
    """Tell whether a side may have refused a write for the agent in whose name it was."""
    if isinstance(error, AccessDenied):
        return error.status == HTTPStatus.FORBIDDEN
    return isinstance(error, Rejected) and not isinstance(error, Gone) and error.code not in NO_PERSON
