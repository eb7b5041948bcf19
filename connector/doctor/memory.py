"""The state file: sound, private, of a known schema, bound, and what it has open."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

from connector.config.key import key_path, read_key
from connector.doctor.findings import Finding, fail, failed, ok, skip, warn
from connector.engine.inspect.cautions import PAUSE
from connector.engine.sync.clocks import STEPPED
from connector.errors import BEGIN, BEGIN_AGAIN, ConnectorError
from connector.host.amounts import age, counted
from mappings.model import Side
from mappings.names import TITLES
from state import store as states
from state.errors import StateError
from state.file import opening
from state.file.failures import RESTORE, telling
from state.migrations.version import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mappings.model import Seconds
    from state.store import Store

_HOUR = 3600.0
STALE: Seconds = 24 * _HOUR  # no timer of a sync waits longer than a day
RUNS_LOOKED_AT = 200  # other commands are in the log as well
_OF_MEMORY = ("binding", "open writes", "quarantine", "last run", "clock jumps", "copies in chats", "growth")
_COMMANDS = frozenset({"sync", "backfill"})


def examine_file(path: Path, config: Path) -> tuple[list[Finding], Store | None]:
    """Look at the file without changing it, and open it when it is sound and up to date.

    ``config`` is the configuration beside which its key lies.
    """
    try:
        version, verdict = _inspected(path)
    except StateError as error:
        return [failed("state file", error)], None
    if verdict != "ok":
        return [_broken(path, verdict)], None
    findings = [_readers(path)]
    if version < LATEST:
        told = f"its schema is {version}, this program's is {LATEST}"
        findings.append(warn("state schema", told, "nothing: the next run updates it and keeps a copy"))
        return findings, None
    try:
        key = read_key(config)
        if key is None:
            return [*findings, _keyless(config)], None
        store = states.open_existing(path, key=key)
    except (ConnectorError, StateError) as error:
        return [*findings, failed("state key", error)], None
    return [*findings, ok("state schema", f"schema {LATEST}"), ok("state key", "there, and it fits")], store


def _keyless(config: Path) -> Finding:
    return fail("state key", f"there is none at {key_path(config)}", "put it back, or run: connector recover")


def _inspected(path: Path) -> tuple[int, str]:
    """Return the schema's number and what SQLite's own check says; nothing is written or migrated."""
    # First: SQLite says of a folder, or a file of another user, only that it cannot be opened.
    opening.check_place(path)
    with telling(path), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
        version = opening.known_version(file, path)
        return version, str(file.execute("PRAGMA quick_check(1)").fetchone()[0])


def _broken(path: Path, why: str) -> Finding:
    return fail("state file", f"{path} is damaged: {why}", RESTORE)


def _readers(path: Path) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warn("state file", f"whole, but others may open it (mode {mode:04o})", f"chmod 600 {path}")
    return ok("state file", f"{path}: whole, mode {mode:04o}")


def examine_memory(store: Store, now: Seconds) -> Iterator[Finding]:
    """Yield what is bound, open, in quarantine, and when the last run was."""
    yield _binding(store)
    yield _intents(store)
    yield _quarantine(store)
    yield _last_run(store, now)
    yield _clock_jumps(store, now)
    yield _copies_in_chats(store)


def watermarks(store: Store, now: Seconds) -> Finding:
    """Tell whether a watermark lies in the future, by the time on which two clocks agree."""
    # Watermarks are compared with the agreed time, since this machine's may be what is wrong.
    late = {side: (store.watermarks.get(side) or 0.0) - now for side in Side}
    told = [f"{TITLES[side]}'s by {age(seconds)}" for side, seconds in late.items() if seconds > STEPPED]
    if told:
        return fail(
            "watermarks", f"in the future: {', '.join(told)}", "run: connector sync (it corrects them)"
        )
    return ok("watermarks", "none is in the future")


def _copies_in_chats(store: Store) -> Finding:
    count = store.pairs.in_chats()
    if count:
        return warn("copies in chats", f"copies that belong to real users of Dashly: {count}", PAUSE)
    return ok("copies in chats", "no copy belongs to a real user of Dashly")


def nothing_to_examine(why: str) -> Iterator[Finding]:
    """Yield the lines of ``examine_memory`` when there is no file to ask."""
    yield from (skip(check, why) for check in _OF_MEMORY)


def _binding(store: Store) -> Finding:
    bound = {side: store.meta.get(f"{side}_workspace") for side in Side}
    if None in bound.values():
        return fail("binding", "the state file is not bound to two workspaces yet", "connector init")
    return ok("binding", f"Dashly app {bound[Side.DASHLY]}, Intercom workspace {bound[Side.INTERCOM]}")


def _intents(store: Store) -> Finding:
    count = len(store.journal.open())
    if count:
        told = f"{counted(count, 'write')} whose outcome is not known yet"
        return warn("open writes", told, "run: connector sync (it looks for them before anything else)")
    return ok("open writes", "none")


def _quarantine(store: Store) -> Finding:
    count = len(store.quarantine.items())
    if count:
        return warn("quarantine", counted(count, "item"), "connector quarantine list")
    return ok("quarantine", "empty")


def _clock_jumps(store: Store, now: Seconds) -> Finding:
    """Tell whether the log of runs goes back in time: then this machine's clock was set."""
    started = [float(str(run["started"])) for run in store.runs.last(RUNS_LOOKED_AT)]
    backwards = [later - earlier for later, earlier in pairwise([now, *started]) if earlier - later > STEPPED]
    if backwards:
        told = f"the clock went back by {age(-min(backwards))} between two of the last runs"
        return warn(
            "clock jumps", told, "set this machine's clock by NTP; nothing is lost, the runs noticed it"
        )
    return ok("clock jumps", "none in the log of runs")


def _last_run(store: Store, now: Seconds) -> Finding:
    run = next((r for r in store.runs.last(RUNS_LOOKED_AT) if r["command"] in _COMMANDS), None)
    if run is None:
        return warn("last run", "none yet", BEGIN_AGAIN if store.meta.was_rebuilt() else BEGIN)
    started = float(str(run["started"]))
    told = f"{run['command']} {age(now - started)} ago"
    if run["finished"] is None:
        return warn(
            "last run", f"{told}, which did not end", "nothing if it is still running; else: connector sync"
        )
    # A run with 1 did its work: what it asks for is listed under attention.
    if run["exit_code"] not in (0, 1):
        return warn("last run", f"{told}, exit code {run['exit_code']}", "connector status says why")
    if now - started > STALE:
        return warn("last run", told, "look at the timer or cron job that runs: connector sync")
    return ok("last run", told)
