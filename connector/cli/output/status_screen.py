"""What `connector status` says first: one screen, with what to type where something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.app.reporting.meanings import PAIRS
from connector.cli.output.render import Fact, iso, words
from connector.engine.plan.meaning import Severity
from connector.host.amounts import age, counted
from mappings.model import Side
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.app.progress.backfill import BackfillProgress
    from connector.app.status import Status

SHOWN = 5
"""So many notices have room on one screen."""
_EXPLAINED = ("unpaired", "gone", "unlinked")
"""What the names do not tell by themselves."""


def screen(found: Status) -> Iterator[str | Fact]:
    """Yield what is told, line by line and fact by fact."""
    yield from _health(found)
    yield from _last_failure(found)
    yield _fact("lag", ", ".join(_lag(found, side) for side in Side))
    held = found.lock
    working = f"process {held.process}, for {age(found.now - held.since)}" if held else "nobody"
    yield _fact("lock", f"held by {working}")
    meanings = (f"{state}: {PAIRS[state]}" for state in _EXPLAINED if state in found.pairs)
    yield _fact("pairs", words(dict(found.pairs)) or "none", *meanings)
    yield _fact("parts", words(dict(found.parts)) or "none")
    yield _fact("open writes", str(found.open_intents))
    yield _fact("budget", f"Dashly {found.used} of {found.limit} requests in the last minute")
    yield from _waiting(found)


def _fact(name: str, *lines: str) -> Fact:
    return Fact(name, lines)


def _health(found: Status) -> Iterator[str]:
    health = found.health
    since = "" if health.since is None else f" since {iso(health.since)} ({age(found.now - health.since)})"
    if health.healthy:
        yield f"healthy{since}"
        return
    condition = health.condition if health.since is None else health.condition.upper()
    yield f"{condition}{since}: {health.why}"
    # A person who reads this must never be left without something to type.
    yield f"  next: {health.hint or 'connector doctor'}"


def _last_failure(found: Status) -> Iterator[Fact]:
    failure = found.health.last_failure
    if failure is not None and found.health.healthy:
        when = f"{failure.command} {age(found.now - failure.at)} ago, exit code {failure.exit_code}"
        yield _fact("last failure", f"{when}: {failure.error}")


def _lag(found: Status, side: Side) -> str:
    at = found.watermarks[side]
    return f"{TITLES[side]} {'not bound: connector init' if at is None else age(found.now - at)}"


def _waiting(found: Status) -> Iterator[Fact]:
    yield from _backfill(found)
    if found.quarantine:
        one = len(found.quarantine) == 1
        stand = f"{counted(len(found.quarantine), 'item')} {'waits' if one else 'wait'}"
        every = () if one else ("if all have one cause, fix it, then: connector quarantine retry --all",)
        yield _fact("quarantine", f"{stand}, see below", *every)
    yield from _attention(found)


def _attention(found: Status) -> Iterator[Fact]:
    # The table below says the same with its number.
    told = [one for one in found.attention if one.notice["severity"] != Severity.QUARANTINE]
    for one in told[:SHOWN]:
        links = (link for link in one.notice["links"].values() if link)
        sentence = f"{one.sentence} ({age(found.now - one.at)} ago)"
        yield _fact(one.notice["severity"], sentence, *links, f"-> {one.notice['remedy']}")
    if len(told) > SHOWN:
        yield _fact("more", f"{len(told) - SHOWN} in the last seven days: connector status --json")


def _backfill(found: Status) -> Iterator[Fact]:
    known = found.backfill
    if known is None:
        if found.backfill_left:
            yield _fact(
                "backfill", f"{found.backfill_left} conversations left: repeat the backfill to continue"
            )
        return
    aside = f", {known.aside} set aside" if known.aside else ""
    told = f"from {TITLES[known.side]}: {found.backfill_done} done{aside}, {found.backfill_left} left"
    if found.backfill_runs:
        begun = f"begun {age(found.now - known.started)} ago"
        yield _fact("backfill", f"{told}, {begun}", _end(found, known))
    elif found.backfill_left:
        stopped = f"it stopped {age(found.now - known.noted)} ago"
        yield _fact("backfill", f"{told}; {stopped}", f"continue with: {known.command}")


def _end(found: Status, known: BackfillProgress) -> str:
    if known.rate is None or known.ends is None:
        return f"{known.left} conversations listed; its end is not known yet"
    pace = f"{known.rate * 60:.0f} a minute"
    return f"{pace}, ends in about {age(known.ends - found.now)}, at {iso(known.ends)}"
