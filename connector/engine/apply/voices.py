"""Who speaks when somebody cannot any more: the default for an agent, a note for a customer; both named."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from connector.engine.plan.actions import Form
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.reasons import Reason
from connector.engine.plan.recognition.similarity import PIECE
from connector.engine.plan.rendering import with_name
from connector.errors import AccessDenied, Gone, Rejected, RemoteError
from mappings.model import Side
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.apply.execution import Execution
    from connector.engine.plan.actions import PostWords
    from connector.engine.plan.policy import Policy
    from connector.engine.run.report import Report
    from connector.helpdesk.port import Helpdesk
    from mappings.model import Author

NOT_FOUND = "LookupError"  # Dashly's code for an id that does not exist, whatever it is the id of
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_INVALID = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})


@dataclass(frozen=True)
class Voices:
    """Remembers for one run which agents a side refused."""

    policy: Policy
    report: Report
    helpdesks: Mapping[Side, Helpdesk]
    _refused: set[tuple[Side, str]] = field(default_factory=set, init=False)

    def of(self, execution: Execution, words: PostWords) -> PostWords:
        """Return words as they are spoken: by the default agent where theirs was refused before."""
        if words.agent is not None and (words.target, words.agent) in self._refused:
            return self._by_default(execution, words)
        return words

    def instead(self, execution: Execution, words: PostWords, error: RemoteError) -> PostWords | None:
        """Return what is said when words were refused for who speaks; None when it is not for that."""
        if words.agent is None:
            return self._noted(execution, words) if is_customer_missing(words, error) else None
        return self._by_another(execution, words, error)

    def why_refused(self, words: PostWords, error: Rejected) -> str:
        """Return why words were refused for good, in a sentence that names who is missing, if somebody is."""
        target, agent = words.target, words.agent
        if is_customer_missing(words, error):
            return Reason.CUSTOMER_MISSING.tell(target, why=_short(error))
        if agent is None or not (_is_missing(error) or self._has_left(target, agent, error)):
            return " ".join(filter(None, (str(error), error.hint)))
        name = self.policy.names[target].get(agent, "")
        who = f"{name} ({agent})" if name else agent
        default = agent == self.policy.default_agent[target]
        reason = Reason.DEFAULT_CANNOT_WRITE if default else Reason.TEAMMATE_CANNOT_WRITE
        # Both at once: whoever fixes only one of them would come back here for the other.
        also = "[map.admins]" if self.policy.agents.is_configured(target, agent) else ""
        return reason.tell(target, who=who, also=also, why=_short(error))

    def _by_another(self, execution: Execution, words: PostWords, error: RemoteError) -> PostWords | None:
        target, agent = words.target, words.agent
        # Nobody speaks for the default: then the configuration is wrong, not the agent.
        if agent is None or agent == self.policy.default_agent[target]:
            return None
        if not (_is_missing(error) or self._has_left(target, agent, error)):
            return None
        self._refused.add((target, agent))
        named = self.policy.names[target].get(agent, agent)
        self.report.notice(Notice(NoticeKind.AGENT_CANNOT_WRITE, target, part=agent, detail=named))
        return self._by_default(execution, words)

    def _noted(self, execution: Execution, words: PostWords) -> PostWords:
        """Return a note that names the customer, who cannot be written as any more."""
        source = words.target.other
        conversation = execution.snapshot.pair.ids.get(source, "")
        self.report.notice(Notice(NoticeKind.CUSTOMER_CANNOT_WRITE, source, conversation))
        covers = tuple(replace(row, disposition=Disposition.NOTE) for row in words.covers)
        return replace(self._by_default(execution, words), form=Form.NOTE, covers=covers)

    def _has_left(self, side: Side, agent: str, error: RemoteError) -> bool:
        """Tell whether a refusal that gives no reason is about an agent whom the side does not list."""
        # Dashly names a missing id by its code and lists no admins. Intercom's 400 and 422 mean many things.
        if side is Side.DASHLY or not isinstance(error, Rejected) or error.status not in _INVALID:
            return False
        listed = {one.id for one in self.helpdesks[side].agents(fresh=True)}
        # An empty list means that the token may not see it, not that nobody works there.
        return bool(listed) and agent not in listed

    def _by_default(self, execution: Execution, words: PostWords) -> PostWords:
        view = execution.snapshot.views.get(words.target.other)
        parts = view.parts if view is not None else ()
        author = next((part.author for part in parts if part.id == words.source), None)
        text = words.text if author is None else self._named(author, words)
        return replace(words, agent=self.policy.default_agent[words.target], text=text)

    def _named(self, author: Author, words: PostWords) -> str:
        """Return words with their author's name in front; of pieces only in the first, as planned."""
        wording = self.policy.wording
        piece = PIECE.match(words.text) if words.begins is not None else None
        if piece is None:
            return with_name(author, words.text, wording)
        rest = words.text[piece.end() :]
        return f"{piece[0]}{with_name(author, rest, wording)}" if int(piece[1]) == 1 else words.text


def _short(error: Rejected) -> str:
    return " ".join(filter(None, (str(error.status), error.code)))


def is_customer_missing(words: PostWords, error: RemoteError) -> bool:
    """Tell whether a customer's message was refused since they are not there any more."""
    return words.agent is None and words.form is Form.MESSAGE and _is_missing(error)


def _is_missing(error: RemoteError) -> bool:
    """Tell whether a side says that somebody is not there, or may not be written as."""
    if isinstance(error, AccessDenied):
        # A 401 is about the token, whoever speaks.
        return error.status == HTTPStatus.FORBIDDEN
    if not isinstance(error, Rejected) or isinstance(error, Gone):
        return False
    return error.status in _GONE or error.code == NOT_FOUND
