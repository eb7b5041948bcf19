"""Comparing both sides: what was found of each conversation, also when it stops half-way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.app.progress.verify import Compared, Keeper, kept
from connector.app.runs import dry_run, is_by_a_stop
from connector.engine.inspect.quick import compare_lists
from connector.engine.inspect.scope import Wanted, verify_all
from connector.engine.inspect.verdict import COMPARED, Verdict
from connector.errors import STOPPED, ConfigError, ConnectorError, Stopped
from connector.host.progress import Work
from connector.http.turns import Priority, priority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from connector.app.machine.environment import Environment
    from connector.config.model import Config
    from connector.engine.inspect.scope import Finding
    from connector.engine.inspect.verify import Difference
    from connector.engine.sync.run import Run
    from mappings.model import Seconds

EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Verified:
    """How both sides compare: how many conversations have each verdict, and all that are not simply equal.

    ``began`` is when the first of them was compared, ``error`` what ended it before the last one.
    """

    verdicts: Mapping[Verdict, int]
    findings: tuple[Finding, ...]
    began: Seconds
    resumed: bool = False
    error: ConnectorError | None = None

    @property
    def pairs(self) -> int:
        """Return how many pairs were compared."""
        return sum(self.verdicts.get(verdict, 0) for verdict in COMPARED)

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the conversations with a verdict; of equal ones only those with known differences."""
        return tuple(one for one in self.findings if one.verdict is verdict)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Return what should agree and does not."""
        return tuple(one for finding in self.findings for one in finding.differences if not one.known)

    @property
    def known(self) -> tuple[Difference, ...]:
        """Return what is known, and cannot be shown on the other side."""
        return tuple(one for finding in self.findings for one in finding.differences if one.known)

    @property
    def exit_code(self) -> int:
        """Return 1 when anything differs, or is missing without a reason that people gave.

        What ended it says more than what it found until then.
        """
        if self.error is not None:
            return self.error.exit_code
        return 0 if all(one.explained for one in self.findings) else 1


def verify(
    config: Config,
    environment: Environment,
    wanted: Wanted = EVERYTHING,
    *,
    quick: bool = False,
    resume: bool = False,
    begun: Callable[[], None] = lambda: None,
) -> Verified:
    """Compare the wanted pairs that are kept in step, and name every other conversation of both sides.

    A ``quick`` look is at lists only. With ``resume`` the newest verify that did not end goes on, with what
    that one wanted; ConfigError when there is none. ``begun`` hears of each conversation: from the first on
    there is something to go on with.
    """
    with dry_run(config, environment, Work.VERIFY) as run, priority(Priority.VERIFY):
        before = _to_go_on_with(run) if resume else None
        compared = before or Compared(wanted, run.parties.clock.now())
        findings = (
            compare_lists(run, wanted.since) if quick else verify_all(run, compared.wanted, compared.rows)
        )
        # A look at some conversations is done again as quickly; it must not displace one that takes hours.
        keeper = None if quick or wanted.ids else Keeper(run.store.meta, run.parties.clock, compared)
        error = _found(run, findings, compared, keeper, begun)
        if run.parties.clock.stopped and is_by_a_stop(error):
            error = Stopped(STOPPED)
    return Verified(
        compared.verdicts,
        tuple(compared.findings),
        began=compared.began,
        resumed=resume,
        error=error,
    )


def _to_go_on_with(run: Run) -> Compared:
    found = kept(run.store.meta)
    if found is None:
        raise ConfigError("no verify is unfinished", hint="connector verify")
    return found


def _found(
    run: Run,
    findings: Iterable[Finding],
    compared: Compared,
    keeper: Keeper | None,
    begun: Callable[[], None],
) -> ConnectorError | None:
    """Collect what is found; return the error that ended it before the last one, if it found anything."""
    try:
        for number, finding in enumerate(findings):
            run.parties.listener.done(number)
            compared.add(finding)
            begun()
            if keeper is not None:
                keeper.now_and_then()
    except ConnectorError as error:
        if keeper is not None:
            keeper.keep()
        if not compared.verdicts:
            raise
        return error
    if keeper is not None:
        keeper.ended()
    return None
