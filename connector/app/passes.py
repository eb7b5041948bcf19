"""The two commands that write: one incremental pass, and the past of one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.app.machine.mailbox import take
from connector.app.machine.standing_in import read_from_file, refuse_foreign
from connector.app.progress.backfill import Keeper
from connector.app.progress.meter import meter_of
from connector.app.runs import carry_out
from connector.engine.past.choice import Choice
from connector.engine.sync import sync as engine
from connector.host.progress import Work

if TYPE_CHECKING:
    from connector.app.machine.environment import Environment
    from connector.app.runs import RunResult
    from connector.config.model import Config
    from connector.engine.sync.run import Run

__all__ = ["Choice", "backfill", "sync"]


def sync(
    config: Config, environment: Environment, *, accept: bool = False, strict: bool = False
) -> RunResult:
    """Carry over what changed on both sides since the last run.

    ``accept`` a mapping that changed; ``strict`` counts what was reported before too.
    """
    meter = meter_of(config, environment, Work.SYNC)

    def work(run: Run) -> None:
        engine.sync(run, take(config.state.path))

    return carry_out(config, environment, meter, work, accept=accept, strict=strict)


def backfill(
    config: Config,
    environment: Environment,
    choice: Choice,
    *,
    after: RunResult | None = None,
    accept: bool = False,
    strict: bool = False,
) -> RunResult:
    """Carry over past conversations of one side, silently.

    ``after`` is how the run of the first conversation ended: the account covers both.
    """
    meter = meter_of(config, environment, Work.BACKFILL)
    with read_from_file(environment, choice) as (seen, archive):

        def work(run: Run) -> None:
            refuse_foreign(run, archive)
            keeper = Keeper(run.store.meta, run.parties.clock, run.id, choice)
            with meter.kept(keeper):
                engine.backfill(run, choice, after=None if after is None else after.report)

        return carry_out(config, seen, meter, work, accept=accept, strict=strict)
