"""The one place where an answer or a failure to get one becomes an error that a person can read.

A sentence names the side, what was asked and the reason as a code; never a token, a text or a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from connector.errors import AccessDenied, Gone, NeverSent, Rejected, RemoteError, Unclear, Unreadable
from connector.host.redaction import REDACTOR

if TYPE_CHECKING:
    from connector.http.service import Service

_DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN})
_LATER = "Nothing is lost: run again later."
_CLIENT_ERRORS = range(400, 500)
_NOT_FOLLOWED = frozenset({HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT})
_UNDECIDED = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.TOO_EARLY})
_STANDARD = frozenset(HTTPStatus)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]-]{0,59}")
# They are shown on one line, and what is wrong with a request shows in the first.
_MOST_FIELDS = 5


def is_undecided(status: int) -> bool:
    """Tell whether an answer leaves open what became of the request: 408, 421, 425, and 500 and above.

    A code that no standard knows, as 444 or 499, is a proxy's own: it may have been applied behind that.
    """
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _UNDECIDED or status not in _STANDARD


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and REDACTOR.clean(text) == text


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of whom; ``read`` says that it could not change anything."""

    service: Service
    asked: str
    read: bool

    @property
    def title(self) -> str:
        """Return who was asked, for people."""
        return self.service.title


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer other than success: status, the side's own code, and the parameters that it names.

    Anything that does not look like a code or name, or holds a secret, is left out: an answer may echo what
    was sent.
    """

    status: int
    code: str = ""
    fields: tuple[str, ...] = ()
    gone: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", self.code if _is_name(self.code) else "")
        object.__setattr__(self, "fields", tuple(filter(_is_name, self.fields))[:_MOST_FIELDS])

    @property
    def reason(self) -> str:
        """Return the reason in brackets' form: ``400 ValidationError: admin``."""
        words = " ".join(word for word in (str(self.status), self.code) if word)
        return f"{words}: {', '.join(self.fields)}" if self.fields else words


def unreachable(question: Question, why: str) -> NeverSent:
    """Return the error for a request of which no byte was accepted."""
    service = question.service
    return NeverSent(
        f"{question.title} ({service.host}) could not be reached for {question.asked} ({why}).",
        hint=f"Check the network and base_url in [{service.section}] ({service.base_url}), then run again.",
    )


def overloaded(question: Question, tries: int) -> NeverSent:
    """Return the error for a request that was refused for load to the end."""
    return NeverSent(
        f"{question.title} refused {question.asked} for too many requests, {tries} times in a row.",
        hint="Look for other programs that use the same key, or lower the rate; then run again later.",
    )


def unanswered(question: Question, why: str) -> RemoteError:
    """Return the error for a request that left and got no usable answer."""
    if question.read:
        return RemoteError(f"{question.title} did not answer {question.asked} ({why}).", hint=_LATER)
    return Unclear(
        f"{question.title} did not confirm {question.asked} ({why}); it may have been carried out.",
        hint="The next run looks for it before anything is sent again.",
    )


def unreadable(question: Question, why: str) -> RemoteError:
    """Return the error for a successful answer that cannot be understood."""
    if not question.read:
        return unanswered(question, why)
    return Unreadable(
        f"{question.title} answered {question.asked} in a way that the API does not document ({why}).",
        hint=f"Check base_url in [{question.service.section}] ({question.service.base_url}).",
    )


def refused(question: Question, refusal: Refusal) -> RemoteError:
    """Return the error for an answer that says no."""
    if refusal.status in _DENIED:
        return _denied(question, refusal)
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        return overloaded(question, 1)
    if refusal.status not in _CLIENT_ERRORS or is_undecided(refusal.status):
        return unanswered(question, refusal.reason)
    if refusal.gone:
        return Gone(
            f"{question.title} does not know the object of {question.asked} ({refusal.reason}).",
            status=refusal.status,
            code=refusal.code,
        )
    return Rejected(
        f"{question.title} refused {question.asked} ({refusal.reason}).",
        status=refusal.status,
        code=refusal.code,
    )


def redirected(question: Question, status: int) -> RemoteError:
    """Return the error for an answer that points elsewhere: redirects are never followed.

    By 307 and 308 the request was not carried out; after any other it may have been.
    """
    hint = f"Set base_url in [{question.service.section}] to the address of the API itself."
    sentence = f"{question.title} redirected {question.asked} ({status})"
    if question.read:
        return Unreadable(f"{sentence}.", hint=hint)
    if status in _NOT_FOLLOWED:
        return NeverSent(f"{sentence}; it was not carried out.", hint=hint)
    return Unclear(f"{sentence}; it may have been carried out.", hint=hint)


def _denied(question: Question, refusal: Refusal) -> AccessDenied:
    """Return the error for a token that is refused as such (401), or for what was asked."""
    place = question.service.token_place
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        told = f"{question.title} refused the token ({refusal.reason})"
        hint = f"Put a valid token into {place}, then: connector doctor"
    else:
        told = f"{question.title} does not let this token do this: {question.asked} ({refusal.reason})"
        hint = f"Give the token in {place} that right in {question.title}, then: connector doctor"
    return AccessDenied(f"{told}.", status=refusal.status, code=refusal.code, hint=hint)
