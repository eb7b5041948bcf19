"""Exporting one side: read in parallel, written in the order of the list, resumable at any point."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.app.runs import dry_run
from connector.archive.lines import End, Header
from connector.archive.taking import Taken, Taking, Wanted
from connector.archive.writing import Unfinished
from connector.errors import ConfigError, RemoteError, Stopped, cannot_use
from connector.helpdesk.query import HistoryQuery
from connector.host.progress import Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from connector.app.machine.environment import Environment
    from connector.config.model import Config
    from connector.engine.sync.run import Run
    from connector.helpdesk.port import Helpdesk
    from mappings.model import Side

MOST_FAILURES = 5  # conversations in a row that cannot be read: the side itself is away


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds: conversations in it, those that could not be read with the reason, and files."""

    path: Path
    conversations: int
    added: int
    unread: dict[str, str] = field(default_factory=dict)
    files: int = 0
    files_missing: int = 0

    @property
    def exit_code(self) -> int:
        """Return 1 when something is missing in it."""
        return int(bool(self.unread or self.files_missing))


def export(
    config: Config, environment: Environment, side: Side, path: Path, folder: Path | None = None
) -> Exported:
    """Write all conversations of a side into a file, their files by hash into a folder.

    What an export that was cut off had written is kept. Stopped when it was asked to stop.
    """
    if folder is not None:
        _make(folder)
    with dry_run(config, environment, Work.EXPORT) as run:
        account = run.store.meta.workspace(side)
        if account is None:
            raise ConfigError("the state file is not bound to two workspaces yet", hint="connector init")
        header = Header(side, account, run.helpdesks[side].now())
        with Unfinished(path, header) as unfinished:
            return _Export(run, side, unfinished, Taking(run.helpdesks[side], folder)).carry_out(path)


@dataclass
class _Export:
    run: Run
    side: Side
    unfinished: Unfinished
    taking: Taking
    unread: dict[str, str] = field(default_factory=dict)
    files: int = 0
    files_missing: int = 0
    _in_a_row: int = 0

    @property
    def helpdesk(self) -> Helpdesk:
        return self.run.helpdesks[self.side]

    def carry_out(self, path: Path) -> Exported:
        before, again = self.unfinished.written, deque[Wanted]()
        for number, (wanted, taken) in enumerate(self._taken(self._missing())):
            if taken.may_pass:
                again.append(wanted)
            else:
                self._keep(wanted, taken)
            self._in_a_row = self._in_a_row + 1 if taken.may_pass else 0
            if self._in_a_row >= MOST_FAILURES:
                raise RemoteError(taken.why, hint="the same command again: what is written is kept")
            self.run.parties.listener.done(number)
        for wanted, taken in self._taken(again):
            self._keep(wanted, taken)
        if self.run.parties.clock.stopped:
            raise Stopped("stopped; what is written is kept")
        if self.helpdesk.lists_cut:
            raise RemoteError("the list could not be read to its end", hint="the same command again")
        written = self.unfinished.written
        self.unfinished.finish(End(written, self.unread))
        return Exported(path, written, written - before, self.unread, self.files, self.files_missing)

    def _keep(self, wanted: Wanted, taken: Taken) -> None:
        if taken.entry is not None:
            self.unfinished.write(wanted.conversation, taken.entry)
            self.files += len(taken.entry.files)
            self.files_missing += taken.files_missing
        elif taken.why:
            self.unread[wanted.conversation] = taken.why

    def _taken(self, wanted: Iterable[Wanted]) -> Iterator[tuple[Wanted, Taken]]:
        """Read conversations in parallel, a few ahead of the one that is written."""

        def take(one: Wanted) -> tuple[Wanted, Taken]:
            return one, self.taking.take(one)

        yield from self.run.crew.each(take, wanted)

    def _missing(self) -> Iterator[Wanted]:
        for row in self.helpdesk.history(HistoryQuery()):
            if self.run.parties.clock.stopped:
                return
            self.run.parties.listener.listed()
            if not row.deleted and not self.unfinished.holds(row.id):
                customer = row.customer.id if row.customer is not None else ""
                is_first = bool(customer) and self.unfinished.is_new(customer)
                yield Wanted(row.id, customer if is_first else "")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_use(folder, error, hint="give another folder") from error
