"""The queue by which passes are shared out: procrastinate's, with its traps avoided.

A dead worker's job blocks its pair until somebody ends it: `rescue` does so every ten seconds, by failing
it, since repeating it is refused while the next one waits. Neither `rescue` nor `tick` holds a lock: a dead
one would block the next. Two at once do no harm.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from connector.fleet.hosts.database import SCHEMA

if TYPE_CHECKING:
    from pydantic import SecretStr

    from mappings.model import Seconds

PULSE: Seconds = 5.0
SILENT: Seconds = 20.0
"""A worker without a pulse for so long is dead, or as good as."""
LEAVE_AFTER: Seconds = 15.0
_PASSES, _CONTROL = "passes", "control"
_OFTEN, _SELDOM = 1, 5
_MOST_CONNECTIONS = 6


class Host(Protocol):
    """What the tasks do on the host that got them."""

    @property
    def every(self) -> Seconds:
        """Return the interval of a pair."""

    def due(self) -> list[str]:
        """Return who is to be passed."""

    async def carry_out(self, pair: str, worker: int | None) -> None:
        """Pass a pair."""

    def free(self) -> None:
        """Take the pairs from workers that died."""


class Queue:
    """Who shares out the passes, for one process."""

    def __init__(self, address: SecretStr, host: Host) -> None:
        self._app = App(
            connector=PsycopgConnector(
                conninfo=address.get_secret_value(),
                kwargs={"options": f"-c search_path={SCHEMA}"},
                min_size=1,
                max_size=_MOST_CONNECTIONS,
                timeout=PULSE,
            )
        )
        app = self._app
        ticks = _SELDOM if host.every >= _SELDOM * 6 else _OFTEN

        @app.task(name="pass", queue=_PASSES, pass_context=True)
        async def one_pass(context: JobContext, pair: str) -> None:
            await host.carry_out(pair, context.job.worker_id)

        self._pass = one_pass

        @app.periodic(cron=f"* * * * * */{ticks}")
        @app.task(name="tick", queue=_CONTROL, queueing_lock="tick")
        async def tick(timestamp: int) -> None:  # noqa: ARG001 - the time that it was meant for
            for name in await asyncio.to_thread(host.due):
                await self.defer(name)

        @app.periodic(cron="* * * * * */10")
        @app.task(name="rescue", queue=_CONTROL, queueing_lock="rescue")
        async def rescue(timestamp: int) -> None:  # noqa: ARG001 - the time that it was meant for
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT):
                with suppress(ConnectorException):  # another rescuer was faster
                    await app.job_manager.finish_job_by_id_async(job.id or 0, Status.FAILED, delete_job=True)
            await asyncio.to_thread(host.free)

    async def defer(self, name: str) -> None:
        """Have a pair passed by whoever is free first; one that waits already waits once."""
        lock = f"pair {name}"
        with suppress(AlreadyEnqueued):
            await self._pass.configure(lock=lock, queueing_lock=lock).defer_async(pair=name)

    async def work(self, passes: int) -> None:
        """Carry out so many passes at once until cancelled; returns when the database goes away."""
        async with self._app.open_async():
            # Ticks and rescues have workers of their own: long passes must not hold them up.
            working = [self._worker(_PASSES, passes), self._worker(_CONTROL, 2)]
            try:
                await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in working:
                    one.cancel()
                await asyncio.gather(*working, return_exceptions=True)

    def _worker(self, queue: str, at_once: int) -> asyncio.Task[None]:
        return asyncio.create_task(
            self._app.run_worker_async(
                queues=[queue],
                name=queue,
                concurrency=at_once,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=PULSE,
                shutdown_graceful_timeout=LEAVE_AFTER,
            )
        )
