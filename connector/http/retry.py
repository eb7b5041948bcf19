"""Repeats what may be repeated, and turns the rest into errors that say whether the request arrived.

    never sent (no connection)   any method again, then NeverSent
    429                          any method again, for over a minute, then NeverSent
    5xx, 408, 421, 425, a code   reads again, then RemoteError; a write is Unclear at once
      that is not a standard's,
      cut or no answer

Waits follow the server's advice, else grow with jitter.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
import tenacity

from connector.http.attempts import NOT_SENT
from connector.http.failures import Question, is_undecided, overloaded, unanswered, unreachable
from connector.http.service import Service, asked, is_read
from connector.http.waiting import advised_wait, wait

if TYPE_CHECKING:
    from connector.host.clock import Clock
    from connector.http.server_time import ServerTime
    from mappings.model import Seconds

_TRIES_WHEN_LOADED = 8
# An outage that outlasts three waits is left to the next run: a cron job must not pile up.
_TRIES = 4
# Half fixed, half jitter: seven waits last between 91 and 182 s, longer than a one-minute limit.
_GROWING = tenacity.wait_exponential(multiplier=1, max=30) + tenacity.wait_random_exponential(
    multiplier=1, max=30
)


class Retry(httpx.BaseTransport):
    """Repeats requests by the table above; answers that come out are final and neither 429 nor undecided."""

    def __init__(
        self, inner: httpx.BaseTransport, service: Service, *, clock: Clock, server_time: ServerTime
    ) -> None:
        self._inner = inner
        self._service = service
        self._clock = clock
        self._server_time = server_time

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request until its outcome is final."""
        request.read()  # a repeat sends the same bytes
        question = Question(self._service, asked(request), read=is_read(request))
        repeat = tenacity.Retrying(
            sleep=lambda seconds: wait(self._clock, seconds),
            stop=_enough,
            wait=self._pause,
            retry=lambda state: _repeatable(state, read=question.read),
            retry_error_callback=_outcome,
        )
        try:
            response = repeat(self._attempt, request, repeat.statistics)
        except NOT_SENT as error:
            raise unreachable(question, type(error).__name__) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise unanswered(question, type(error).__name__) from error
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise overloaded(question, _TRIES_WHEN_LOADED)
        if is_undecided(response.status_code):
            raise unanswered(question, str(response.status_code))
        return response

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()

    def _attempt(self, request: httpx.Request, statistics: dict[str, int]) -> httpx.Response:
        request.extensions["attempt"] = statistics["attempt_number"]
        return self._inner.handle_request(request)

    def _pause(self, state: tenacity.RetryCallState) -> Seconds:
        response = _answer(state)
        advice = None if response is None else advised_wait(response, self._server_time.now())
        return _GROWING(state) if advice is None else advice


def _answer(state: tenacity.RetryCallState) -> httpx.Response | None:
    outcome = state.outcome
    return None if outcome is None or outcome.failed else outcome.result()


def _repeatable(state: tenacity.RetryCallState, *, read: bool) -> bool:
    response = _answer(state)
    if response is not None:
        status = response.status_code
        return status == HTTPStatus.TOO_MANY_REQUESTS or (read and is_undecided(status))
    error = state.outcome.exception() if state.outcome else None
    return isinstance(error, NOT_SENT) or (
        read and isinstance(error, httpx.TransportError | httpx.DecodingError)
    )


def _enough(state: tenacity.RetryCallState) -> bool:
    response = _answer(state)
    loaded = response is not None and response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    return state.attempt_number >= (_TRIES_WHEN_LOADED if loaded else _TRIES)


def _outcome(state: tenacity.RetryCallState) -> httpx.Response:
    if state.outcome is None:  # tenacity calls this after an attempt only
        raise RuntimeError("no attempt was made")
    response: httpx.Response = state.outcome.result()
    return response
