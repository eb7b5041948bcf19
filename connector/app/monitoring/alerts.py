"""Reporting how a run ended: a ping after each run, a webhook when there is new trouble.

The ping follows the convention of Healthchecks: the address itself means success, ``/fail`` behind its path
means failure. The webhook gets JSON whose ``title``, ``body`` and ``type`` are what an Apprise API server
takes, which passes them on to mail, Slack or Telegram; ``run``, ``exit_code``, ``notices`` are for programs.

Both go by httpx and not by Apprise itself: two addresses and one body need no more, and a deadline over the
whole call, no redirect and no proxy of the environment are kept here as everywhere.
"""

from __future__ import annotations

import logging
import threading
import time
from contextvars import copy_context
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import httpx

from connector.host.cell import line
from connector.host.clock import SystemClock
from connector.host.log import event
from connector.host.redaction import REDACTOR
from connector.http.deadline import Deadline, within
from connector.http.network import network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import SecretStr

    from connector.app.monitoring.outcome import Outcome
    from connector.config.model import AlertsConfig

_logger = logging.getLogger(__name__)
DEADLINE = 10.0  # seconds for both: the next run of a timer may be due in a minute
_LONGER = 1.0
_MOST_SENTENCES = 20  # a chat message, not a report
_LONGEST_SENTENCE = 500  # a sentence of ours is shorter; one that quotes a side may be endless


def send_alerts(
    config: AlertsConfig, outcome: Outcome, trouble: Sequence[str], *, deadline: float = DEADLINE
) -> bool:
    """Ping, and post new trouble; both at once, within the deadline in seconds. Never raises.

    ``trouble`` are sentences that nobody was told of. Returns whether the webhook took them, if there is one.
    """
    taken = threading.Event()
    end = time.monotonic() + deadline
    calls = [_thread("ping", _ping, config.ping_url, outcome, end)] if _is_set(config.ping_url) else []
    if trouble and _is_set(config.webhook_url):
        calls.append(_thread("webhook", _post, config.webhook_url, _message(outcome, trouble), end, taken))
    else:
        taken.set()
    for call in calls:
        call.start()
    for call in calls:
        # A thread that is late is left behind; as a daemon it does not hold up the exit.
        call.join(max(0.0, end - time.monotonic()))
        if call.is_alive():
            _failed(call.name, f"no answer within {deadline:g} s")
    return taken.is_set()


def _is_set(address: SecretStr) -> bool:
    return bool(address.get_secret_value())


def _thread(name: str, target: Callable[..., None], *arguments: object) -> threading.Thread:
    """Return a thread whose lines in the log are about what this one's are about."""
    run = copy_context().run
    return threading.Thread(target=run, args=(target, *arguments), name=name, daemon=True)


def _ping(address: SecretStr, outcome: Outcome, end: float) -> None:
    REDACTOR.hide(address)
    url = address.get_secret_value()
    _call("ping", "GET", _behind(url, "/fail") if outcome.failed else url, None, end)


def _behind(url: str, suffix: str) -> str:
    """Append a suffix to the path of an address, before its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + suffix))


def _post(address: SecretStr, body: dict[str, object], end: float, taken: threading.Event) -> None:
    REDACTOR.hide(address)
    if _call("webhook", "POST", address.get_secret_value(), body, end):
        taken.set()


def _call(what: str, method: str, url: str, body: dict[str, object] | None, end: float) -> bool:
    # Longer than it is waited for: a late answer is reported as late, and once.
    timeout = end - time.monotonic() + _LONGER
    try:
        with (
            # A call that drips leaves no thread behind: a long-lived process makes one each minute.
            within(Deadline(timeout, SystemClock())),
            httpx.Client(
                timeout=timeout, follow_redirects=False, trust_env=False, transport=network(kept=0)
            ) as client,
            client.stream(method, url, json=body) as answer,  # the answer's body is of no interest
        ):
            refused = not answer.is_success
            reason = f"status {answer.status_code}"
    except Exception as error:  # noqa: BLE001 - an alert never decides how a run ends
        refused, reason = True, type(error).__name__
    if refused and time.monotonic() < end:
        _failed(what, reason)
    return not refused


def _failed(what: str, reason: str) -> None:
    event(_logger, logging.WARNING, "alert.failed", what=what, reason=reason)


def _message(outcome: Outcome, trouble: Sequence[str]) -> dict[str, object]:
    told = [line(REDACTOR.clean(one), width=_LONGEST_SENTENCE) for one in trouble[:_MOST_SENTENCES]]
    more = len(trouble) - len(told)
    rest = [f"and {more} more: connector status"] if more else []
    hint = [f"next: {line(REDACTOR.clean(outcome.hint))}"] if outcome.hint else []
    whose = f" of {outcome.pair}" if outcome.pair else ""
    return {
        "title": f"connector {outcome.command}{whose}: exit code {outcome.exit_code}",
        "body": "\n".join([*told, *rest, *hint]),
        "type": "failure" if outcome.failed else "warning",
        "run": outcome.run,
        "exit_code": outcome.exit_code,
        "notices": told,
    }
