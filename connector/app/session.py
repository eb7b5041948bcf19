"""Opening what a command needs: configuration, tokens, both sides, the state file, the lock."""

from __future__ import annotations

import signal
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from connector.app.state_access import open_store
from connector.app.state_care import daily
from connector.config import file as configuration
from connector.config.tokens import read_token
from connector.engine.recover.rebuild import refuse_if_marked
from connector.engine.run.context import Context, Parties
from connector.engine.run.report import Report
from connector.engine.sync.sync import begin
from connector.errors import ConnectorError, RemoteError
from connector.host.clock import SystemClock, new_run_id
from connector.host.lock import exclusive
from connector.wiring import open_helpdesks
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from pydantic import SecretStr

    from connector.cli.options import Options
    from connector.config.model import Config
    from connector.helpdesk.port import Workspace
    from connector.host.clock import Clock
    from mappings.model import Seconds
    from state.store import Store


def load_config(options: Options) -> Config:
    """Read the configuration that the options name."""
    return configuration.load(configuration.find_path(options.config))


CLOCK_GRAIN = 2.0  # both sides tell whole seconds: what began in the second of the binding is news


def bind(
    store: Store, found: Mapping[Side, Workspace], at: Mapping[Side, Seconds], *, again: bool = False
) -> None:
    """Bind a state file to both workspaces and set its watermarks, unless it has some already."""
    with store.transaction():
        for side in Side:
            store.meta.set(f"{side}_workspace", found[side].id)
            if again or store.watermarks.get(side) is None:
                store.meta.set(f"{side}_since", repr(at[side] - CLOCK_GRAIN))
                store.watermarks.reset(side, at[side])


@contextmanager
def parties(
    options: Options, *, clock: SystemClock | None = None, read_only: bool = False
) -> Generator[Parties]:
    """Open both sides and the state file; StateError when there is none."""
    config = load_config(options)
    clock = clock or SystemClock()
    tokens = {side: read_token(side) for side in Side}
    if not config.state.path.exists():
        _refuse_without_state(config, tokens, clock)
    with (
        closing(open_store(configuration.find_path(options.config), config)) as store,
        open_helpdesks(config, tokens, clock=clock, budgets=store.budgets, read_only=read_only) as helpdesks,
    ):
        yield Parties(config, store, helpdesks, clock)


@contextmanager
def dry_run(options: Options, command: str) -> Generator[Context]:
    """Open a run that can write nothing: its clients refuse everything but reads."""
    with parties(options, read_only=True) as found:
        yield begin(found, run=new_run_id(), command=command, dry=True)


def run_once(
    options: Options,
    command: str,
    work: Callable[[Context, Callable[[], bool]], None],
    *,
    clock: SystemClock | None = None,
    accept: bool = False,
) -> Ran:
    """Hold the lock, do one run, and log how it ended."""
    config = load_config(options)
    with exclusive(config.state.path) as lock, parties(options, clock=clock) as found:
        run = new_run_id()
        lock.take_over(found.store, run)
        found.store.runs.begin(run, command, found.clock.now())
        ran = _Run(found, run, command).carry_out(work, accept=accept)
        daily(found.store, config.state, found.clock.now())
        return ran


def _refuse_without_state(config: Config, tokens: Mapping[Side, SecretStr], clock: Clock) -> None:
    """Tell a lost state file (PersonNeeded) from one that was never made, where the remotes can be asked."""
    with open_helpdesks(config, tokens, clock=clock, read_only=True) as helpdesks:
        try:
            refuse_if_marked(helpdesks)
        except RemoteError:
            return  # then the missing state file is what is told


class Ran:
    """How a run ended: its report as plain data, and the error that stopped it, if one did."""

    def __init__(self, report: dict[str, object], error: ConnectorError | None) -> None:
        self.report = report
        self.error = error

    @property
    def began(self) -> bool:
        """Tell whether the run got as far as looking at conversations."""
        conversations = self.report["conversations"]
        return isinstance(conversations, dict) and bool(conversations["seen"])

    @property
    def exit_code(self) -> int:
        """Return the documented exit code."""
        return int(str(self.report["exit_code"]))


class _Run:
    def __init__(self, found: Parties, run: str, command: str) -> None:
        self._parties = found
        self._run = run
        self._command = command
        self._context: Context | None = None

    def carry_out(self, work: Callable[[Context, Callable[[], bool]], None], *, accept: bool) -> Ran:
        error = None
        try:
            with stopping(self._parties.clock) as stopped:
                self._context = begin(self._parties, run=self._run, command=self._command, accept=accept)
                work(self._context, stopped)
        except ConnectorError as raised:
            error = raised
        report = self._report(error)
        self._log(report)
        return Ran(report, error)

    def _report(self, error: ConnectorError | None) -> dict[str, object]:
        now = self._parties.clock.now()
        found = self._context.report if self._context else Report(self._run, self._command, now)
        code = error.exit_code if error else found.exit_code
        usage = {side: self._parties.helpdesks[side].usage for side in Side}
        summary = found.summary(
            finished=now,
            exit_code=code,
            requests={side.value: usage[side].requests for side in Side},
            writes={side.value: usage[side].writes for side in Side},
        )
        return summary | ({"error": str(error), "hint": error.hint} if error else {})

    def _log(self, report: dict[str, object]) -> None:
        at = self._parties.clock.now()
        self._parties.store.runs.finish(self._run, at, int(str(report["exit_code"])), report)


@contextmanager
def stopping(clock: object) -> Generator[Callable[[], bool]]:
    """Let SIGTERM and SIGINT end a run after the message in hand; a second one ends it at once."""
    if not isinstance(clock, SystemClock):
        yield lambda: False
        return

    def stop(number: int, _frame: object) -> None:
        if clock.stopped:
            raise SystemExit(128 + number)
        clock.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: clock.stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def open_state(options: Options) -> tuple[Config, Store]:
    """Open configuration and state file only: for commands that look at nothing else."""
    config = load_config(options)
    return config, open_store(configuration.find_path(options.config), config)
